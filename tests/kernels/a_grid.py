"""A race by hand for the kernels' tests: nothing happens but what a test asks for.

Class 0 laps in 100 s and class 1 in 110 s; a car goes 20 laps on its fuel; a drive-through costs
30 s; the pit lane is open.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.race_path import TimingSheet
from dryline.kernels.race_state import FAR, G_FLAG_MS, G_LEADER, G_PERIODS, RaceRun, room_for
from dryline.kernels.race_tables import (
    ControlTables,
    FieldTables,
    PlanTables,
    RaceTables,
    RainTables,
    StartTables,
)
from dryline.kernels.random import car_key, replicate_key

CLASS = {
    "base_ms": 100_000.0, "transit_ms": 30_000.0, "stand_ms": 5_000.0, "fill_ms": 1_000.0,
    "tyres_ms": 10_000.0, "share_1": 0.25, "share_2": 0.35, "pass_ms": 2_000.0,
    "follow_ms": 600.0, "slick_gain": 0.5, "slick_power": 2.0, "wet_dry": 0.06, "wet_wet": 0.2,
    "to_wet": 0.04, "to_slick": 0.01, "fuel_yellow": 0.5,
}  # fmt: skip
KEY = np.uint64(car_key(np.uint64(replicate_key(1, 2)), 3))


def row(table: str, values: dict[str, float]) -> np.ndarray:
    """One row of a table from named values."""
    out = np.zeros(getattr(col, f"{table}_COLUMNS"))
    for name, value in values.items():
        out[getattr(col, f"{table}_{name.upper()}")] = value
    return out


def a_field(*classes: int, car: dict[str, float] | None = None, **cls: float) -> FieldTables:
    """Cars of these classes, two drivers each; ``car`` and ``cls`` change every car and class."""
    cars, values = len(classes), CLASS | cls
    common = {"in_share": 0.2, "range": 20.0, "retire_x": 1.0, "drivers": 2.0} | (car or {})
    return FieldTables(
        car=np.array([row("CAR", {"box": i, **common, "class": k}) for i, k in enumerate(classes)]),
        cls=np.array(
            [row("CLASS", values), row("CLASS", values | {"base_ms": 1.1 * values["base_ms"]})]
        ),
        cost=np.array([[250.0, 300.0], [400.0, 250.0]]),
        pace=np.zeros((cars, 2)),
        chol=np.zeros((cars, 2, 2)),
        target=np.full((cars, 2), 0.5),
        most=np.full((cars, 2), 1.0e12),
        spread=np.zeros(3),
    )


def a_control(known: tuple[tuple[float, float, int], ...] = (), **neu: float) -> ControlTables:
    """Race control that does nothing on its own; ``neu`` changes every kind."""
    values = {
        "mu": float(np.log(300_000.0)), "train_ms": 190_000.0, "gap_ms": 1_500.0, **neu,
    }  # fmt: skip
    table = np.array([row("NEU", values) for _ in range(col.KINDS)])
    table[col.SAFETY_CAR, col.NEU_BUNCH] = 1.0
    return ControlTables(
        neu=table,
        slow=np.full((col.KINDS, 2), 200_000.0),
        catch=np.full((col.KINDS, 2), 140_000.0),
        opens=np.zeros((col.KINDS, 2)),
        stop_under=np.full((col.KINDS, 2, 4), -1000.0),
        hazard=np.array([1.0, 1.0, 1.0, 0.0, 1.0]),
        known=np.array(known, dtype=float).reshape(-1, 3),
    )


def a_sky(**changes: Any) -> RainTables:
    """A dry sky over a dry track."""
    values: dict[str, Any] = {
        "gain_per_min": 0.2, "dry_per_min": 0.05, "dry_log_sd": 0.0, "reach_spread": 0.0,
        "declared": 0.0, "shift_sd_min": 0.0, "scale_log_sd": 0.0, "rates": np.zeros((3, 3)),
        "intensity": np.array([0.0, 0.5, 1.0]), "given": np.zeros((0, 3)),
        "particles": np.zeros((1, 4)),
    }  # fmt: skip
    return RainTables(**{**values, **changes})


def a_race(
    *classes: int,
    car: dict[str, float] | None = None,
    control: ControlTables | None = None,
    sky: RainTables | None = None,
    stops: tuple[tuple[float, ...], ...] = (),
    state: dict[str, float] | None = None,
    now_ms: float = 0.0,
    length_ms: float = 3.6e6,
    laps: float = 1.0e9,
    **cls: float,
) -> tuple[RaceTables, RaceRun]:
    """A race and its room, the cars at lap 0 on full fuel; ``stops`` are the first car's plan."""
    cars = len(classes)
    plans = np.full((cars, len(stops) + 1, col.PLAN_COLUMNS), -1.0)
    plans[:, :, col.PLAN_LAP] = 1.0e9
    for i, stop in enumerate(stops):
        plans[0, i, : len(stop)] = stop
    start = np.array([row("STATE", {"fuel": 20.0} | (state or {})) for _ in range(cars)])
    race = RaceTables(
        a_field(*classes, car=car, **cls),
        control or a_control(),
        sky or a_sky(),
        StartTables(start, np.zeros((cars, 2)), np.arange(cars)),
        PlanTables(plans, np.zeros(cars), np.zeros(cars)),
        now_ms, length_ms, laps,
    )  # fmt: skip
    run = room_for(race)
    run.cars[:, [col.W_RANGE, col.W_FUEL]] = 20.0
    run.cars[:, col.W_BURN] = 1.0
    run.cars[:, col.W_TO_WET], run.cars[:, col.W_TO_SLICK] = 0.04, 0.01
    run.cars[:, col.W_RESERVE] = 0.5
    run.pace[:] = race.field.cls[race.field.car[:, col.CAR_CLASS].astype(int), 0][:, None]
    run.whole[G_FLAG_MS], run.whole[G_LEADER] = FAR, -1.0
    run.lead[:] = -1.0
    run.luck[:] = 1.0
    return race, run


def a_sheet(race: RaceTables, replicates: int, path: int = 0) -> TimingSheet:
    """An empty sheet for so many replicates and crossings."""
    shape = (replicates, race.field.car.shape[0])
    return TimingSheet(
        np.zeros(shape, np.int32), np.zeros(shape), np.zeros(shape, np.int32),
        np.zeros(shape, np.int8), np.zeros((replicates, 4)), np.zeros((path, col.PATH_COLUMNS)),
    )  # fmt: skip


def neutralised(run: RaceRun, *periods: tuple[float, float, int]) -> RaceRun:
    """The same room under these neutralisations: start, end, kind."""
    for i, (start, end, kind) in enumerate(periods):
        run.schedule.starts[i], run.schedule.ends[i], run.schedule.kinds[i] = start, end, kind
    run.whole[G_PERIODS] = len(periods)
    return run


def wetted(run: RaceRun, wet: float, first: int = 0, last: int | None = None) -> RaceRun:
    """The same room with all sectors at this wetness from one minute to another."""
    run.surface.wet[first:last] = wet
    run.surface.damp[first:last] = wet > 0.0
    return run
