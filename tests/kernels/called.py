"""Parts of the kernels as tests call them: each through a kernel of its own."""

from __future__ import annotations

import numpy as np

from dryline.kernels import (
    race_box,
    race_drive,
    race_neutral,
    race_path,
    race_road,
    race_start,
    race_stops,
    race_weather,
)
from dryline.kernels.compiled import kernel
from dryline.kernels.race_path import TimingSheet
from dryline.kernels.race_state import RaceRun, Schedule, Surface
from dryline.kernels.race_tables import ControlTables, FieldTables, RaceTables


@kernel
def period_at(t: float, run: RaceRun) -> int:
    return race_neutral.period_at(t, run)


@kernel
def end_of_lap(t: float, green_ms: float, k: int, slow: np.ndarray, run: RaceRun) -> float:
    return race_neutral.end_of_lap(t, green_ms, k, slow, run)


@kernel
def duration_ms(neu: np.ndarray, kind: int, so_far: float, key: np.uint64, index: int) -> float:
    return race_neutral.duration_ms(neu, kind, so_far, key, index)


@kernel
def fill_schedule(
    control: ControlTables,
    now_ms: float,
    until_ms: float,
    schedule: Schedule,
    surface: Surface,
    key: np.uint64,
) -> int:
    return race_neutral.fill_schedule(control, now_ms, until_ms, schedule, surface, key)


@kernel
def lap_loss(
    k: int, tyre: int, t: float, cls: np.ndarray, wet: np.ndarray, out: np.ndarray
) -> float:
    return race_weather.lap_loss(k, tyre, t, cls, wet, out)


@kernel
def threshold(key: np.uint64, lap: int, mean: float, sd: float) -> float:
    return race_weather.threshold(key, lap, mean, sd)


@kernel
def place_in_queue(c: int, t: float, run: RaceRun) -> None:
    race_road.place_in_queue(c, t, run)


@kernel
def race_into(
    c: int, k: int, t_end: float, field: FieldTables, run: RaceRun, key: np.uint64
) -> float:
    return race_road.race_into(c, k, t_end, field, run, key)


@kernel
def behind_the_queue(
    k: int, t: float, full: float, split: float, field: FieldTables, run: RaceRun
) -> float:
    return race_road.behind_the_queue(k, t, full, split, field, run)


@kernel
def may_pass_round(
    c: int, k: int, t: float, period: int, kind: int, control: ControlTables, run: RaceRun
) -> bool:
    return race_road.may_pass_round(c, k, t, period, kind, control, run)


@kernel
def new_leaders(gone: int, k: int, field: FieldTables, run: RaceRun) -> None:
    race_road.new_leaders(gone, k, field, run)


@kernel
def laps_left(c: int, t_end: float, pace_ms: float, race: RaceTables, run: RaceRun) -> float:
    return race_stops.laps_left(c, t_end, pace_ms, race, run)


@kernel
def tyre_wish(c: int, k: int, t: float, race: RaceTables, run: RaceRun) -> float:
    return race_stops.tyre_wish(c, k, t, race, run)


ENTRY_MS = 1.0e6
"""When the car of `box_now` is at the pit entry."""


@kernel
def box_now(
    c: int,
    kind: int,
    period: int,
    lane_open: bool,
    wish: float,
    left: float,
    race: RaceTables,
    run: RaceRun,
    key: np.uint64,
) -> bool:
    k = int(race.field.car[c, 0])
    return race_stops.box_now(c, k, ENTRY_MS, kind, period, lane_open, wish, left, race, run, key)


@kernel
def prepare_stop(
    c: int,
    t_end: float,
    wish: float,
    left: float,
    race: RaceTables,
    run: RaceRun,
    key: np.uint64,
) -> float:
    k = int(race.field.car[c, 0])
    return race_stops.prepare_stop(c, k, t_end, wish, left, race, run, key)


@kernel
def maybe_box(
    c: int,
    t: float,
    t_end: float,
    trouble: float,
    race: RaceTables,
    run: RaceRun,
    key: np.uint64,
) -> float:
    k = int(race.field.car[c, 0])
    return race_box.maybe_box(c, k, t, t_end, trouble, race, run, key)


@kernel
def enter_box(c: int, t: float, field: FieldTables, run: RaceRun, key: np.uint64) -> None:
    race_box.enter_box(c, t, field, run, key)


@kernel
def green_lap(c: int, k: int, t: float, cls: np.ndarray, run: RaceRun, key: np.uint64) -> float:
    return race_drive.green_lap(c, k, t, cls, run, key)


@kernel
def incident(
    c: int, k: int, green: float, field: FieldTables, run: RaceRun, key: np.uint64
) -> float:
    return race_drive.incident(c, k, green, field, run, key)


@kernel
def run_lap(
    c: int, t: float, leads: bool, now: float, race: RaceTables, run: RaceRun, key: np.uint64
) -> None:
    race_drive.run_lap(c, t, leads, now, race, run, key)


@kernel
def start_lap(c: int, race: RaceTables, run: RaceRun, key: np.uint64) -> None:
    race_drive.start_lap(c, race, run, key)


@kernel
def start_cars(race: RaceTables, run: RaceRun, key: np.uint64) -> None:
    race_start.start_cars(race, run, key)


@kernel
def cross_line(c: int, t: float, race: RaceTables, run: RaceRun) -> bool:
    return race_path.cross_line(c, t, race, run)


@kernel
def write_path(
    c: int, t: float, field: FieldTables, run: RaceRun, path: np.ndarray, key: np.uint64
) -> None:
    race_path.write_path(c, t, field, run, path, key)


@kernel
def write_race(r: int, now_ms: float, run: RaceRun, sheet: TimingSheet) -> None:
    race_path.write_race(r, now_ms, run, sheet)
