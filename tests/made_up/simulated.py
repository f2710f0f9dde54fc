"""A small made-up race for the simulator's tests: two classes, no weather unless asked."""

from __future__ import annotations

from typing import Any

import numpy as np

from dryline.kernels import race_columns as col
from dryline.sim.params import (
    CAR_COLUMNS,
    CLASS_COLUMNS,
    NEU_COLUMNS,
    RaceParams,
    Rain,
    SimState,
    row,
)

CLASS: dict[str, float] = {
    "base_ms": 94000.0, "noise": 0.006, "noise_rho": 0.3, "slow_p": 0.05, "slow_mean": 0.01,
    "stint_sd": 0.002, "transit_ms": 33000.0, "stand_ms": 6000.0, "fill_ms": 1150.0,
    "tyres_ms": 10000.0, "tyres_p": 0.5, "stand_sd": 0.05, "lane_share": 0.08, "driver_p": 0.5,
    "retire_per_h": 0.01, "trouble_per_h": 0.02, "trouble_mu": 11.0, "trouble_sd": 0.8,
    "early": 0.05, "slick_gain": 0.5, "slick_power": 1.3, "wet_dry": 0.06, "wet_wet": 0.17,
    "to_wet": 0.03, "to_wet_sd": 0.01, "to_slick": 0.01, "to_slick_sd": 0.005, "delay": 1.5,
    "share_1": 0.25, "share_2": 0.35, "pass_ms": 3500.0, "follow_ms": 600.0, "fuel_yellow": 0.5,
}  # fmt: skip


def a_race(
    fast: int = 6,
    slow: int = 6,
    *,
    hours: float = 1.0,
    spread: float = 0.01,
    rain: Rain | None = None,
    rate: float = 0.5,
    **changes: float,
) -> tuple[RaceParams, SimState]:
    """Parameters and a start from the grid; ``changes`` go into both classes."""
    cars = fast + slow
    values = {**CLASS, **changes}
    cls = np.array(
        [row(CLASS_COLUMNS, values), row(CLASS_COLUMNS, {**values, "base_ms": 105000.0})]
    )
    car = np.array([_car(i, fast) for i in range(cars)])
    pace = np.tile(np.linspace(0.0, spread, cars)[:, None], (1, 2))
    params = RaceParams(
        car=car,
        cls=cls,
        cost=np.array([[250.0, 330.0], [250.0, 250.0]]),
        pace=pace,
        chol=np.tile(np.eye(2) * 0.001, (cars, 1, 1)),
        target=np.full((cars, 2), 0.5),
        most=np.full((cars, 2), 1.0e12),
        length_ms=hours * 3.6e6,
        rain=rain or Rain(),
        **_neutral(rate),
    )
    state = np.zeros((cars, col.STATE_COLUMNS))
    state[:, col.STATE_LAST_MS] = 400.0 * np.arange(1, cars + 1)
    state[:, col.STATE_FUEL] = car[:, col.CAR_RANGE]
    return params, SimState(0.0, state, np.zeros((cars, 2)))


def _car(i: int, fast: int) -> Any:
    return row(
        CAR_COLUMNS,
        {
            "class": 0 if i < fast else 1, "box": i, "in_share": 0.2,
            "range": 20.0 if i < fast else 18.0, "range_sd": 0.5, "retire_x": 1.0,
            "drivers": 2, "pit_sd_ms": 1000.0,
        },
    )  # fmt: skip


def _neutral(rate: float) -> dict[str, Any]:
    neu = np.zeros((col.KINDS, col.NEU_COLUMNS))
    shared = {"train_ms": 190000.0, "gap_ms": 1500.0, "mu": float(np.log(3.0e5)), "sd": 0.3}
    neu[col.FCY] = row(NEU_COLUMNS, {**shared, "rate": rate})
    neu[col.VSC] = row(NEU_COLUMNS, {**shared, "rate": rate, "then": col.SAFETY_CAR})
    neu[col.SAFETY_CAR] = row(NEU_COLUMNS, {**shared, "bunch": 1.0, "wave_ms": 200000.0})
    opens = np.zeros((col.KINDS, 2))
    opens[col.FCY], opens[col.SAFETY_CAR] = 1.0e12, 150000.0
    answers = np.zeros((col.KINDS, 2, 4))
    answers[:] = [-2.0, 4.0, 0.0, -5.0]
    return {
        "neu": neu, "opens": opens, "stop_under": answers,
        "slow": np.full((col.KINDS, 2), 221000.0),
        "catch": np.tile(np.array([125000.0, 138000.0]), (col.KINDS, 1)),
        "hazard": np.array([1.0, 1.0, 1.0, 0.0, 1.0]),
    }  # fmt: skip
