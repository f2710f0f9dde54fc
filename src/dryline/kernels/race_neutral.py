"""Neutralisations of one simulated race, and the time a lap takes across them."""

from __future__ import annotations

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.compiled import fold, part
from dryline.kernels.race_state import G_CUR, G_PERIODS, MINUTE_MS, RaceRun, Schedule, Surface
from dryline.kernels.race_tables import ControlTables
from dryline.kernels.random import car_key, normal, uniform

NEUTRAL_STREAM_CAR = (1 << 20) + 1
HOUR_MS = 3.6e6

# scalars of the hazard, in one array
HAZ_EARLY_X = 0  # in the first ten minutes
HAZ_RESTART_X = 1  # in the ten minutes after a restart
HAZ_RAIN_X = 2  # while the track is damp
HAZ_SD = 3  # log sd of the race's own rate
HAZ_LATE_X = 4
HAZ_SCALARS = 5


@fold
def duration_ms(neu: np.ndarray, kind: int, so_far: float, key: np.uint64, index: int) -> float:
    """A neutralisation's length, given that it has lasted ``so_far`` already."""
    for attempt in range(40):
        z = normal(key, index * 64 + attempt, 2)
        d = np.exp(neu[kind, col.NEU_MU] + neu[kind, col.NEU_SD] * z)
        if d > so_far:
            return float(d)
    return float(so_far - 120000.0 * np.log(uniform(key, index, 3)))


@part
def fill_schedule(
    control: ControlTables,
    now_ms: float,
    until_ms: float,
    schedule: Schedule,
    surface: Surface,
    key: np.uint64,
) -> int:
    """Draw the race's neutralisations after the known ones; return how many there are."""
    starts, ends, kinds = schedule.starts, schedule.ends, schedule.kinds
    neu, hazard, known, damp = control.neu, control.hazard, control.known, surface.damp
    stream = car_key(key, NEUTRAL_STREAM_CAR)
    n = 0
    t = now_ms
    for p in range(known.shape[0]):
        kind = int(known[p, 2])
        starts[n], kinds[n] = known[p, 0], kind
        ends[n] = known[p, 1]
        if known[p, 1] < 0.0:
            ends[n] = known[p, 0] + duration_ms(neu, kind, now_ms - known[p, 0], stream, n)
        t = max(t, ends[n])
        n = _follow(n, neu, schedule, stream) if known[p, 1] < 0.0 else n + 1
        t = max(t, ends[n - 1])
    total = 0.0
    for kind in range(1, neu.shape[0]):
        total += neu[kind, col.NEU_RATE]
    total *= np.exp(hazard[HAZ_SD] * normal(stream, 0, 4))
    need = -np.log(uniform(stream, n, 5))
    green_from = t if n > 0 and ends[n - 1] == t else -1.0e12
    while total > 0.0 and t < until_ms and n < starts.shape[0] - 2:
        rate = total
        if t < 10.0 * MINUTE_MS:
            rate *= hazard[HAZ_EARLY_X]
        if t - green_from < 10.0 * MINUTE_MS:
            rate *= hazard[HAZ_RESTART_X]
        minute = min(damp.shape[0] - 1, int(t / MINUTE_MS))
        if damp[minute] > 0:
            rate *= hazard[HAZ_RAIN_X]
        step = min(rate * MINUTE_MS / HOUR_MS, need)
        t += step / rate * HOUR_MS
        need -= step
        if need <= 1.0e-12:
            starts[n], kinds[n] = t, _kind(neu, uniform(stream, n, 6))
            ends[n] = t + duration_ms(neu, int(kinds[n]), 0.0, stream, n)
            n = _follow(n, neu, schedule, stream)
            t = green_from = ends[n - 1]
            need = -np.log(uniform(stream, n, 5))
    return n


@fold
def _kind(neu: np.ndarray, u: float) -> int:
    total = 0.0
    for kind in range(1, neu.shape[0]):
        total += neu[kind, col.NEU_RATE]
    x = u * total
    for kind in range(1, neu.shape[0]):
        x -= neu[kind, col.NEU_RATE]
        if x < 0.0:
            return int(kind)
    return int(neu.shape[0] - 1)


@fold
def _follow(n: int, neu: np.ndarray, schedule: Schedule, stream: np.uint64) -> int:
    ends, kinds = schedule.ends, schedule.kinds
    then = int(neu[int(kinds[n]), col.NEU_THEN])
    if then == 0:
        return n + 1
    schedule.starts[n + 1], kinds[n + 1] = ends[n], then
    ends[n + 1] = ends[n] + duration_ms(neu, then, 0.0, stream, n + 1)
    return n + 2


@fold
def end_of_lap(
    t: float,
    green_ms: float,
    k: int,
    slow: np.ndarray,  # (KINDS, K) a lap's time under each kind
    run: RaceRun,
) -> float:
    """When a lap begun at ``t`` ends, run at its green pace outside neutralisations."""
    starts, ends, kinds = run.schedule.starts, run.schedule.ends, run.schedule.kinds
    left, now, i = 1.0, t, int(run.whole[G_CUR])
    while i < int(run.whole[G_PERIODS]):
        if now < starts[i]:
            if now + left * green_ms <= starts[i]:
                break
            left -= (starts[i] - now) / green_ms
            now = starts[i]
        lap = max(slow[int(kinds[i]), k], green_ms)
        if now + left * lap <= ends[i]:
            return float(now + left * lap)
        if ends[i] > now:
            left -= (ends[i] - now) / lap
            now = ends[i]
        i += 1
    return float(now + left * green_ms)


@fold
def period_at(t: float, run: RaceRun) -> int:
    """Which neutralisation holds at ``t``: its index, or -1 under green."""
    i = int(run.whole[G_CUR])
    while i < int(run.whole[G_PERIODS]) and run.schedule.starts[i] <= t:
        if t < run.schedule.ends[i]:
            return i
        i += 1
    return -1
