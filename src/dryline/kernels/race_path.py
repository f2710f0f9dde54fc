"""Crossing the line, and writing down what a timing file would say of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.compiled import fold, part
from dryline.kernels.race_neutral import period_at
from dryline.kernels.race_state import (
    BEFORE_LINE_MS,
    FLYING,
    G_CHANGES,
    G_FLAG_MS,
    G_LEAD_LAPS,
    G_LEADER,
    G_LEADER_MS,
    G_PATH,
    G_PERIODS,
    RaceRun,
)
from dryline.kernels.race_tables import FieldTables, RaceTables
from dryline.kernels.random import normal


class TimingSheet(NamedTuple):
    """What is written down of R simulated races, and of the first one's crossings."""

    laps: np.ndarray  # (R, C) int32
    finish: np.ndarray  # (R, C) ms of the last crossing
    stops: np.ndarray  # (R, C) int32
    out: np.ndarray  # (R, C) int8: 1 without a crossing at or after the flag
    race: np.ndarray  # (R, 4) flag ms, lead changes, neutralised ms, neutralisations
    path: np.ndarray  # (M, PATH_COLUMNS), M may be 0


@fold
def cross_line(c: int, t: float, race: RaceTables, run: RaceRun) -> bool:
    """Count the lap; say whether the car now leads.

    The flag waits for the leader; after 2.5 laps behind a safety car anybody brings it out.
    """
    w, g, lead = run.cars, run.whole, run.lead
    k = int(race.field.car[c, col.CAR_CLASS])
    run.drive[c, int(w[c, col.W_DRIVER])] += t - w[c, col.W_LAST]
    w[c, col.W_LAST] = t
    w[c, col.W_LAPS] += 1.0
    w[c, col.W_AGE] += 1.0
    w[c, col.W_STINT_LAPS] += 1.0
    w[c, col.W_FUEL] -= w[c, col.W_BURN]
    kin, tyre = int(race.field.cls[k, col.CLASS_KIN]), int(w[c, col.W_TYRE])
    if run.shown[kin, tyre] == 0.0 and w[c, col.W_STINT_LAPS] >= FLYING:
        run.shown[kin, tyre] = t if w[c, col.W_INLAP] == 0.0 and period_at(t, run) < 0 else 0.0
    if w[c, col.W_LAPS] > lead[k, 0]:
        lead[k, 0], lead[k, 1] = w[c, col.W_LAPS], float(c)
    leads = w[c, col.W_LAPS] > g[G_LEAD_LAPS]
    late = 2.5 * race.control.neu[col.SAFETY_CAR, col.NEU_TRAIN_MS]
    if leads:
        g[G_LEAD_LAPS], g[G_LEADER_MS] = w[c, col.W_LAPS], t
        if g[G_LEADER] != c:
            g[G_CHANGES] += 1.0
            g[G_LEADER] = float(c)
        if t >= race.length_ms or w[c, col.W_LAPS] >= race.laps:
            g[G_FLAG_MS] = min(g[G_FLAG_MS], t)
    elif t >= race.length_ms + late:
        g[G_FLAG_MS] = min(g[G_FLAG_MS], t)
    return bool(leads)


@part
def write_path(
    c: int, t: float, field: FieldTables, run: RaceRun, path: np.ndarray, key: np.uint64
) -> None:
    """Write the crossing at ``t`` to the path: lap, sectors, driver, stop, flag, tyre."""
    w, g, cls = run.cars, run.whole, field.cls
    row = int(g[G_PATH])
    if row >= path.shape[0]:
        return
    k = int(field.car[c, col.CAR_CLASS])
    lap_ms = t - w[c, col.W_LAST]
    share1, share2 = cls[k, col.CLASS_SHARE_1], cls[k, col.CLASS_SHARE_2]
    in_pit = w[c, col.W_INLAP]
    extra_end = min(BEFORE_LINE_MS, field.car[c, col.CAR_IN_SHARE] * w[c, col.W_PITTED_MS])
    if in_pit == 0.0:
        extra_end = 0.0
    extra_start = max(0.0, w[c, col.W_START] - w[c, col.W_LAST])
    moving_ms = max(1.0, lap_ms - extra_end - extra_start)
    lap = int(w[c, col.W_LAPS]) + 1
    wobble = 0.004 * normal(key, lap, col.S_SECTOR)
    a = share1 * (1.0 + wobble)
    b = share2 * (1.0 - wobble)
    d = 1.0 - share1 - share2
    period = period_at(t, run)
    path[row, col.PATH_CAR], path[row, col.PATH_LAP] = c, lap
    path[row, col.PATH_T_MS], path[row, col.PATH_LAP_MS] = t, lap_ms
    path[row, col.PATH_S1_MS] = extra_start + moving_ms * a / (a + b + d)
    path[row, col.PATH_S2_MS] = moving_ms * b / (a + b + d)
    path[row, col.PATH_DRIVER], path[row, col.PATH_IN_PIT] = w[c, col.W_DRIVER], in_pit
    path[row, col.PATH_PIT_MS] = w[c, col.W_SERVED_MS] if extra_start > 0.0 else 0.0
    path[row, col.PATH_FLAG] = 0.0 if period < 0 else run.schedule.kinds[period]
    path[row, col.PATH_TYRE] = w[c, col.W_TYRE]
    path[row, col.PATH_GREEN_MS] = moving_ms
    g[G_PATH] += 1.0


@fold
def write_race(r: int, now_ms: float, run: RaceRun, sheet: TimingSheet) -> None:
    """Write each car's result, the flag, the lead changes and the neutralised time."""
    w, g, starts, ends = run.cars, run.whole, run.schedule.starts, run.schedule.ends
    for c in range(w.shape[0]):
        sheet.laps[r, c], sheet.finish[r, c] = int(w[c, col.W_LAPS]), w[c, col.W_LAST]
        sheet.stops[r, c] = int(w[c, col.W_STOPS])
        sheet.out[r, c] = 1 if w[c, col.W_DONE] == 0.0 else 0
    total, flag, count = 0.0, g[G_FLAG_MS], 0
    for i in range(int(g[G_PERIODS])):
        span = min(ends[i], flag) - max(starts[i], now_ms)
        if span > 0.0:
            total += span
            count += 1
    sheet.race[r, 0], sheet.race[r, 1], sheet.race[r, 2] = flag, g[G_CHANGES], total
    sheet.race[r, 3] = count
