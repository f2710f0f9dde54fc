"""The race simulator's kernel: one event per car-lap, in crossing order across classes.

The queue holds every running car by the time of its next event (a crossing, or its release from
the box). A car that starts a lap enters the queue from the tail; each car it moves ahead of is a
car it passes on the road during that lap, so traffic, battles, and holding station behind a safety
car all happen in the insertion.
"""

from __future__ import annotations

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.compiled import kernel
from dryline.kernels.race_box import enter_box
from dryline.kernels.race_drive import run_lap, start_lap
from dryline.kernels.race_neutral import fill_schedule
from dryline.kernels.race_path import cross_line, write_path, write_race
from dryline.kernels.race_scalars import RACE_LENGTH_MS, RACE_NOW_MS
from dryline.kernels.race_start import start_cars
from dryline.kernels.race_state import (
    FAR,
    G_CUR,
    G_FLAG_MS,
    G_HEAD,
    G_LEADER,
    G_LEADER_MS,
    G_PATH,
    G_PERIODS,
    G_TAIL,
)
from dryline.kernels.race_weather import MINUTE_MS, fill_wetness
from dryline.kernels.random import car_key, normal, replicate_key


@kernel
def simulate_chunk(
    car: np.ndarray,  # (C, CAR_COLUMNS)
    cls: np.ndarray,  # (K, CLASS_COLUMNS)
    cost: np.ndarray,  # (K, K) ms lost by row's class for each car of column's class it passes
    neu: np.ndarray,  # (KINDS, NEU_COLUMNS)
    slow: np.ndarray,  # (KINDS, K) ms of a lap under each kind
    catch: np.ndarray,  # (KINDS, K) ms of a lap while catching the queue
    opens: np.ndarray,  # (KINDS, K) ms from its start until the pit entry opens
    stop_under: np.ndarray,  # (KINDS, K, 3) logit of stopping under it
    hazard: np.ndarray,
    race: np.ndarray,
    rain: np.ndarray,
    rates: np.ndarray,  # (3, 3)
    intensity: np.ndarray,  # (3,)
    given: np.ndarray,  # (G, 3)
    particles: np.ndarray,  # (P, 4) wetness of each sector and the regime, equally likely
    known: np.ndarray,  # (N, 3) neutralisations so far
    pace0: np.ndarray,  # (C, D) share over the class's base lap
    chol: np.ndarray,  # (C, D, D) Cholesky factor of its covariance
    target: np.ndarray,  # (C, D)
    most: np.ndarray,  # (C, D)
    state: np.ndarray,  # (C, STATE_COLUMNS)
    drive0: np.ndarray,  # (C, D)
    plans: np.ndarray,  # (C, P, PLAN_COLUMNS)
    allowed: np.ndarray,  # (C,) no stop of choice before this lap
    spread: np.ndarray,  # (3,) log sd of the race's own rate of retirement, trouble, level
    order0: np.ndarray,  # (C,) cars by last crossing
    sectors: np.ndarray,  # (C, 3) zero; per car sector offsets for the path
    seed: int,
    first: int,
    laps: np.ndarray,  # (R, C) out
    finish: np.ndarray,  # (R, C) out: ms of the last crossing
    stops: np.ndarray,  # (R, C) out
    out: np.ndarray,  # (R, C) out: 1 without a crossing at or after the flag
    race_out: np.ndarray,  # (R, 4) out: flag ms, lead changes, neutralised ms, periods
    path: np.ndarray,  # (M, PATH_COLUMNS) out, of the first replicate; M may be 0
    w: np.ndarray,  # from here on room to work in, see ``sim.simulate``
    pace: np.ndarray,
    drive: np.ndarray,
    box: np.ndarray,
    lead: np.ndarray,
    wet: np.ndarray,
    flagged: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    kinds: np.ndarray,
    queue: np.ndarray,
    scratch: np.ndarray,
    g: np.ndarray,
    x: np.ndarray,
) -> int:
    """Run replicates ``first`` to ``first + R`` and return the rows written to ``path``."""
    cars, minutes = car.shape[0], wet.shape[0]
    horizon = (minutes - 40) * MINUTE_MS
    now = race[RACE_NOW_MS]
    late = 2.5 * neu[col.SAFETY_CAR, col.NEU_TRAIN_MS]
    for r in range(laps.shape[0]):
        key = replicate_key(seed, first + r)
        g[:] = 0.0
        g[G_FLAG_MS], g[G_LEADER], g[G_LEADER_MS] = FAR, -1.0, FAR
        lead[:, 0], lead[:, 1] = -1.0, -1.0
        box[:] = 0.0
        x[0] = np.exp(spread[0] * normal(key, 0, col.S_RACE))
        x[1] = np.exp(spread[1] * normal(key, 1, col.S_RACE))
        x[2] = np.exp(spread[2] * normal(key, 2, col.S_RACE))
        p = (first + r) % particles.shape[0]
        begin = max(0, min(minutes - 1, int(now / MINUTE_MS)))
        fill_wetness(wet, flagged, rain, rates, intensity, given, particles, p, begin, key)
        g[G_PERIODS] = fill_schedule(
            starts, ends, kinds, neu, hazard, known, flagged, now, horizon + 1.2e6, key
        )
        start_cars(
            w, g, car, cls, state, drive0, drive, pace0, chol, pace, lead, plans, allowed, key
        )
        for c in range(cars):
            if state[c, col.STATE_OUT] > 0.0 and w[c, col.W_LAST] >= race[RACE_LENGTH_MS]:
                w[c, col.W_DONE] = 1.0
                g[G_FLAG_MS] = min(g[G_FLAG_MS], w[c, col.W_LAST])
        for i in range(cars):
            c = order0[i]
            if w[c, col.W_OUT] > 0.0:
                continue
            start_lap(
                c,
                w,
                g,
                queue,
                state,
                car,
                cls,
                cost,
                neu,
                slow,
                opens,
                stop_under,
                catch,
                pace,
                target,
                drive,
                most,
                plans,
                race,
                wet,
                flagged,
                starts,
                ends,
                kinds,
                lead,
                scratch,
                x,
                box,
                car_key(key, c),
                now,
            )
        while g[G_HEAD] < g[G_TAIL]:
            c = queue[int(g[G_HEAD])]
            g[G_HEAD] += 1.0
            t = w[c, col.W_NEXT]
            cur = int(g[G_CUR])
            while cur < g[G_PERIODS] and ends[cur] <= t:
                cur += 1
            g[G_CUR] = cur
            ck = car_key(key, c)
            leads = False
            start = t
            if w[c, col.W_LANE] > 0.0:
                w[c, col.W_LANE] = 0.0
            else:
                if path.shape[0] > 0 and r == 0:
                    write_path(c, t, w, g, path, cls, car, sectors, starts, ends, kinds, ck)
                leads = cross_line(c, t, w, g, lead, drive, car, race, late)
                if g[G_FLAG_MS] <= t:
                    w[c, col.W_DONE] = 1.0
                    continue
                if w[c, col.W_INLAP] > 0.0:
                    enter_box(c, t, w, g, queue, car, cls, box, ck)
                    continue
            run_lap(
                c,
                start,
                leads,
                w,
                g,
                queue,
                car,
                cls,
                cost,
                neu,
                slow,
                opens,
                stop_under,
                catch,
                pace,
                target,
                drive,
                most,
                plans,
                race,
                wet,
                flagged,
                starts,
                ends,
                kinds,
                lead,
                scratch,
                x,
                ck,
                -1.0,
            )
        for c in range(cars):
            laps[r, c], finish[r, c] = int(w[c, col.W_LAPS]), w[c, col.W_LAST]
            stops[r, c], out[r, c] = int(w[c, col.W_STOPS]), 1 if w[c, col.W_DONE] == 0.0 else 0
        write_race(r, race_out, g, starts, ends, now)
    return int(g[G_PATH]) if laps.shape[0] == 1 else 0
