"""One car's crossings to come, drawn in green time: pace, scatter, the stops that it still owes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dryline.model.flag.field import FlagCar

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
PACE_SD_NOW, PACE_SD_LATER = 0.0015, 0.006
"""How a car's pace differs from what was read, as a share: in this stint and in those to come."""
DRIES_S = 2400.0
"""By then laps that are slow for water are taken to be dry again."""
BEYOND = 0.12
"""What a car still has, as a share of the range, on the average, that has run as far already."""
COST_SPREAD, LONG_STOP_P, LONG_STOP_S = 0.6, 0.04, 40.0
"""Of the spread of standing time, what a whole stop has; how often one is long, and by how much."""
LEAST_TANK, NO_STOP, FILLED = 3.0, 1_000_000, 0.9
"""The smallest tank, laps; a stop that is none; what a full stop fills, as a share of the range."""
OVERDUE_FROM, OVERDUE = 0.02, 0.15
"""When a car crosses that should have by now: laps from now, the least and what comes on top."""


def crossings_to_come(
    car: FlagCar,
    done_s: float,
    left_s: Floats,
    drift: Floats,
    ahead: int,
    rng: np.random.Generator,
) -> Floats:
    """Green seconds (R, ``ahead``) from now to a car's next crossings.

    ``done_s`` of green running lie between its last crossing and now, ``left_s`` (R,) between now
    and the time; ``drift`` (R,) is how the whole field's laps turn out.
    """
    replicates, laps = len(drift), np.arange(ahead)[None, :]
    stops = _stops(car, left_s, rng)
    dries = laps * car.lap_later_s >= DRIES_S
    later = np.where(dries, car.lap_dry_s, car.lap_later_s)
    now = np.where(dries, np.minimum(car.lap_now_s, later), car.lap_now_s)
    own_now, own_later = 1.0 + np.array([[[PACE_SD_NOW]], [[PACE_SD_LATER]]]) * (
        rng.standard_normal((2, replicates, 1))
    )
    out = np.where(laps < stops[:, :1], now * own_now, later * own_later) * drift[:, None]
    out *= 1.0 + car.scatter * rng.standard_normal((replicates, ahead))
    row, to_go = np.arange(replicates), left_s / car.lap_later_s
    for at in stops.T:
        cost = _cost(car, to_go - at, rng)
        for lap, share in ((at, car.in_share), (at + 1, 1 - car.in_share)):
            made = lap < ahead
            out[row[made], lap[made]] += share * cost[made]
    if car.in_lane:
        out[:, 0] += (1 - car.in_share) * _cost(car, to_go, rng)
    out[:, 0] -= done_s
    late = out[:, 0] <= 0.0
    waits = OVERDUE_FROM + rng.exponential(OVERDUE, int(late.sum()))
    out[late, 0] = car.lap_later_s * waits
    return np.cumsum(np.maximum(out, 0.0), axis=1)


def _cost(car: FlagCar, to_go: Floats, rng: np.random.Generator) -> Floats:
    """What a stop costs, s (R,), with so many laps to go: no more fuel than they ask for."""
    spared = np.clip(FILLED * car.range_laps - to_go, 0.0, None) * car.fill_s
    usual = np.exp(COST_SPREAD * car.stop_sd * rng.standard_normal(len(to_go)))
    long = rng.random(len(to_go)) < LONG_STOP_P
    return np.asarray(
        (car.stop_s - spared) * usual + long * rng.exponential(LONG_STOP_S, len(to_go))
    )


def _stops(car: FlagCar, left_s: Floats, rng: np.random.Generator) -> Counts:
    """Index (R, S) of the laps to come that end in the pits; `NO_STOP` where none does."""
    replicates = len(left_s)
    to_go = left_s / car.lap_later_s + 0.5
    full = car.range_laps + car.range_sd * rng.standard_normal(replicates)
    full = np.maximum(LEAST_TANK, full)
    tank = np.maximum(full - car.used_laps, BEYOND * full * rng.exponential(1.0, replicates))
    at, found = np.zeros(replicates), []
    while True:
        unused = np.minimum(0.5, car.early * rng.exponential(1.0, replicates))
        reaches = to_go - at <= car.spares * tank
        at = np.where(reaches, NO_STOP, at + np.maximum(1.0, np.floor(tank - unused * full)))
        found.append(np.where(reaches, NO_STOP, at - 1).astype(np.int64))
        if reaches.all():
            return np.stack(found, axis=1)
        tank = full
