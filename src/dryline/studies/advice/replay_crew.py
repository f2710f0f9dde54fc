"""One car as its crew ran it: pace by stint, fuel, stops, and what held it up besides."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.kernels.replay_road import (
    FOREVER,
    ReplayCar,
    ReplayField,
    fuel_taken,
    lane_exit,
)
from dryline.kernels.replay_run import ReplayStart, arrival
from dryline.studies.advice.replay_lane import Lane
from dryline.studies.advice.replay_reading import Reading

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

REPAIR_S = 25.0
"""A stop that takes so much longer than its fuel stands still for a reason of its own."""
MOST_HALTED_S = 150.0
LEAST_RUN = 0.85
"""Cars that ran so much of their class's best distance are replayed."""
SHORTEST_RANGE = 4
PACES, HALVINGS = (0.94, 1.2), 20


@dataclass(frozen=True)
class ReplayedCar:
    """One car as its crew ran it, ready to be replayed.

    ``boxes`` is 1 on the laps that its crew ended in the pits for fuel. ``ends_s`` are its
    crossings lap by lap; ``lane_s`` and ``out_s`` its times in the lane and its pit exits, by the
    in-lap; ``fuel`` the laps of fuel that it had left after so many laps.
    """

    car_number: str
    car_class: str
    car: ReplayCar
    start: ReplayStart
    boxes: Ints
    ends_s: Floats
    lane_s: Mapping[int, float]
    out_s: Mapping[int, float]
    fuel: Floats
    laps: int
    end_s: float
    range_laps: int
    pace_s: float


def crew_of(
    race: Reading, car: str, field: ReplayField, opens: Mapping[str, Floats]
) -> ReplayedCar | None:
    """One car, its pace by stint set so that its own stops bring it where it was."""
    car_class, part = race.class_of[car], race.laps[car]
    lane = race.lanes.get(car_class)
    total, end_s = race.total(car), race.end_s(car)
    fuel_laps = race.fuel_laps(car)
    consecutive = part["lap"].to_list() == list(range(1, total + 1))
    ran = total >= LEAST_RUN * race.most_laps[car_class] and end_s >= race.flag_s - 1.0
    if lane is None or not fuel_laps or not consecutive or not ran or fuel_laps[0] < 2:
        return None
    range_laps = round(min(max(race.stints(car)), race.reach[car_class]))
    halts = _halts(race, car, lane)
    if sum(s for _, s in halts) > MOST_HALTED_S or range_laps < SHORTEST_RANGE:
        return None
    fill = np.array([lane.seconds(f) for f in range(range_laps + 1)])
    mine = race.stops.filter((pl.col("car_number") == car) & pl.col("fuel"))
    entries = (
        mine["in_ms"].to_numpy() - lane.before_line * mine["pit_lane_ms"].to_numpy()
    ) / 1000.0
    green = race.green_s[car]
    replayed = ReplayCar(
        race.row[car], np.array([*entries, FOREVER]), np.full(len(entries) + 1, green),
        np.array([t for t, _ in halts]), np.array([s for _, s in halts]),
        race.lead(car_class, without=car), opens[car_class],
        lane.part, lane.cold_s, fill, race.length_s, race.flag_s,
    )  # fmt: skip
    start = ReplayStart(1, float(part["elapsed_ms"][0]) / 1000.0, 0.0, range_laps - 1.0)
    _set_paces(start, fuel_laps, total, end_s, field, replayed, green)
    boxes = np.zeros(total + 60, dtype=np.int64)
    boxes[fuel_laps] = 1
    return ReplayedCar(
        car, car_class, replayed, start, boxes, part["elapsed_ms"].to_numpy() / 1000.0,
        *_exits(race, car, lane), _left(race.used[car], fuel_laps, range_laps), total, end_s,
        range_laps, float(np.median(replayed.pace_s)),
    )  # fmt: skip


def _exits(race: Reading, car: str, lane: Lane) -> tuple[dict[int, float], dict[int, float]]:
    """Times in the lane and pit exits after each of the car's in-laps, s."""
    mine = race.stops.filter((pl.col("car_number") == car) & pl.col("pit_lane_ms").is_not_null())
    spent, out = dict[int, float](), dict[int, float]()
    for lap, in_ms, lane_ms in mine.select("lap", "in_ms", "pit_lane_ms").iter_rows():
        spent[lap] = lane_ms / 1000.0
        out[lap] = in_ms / 1000.0 + (1.0 - lane.before_line) * spent[lap]
    return spent, out


def _left(used: Floats, fuel_laps: Sequence[int], range_laps: int) -> Floats:
    """Laps of fuel left after so many laps, every stop counted after its in-lap."""
    filled = np.zeros(len(used))
    filled[fuel_laps] = 1.0
    since = np.maximum.accumulate(np.where(filled == 1.0, used, 0.0))
    return range_laps - (used - since)


def _halts(race: Reading, car: str, lane: Lane) -> list[tuple[float, float]]:
    """When the car stood still, or drove through the lane, for reasons of its own."""
    out = []
    mine = race.stops.filter(pl.col("car_number") == car)
    columns = ("in_ms", "pit_lane_ms", "taken", "fuel", "exception")
    for in_ms, spent, taken, fuel, exception in mine.select(columns).iter_rows():
        if exception == "long":
            out.append((in_ms / 1000.0, math.inf))
        elif spent is None or exception in ("pit_lane_start", "no_in_lap"):
            continue
        elif not fuel:
            out.append((in_ms / 1000.0, spent / 1000.0 - lane.part * race.green_s[car]))
        elif spent / 1000.0 > lane.seconds(taken) + REPAIR_S:
            out.append((in_ms / 1000.0, spent / 1000.0 - lane.seconds(taken)))
    return out


def _set_paces(
    start: ReplayStart, fuel_laps: Sequence[int], total: int, end_s: float,
    field: ReplayField, car: ReplayCar, green: float,
) -> None:  # fmt: skip
    """Choose the pace of every stint so that the car is at its pit entries when it was."""
    marks = [*zip(fuel_laps, car.until.tolist(), strict=False), (total, end_s)]
    for piece, (lap, target) in enumerate(marks):
        n = lap - start.lap
        if n <= 0:
            continue
        low, high = PACES[0] * green, PACES[1] * green
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            end, entry, _ = arrival(start, n, middle, piece, field, car)
            late = (end if piece == len(marks) - 1 else entry) > target
            low, high = (low, middle) if late else (middle, high)
        _, entry, fuel = arrival(start, n, 0.5 * (low + high), piece, field, car)
        taken = fuel_taken(entry, fuel, car)
        out = lane_exit(entry, taken, field, car)
        start = ReplayStart(lap, out, 0.5 * car.lane_part, fuel + taken)
