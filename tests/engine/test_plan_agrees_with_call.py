"""One moment has one tank and one crew: the plan stops no later than the call says it must."""

from __future__ import annotations

from pathlib import Path

import pytest

import dryline
from dryline.answers.advice import Advice
from dryline.answers.replan import Replanned
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.championship import known_book
from dryline.engine.questions import Aid, AskAdvice, AskReplan, ask
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.strategy.rest_of_race import rest_of_race
from dryline.strategy.setting import own_car, read_setting
from tests.made_up.field import crossings

ALONE = Aid(threads=1)
CAR = "50"
ELMS = "wild/elms/2025/spa_4h/23_Analysis_Race.CSV"


def moment_at(clock: str, hours: float = 3.0) -> Moment:
    length = RaceLength(ms=round(hours * 3_600_000), source="said")
    info = RaceInfo(name="made up", series="wec", year=2024, length=length)
    frame = crossings(cars=6, hours=hours, stint_laps=30, flags=False)
    return Race(info=info, crossings=frame).moment(clock)


def asked(moment: Moment, car: str = CAR) -> tuple[Advice, Replanned]:
    advice = ask(moment, AskAdvice(car_number=car, replicates=16), ALONE)
    plan = ask(moment, AskReplan(car_number=car), ALONE)
    assert isinstance(advice, Advice)
    assert isinstance(plan, Replanned)
    return advice, plan


@pytest.mark.parametrize("clock", ["0:20:00", "0:40:00", "1:20:00", "2:00:00"])
def test_the_next_stop_of_the_plan_is_within_what_the_tank_surely_holds(clock: str) -> None:
    advice, plan = asked(moment_at(clock))
    window = advice.cards.window
    assert window is not None
    assert window.closes_lap is not None
    assert plan.stops[0].lap <= plan.stops[0].latest_lap <= window.closes_lap


def test_whom_nobody_has_seen_drive_is_planned_to_be_no_quicker_than_the_crew() -> None:
    moment = moment_at("0:20:00")
    setting = read_setting(moment, (CAR,), moment.length_ms, known_book(moment.race))
    setup = rest_of_race(setting, own_car(setting, CAR)).setup
    seen, *others = setup.drivers
    assert others
    assert all(each.pace_s >= seen.pace_s for each in others)


@pytest.mark.needs_data
def test_where_the_tank_probably_reaches_the_flag_plan_and_call_both_say_so(data: Path) -> None:
    race = dryline.open_race(data.parent / ELMS, length="4:00")
    advice, plan = asked(race.moment("3:54:16"), "59")
    assert advice.call.until == "flag_likely"
    assert plan.stops == ()
    said = f"the tank reaches the flag with {advice.range.p_reach:.0%}"
    assert any(line.startswith(said) for line in plan.remarks)
    assert "probably lasts to the flag" in plan.words


@pytest.mark.needs_data
def test_a_plan_of_green_laps_has_no_splash_where_the_call_has_none(data: Path) -> None:
    race = "imsa/2024/06-long-beach-street-circuit/202404201335-race-laps.csv"
    advice, plan = asked(dryline.open_race(data / race).moment("0:45:00"), "24")
    assert advice.call.until == "flag_likely"
    assert plan.laps > (advice.cards.planned_laps or 0)
    assert plan.stops == ()


def test_own_row_among_the_cars_of_the_class_has_the_window_of_the_call() -> None:
    advice, _ = asked(moment_at("0:40:00"))
    mine = next(each for each in advice.cards.cars if each.car_number == CAR)
    assert mine.window == advice.cards.window


def test_the_plan_says_how_many_laps_it_is_as_races_go_beside_its_own_green_ones() -> None:
    advice, plan = asked(moment_at("0:40:00"))
    assert f"as races go it is {advice.cards.planned_laps} laps" in plan.assumes[-1]


def test_a_stop_that_may_wait_is_not_ordered_yellow_or_not() -> None:
    plan = ask(dryline.open_race("imola-2024").moment("4:50:00"), AskReplan(car_number="92"), ALONE)
    assert isinstance(plan, Replanned)
    first = plan.stops[0]
    assert first.lap == plan.stints[0].first_lap < first.latest_lap
    assert "yellow or not" not in first.condition
    assert f"until lap {first.latest_lap}" in first.condition
