"""What is said of a car between two crossings, and that it is never more than somebody saw."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.gap import NO_GAP
from dryline.domain.instant import Duration, Instant
from dryline.domain.loop import Loop
from dryline.race.habits import SHORTEST_MS, Habits
from dryline.race.loops import CarLoops, passed
from dryline.race.snapshot import CarState
from dryline.race.status import GARAGE_AFTER_MS, Status
from dryline.race.whereabouts import (
    LATE_LAPS,
    LATE_MS,
    LATE_SECTORS,
    MOST,
    Doing,
    SeenBy,
    Watch,
    Whereabouts,
    whereabouts,
)
from tests.race.test_loops import passing

LAP_MS, LINE_MS = 90_000, 900_000
SECTORS = (30_000.0, 35_000.0, 25_000.0)
HABITS = Habits(laps_ms={"1": LAP_MS}, sectors_ms={"1": SECTORS})
KNOWN = replace(HABITS, rests_ms={"1": 50_000.0}, rest_ms=70_000.0)


def car(number: str = "1", **how: Any) -> CarState:
    """A car that completed lap 10 at ``LINE_MS``."""
    told = {"position": 1, "position_in_class": 1, "car_class": "GT3", "team": "", "driver": ""}
    gaps = dict.fromkeys(("gap", "interval", "class_gap", "class_interval"), NO_GAP)
    times = {"last_lap": Duration(LAP_MS), "best_lap": Duration(LAP_MS)}
    seen = {
        "last_seen": Instant(LINE_MS),
        "sectors": tuple(Duration(round(ms)) for ms in SECTORS),
    }
    rest = {"laps": 10, "stops": 0, "stint_laps": 10, "status": Status.RUNNING}
    return CarState(car_number=number, **{**told, **gaps, **times, **seen, **rest, **how})


def loops(*passings: tuple[Loop, int, int], number: str = "1", **more: Any) -> dict[str, CarLoops]:
    """The loops that the car passed: which, how long after the line, on which lap."""
    seen: Any = {}
    for loop, after_ms, lap in passings:
        sector = {"sector": 1} if loop is Loop.SECTOR else {}
        seen = passed(seen, passing(number, LINE_MS + after_ms, loop, lap=lap, **sector, **more))
    return dict(seen)


def seen(
    after_ms: float, *, of: CarState | None = None, told: Any = None, **watch: Any
) -> Whereabouts:
    """What the car does so long after its crossing."""
    watching = Watch(round(LINE_MS + after_ms), **{"habits": HABITS, **watch})
    return whereabouts([car() if of is None else of], told or {}, watching)["1"]


def test_pit_is_said_from_the_entrys_loop_to_the_exits_and_of_no_other_instant() -> None:
    entry, out = (Loop.PIT_IN, 80_000, 11), (Loop.PIT_OUT, 150_000, 12)
    assert seen(79_000).doing is Doing.RUNNING
    assert seen(81_000, told=loops(entry)) == Whereabouts(Doing.PIT, LINE_MS + 80_000, SeenBy.LOOP)
    assert seen(149_000, told=loops(entry)).doing is Doing.PIT
    assert seen(151_000, told=loops(entry, out)).doing is Doing.OUT_LAP
    replayed = loops(entry, synthesised=True)
    assert seen(81_000, told=replayed).source is SeenBy.SYNTHESISED


def test_an_exit_that_nobody_told_is_told_by_the_next_loop_or_lap() -> None:
    entry = (Loop.PIT_IN, -10_000, 10)
    inside = car(in_pit=True)
    assert seen(5_000, of=inside, told=loops(entry)).doing is Doing.PIT
    on = loops(entry, (Loop.SECTOR, 80_000, 11))
    assert seen(81_000, of=inside, told=on).doing is Doing.OUT_LAP
    assert seen(5_000, of=car(laps=11), told=loops(entry)).doing is Doing.RUNNING


@pytest.mark.parametrize(("in_lane_ms", "doing"), [(0, Doing.PIT), (1, Doing.GARAGE)])
def test_a_stop_beyond_ten_minutes_is_a_repair(in_lane_ms: int, doing: Doing) -> None:
    told = loops((Loop.PIT_IN, -10_000, 10))
    at_ms = GARAGE_AFTER_MS - 10_000 + in_lane_ms
    assert seen(at_ms, of=car(in_pit=True), told=told).doing is doing


def test_without_loops_an_in_lap_says_when_the_car_was_out_about_and_never_pit() -> None:
    inside = car(in_pit=True)
    assert seen(1_000, of=inside) == Whereabouts(Doing.IN_LAP, LINE_MS, SeenBy.LINE)
    about = seen(1_000, of=inside, habits=KNOWN)
    assert about == Whereabouts(Doing.OUT_ABOUT, LINE_MS, SeenBy.ESTIMATED, LINE_MS + 50_000)
    assert seen(100_000, of=inside, habits=KNOWN) == about
    others = Habits(rest_ms=70_000.0)
    assert seen(1_000, of=inside, habits=others).about_ms == LINE_MS + 70_000


@given(after_ms=st.integers(0, 3_600_000), in_pit=st.booleans(), tells=st.booleans())
def test_pit_is_never_said_without_its_loop(after_ms: int, in_pit: bool, tells: bool) -> None:
    told = loops((Loop.SECTOR, 30_000, 11))
    for given_loops in ({}, told):
        one = seen(after_ms, of=car(in_pit=in_pit), told=given_loops, tells_lane=tells)
        assert one.doing is not Doing.PIT


@pytest.mark.parametrize("beyond_ms", [0, 1])
def test_unseen_is_said_past_a_slow_lap_and_the_longest_stop(beyond_ms: int) -> None:
    patience = LATE_LAPS * LAP_MS + LATE_MS + SHORTEST_MS
    doing = Doing.UNSEEN if beyond_ms else Doing.RUNNING
    assert seen(patience + beyond_ms).doing is doing
    told = LATE_LAPS * LAP_MS + LATE_MS
    assert seen(told + beyond_ms, tells_lane=True).doing is doing


@pytest.mark.parametrize("beyond_ms", [0, 1])
def test_where_loops_tell_the_lane_a_car_is_missed_within_a_sector(beyond_ms: int) -> None:
    told = loops((Loop.SECTOR, 30_000, 11))
    patience = 30_000 + LATE_SECTORS * (SECTORS[1] + SECTORS[2]) + LATE_MS
    doing = Doing.UNSEEN if beyond_ms else Doing.RUNNING
    one = seen(patience + beyond_ms, told=told, tells_lane=True)
    assert one.doing is doing
    assert one.since_ms == (LINE_MS + 30_000 if beyond_ms else LINE_MS)


def test_nobody_is_missed_because_the_whole_field_is_slow() -> None:
    after_ms = LATE_LAPS * LAP_MS + LATE_MS + SHORTEST_MS + 1
    numbers = [str(at) for at in range(1, 7)]
    habits = Habits(laps_ms=dict.fromkeys(numbers, float(LAP_MS)))

    def doings(late_by_ms: float) -> set[Doing]:
        fresh = Instant(round(LINE_MS + after_ms - late_by_ms))
        cars = [car(), *(car(number, last_seen=fresh) for number in numbers[1:])]
        watch = Watch(round(LINE_MS + after_ms), habits)
        return {whereabouts(cars, {}, watch)["1"].doing}

    assert doings(MOST * LAP_MS) == {Doing.UNSEEN}
    assert doings(MOST * LAP_MS + 2) == {Doing.RUNNING}


@pytest.mark.parametrize(("took", "doing"), [(1.0, Doing.UNSEEN), (3.0, Doing.RUNNING)])
def test_nobody_is_missed_behind_a_safety_car_whose_pack_has_just_passed(
    took: float, doing: Doing
) -> None:
    numbers = [str(at) for at in range(1, 7)]
    habits = replace(HABITS, sectors_ms=dict.fromkeys(numbers, SECTORS))
    at_ms = LINE_MS + 30_000
    told = loops((Loop.SECTOR, 30_000, 11))
    for number in numbers[1:]:
        told |= passed({}, passing(number, at_ms + 80_000, lap=11, sector=1))
    pack = Instant(round(at_ms + 80_000 - took * SECTORS[0]))
    cars = [car(), *(car(number, last_seen=pack) for number in numbers[1:])]
    now_ms = round(at_ms + LATE_SECTORS * (SECTORS[1] + SECTORS[2]) + LATE_MS + 1)
    assert whereabouts(cars, told, Watch(now_ms, habits, tells_lane=True))["1"].doing is doing


def test_who_was_seen_last_in_the_pits_is_in_the_garage_who_was_not_has_retired() -> None:
    long_ms = 4_000_000
    assert seen(long_ms, of=car(in_pit=True)).doing is Doing.GARAGE
    assert seen(long_ms, of=car(status=Status.RETIRED)).doing is Doing.RETIRED
    assert seen(long_ms, of=car(status=Status.FINISHED)).doing is Doing.FINISHED
    assert seen(0, of=car(status=Status.RETIRED)).doing is Doing.RUNNING
