"""The time budget, by a clock that the test moves."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from dryline.analysis.track.reading import TrackEstimate
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.advising import advice_for, budget_of
from dryline.engine.questions import Aid, AskAdvice
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.strategy.call import SCARCE, SHORT, ReasonedCall
from dryline.strategy.track_reading import read_track
from tests.made_up.field import crossings

HOUR = 3_600_000


@pytest.fixture(scope="module")
def made() -> tuple[Moment, TrackEstimate]:
    info = RaceInfo(
        name="made up", series="wec", year=2024, length=RaceLength(ms=HOUR, source="said")
    )
    moment = Race(info=info, crossings=crossings(cars=8)).moment("0:20:00")
    return moment, read_track(moment)


def ticking(first: float, step: float) -> Callable[[], float]:
    """A clock that stands at 0, then at ``first``, then moves by ``step`` at each look."""
    told = itertools.chain([0.0], (first + step * n for n in itertools.count()))
    return lambda: next(told)


def asked(made: tuple[Moment, TrackEstimate], clock: Callable[[], float]) -> ReasonedCall:
    moment, track = made
    question = AskAdvice(car_number="50", replicates=512, budget_s=2.0)
    return advice_for(moment, question, Aid(threads=1, track=track), clock=clock)


def test_with_time_enough_every_candidate_is_compared(made: tuple[Moment, TrackEstimate]) -> None:
    found = asked(made, ticking(0.1, 0.0))
    assert found.ranking.stopped != "budget gone"
    assert len(found.cards) == 4
    assert found.rivals


def test_with_little_left_only_the_core_is_compared_and_it_says_so(
    made: tuple[Moment, TrackEstimate],
) -> None:
    full = {each.key for each in asked(made, ticking(0.1, 0.0)).ranking.order}
    short = asked(made, ticking(2.0 * (1.0 - SHORT) + 0.1, 0.0)).ranking
    assert short.stopped == "budget gone"
    keys = {each.key for each in short.order}
    assert keys < full
    assert {"stay", "box+0:usual", "box+1:usual"} <= keys


def test_with_hardly_anything_left_the_first_round_is_short_and_cards_are_left_out(
    made: tuple[Moment, TrackEstimate],
) -> None:
    found = asked(made, ticking(2.0 * (1.0 - SCARCE) + 0.1, 0.0))
    assert {len(each.place) for each in found.ranking.finishes.values()} == {16}
    late = asked(made, ticking(5.0, 0.0))
    assert late.ranking.stopped == "budget gone"
    assert late.cards == ()
    assert late.rivals == ()
    assert late.ranking.call.key in late.ranking.finishes


def test_time_that_runs_out_between_the_rounds_ends_the_comparison(
    made: tuple[Moment, TrackEstimate],
) -> None:
    found = asked(made, ticking(0.2, 1.5)).ranking
    assert found.stopped == "budget gone"
    assert max(len(each.place) for each in found.finishes.values()) == 64


def test_without_a_budget_the_clock_is_never_asked() -> None:
    def broken() -> float:
        raise AssertionError

    spend = budget_of(AskAdvice(car_number="50"), Aid(threads=1), broken)
    assert spend.left() == 1.0
    assert not spend.out_of_time()
