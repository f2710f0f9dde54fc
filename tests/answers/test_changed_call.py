"""A changed call says why; the same call on the next lap says nothing."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from dryline.answers.advice import Advice, TeamWord
from dryline.answers.changed_call import is_same_call, why_changed
from dryline.answers.plan_and_call import plan_and_call
from dryline.answers.replan import Replanned, StopToCome
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.advising import advice_for
from dryline.engine.questions import AskAdvice
from dryline.race.race import Race
from tests.made_up.field import crossings


@pytest.fixture(scope="module")
def call() -> Advice:
    info = RaceInfo(
        name="made up", series="wec", year=2024,
        length=RaceLength(ms=21_600_000, source="said"),
    )  # fmt: skip
    moment = Race(info=info, crossings=crossings(cars=8)).moment("0:20:00")
    found = advice_for(moment, AskAdvice(car_number="50", replicates=16))
    return Advice.of(found, None, seed=1, simulated=True)


def later(call: Advice, laps: int = 1, **range_: Any) -> Advice:
    """The same call some laps on, with the tank and the laps to go counted down."""
    held = call.range
    return replace(
        call,
        range=replace(
            held, lap=held.lap + laps, fuel_laps=held.fuel_laps - laps,
            laps_to_go=held.laps_to_go - laps, **range_,
        ),
    )  # fmt: skip


def ending(call: Advice, until_lap: int) -> Advice:
    return replace(call, call=replace(call.call, until_lap=until_lap))


def test_the_same_call_a_lap_later_is_no_change(call: Advice) -> None:
    assert call.call.until_lap is not None
    for more in (0, 1):
        moved = ending(later(call), call.call.until_lap + more)
        assert is_same_call(call, moved)
        assert why_changed(call, moved) == ""
    assert not is_same_call(call, ending(call, call.call.until_lap + 2))


def test_a_changed_call_says_what_happened(call: Advice) -> None:
    assert call.call.until_lap is not None
    moved = ending(later(call), call.call.until_lap - 5)
    assert why_changed(call, moved) == "the comparison has turned"
    lane = replace(moved, pit_lane=replace(moved.pit_lane, why="open under a virtual safety car"))
    assert why_changed(call, lane) == "the pit lane: open under a virtual safety car"
    word = TeamWord(
        number=1, author="Eva", at_ms=0, car_number=None, kind="energy",
        text="energy 43 use 2.9", seen=True,
    )  # fmt: skip
    assert why_changed(call, replace(lane, team=(word,))) == "Eva said: energy 43 use 2.9"
    full = replace(moved, range=replace(moved.range, fuel_laps=call.range.fuel_laps + 20))
    assert why_changed(call, full) == "the stop has been made"
    empty = replace(moved, range=replace(moved.range, fuel_laps=moved.range.fuel_laps - 4))
    assert why_changed(call, empty).startswith("the tank: it surely reaches lap")
    more = replace(moved, range=replace(moved.range, laps_to_go=moved.range.laps_to_go + 1))
    assert why_changed(call, more).endswith("laps in all")


def test_another_car_is_another_matter(call: Advice) -> None:
    assert why_changed(call, replace(call, car_number="8")) == ""


def planned(*laps: int) -> Replanned:
    """A plan that stops at the end of these laps; nothing else of it is asked."""
    stops = tuple(
        StopToCome(
            stop=k + 1, lap=lap, at_ms=0, first_lap=lap, latest_lap=lap, fuel_laps=30, tyres="new",
            driver="Ana", changes=False, standing_ms=0, words="", condition="",
        )
        for k, lap in enumerate(laps)
    )  # fmt: skip
    return Replanned(
        race="made up", simulated=False, car_number="50", car_class="HYPERCAR", at_ms=0,
        length_ms=21_600_000, words="", laps=200, finish_ms=0, stops_made=0, stops=stops,
        driven=(), stints=(), drivers=(), against_rules=(), not_kept=(), not_used=(), assumes=(),
        remarks=(),
    )  # fmt: skip


def test_a_call_says_how_it_stands_to_the_plan(call: Advice) -> None:
    ends = call.call.until_lap
    assert ends is not None
    assert plan_and_call(planned(ends - 1), call) == f"the plan's stop is lap {ends - 1}"
    assert plan_and_call(planned(1, ends), call) == f"the plan's stop is lap {ends}"
    assert "is beyond lap" in plan_and_call(planned(ends + 1), call)
    assert plan_and_call(planned(), call) == "as planned: no further stop"
    assert plan_and_call(planned(1), call) == ""
    boxes = replace(call, call=replace(call.call, action="box", lap=20, until_lap=None))
    assert plan_and_call(planned(20), boxes) == "as planned: lap 20"
    assert plan_and_call(planned(30), boxes).startswith("sooner than the plan's lap 30: the tank")
    lane = replace(boxes, pit_lane=replace(boxes.pit_lane, why="open under a virtual safety car"))
    assert plan_and_call(planned(30), lane).endswith(": open under a virtual safety car")
    assert plan_and_call(planned(30), replace(boxes, car_number="8")) == ""
