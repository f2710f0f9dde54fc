"""The sender's numbers: honest holes are counted, nonsense moves nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.feeds.live.numbering import LEAP, MOST, Numbering


def taken(*numbers: int, last: int = 0) -> tuple[int, list[int | None]]:
    numbering = Numbering(last)
    missing = [numbering.take(number) for number in numbers]
    return numbering.last, missing


@pytest.mark.parametrize("nonsense", [0, -1, -(2**63), MOST + 1, 2**62, 2**64, LEAP + 6, MOST])
def test_a_number_that_cannot_be_moves_nothing(nonsense: int) -> None:
    assert taken(4, 5, nonsense, 6, 8) == (8, [0, 0, None, 0, 1])
    assert taken(nonsense, 1, 2) == (2, [None, 0, 0])


def test_both_sides_of_a_leap() -> None:
    assert taken(5, 5 + LEAP) == (5 + LEAP, [0, LEAP - 1])
    assert taken(5, 6 + LEAP) == (5, [0, None])
    assert taken(LEAP) == (LEAP, [0])
    assert taken(LEAP + 1) == (0, [None])


def test_a_leap_counts_from_the_line_that_follows_it() -> None:
    far = 10**9
    assert taken(5, far, far + 1, far + 2) == (far + 2, [0, None, far - 6, 0])
    assert taken(far, far + 3) == (far + 3, [None, 0])
    assert taken(5, far, far) == (5, [0, None, None])
    assert taken(5, far, 6, far + 1) == (6, [0, None, 0, None])
    assert taken(MOST - 1, MOST) == (MOST, [None, 0])


def test_a_sender_goes_on_where_it_was_before_a_restart() -> None:
    assert taken(12, last=9) == (12, [2])
    assert taken(3, last=9) == (9, [0])


@given(
    honest=st.lists(st.integers(1, LEAP), min_size=1, max_size=30, unique=True).map(sorted),
    nonsense=st.dictionaries(
        st.integers(0, 29),
        st.integers(2 * LEAP + 1, 2**70) | st.integers(max_value=0),
    ),
)
def test_lone_nonsense_between_honest_lines_changes_neither_count_nor_resume_point(
    honest: list[int], nonsense: dict[int, int]
) -> None:
    alone, between = Numbering(), Numbering()
    for place, number in enumerate(honest):
        if place in nonsense:
            assert between.take(nonsense[place]) is None
        assert between.take(number) == alone.take(number)
        assert between.last == alone.last == number
