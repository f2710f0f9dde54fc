"""The first flying lap on other tyres: who has driven one, and who knows what it shows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.kernels import race_columns as col
from dryline.kernels.race_state import FLYING
from tests.kernels import called
from tests.kernels.a_grid import KEY, a_race, neutralised, wetted

SLICK, WET = 0, 1


@pytest.mark.parametrize(
    ("slicks", "wets", "known"), [(1.0, 1.0, True), (1.0, 0.0, False), (0.0, 1.0, False)]
)
def test_what_nobody_knows_of_wets_is_no_crews_reason_before_both_kinds_have_been_driven(
    slicks: float, wets: float, known: bool
) -> None:
    race, run = a_race(0, wet_doubt=0.04)
    wetted(run, 0.5)
    run.shown[0] = slicks, wets
    expected = 0.5 * 0.5**2 - (0.06 * 0.25 + 0.2 * 0.5)
    doubt = 0.04 * (0.25 + 0.5)
    wish = called.tyre_wish(0, 0, 0.0, race, run)
    assert wish == pytest.approx(expected - (doubt if known else 0.0))
    lost = called.lap_loss(0, 1, 0.0, race.field.cls, run.surface.wet, np.zeros(3))
    assert lost == pytest.approx(0.06 * 0.25 + 0.2 * 0.5 + doubt)


@pytest.mark.parametrize(
    ("before", "in_lap", "yellow", "counts"),
    [
        (FLYING - 1.0, 0.0, False, True),
        (FLYING - 2.0, 0.0, False, False),
        (FLYING - 1.0, 1.0, False, False),
        (FLYING - 1.0, 0.0, True, False),
    ],
)
def test_a_flying_lap_is_the_second_after_the_stop_under_green_and_no_in_lap(
    before: float, in_lap: float, yellow: bool, counts: bool
) -> None:
    race, run = a_race(0)
    if yellow:
        neutralised(run, (0.0, 9e5, col.FCY))
    run.cars[0, [col.W_TYRE, col.W_STINT_LAPS, col.W_INLAP]] = 1.0, before, in_lap
    called.cross_line(0, 1000.0, race, run)
    assert run.shown[0].tolist() == [0.0, 1000.0 if counts else 0.0]
    called.cross_line(0, 2000.0, race, run)
    assert run.shown[0, WET] == (1000.0 if counts else 0.0 if in_lap or yellow else 2000.0)


def test_laps_count_for_the_classes_of_the_same_kin() -> None:
    race, run = a_race(0, 1)
    race.field.cls[1, col.CLASS_KIN] = 1.0
    run.cars[1, col.W_STINT_LAPS] = FLYING
    called.cross_line(1, 1000.0, race, run)
    assert run.shown.tolist() == [[0.0, 0.0], [1000.0, 0.0]]


@given(
    tyres=st.lists(st.integers(0, 1), min_size=6, max_size=6),
    laps=st.lists(st.integers(0, 4), min_size=6, max_size=6),
    out=st.lists(st.booleans(), min_size=6, max_size=6),
)
@settings(max_examples=40, deadline=None)
def test_at_the_start_a_kind_is_known_on_which_two_cars_have_driven_a_flying_lap(
    tyres: list[int], laps: list[int], out: list[bool]
) -> None:
    race, run = a_race(0, 0, 0, 0, 0, 0)
    run.shown[:] = 5.0
    state = race.start.state
    state[:, col.STATE_TYRE], state[:, col.STATE_STINT_LAPS] = tyres, laps
    state[:, col.STATE_OUT] = out
    called.start_cars(race, run, KEY)
    for kind in (SLICK, WET):
        cars = zip(tyres, laps, out, strict=True)
        seen = sum(tyre == kind and many >= 2 and not gone for tyre, many, gone in cars)
        assert (run.shown[0, kind] > 0.0) == (seen >= 2)
