"""How slow the field is: who counts, and what is drawn from it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.model.field_slowing import EDGES, FieldSlowing, draw_slowing, slow_row


@given(st.lists(st.floats(-0.05, 1.5), min_size=3, max_size=30))
def test_the_field_is_as_slow_as_its_middle_lap(laps: list[float]) -> None:
    seen = FieldSlowing()
    for at, slowing in enumerate(laps):
        seen.lap(1_000_000 + at, slowing)
    assert seen.now(1_000_100, 100_000) == pytest.approx(float(np.median(laps)))


@pytest.mark.parametrize(("at_ms", "slowing"), [(1_029_999, 0.2), (1_030_000, 0.0)])
def test_laps_that_ended_a_third_of_a_lap_ago_tell_no_more(at_ms: int, slowing: float) -> None:
    seen = FieldSlowing()
    for _ in range(3):
        seen.lap(1_000_000, 0.2)
    assert seen.now(at_ms, 100_000) == slowing


def test_two_slow_laps_are_no_slow_field_and_later_ones_are_not_known() -> None:
    seen = FieldSlowing()
    for at_ms in (1_000, 1_000, 2_000):
        seen.lap(at_ms, 0.3)
    assert seen.now(1_999, 100_000) == 0.0
    assert seen.now(2_000, 100_000) == 0.3


def test_the_rows_of_a_table_begin_at_its_edges() -> None:
    assert slow_row(-0.1) == 0
    for row, edge in enumerate(EDGES):
        assert (slow_row(edge - 1e-9), slow_row(edge)) == (row, row + 1)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=9), st.floats(0, 1))
def test_a_draw_lies_within_the_row_that_speaks_of_now(row: list[float], uniform: float) -> None:
    row = sorted(row)
    table = [[9.0, 9.0], row, [9.0, 9.0], [9.0, 9.0]]
    drawn = draw_slowing(table, 0.02, np.array([0.0, uniform, 1.0]))
    assert drawn[0] == row[0]
    assert drawn[2] == row[-1]
    assert row[0] <= drawn[1] <= row[-1]
