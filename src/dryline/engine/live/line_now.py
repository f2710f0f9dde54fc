"""What stands in a car's line between two crossings: what it does, its last loop, its sectors."""

from __future__ import annotations

from typing import Any

import msgspec

from dryline.answers.wall_line import LineNow
from dryline.race.fold import RaceState
from dryline.race.habits import Habits
from dryline.race.loops import CarLoops, Place
from dryline.race.snapshot import CarState, Snapshot
from dryline.race.whereabouts import Watch, Whereabouts, whereabouts

SILENT_MS = 75_000
"""Where nobody is seen for longer the feed is silent, and no car is missed for that."""


def lines_now(snapshot: Snapshot, state: RaceState, habits: Habits) -> dict[str, dict[str, Any]]:
    """By car number, the cells of ``LineNow``."""
    watch = Watch(
        now_ms=min(snapshot.at.ms, state.now.ms + SILENT_MS),
        habits=habits,
        tells_lane=any(car.pit_in is not None for car in state.passed.values()),
    )
    seen = whereabouts(snapshot.cars, state.passed, watch)
    return {
        car.car_number: msgspec.to_builtins(
            _line(car, state.passed.get(car.car_number, CarLoops()), seen[car.car_number])
        )
        for car in snapshot.cars
    }


def _line(car: CarState, loops: CarLoops, seen: Whereabouts) -> LineNow:
    place = loops.under_way(car.laps)
    first, second = loops.passed.get((car.laps, 1, 0)), loops.passed.get((car.laps, 2, 0))
    line_ms = None if car.last_seen is None else car.last_seen.ms
    best = [None if each is None else each.ms for each in car.best_sectors]
    return LineNow(
        doing=seen.doing.value,
        doing_since_ms=seen.since_ms,
        doing_source=seen.source.value,
        out_about_ms=seen.about_ms,
        loop="line" if place is None else _called(place),
        loop_ms=line_ms if place is None else loops.passed[place],
        now_s1_ms=_between(line_ms, first),
        now_s2_ms=_between(first, second),
        best_s1_ms=best[0],
        best_s2_ms=best[1],
        best_s3_ms=best[2],
    )


def _called(place: Place) -> str:
    _, sectors, loops = place
    return f"S{sectors + 1}.{loops}" if loops else f"S{sectors}"


def _between(start_ms: int | None, end_ms: int | None) -> int | None:
    return None if start_ms is None or end_ms is None else end_ms - start_ms
