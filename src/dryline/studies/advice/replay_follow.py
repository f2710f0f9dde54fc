"""A policy followed to the flag in a replayed race, and the best stops in hindsight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dryline.kernels.replay_road import lane_s, pace_at
from dryline.kernels.replay_run import ReplayStart, Room, best_stops, next_entry, run_stops
from dryline.studies.advice.replay import Replay
from dryline.studies.advice.replay_crew import ReplayedCar
from dryline.studies.advice.replay_policies import Passage, Policy


@dataclass(frozen=True)
class PolicyRun:
    """Where some stops brought a car: laps at the winner's flag, its own finish, the stops."""

    distance: float
    laps: int
    end_s: float
    stops: tuple[int, ...]


def room_for(replay: Replay) -> Room:
    """Room for the longest search of a race."""
    size = 2 * replay.field.end.shape[1] + 100
    return Room(np.zeros(size), np.zeros(size), *(np.zeros(size, dtype=np.int64) for _ in "ab"))


def as_crewed(replay: Replay, crew: ReplayedCar) -> PolicyRun:
    """The crew's own stops."""
    distance, laps, end = run_stops(crew.start, crew.boxes, replay.field, crew.car)
    return PolicyRun(distance, int(laps), end, tuple(np.flatnonzero(crew.boxes).tolist()))


def in_hindsight(replay: Replay, crew: ReplayedCar, room: Room) -> PolicyRun:
    """The best legal stops, the whole race known."""
    best_stops(crew.start, -1, replay.field, crew.car, room)
    stops = room.stops[: int(np.argmin(room.stops))].tolist()[::-1]
    boxes = np.zeros_like(crew.boxes)
    boxes[stops] = 1
    distance, laps, end = run_stops(crew.start, boxes, replay.field, crew.car)
    return PolicyRun(distance, int(laps), end, tuple(stops))


def follow(
    replay: Replay, crew: ReplayedCar, policy: Policy, start: ReplayStart | None = None
) -> PolicyRun:
    """Ask the policy at every pit entry from ``start`` (the first lap) on."""
    field, car = replay.field, crew.car
    lap, t, x, fuel = start or crew.start
    stops: list[int] = []
    while True:
        ahead = next_entry(lap, t, x, fuel, field, car)
        if ahead.end >= car.flag_s:
            way = (1.0 - x) * max(0.0, car.flag_s - t) / (ahead.end - t)
            return PolicyRun(lap + x + way, lap + 1, ahead.end, tuple(stops))
        lap += 1
        if ahead.fuel < 1.0 or policy.boxes(passage(replay, crew, lap, ahead)):
            stops.append(lap)
            t, x, fuel = ahead.out, 0.5 * car.lane_part, ahead.fuel + ahead.taken
        else:
            t, x, fuel = ahead.end, 0.0, ahead.fuel


def passage(replay: Replay, crew: ReplayedCar, lap: int, ahead: tuple[float, ...]) -> Passage:
    """What the crew knows at the pit entry at the end of ``lap``."""
    end, entry, fuel, is_open, under, to_go, taken, _ = ahead
    del end
    car, field = crew.car, replay.field
    lap_s = pace_at(entry, car)
    return Passage(
        replay.name, replay.series, crew.car_number, crew.car_class, lap, entry, car.length_s,
        replay.flags.kind_at(entry), entry - field.slow_from[int(under)] if under >= 0 else 0.0,
        bool(is_open), fuel, crew.range_laps, lap_s, to_go,
        lane_s(taken, car), car.fill_s, car.lane_part * lap_s, car.cold_s,
    )  # fmt: skip
