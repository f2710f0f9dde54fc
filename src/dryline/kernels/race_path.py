"""Crossing the line, and writing down what a timing file would say of it."""

from __future__ import annotations

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.compiled import kernel, leaf
from dryline.kernels.race_neutral import period_at
from dryline.kernels.race_scalars import RACE_LAPS, RACE_LENGTH_MS
from dryline.kernels.race_state import (
    BEFORE_LINE_MS,
    G_CHANGES,
    G_CUR,
    G_FLAG_MS,
    G_LEAD_LAPS,
    G_LEADER,
    G_LEADER_MS,
    G_PATH,
    G_PERIODS,
)
from dryline.kernels.random import normal


@leaf
def cross_line(
    c: int,
    t: float,
    w: np.ndarray,
    g: np.ndarray,
    lead: np.ndarray,
    drive: np.ndarray,
    car: np.ndarray,
    race: np.ndarray,
    late: float,
) -> bool:
    """Count the lap; say whether the car now leads. Past ``late`` anybody brings the flag out."""
    k = int(car[c, col.CAR_CLASS])
    drive[c, int(w[c, col.W_DRIVER])] += t - w[c, col.W_LAST]
    w[c, col.W_LAST] = t
    w[c, col.W_LAPS] += 1.0
    w[c, col.W_AGE] += 1.0
    w[c, col.W_STINT_LAPS] += 1.0
    w[c, col.W_FUEL] -= w[c, col.W_BURN]
    if w[c, col.W_LAPS] > lead[k, 0]:
        lead[k, 0], lead[k, 1] = w[c, col.W_LAPS], float(c)
    leads = w[c, col.W_LAPS] > g[G_LEAD_LAPS]
    if leads:
        g[G_LEAD_LAPS], g[G_LEADER_MS] = w[c, col.W_LAPS], t
        if g[G_LEADER] != c:
            g[G_CHANGES] += 1.0
            g[G_LEADER] = float(c)
        if t >= race[RACE_LENGTH_MS] or w[c, col.W_LAPS] >= race[RACE_LAPS]:
            g[G_FLAG_MS] = min(g[G_FLAG_MS], t)
    elif t >= race[RACE_LENGTH_MS] + late:
        g[G_FLAG_MS] = min(g[G_FLAG_MS], t)
    return bool(leads)


@kernel
def write_path(
    c: int,
    t: float,
    w: np.ndarray,
    g: np.ndarray,
    path: np.ndarray,
    cls: np.ndarray,
    car: np.ndarray,
    sectors: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    kinds: np.ndarray,
    key: np.uint64,
) -> None:
    """Write the crossing at ``t`` to the path: lap, sectors, driver, stop, flag, tyre."""
    row = int(g[G_PATH])
    if row >= path.shape[0]:
        return
    k = int(car[c, col.CAR_CLASS])
    lap_ms = t - w[c, col.W_LAST]
    share1, share2 = cls[k, col.CLASS_SHARE_1], cls[k, col.CLASS_SHARE_2]
    in_pit = w[c, col.W_INLAP]
    extra_end = min(BEFORE_LINE_MS, car[c, col.CAR_IN_SHARE] * w[c, col.W_PITTED_MS])
    if in_pit == 0.0:
        extra_end = 0.0
    extra_start = max(0.0, w[c, col.W_START] - w[c, col.W_LAST])
    run = max(1.0, lap_ms - extra_end - extra_start)
    lap = int(w[c, col.W_LAPS]) + 1
    wobble = 0.004 * normal(key, lap, col.S_SECTOR)
    a = share1 * (1.0 + sectors[c, 0] + wobble)
    b = share2 * (1.0 + sectors[c, 1] - wobble)
    d = (1.0 - share1 - share2) * (1.0 + sectors[c, 2])
    period = period_at(t, starts, ends, int(g[G_PERIODS]), int(g[G_CUR]))
    path[row, col.PATH_CAR], path[row, col.PATH_LAP] = c, lap
    path[row, col.PATH_T_MS], path[row, col.PATH_LAP_MS] = t, lap_ms
    path[row, col.PATH_S1_MS] = extra_start + run * a / (a + b + d)
    path[row, col.PATH_S2_MS] = run * b / (a + b + d)
    path[row, col.PATH_DRIVER], path[row, col.PATH_IN_PIT] = w[c, col.W_DRIVER], in_pit
    path[row, col.PATH_PIT_MS] = w[c, col.W_SERVED_MS] if extra_start > 0.0 else 0.0
    path[row, col.PATH_FLAG] = 0.0 if period < 0 else kinds[period]
    path[row, col.PATH_TYRE] = w[c, col.W_TYRE]
    path[row, col.PATH_GREEN_MS] = run
    g[G_PATH] += 1.0


@leaf
def write_race(
    r: int, race_out: np.ndarray, g: np.ndarray, starts: np.ndarray, ends: np.ndarray, now: float
) -> None:
    """Write the flag, the lead changes and the neutralised time of a replicate."""
    total, flag, count = 0.0, g[G_FLAG_MS], 0
    for i in range(int(g[G_PERIODS])):
        span = min(ends[i], flag) - max(starts[i], now)
        if span > 0.0:
            total += span
            count += 1
    race_out[r, 0], race_out[r, 1], race_out[r, 2] = flag, g[G_CHANGES], total
    race_out[r, 3] = count
