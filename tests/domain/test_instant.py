"""A moment and a length cannot be mixed up."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.gap import NO_GAP, Gap
from dryline.domain.instant import Duration, Instant

MS = st.integers(-(10**9), 10**9)


@given(MS, MS, MS)
def test_the_time_algebra_is_closed_and_consistent(a: int, b: int, c: int) -> None:
    start, length, other = Instant(a), Duration(b), Duration(c)
    assert (start + length) - start == length
    assert (start + length) - length == start
    assert length + other == other + length
    opposite = -length
    assert -opposite == length
    assert (length < other) == (b < c)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Instant(1) + Instant(1),
        lambda: Duration(1) - Instant(1),
        lambda: Duration(1) < Instant(2),
        lambda: Instant(1) + 5,
        lambda: Instant(1.5),
        lambda: Instant(True),
    ],
)
def test_a_moment_and_a_length_do_not_mix(wrong: object) -> None:
    with pytest.raises(TypeError):
        wrong()  # type: ignore[operator]


def test_equal_counts_of_different_kinds_are_not_equal() -> None:
    assert Instant(5) != Duration(5)
    assert len({Instant(5), Duration(5), Instant(5)}) == 2


def test_times_are_immutable_and_can_be_copied() -> None:
    moment = Instant.parse("1:02:03.4")
    with pytest.raises(AttributeError):
        moment.ms = 3
    assert pickle.loads(pickle.dumps(moment)) == moment == copy.deepcopy(moment)
    assert repr(moment) == "Instant(1:02:03.400)"


def test_a_gap_reads_as_the_paddock_writes_it() -> None:
    assert str(Gap(0, Duration(12_345))) == "+12.345"
    assert str(Gap(1, Duration(99_000))) == "1 lap"
    assert str(Gap(3, None)) == "3 laps"
    assert str(NO_GAP) == ""
