"""What a car is doing between two crossings, with where that is known from.

Nothing is claimed that nobody saw: in the lane is said where its loop told it, when it was out is
said as an estimate, and a car is called unseen only when no stop can be the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dryline.domain.instant import Duration
from dryline.race.habits import Habits
from dryline.race.loops import CarLoops, LanePassing
from dryline.race.snapshot import CarState
from dryline.race.status import GARAGE_AFTER_MS, Status

LATE_LAPS, LATE_SECTORS, LATE_MS = 1.35, 1.5, 15_000
"""Beyond so many usual laps, or usual times of two sectors (one loop may fail to see a car), and
this, a car is late.
"""
MOST = 0.8
"""On a free road four fifths of the cars have waited for no more than four fifths of a section."""


class Doing(StrEnum):
    """What a car is doing."""

    RUNNING = "running"
    IN_LAP = "in_lap"
    PIT = "pit"
    OUT_ABOUT = "out_about"
    OUT_LAP = "out_lap"
    UNSEEN = "unseen"
    GARAGE = "garage"
    RETIRED = "retired"
    FINISHED = "finished"


class SeenBy(StrEnum):
    """Where it is known from: a loop, the line, a file's later word, or how long things last."""

    LOOP = "loop"
    LINE = "line"
    SYNTHESISED = "synthesised"
    ESTIMATED = "estimated"


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What a car is doing since ``since_ms``; ``about_ms`` is when it left the lane, estimated."""

    doing: Doing
    since_ms: int
    source: SeenBy
    about_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """What an absence is judged by, at ``now_ms``.

    ``tells_lane``: whoever enters or leaves the lane is told.
    """

    now_ms: int
    habits: Habits
    tells_lane: bool = False


def whereabouts(
    cars: Sequence[CarState], loops: Mapping[str, CarLoops], watch: Watch
) -> dict[str, Whereabouts]:
    """What each of ``cars`` is doing, by number; ``loops`` is what was seen beside the line."""
    told = {car.car_number: loops.get(car.car_number, CarLoops()) for car in cars}
    slowness = {
        car.car_number: _slowness(car, told[car.car_number], watch)
        for car in cars
        if car.status is Status.RUNNING and _in_lane(car, told[car.car_number]) is None
    }
    return {
        car.car_number: _whereabouts(
            car, told[car.car_number], watch, _held_by(slowness, car.car_number)
        )
        for car in cars
    }


def _held_by(slowness: Mapping[str, tuple[float, float]], car_number: str) -> float:
    """How slow the others are: a car is not missed because the whole field is held up, whether
    or not a flag has said so yet.
    """
    others = [each for number, each in slowness.items() if number != car_number]
    if not others:
        return 1.0
    place = int(MOST * (len(others) - 1))
    waited = sorted(each[0] for each in others)[place]
    return max(1.0, waited / MOST, sorted(each[1] for each in others)[place])


def _slowness(car: CarState, loops: CarLoops, watch: Watch) -> tuple[float, float]:
    """How long the car has not been seen, in usual times to its next loop, and how long it took
    to its last, in usual times.
    """
    section_ms = _sector_ms(car, loops, watch.habits, 0) or _lap_ms(car, watch.habits)
    waited = (watch.now_ms - _last_ms(car, loops)) / section_ms if section_ms else 0.0
    return waited, _latest(car, loops, watch.habits)


def _latest(car: CarState, loops: CarLoops, habits: Habits) -> float:
    """What the car's latest section took, in usual times."""
    line_ms = 0 if car.last_seen is None else car.last_seen.ms
    times = habits.sectors_ms.get(car.car_number)
    usual = habits.laps_ms.get(car.car_number)
    took = car.last_lap
    if times is not None and loops.passed:
        place = loops.under_way(car.laps)
        ended = 3 if place is None else place[1]
        if 0 < ended <= len(times):
            usual, took = times[ended - 1], car.sectors[ended - 1]
            if place is not None:
                begun = line_ms if ended == 1 else loops.passed.get((car.laps, ended - 1, 0))
                took = None if begun is None else Duration(loops.last_ms - begun)
    return 1.0 if took is None or not usual else took.ms / usual


def _whereabouts(car: CarState, loops: CarLoops, watch: Watch, held: float) -> Whereabouts:
    line_ms = 0 if car.last_seen is None else car.last_seen.ms
    if car.status is Status.FINISHED:
        return Whereabouts(Doing.FINISHED, line_ms, SeenBy.LINE)
    entry = _in_lane(car, loops)
    if entry is not None:
        is_long = watch.now_ms - entry.at_ms > GARAGE_AFTER_MS
        return Whereabouts(Doing.GARAGE if is_long else Doing.PIT, entry.at_ms, _source(entry))
    last_ms = _last_ms(car, loops)
    if watch.now_ms - last_ms > patience_ms(car, loops, watch, held):
        crossed_in_pits = car.in_pit and last_ms == line_ms
        unseen = Doing.GARAGE if crossed_in_pits else Doing.UNSEEN
        doing = Doing.RETIRED if car.status is Status.RETIRED else unseen
        return Whereabouts(doing, last_ms, SeenBy.ESTIMATED)
    left = loops.pit_out
    if left is not None and left.at_ms >= line_ms:
        return Whereabouts(Doing.OUT_LAP, left.at_ms, _source(left))
    if not car.in_pit:
        return Whereabouts(Doing.RUNNING, line_ms, SeenBy.LINE)
    if loops.under_way(car.laps) is not None:
        source = SeenBy.SYNTHESISED if loops.synthesised else SeenBy.LOOP
        return Whereabouts(Doing.OUT_LAP, line_ms, source)
    rest_ms = watch.habits.rests_ms.get(car.car_number, watch.habits.rest_ms)
    if rest_ms is None:
        return Whereabouts(Doing.IN_LAP, line_ms, SeenBy.LINE)
    return Whereabouts(Doing.OUT_ABOUT, line_ms, SeenBy.ESTIMATED, line_ms + round(rest_ms))


def patience_ms(car: CarState, loops: CarLoops, watch: Watch, held: float = 1.0) -> float:
    """How long a stop or a slow lap can keep a car from being seen, ms; ``held``: how slow the
    field is.
    """
    last_ms = _last_ms(car, loops)
    usual = [_sector_ms(car, loops, watch.habits, ahead) for ahead in (0, 1)]
    late_ms = LATE_LAPS * _lap_ms(car, watch.habits)
    if all(usual):
        late_ms = LATE_SECTORS * sum(usual)
    is_at_line = car.last_seen is not None and car.last_seen.ms == last_ms
    is_told = watch.tells_lane and not (car.in_pit and is_at_line)
    stop_ms = 0 if is_told else watch.habits.longest_stop_ms
    return held * late_ms + LATE_MS + stop_ms


def _sector_ms(car: CarState, loops: CarLoops, habits: Habits, ahead: int) -> float:
    """How long the sector that the car is in takes, or the one so far ahead; 0: no loops tell."""
    place = loops.under_way(car.laps)
    times = habits.sectors_ms.get(car.car_number)
    if times is None or not loops.passed:
        return 0.0
    sector = ((0 if place is None else place[1]) + ahead) % len(times)
    usual, latest = times[sector], car.sectors[sector]
    return 0.0 if usual is None else max(usual, 0 if latest is None else latest.ms)


def _lap_ms(car: CarState, habits: Habits) -> float:
    last_ms = 0 if car.last_lap is None else car.last_lap.ms
    return max(habits.laps_ms.get(car.car_number, 0), last_ms)


def _in_lane(car: CarState, loops: CarLoops) -> LanePassing | None:
    """The entry of the stop that the car is at, where a loop told it and nothing since."""
    entry, left = loops.pit_in, loops.pit_out
    if entry is None or (left is not None and left.at_ms >= entry.at_ms):
        return None
    is_seen_since = loops.last_ms > entry.at_ms and loops.last[0] >= entry.lap
    return None if is_seen_since or car.laps > entry.lap else entry


def _last_ms(car: CarState, loops: CarLoops) -> int:
    """When the car was seen last, by any loop or at the line."""
    lane = [each.at_ms for each in (loops.pit_in, loops.pit_out) if each is not None]
    line = [] if car.last_seen is None else [car.last_seen.ms]
    return max([*lane, *line, loops.last_ms])


def _source(passing: LanePassing) -> SeenBy:
    return SeenBy.SYNTHESISED if passing.synthesised else SeenBy.LOOP
