"""Order and gaps between two crossings of the line: at the last loop that each car has passed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.event import LoopPassing
from dryline.domain.instant import Instant
from dryline.domain.loop import Loop
from dryline.race.fold import RaceState, fold, step
from dryline.race.loops import CarLoops
from dryline.race.race import Race
from tests.engine.live_races import INFO
from tests.made_up.driving import Car, Lap, crossings_of
from tests.made_up.field import events

LAP_MS, S1_MS, S2_MS = 90_000, 30_000, 35_000


def passing(car: str, at_ms: int, loop: Loop = Loop.SECTOR, **more: Any) -> LoopPassing:
    at = Instant(at_ms)
    return LoopPassing(happened_at=at, known_at=at, car_number=car, loop=loop, **more)


def field(*delays_ms: int, laps: int = 3) -> Race:
    """Cars 1, 2, ... of one pace, each so much behind the first."""
    driven = [Lap(LAP_MS, sectors_ms=(S1_MS, S2_MS)) for _ in range(laps - 1)]
    cars = [
        Car(str(at + 1), "GT3", [Lap(LAP_MS + late, sectors_ms=(S1_MS, S2_MS)), *driven])
        for at, late in enumerate(delays_ms)
    ]
    return Race(INFO, crossings_of(cars))


def told(*passings: LoopPassing) -> RaceState:
    state = RaceState(INFO)
    for event in passings:
        state = step(state, event)
    return state


def test_who_is_overtaken_between_two_crossings_is_behind_at_once() -> None:
    race, now = field(0, 2_000), Instant(3 * LAP_MS + 40_000)
    seen = told(passing("2", 3 * LAP_MS + 31_000, lap=4, sector=1))
    assert race.at(now).order == ["1", "2"]
    assert race.at(now, seen.passed).order == ["2", "1"]
    seen = step(seen, passing("1", 3 * LAP_MS + 31_700, lap=4, sector=1))
    snapshot = race.at(now, seen.passed)
    assert snapshot.order == ["2", "1"]
    gap = snapshot["1"].gap.time
    assert gap is not None
    assert gap.ms == 700
    assert snapshot["1"].class_interval.time == gap


@given(
    delays=st.lists(st.integers(0, 60_000), min_size=2, max_size=6, unique=True),
    on_ms=st.integers(0, LAP_MS - 61_000),
)
def test_cars_of_one_pace_stand_by_their_delays_and_gaps_are_these(
    delays: list[int], on_ms: int
) -> None:
    race = field(*delays)
    now_ms = 3 * LAP_MS + max(delays) + on_ms
    seen = told(
        *(
            passing(str(at + 1), ended, lap=4, sector=sector)
            for at, late in enumerate(delays)
            for sector, ended in ((1, 3 * LAP_MS + late + S1_MS), (2, 3 * LAP_MS + late + 65_000))
            if ended <= now_ms
        )
    )
    snapshot = race.at(Instant(now_ms), seen.passed)
    first, *others = sorted(range(len(delays)), key=delays.__getitem__)
    assert snapshot.order == [str(at + 1) for at in (first, *others)]
    for at in others:
        gap = snapshot[str(at + 1)].gap.time
        assert gap is not None
        assert gap.ms == delays[at] - delays[first]


def test_loops_of_a_sector_lie_between_its_ends() -> None:
    race, base = field(0, 1_000, 2_000), 3 * LAP_MS
    seen = told(
        passing("1", base + 40_000, lap=4, sector=1),
        passing("2", base + 41_000, Loop.INTERMEDIATE, lap=4, sector=2, number=1),
        passing("3", base + 42_000, Loop.INTERMEDIATE, lap=4, sector=2, number=2),
    )
    assert race.at(Instant(base + 43_000), seen.passed).order == ["3", "2", "1"]


def test_a_loop_of_another_lap_changes_nothing_and_the_next_true_one_counts() -> None:
    race, base = field(0, 2_000), 3 * LAP_MS
    odd = told(passing("2", base + 10_000, lap=4_000, sector=2))
    now = Instant(base + 40_000)
    assert race.at(now, odd.passed) == race.at(now)
    seen = step(odd, passing("2", base + 31_000, lap=4, sector=1))
    assert race.at(now, seen.passed).order == ["2", "1"]


def test_a_passing_that_comes_late_takes_nothing_back() -> None:
    early, late = passing("1", 30_000, lap=1, sector=1), passing("1", 65_000, lap=1, sector=2)
    assert told(late, early).passed["1"].last == told(early, late).passed["1"].last == (0, 2, 0)


def test_who_has_taken_the_flag_is_not_overtaken_on_the_way_home() -> None:
    race = field(0, 2_000)
    home = race.crossings.with_columns(flag=_chequered(race))
    over = replace(race, crossings=home)
    seen = told(passing("2", 3 * LAP_MS + 31_000, lap=4, sector=1))
    assert over.at(Instant(3 * LAP_MS + 40_000), seen.passed).order == ["1", "2"]


def _chequered(race: Race) -> Any:
    last = race.crossings["lap"] == race.crossings["lap"].max()
    return last.replace_strict({True: "chequered", False: "green"})


def test_the_fold_of_crossings_is_the_same_with_loops_between_them() -> None:
    race = field(0, 2_000)
    crossings = list(events(race.crossings))
    between = [passing("1", 120_000, lap=2, sector=1), passing("1", 155_000, Loop.PIT_IN, lap=2)]
    with_loops = fold(INFO, sorted([*crossings, *between], key=lambda one: one.known_at.ms))
    assert list(with_loops.rows) == list(fold(INFO, crossings).rows)
    assert list(with_loops.loops) == between
    assert with_loops.passed["1"].pit_in is not None
    assert CarLoops().pit_in is None
