"""How a stop is split at the line, from what the sectors before and after it have lost."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.race.habits import SHORTEST_MS, Habits
from dryline.race.lane_split import CLOSE_MS, lane_splits
from dryline.race.status import GARAGE_AFTER_MS
from tests.made_up.driving import Car, Lap, crossings_of

LAP_MS, S1_MS, S2_MS = 90_000, 30_000, 35_000
ROAD_MS = 4_000
"""What the stretch along the lane takes on the track, half of it before the line."""
PLAIN = Lap(LAP_MS, sectors_ms=(S1_MS, S2_MS))


def stop(before_ms: int, after_ms: int, slow_ms: int = 0) -> list[Lap]:
    """An in-lap and an out-lap, so long in the lane before the line and after it."""
    lost = before_ms - ROAD_MS // 2 + slow_ms
    gained = after_ms - ROAD_MS // 2
    return [
        Lap(LAP_MS + lost, sectors_ms=(S1_MS, S2_MS), in_pit=True),
        Lap(LAP_MS + gained, sectors_ms=(S1_MS + gained, S2_MS), lane_ms=before_ms + after_ms),
    ]


def splits(*laps: Lap) -> list[tuple[int, int | None]]:
    """Of each stop: how long before the line, how long after it."""
    found = lane_splits(crossings_of([Car("1", "GT3", laps)]))
    return [(line - entry, out and out - line) for _, _, entry, line, out in found.iter_rows()]


@given(before_ms=st.integers(2_000, 60_000), after_ms=st.integers(2_000, 60_000))
def test_a_stop_is_split_as_its_sectors_tell(before_ms: int, after_ms: int) -> None:
    assert splits(PLAIN, PLAIN, PLAIN, *stop(before_ms, after_ms)) == [(before_ms, after_ms)]


@pytest.mark.parametrize(
    ("slow_ms", "before_ms"), [(CLOSE_MS + ROAD_MS, 14_000), (CLOSE_MS + ROAD_MS + 1, 8_000)]
)
def test_a_sector_slow_for_another_reason_is_not_taken_for_the_lane(
    slow_ms: int, before_ms: int
) -> None:
    usual, slowed = stop(8_000, 60_000), stop(8_000, 60_000, slow_ms)
    laps = [PLAIN] * 5 + [lap for _ in range(3) for lap in (*usual, PLAIN)] + [*slowed, PLAIN]
    assert [before for before, _ in splits(*laps)] == [8_000, 8_000, 8_000, before_ms]


def test_who_stands_before_the_line_leaves_the_lane_as_soon_as_ever() -> None:
    laps = [PLAIN] * 5 + [lap for _ in range(3) for lap in (*stop(60_000, 15_000), PLAIN)]
    long = stop(75_000, 15_000, CLOSE_MS + ROAD_MS + 1)
    assert splits(*laps, *long)[-1] == (75_000, 15_000)


def test_who_never_comes_out_entered_as_at_the_stops_before() -> None:
    laps = [PLAIN] * 3 + [*stop(8_000, 60_000), PLAIN, stop(9_000, 0)[0]]
    assert splits(*laps) == [(8_000, 60_000), (8_000, None)]


def test_without_sectors_or_with_a_lap_unheard_nothing_is_split() -> None:
    bare = [Lap(LAP_MS), Lap(LAP_MS), Lap(LAP_MS, in_pit=True), Lap(LAP_MS, lane_ms=60_000)]
    assert splits(*bare) == []
    cars = crossings_of([Car("1", "GT3", [PLAIN] * 3 + stop(8_000, 60_000) + [PLAIN])])
    assert lane_splits(cars.filter(pl.col("lap") != 5)).is_empty()


def test_habits_are_those_outside_the_lane_and_the_longest_stop_is_no_repair() -> None:
    def habits(lane_ms: int) -> Habits:
        laps = [PLAIN] * 4 + [*stop(8_000, lane_ms - 8_000), PLAIN]
        return Habits.of(crossings_of([Car("1", "GT3", laps)]))

    told = habits(70_000)
    assert told.laps_ms == {"1": LAP_MS}
    assert told.sectors_ms == {"1": (S1_MS, S2_MS, LAP_MS - S1_MS - S2_MS)}
    assert told.rests_ms == {"1": 62_000}
    assert told.rest_ms == 62_000
    assert told.longest_stop_ms == SHORTEST_MS
    assert habits(SHORTEST_MS + 1).longest_stop_ms == SHORTEST_MS + 1
    assert habits(GARAGE_AFTER_MS).longest_stop_ms == GARAGE_AFTER_MS
    assert habits(GARAGE_AFTER_MS + 1).longest_stop_ms == SHORTEST_MS
    assert habits(GARAGE_AFTER_MS + 1).rests_ms == {}
    assert Habits.of(crossings_of([])) == Habits()
