"""The rest of a race planned from now: known by hand, by trying everything, on real races."""

from __future__ import annotations

import itertools
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.answers.replan import Replanned
from dryline.domain.event import TeamInput
from dryline.domain.instant import Instant
from dryline.engine.championship import known_book
from dryline.engine.opening import open_race
from dryline.engine.questions import Aid, AskReplan, ask
from dryline.feeds.live.team_lines import read_team_line
from dryline.race.moment import Moment
from dryline.strategy.plan import best_plan
from dryline.strategy.plan_setup import (
    Fuel,
    PlannedCar,
    PlannedDriver,
    PlannedPit,
    PlannedRace,
    PlannedTyres,
    RaceSetup,
    SoFar,
    Wishes,
)
from dryline.strategy.plan_stints import StintChoice, breaches, timetable
from dryline.strategy.replan import replan
from dryline.strategy.track_reading import read_track
from tests.strategy.replan_checks import broken_rules, check_the_plan_holds_together

NOTHING = SoFar(
    laps=0, clock_s=0.0, fuel_laps=10, tyre_age=0, driver=None, driven_s=(0.0, 0.0),
    spells=((), ()),
)  # fmt: skip
MIDWAY = SoFar(
    laps=12, clock_s=1300.0, fuel_laps=6, tyre_age=4, driver=0, driven_s=(1250.0, 0.0),
    spells=(((0.0, 1250.0),), ()), turn_s=1250.0, stops=1,
)  # fmt: skip


def setup(so_far: SoFar | None = MIDWAY, **changed: object) -> RaceSetup:
    plain = RaceSetup(
        race=PlannedRace(name="short race", laps=30),
        car=PlannedCar(number="1", car_class="GT3", lap_s=100.0),
        fuel=Fuel(laps=10, hose_s_per_lap=2.0),
        tyres=PlannedTyres(loss_s=0.1, cold_s=3.0),
        pit=PlannedPit(lane_s=25.0, tyres_s=15.0, driver_s=10.0),
        drivers=(PlannedDriver(name="A"), PlannedDriver(name="B", pace_s=0.5)),
        so_far=so_far,
    )
    return msgspec.structs.replace(plain, **changed)


def plan_of(one: RaceSetup) -> list[StintChoice]:
    found = replan(one).plan
    return [StintChoice(each.driver, each.laps, each.new_tyres) for each in found.stints]


def test_the_fuel_on_board_ends_the_stint_under_way_and_fuel_left_is_not_bought_again() -> None:
    three_old = msgspec.structs.replace(MIDWAY, tyre_age=3)
    found = replan(setup(three_old, tyres=PlannedTyres(loss_s=1.0, cold_s=3.0))).plan
    assert [each.laps for each in found.stints] == [4, 7, 7]  # 18 to go: 3 + 4 = 7 = 7 laps of age
    first, second, third = found.stints
    assert (first.first_lap, first.start_s, first.pit_s, first.new_tyres) == (
        13,
        1300.0,
        0.0,
        False,
    )
    assert first.end_s == pytest.approx(1300.0 + 400.0 + 3 + 4 + 5 + 6)
    assert (second.fuel_laps, third.fuel_laps) == (5, 7)  # two of six laps were left
    assert second.pit_s == pytest.approx(25.0 + 5 * 2.0 + 15.0)


def test_a_car_that_reaches_the_flag_stops_no_more() -> None:
    found = replan(setup(msgspec.structs.replace(MIDWAY, laps=25, fuel_laps=6)))
    assert [each.laps for each in found.plan.stints] == [5]
    assert found.windows == ()


def test_the_window_of_a_stop_is_what_leaves_as_many_stops() -> None:
    found = replan(setup())
    assert found.plan.stops == 2
    one, two = found.windows
    assert (one.first_lap, one.last_lap) == (13, 18)  # 30 - 2 x 10 = 10 is driven already
    assert (two.first_lap, two.last_lap) == (max(20, one.lap + 1), 28)
    late = replan(setup(msgspec.structs.replace(MIDWAY, laps=12, fuel_laps=9)))
    assert late.plan.stops == 1
    assert (late.windows[0].first_lap, late.windows[0].last_lap) == (20, 21)


@pytest.mark.parametrize("least", [None, 300.0, 700.0])
@pytest.mark.parametrize("on_board", [2, 6])
@pytest.mark.parametrize("gain", [0.0, 0.3])
def test_the_rest_is_what_trying_everything_finds(
    least: float | None, on_board: int, gain: float
) -> None:
    so_far = msgspec.structs.replace(MIDWAY, laps=15, fuel_laps=on_board)
    one = setup(
        so_far,
        fuel=Fuel(laps=8, hose_s_per_lap=2.0, burn_gain_s=gain),
        drivers=(PlannedDriver(name="A"), PlannedDriver(name="B", pace_s=0.5, min_s=least)),
    )
    found = replan(one).plan
    best = min(
        _by_brute_force(one, stints, on_board) for stints in (len(found.stints), 1 + found.stops)
    )
    assert found.finish_s == pytest.approx(best, abs=0.05)
    assert found.bound_s <= best + 1.0e-6


def _by_brute_force(one: RaceSetup, stints: int, on_board: int) -> float:
    best = float("inf")
    for lengths in itertools.product(range(1, one.fuel.laps + 1), repeat=stints):
        if sum(lengths) != 15 or lengths[0] > on_board:
            continue
        for who in itertools.product((0, 1), repeat=stints - 1):
            for new in itertools.product((True, False), repeat=stints - 1):
                choices = [
                    StintChoice(d, n, fresh)
                    for d, n, fresh in zip((0, *who), lengths, (False, *new), strict=True)
                ]
                table = timetable(one, choices)
                if not breaches(one, table):
                    best = min(best, table[-1].end_s)
    return best


@settings(deadline=None, max_examples=8)
@given(
    laps=st.integers(14, 40),
    loss=st.sampled_from((0.0, 0.05, 0.3)),
    least=st.sampled_from((None, 500.0, 1200.0)),
    together=st.booleans(),
    hose=st.sampled_from((0.0, 2.0)),
)
def test_planned_anew_before_anything_is_driven_it_is_the_plan_from_the_start(
    laps: int, loss: float, least: float | None, together: bool, hose: float
) -> None:
    crew = (PlannedDriver(name="A"), PlannedDriver(name="B", pace_s=0.5, min_s=least))
    one = setup(
        NOTHING,
        race=PlannedRace(name="r", laps=laps),
        fuel=Fuel(laps=10, hose_s_per_lap=hose),
        tyres=PlannedTyres(loss_s=loss, cold_s=3.0),
        pit=PlannedPit(lane_s=25.0, tyres_s=15.0, driver_s=10.0, tyres_after_fuel=not together),
        drivers=crew,
    )
    from_start = best_plan(msgspec.structs.replace(one, so_far=None))
    again = replan(one).plan
    assert from_start is not None
    if hose:  # the tank that is full already saves what it leaves over at the first stop
        assert again.finish_s <= from_start.finish_s + 0.05
    else:
        assert again.finish_s == pytest.approx(from_start.finish_s, abs=0.05)
        assert again.stops == from_start.stops


@settings(deadline=None, max_examples=8)
@given(first=st.integers(13, 27), more=st.integers(0, 3))
def test_no_plan_stops_on_a_forbidden_lap_or_it_is_said(first: int, more: int) -> None:
    one = setup(wishes=Wishes(no_stop=((first, first + more),)))
    found = replan(one)
    ends = [each.last_lap for each in found.plan.stints[:-1]]
    assert found.not_kept or not any(first <= lap <= first + more for lap in ends)
    assert all(window.lap == lap for window, lap in zip(found.windows, ends, strict=True))
    for window in found.windows:
        inside = range(window.first_lap, window.last_lap + 1)
        assert found.not_kept or not any(first <= lap <= first + more for lap in inside)


def test_a_wish_that_no_plan_keeps_is_left_out_and_named() -> None:
    found = replan(setup(wishes=Wishes(no_stop=((13, 18),))))
    assert found.not_kept == ("not kept, for no plan does: no stop between laps 13 and 18",)
    assert found.plan.stops == 2
    assert replan(setup(wishes=Wishes(no_stop=((14, 18),)))).plan.stints[0].last_lap == 13


def test_nobody_gets_in_where_the_team_says_so() -> None:
    short = (PlannedDriver(name="A", pace_s=2.0), PlannedDriver(name="B"))
    assert plan_of(setup(drivers=short))[1].driver == 1
    kept = plan_of(setup(drivers=short, wishes=Wishes(no_change=(2,))))
    assert [each.driver for each in kept[:2]] == [0, 0]
    assert kept[2].driver == 1


def test_the_next_stop_is_on_the_lap_that_the_team_has_named() -> None:
    found = replan(setup(wishes=Wishes(next_lap=17)))
    assert found.plan.stints[0].last_lap == 17
    assert found.not_kept == ()


def test_drivers_get_in_in_the_teams_order() -> None:
    three = (PlannedDriver(name="A"), PlannedDriver(name="B"), PlannedDriver(name="C", pace_s=-3.0))
    so_far = msgspec.structs.replace(
        MIDWAY, driven_s=(1250.0, 0.0, 0.0), spells=(((0.0, 1250.0),), (), ())
    )
    free = plan_of(setup(so_far, drivers=three))
    assert free[1].driver == 2
    ordered = plan_of(setup(so_far, drivers=three, wishes=Wishes(order=(0, 1, 2))))
    assert [each.driver for each in ordered] == [0, 1, 2]


def test_a_limit_that_can_no_longer_be_kept_gives_and_is_named_with_how_much() -> None:
    crew = (PlannedDriver(name="A", max_s=1300.0), PlannedDriver(name="B", min_s=1800.0))
    found = replan(setup(drivers=crew))
    assert len(found.broken) == 2  # A must end the lap under way, B has 17 laps for 1,800 s
    assert any(line.startswith("A drives 0:00:50 more") for line in found.broken)
    assert any(line.startswith("B drives 0:01:") and "less" in line for line in found.broken)
    table = found.plan.stints
    by_b = sum(each.driven_s for each in table if each.driver == 1)
    assert by_b > 1500.0
    enough = (PlannedDriver(name="A", max_s=1400.0), PlannedDriver(name="B", min_s=1650.0))
    assert replan(setup(drivers=enough)).broken == ()


def test_a_window_and_a_stock_of_tyres_that_cannot_be_kept_are_named_too() -> None:
    alone = msgspec.structs.replace(MIDWAY, driven_s=(1250.0,), spells=(((0.0, 1250.0),),))
    crew = (PlannedDriver(name="A", window_s=3600.0, window_max_s=1500.0),)
    (said,) = replan(setup(alone, drivers=crew)).broken
    assert said.startswith("A drives 0:")
    assert said.endswith("too much within 1 h (the most: 0:25:00)")
    found = replan(setup(tyres=PlannedTyres(sets=0, laps=12, loss_s=0.1)))
    assert found.broken == ("sets of tyres: 1 too few are left",)


def test_what_was_driven_counts_in_turns_and_windows() -> None:
    turn = (PlannedDriver(name="A", turn_max_s=1500.0), PlannedDriver(name="B"))
    one = setup(drivers=turn, tyres=PlannedTyres())
    found = replan(one)
    assert found.broken == ()
    assert sum(each.driven_s for each in found.plan.stints if each.driver == 0) <= 1500.0 + 1000.0
    assert found.plan.stints[0].driven_s <= 250.0
    window = (
        PlannedDriver(name="A", window_s=3000.0, window_max_s=1500.0),
        PlannedDriver(name="B", pace_s=0.5),
    )
    found = replan(setup(drivers=window, tyres=PlannedTyres()))
    assert found.broken == ()
    in_window = sum(
        min(each.end_s, 3000.0) - each.start_s
        for each in found.plan.stints
        if each.driver == 0 and each.start_s < 3000.0
    )
    assert 1250.0 + in_window <= 1500.0


def test_a_car_in_the_lane_chooses_its_stop_anew() -> None:
    so_far = msgspec.structs.replace(MIDWAY, in_lane=True, fuel_laps=1)
    found = replan(setup(so_far)).plan
    first = found.stints[0]
    assert first.start_s > 1300.0 + 25.0
    assert first.fuel_laps == first.laps - 1
    assert found.stops == 2


# --- on real races -------------------------------------------------------------------------

RACES = (
    ("wec/2025/imola_6h.csv", 1 / 3, "51"),
    ("wec/2024/le_mans_24h.csv", 2 / 3, "92"),
    ("imsa/2022/11-watkins-glen-international/202206261040-race-laps.csv", 1 / 3, "10"),
)


def moment_of(data: Path, name: str, share: float) -> Moment:
    race = open_race(data / name)
    assert race.info.length is not None
    assert race.info.length.ms is not None
    return race.moment(Instant(round(race.info.length.ms * share)))


def told(moment: Moment, *lines: str) -> Moment:
    at = moment.at
    return moment.as_told(
        [
            read_team_line(
                TeamInput(happened_at=at, known_at=at, author="Ana", text=line, number=number)
            )
            for number, line in enumerate(lines, 1)
        ]
    )


def plan_at(moment: Moment, car: str, aid: Aid = Aid()) -> Replanned:
    return ask(moment, AskReplan(car_number=car), aid)


TEN = (
    "wec/2024/le_mans_24h.csv",
    "wec/2025/le_mans_24h.csv",
    "wec/2024/bahrain_8h.csv",
    "wec/2025/imola_6h.csv",
    "wec/2025/spa_6h.csv",
    "imsa/2023/07-sebring-international-raceway/202303181010-race-laps.csv",
    "imsa/2022/19-road-atlanta/202210011210-race-laps.csv",
    "imsa/2022/11-watkins-glen-international/202206261040-race-laps.csv",
    "imsa/2023/18-virginia-international-raceway/202308271410-race-laps.csv",
    "imsa/2024/14-road-america/202408041410-race-laps.csv",
)


@pytest.mark.needs_data
@pytest.mark.parametrize("share", [1 / 3, 2 / 3], ids=["a third", "two thirds"])
@pytest.mark.parametrize("name", TEN)
def test_what_is_left_of_a_real_race_is_planned_within_the_rule_book(
    name: str, share: float, data: Path
) -> None:
    moment = moment_of(data, name, share)
    state = moment.race.at(moment.at)
    car = next(each.car_number for each in state.cars if each.status == "running")
    aid = Aid(track=read_track(moment, hurried=True))
    answer = plan_at(moment, car, aid)
    check_the_plan_holds_together(moment, answer)
    assert answer.proven_within_ms <= 0.002 * (answer.finish_ms - answer.at_ms)
    book = known_book(moment.race)
    assert book is not None
    assert bool(broken_rules(moment, answer, book)) <= bool(answer.against_rules)
    lap = answer.stints[0].last_lap if answer.stops else answer.stints[0].first_lap
    typed = told(moment, f"{car} no stop between laps {lap} and {lap}")
    again = plan_at(typed, car, aid)
    check_the_plan_holds_together(typed, again)
    assert again.not_kept or lap not in [stop.lap for stop in again.stops]
    assert again.driven == answer.driven


@pytest.mark.needs_data
def test_what_the_team_types_counts_and_what_cannot_be_used_is_said(data: Path) -> None:
    moment = moment_of(data, "wec/2025/imola_6h.csv", 1 / 3)
    aid = Aid(track=read_track(moment, hurried=True))
    plain = plan_at(moment, "51", aid)
    assert any("alone: 2 more counted on" in line for line in plain.remarks)
    lines = (
        "51 drivers Calado, Giovinazzi, Pier Guidi",
        "51 fuel 3 laps",
        "51 Bronze until 3:30",
        "51 set 1 hard",
        "51 set 2 hard",
        "51 no driver change at stop 1",
    )
    found = plan_at(told(moment, *lines), "51", aid)
    assert [row.driver for row in found.drivers][1:] == ["Giovinazzi", "Pier Guidi"]
    assert found.stops[0].lap - plain.stints[0].first_lap + 1 <= 3
    assert sum(each.tyres == "new" for each in found.stints) <= 2
    assert any("nobody is rated Bronze" in line for line in found.not_used)
    assert any("stop 1 has been made" in line for line in found.not_used)
    assert any("as the team said" in line for line in found.assumes)
    gone = plan_at(
        told(moment, "51 drivers Calado, Giovinazzi", "51 without Giovinazzi"), "51", aid
    )
    assert next(row for row in gone.drivers if row.driver == "Giovinazzi").planned_ms == 0


@pytest.mark.needs_data
def test_a_driver_whom_nobody_has_seen_owes_nothing_once_it_is_too_late(data: Path) -> None:
    moment = moment_of(data, "wec/2025/sao_paulo_6h.csv", 0.945)
    found = plan_at(moment, "5", Aid(track=read_track(moment, hurried=True)))
    assert [row.driver for row in found.drivers][-1] == "driver 3"
    assert found.drivers[-1].least_ms is None
    assert found.against_rules == ()


@pytest.mark.needs_data
def test_a_pin_keeps_its_driver_at_the_wheel(data: Path) -> None:
    moment = moment_of(data, "wec/2024/bahrain_8h.csv", 1 / 3)
    aid = Aid(track=read_track(moment, hurried=True))
    crew = [row.driver for row in plan_at(moment, "92", aid).drivers]
    pinned = crew[-1].split()[-1]
    until = 4.5 * 3_600_000
    found = plan_at(told(moment, f"92 {pinned} until 4:30"), "92", aid)
    before = [each.driver for each in found.stints[1:] if each.start_ms < until]
    assert before
    assert {name.split()[-1] for name in before} == {pinned}
