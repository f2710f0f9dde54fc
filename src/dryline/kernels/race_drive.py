"""One lap of one car, from the line to its place in the queue."""

from __future__ import annotations

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.compiled import kernel, leaf
from dryline.kernels.race_box import enter_box, maybe_box
from dryline.kernels.race_neutral import HOUR_MS, end_of_lap, period_at
from dryline.kernels.race_road import (
    behind_the_queue,
    may_pass_round,
    new_leaders,
    place_in_queue,
    race_into,
)
from dryline.kernels.race_state import G_CUR, G_LEADER, G_PERIODS
from dryline.kernels.race_stops import laps_left, prepare_stop
from dryline.kernels.race_weather import MINUTE_MS, lap_loss
from dryline.kernels.random import bits, normal, normal_of, uniform


@leaf
def green_lap(
    w: np.ndarray,
    c: int,
    k: int,
    t: float,
    cls: np.ndarray,
    pace: np.ndarray,
    wet: np.ndarray,
    flagged: np.ndarray,
    scratch: np.ndarray,
    x: np.ndarray,
    key: np.uint64,
) -> float:
    """A lap's time on a green, empty track."""
    lap = int(w[c, col.W_LAPS]) + 1
    n = w[c, col.W_STINT_LAPS]
    rho = cls[k, col.CLASS_NOISE_RHO]
    z = normal_of(bits(key, lap, col.S_LAP))
    noise = rho * w[c, col.W_NOISE] + np.sqrt(1.0 - rho * rho) * z
    w[c, col.W_NOISE] = noise
    factor = 1.0 + w[c, col.W_STINT] + cls[k, col.CLASS_NOISE] * x[2] * noise
    factor += cls[k, col.CLASS_SLOPE] * n + cls[k, col.CLASS_WEAR] * max(0.0, w[c, col.W_AGE] - n)
    if n == 1.0:
        factor += cls[k, col.CLASS_WARM_2]
    elif 1.0 < n < 5.0:
        factor += cls[k, col.CLASS_WARM_3]
    u = uniform(key, lap, col.S_TAIL)
    p = cls[k, col.CLASS_SLOW_P]
    if u < p:
        factor -= cls[k, col.CLASS_SLOW_MEAN] * np.log(u / p)
    minute = min(flagged.shape[0] - 2, int(t / MINUTE_MS))
    if flagged[minute] > 0 or flagged[minute + 1] > 0 or w[c, col.W_TYRE] > 0.0:
        factor += lap_loss(cls, k, int(w[c, col.W_TYRE]), t, wet, scratch)
        if w[c, col.W_TYRE] == 0.0 and w[c, col.W_AGE] < 1.0:
            factor += cls[k, col.CLASS_COLD] * max(wet[minute, 0], wet[minute, 1], wet[minute, 2])
    else:
        scratch[0] = scratch[1] = scratch[2] = 0.0
    return float(pace[c, int(w[c, col.W_DRIVER])] * factor)


@leaf
def incident(
    w: np.ndarray,
    c: int,
    k: int,
    green: float,
    car: np.ndarray,
    cls: np.ndarray,
    x: np.ndarray,
    key: np.uint64,
) -> float:
    """Time lost to trouble on this lap; a negative number if the car retires."""
    lap = int(w[c, col.W_LAPS]) + 1
    hours = green / HOUR_MS
    out = cls[k, col.CLASS_RETIRE_PER_H] * car[c, col.CAR_RETIRE_X] * x[0] * hours
    trouble = cls[k, col.CLASS_TROUBLE_PER_H] * x[1] * hours
    penalty = cls[k, col.CLASS_PENALTY_PER_H] * hours
    u = uniform(key, lap, col.S_INCIDENT)
    if u >= out + trouble + penalty:
        return 0.0
    if u < out:
        return -1.0
    if u < out + trouble:
        z = normal(key, lap, col.S_GONE)
        return float(np.exp(cls[k, col.CLASS_TROUBLE_MU] + cls[k, col.CLASS_TROUBLE_SD] * z))
    w[c, col.W_PENALTY] += 1.0
    return 0.0


@kernel
def run_lap(
    c: int,
    t: float,
    leads: bool,
    w: np.ndarray,
    g: np.ndarray,
    queue: np.ndarray,
    car: np.ndarray,
    cls: np.ndarray,
    cost: np.ndarray,
    neu: np.ndarray,
    slow: np.ndarray,
    opens: np.ndarray,
    stop_under: np.ndarray,
    catch: np.ndarray,
    pace: np.ndarray,
    target: np.ndarray,
    drive: np.ndarray,
    most: np.ndarray,
    plans: np.ndarray,
    race: np.ndarray,
    wet: np.ndarray,
    flagged: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    kinds: np.ndarray,
    lead: np.ndarray,
    scratch: np.ndarray,
    x: np.ndarray,
    key: np.uint64,
    now: float,
) -> None:
    """Run one lap of one car: from ``t`` to its place in the queue."""
    k = int(car[c, col.CAR_CLASS])
    n, cur = int(g[G_PERIODS]), int(g[G_CUR])
    green = green_lap(w, c, k, t, cls, pace, wet, flagged, scratch, x, key)
    period = period_at(t, starts, ends, n, cur)
    kind = 0 if period < 0 else int(kinds[period])
    bunched = kind > 0 and neu[kind, col.NEU_BUNCH] > 0.0
    free = bunched and may_pass_round(g, w, c, k, t, period, kind, starts, neu, lead)
    if bunched and leads:
        t_end = t + neu[kind, col.NEU_TRAIN_MS]
        if ends[period] < t_end:
            done = (ends[period] - t) / neu[kind, col.NEU_TRAIN_MS]
            t_end = ends[period] + (1.0 - done) * green
    elif bunched:
        t_end = end_of_lap(t, green, k, catch, starts, ends, kinds, n, cur)
    else:
        t_end = end_of_lap(t, green, k, slow, starts, ends, kinds, n, cur)
    trouble = incident(w, c, k, green, car, cls, x, key)
    w[c, col.W_CRAWL] = 1.0 if trouble > 0.0 else 0.0
    if trouble < 0.0:
        w[c, col.W_OUT] = 1.0
        new_leaders(w, g, lead, car, c, k)
        return
    yellow = min(1.0, max(0.0, (t_end - t) / green - 1.0))
    w[c, col.W_BURN] = 1.0 - yellow * (1.0 - cls[k, col.CLASS_FUEL_YELLOW])
    if scratch[0] + scratch[1] + scratch[2] > 0.0:
        w[c, col.W_BURN] *= min(1.0, pace[c, int(w[c, col.W_DRIVER])] / green)
    t_end = maybe_box(
        c,
        k,
        t,
        t_end,
        trouble,
        w,
        car,
        cls,
        opens,
        stop_under,
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
        n,
        cur,
        scratch,
        g,
        key,
    )
    if w[c, col.W_INLAP] == 0.0:
        t_end += trouble
    if bunched and not free and not leads:
        t_end = behind_the_queue(
            queue, g, w, car, k, t_end, neu[kind, col.NEU_GAP_MS], neu[kind, col.NEU_SPLIT]
        )
    elif not bunched and w[c, col.W_INLAP] == 0.0 and trouble == 0.0:
        t_end = race_into(queue, g, w, c, k, t_end, car, cls, cost, key)
    if t_end <= now:
        t_end = now + 1000.0 * uniform(key, 0, col.S_RACE)
    scratch[4] = green
    w[c, col.W_START] = t
    place_in_queue(queue, g, w, c, t_end)


@leaf
def start_lap(
    c: int,
    w: np.ndarray,
    g: np.ndarray,
    queue: np.ndarray,
    state: np.ndarray,
    car: np.ndarray,
    cls: np.ndarray,
    cost: np.ndarray,
    neu: np.ndarray,
    slow: np.ndarray,
    opens: np.ndarray,
    stop_under: np.ndarray,
    catch: np.ndarray,
    pace: np.ndarray,
    target: np.ndarray,
    drive: np.ndarray,
    most: np.ndarray,
    plans: np.ndarray,
    race: np.ndarray,
    wet: np.ndarray,
    flagged: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    kinds: np.ndarray,
    lead: np.ndarray,
    scratch: np.ndarray,
    x: np.ndarray,
    box: np.ndarray,
    ck: np.uint64,
    now: float,
) -> None:
    """Put a car into the queue at the start of the simulation: racing, in the lane, or silent.

    A silent car stands somewhere: nobody holds station behind it.
    """
    t = w[c, col.W_LAST]
    k = int(car[c, col.CAR_CLASS])
    if car[c, col.CAR_WAIT_MS] > 0.0:
        w[c, col.W_BURN] = w[c, col.W_CRAWL] = 1.0
        wait = -car[c, col.CAR_WAIT_MS] * np.log(uniform(ck, 1, col.S_GONE))
        place_in_queue(queue, g, w, c, now + wait)
        return
    if state[c, col.STATE_IN_LANE] > 0.0:
        w[c, col.W_SERVICE] = 1.0
        mine = pace[c, int(w[c, col.W_DRIVER])]
        w[c, col.W_LAPS] -= 1.0
        left = laps_left(w, c, t, mine, race)
        loss = prepare_stop(
            w, c, k, t, 0.0, left, car, cls, pace, target, drive, most, plans, race, ck
        )
        w[c, col.W_LAPS] += 1.0
        w[c, col.W_LANE_MS] = max((1.0 - car[c, col.CAR_IN_SHARE]) * loss, now - t + 2000.0)
        w[c, col.W_PITTED_MS] = loss
        enter_box(c, t, w, g, queue, car, cls, box, ck)
        return
    run_lap(
        c,
        t,
        g[G_LEADER] == c,
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
        now,
    )
