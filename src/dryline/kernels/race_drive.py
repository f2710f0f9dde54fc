"""One lap of one car, from the line to its place in the queue."""

from __future__ import annotations

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.compiled import fold, part
from dryline.kernels.race_box import enter_box, maybe_box
from dryline.kernels.race_neutral import HOUR_MS, end_of_lap, period_at
from dryline.kernels.race_road import (
    behind_the_queue,
    behind_the_safety_car,
    may_pass_round,
    new_leaders,
    place_in_queue,
    race_into,
)
from dryline.kernels.race_state import G_LEADER, MINUTE_MS, RaceRun
from dryline.kernels.race_stops import laps_left, prepare_stop
from dryline.kernels.race_tables import FieldTables, RaceTables
from dryline.kernels.race_weather import lap_loss
from dryline.kernels.random import bits, normal, normal_of, uniform


@fold
def green_lap(c: int, k: int, t: float, cls: np.ndarray, run: RaceRun, key: np.uint64) -> float:
    """A lap's time on a green, empty track."""
    w, wet, damp, losses = run.cars, run.surface.wet, run.surface.damp, run.losses
    lap = int(w[c, col.W_LAPS]) + 1
    n = w[c, col.W_STINT_LAPS]
    rho = cls[k, col.CLASS_NOISE_RHO]
    z = normal_of(bits(key, lap, col.S_LAP))
    noise = rho * w[c, col.W_NOISE] + np.sqrt(1.0 - rho * rho) * z
    w[c, col.W_NOISE] = noise
    factor = 1.0 + w[c, col.W_STINT] + cls[k, col.CLASS_NOISE] * run.luck[2] * noise
    factor += cls[k, col.CLASS_SLOPE] * n + cls[k, col.CLASS_WEAR] * max(0.0, w[c, col.W_AGE] - n)
    if n == 1.0:
        factor += cls[k, col.CLASS_WARM_2]
    elif 1.0 < n < 5.0:
        factor += cls[k, col.CLASS_WARM_3]
    u = uniform(key, lap, col.S_TAIL)
    p = cls[k, col.CLASS_SLOW_P]
    if u < p:
        factor -= cls[k, col.CLASS_SLOW_MEAN] * np.log(u / p)
    minute = min(damp.shape[0] - 2, int(t / MINUTE_MS))
    if damp[minute] > 0 or damp[minute + 1] > 0 or w[c, col.W_TYRE] > 0.0:
        factor += lap_loss(k, int(w[c, col.W_TYRE]), t, cls, wet, losses)
        if w[c, col.W_TYRE] == 0.0 and w[c, col.W_AGE] < 1.0:
            factor += cls[k, col.CLASS_COLD] * max(wet[minute, 0], wet[minute, 1], wet[minute, 2])
    else:
        losses[0] = losses[1] = losses[2] = 0.0
    return float(run.pace[c, int(w[c, col.W_DRIVER])] * factor)


@fold
def incident(
    c: int, k: int, green: float, field: FieldTables, run: RaceRun, key: np.uint64
) -> float:
    """Time lost to trouble on this lap; a negative number if the car retires."""
    w, cls = run.cars, field.cls
    lap = int(w[c, col.W_LAPS]) + 1
    hours = green / HOUR_MS
    out = cls[k, col.CLASS_RETIRE_PER_H] * field.car[c, col.CAR_RETIRE_X] * run.luck[0] * hours
    trouble = cls[k, col.CLASS_TROUBLE_PER_H] * run.luck[1] * hours
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


@part
def run_lap(
    c: int, t: float, leads: bool, now: float, race: RaceTables, run: RaceRun, key: np.uint64
) -> None:
    """Run one lap of one car: from ``t`` to its place in the queue, which is after ``now``."""
    w, field, neu = run.cars, race.field, race.control.neu
    k = int(field.car[c, col.CAR_CLASS])
    green = green_lap(c, k, t, field.cls, run, key)
    period = period_at(t, run)
    kind = 0 if period < 0 else int(run.schedule.kinds[period])
    bunched = kind > 0 and neu[kind, col.NEU_BUNCH] > 0.0
    free = bunched and may_pass_round(c, k, t, period, kind, race.control, run)
    train_end = 0.0
    if bunched:
        train = neu[kind, col.NEU_TRAIN_MS]
        train_end = behind_the_safety_car(t, period, train, green, leads, run)
        t_end = end_of_lap(t, green, k, race.control.catch, run)
        t_end = t_end if free else max(t_end, train_end)
    else:
        t_end = end_of_lap(t, green, k, race.control.slow, run)
    trouble = incident(c, k, green, field, run, key)
    w[c, col.W_CRAWL] = 1.0 if trouble > 0.0 else 0.0
    if trouble < 0.0:
        w[c, col.W_OUT] = 1.0
        new_leaders(c, k, field, run)
        return
    yellow = min(1.0, max(0.0, (t_end - t) / green - 1.0))
    w[c, col.W_BURN] = 1.0 - yellow * (1.0 - field.cls[k, col.CLASS_FUEL_YELLOW])
    if run.losses[0] + run.losses[1] + run.losses[2] > 0.0:
        w[c, col.W_BURN] *= min(1.0, run.pace[c, int(w[c, col.W_DRIVER])] / green)
    t_end = maybe_box(c, k, t, t_end, trouble, race, run, key)
    if w[c, col.W_INLAP] == 0.0:
        t_end += trouble
    if bunched and not free and not leads:
        t_end = behind_the_queue(
            k, t_end, neu[kind, col.NEU_GAP_MS], neu[kind, col.NEU_SPLIT], field, run
        )
    elif not bunched and w[c, col.W_INLAP] == 0.0 and trouble == 0.0:
        t_end = race_into(c, k, t_end, field, run, key)
    if t_end <= now:
        t_end = now + 1000.0 * uniform(key, 0, col.S_RACE)
    w[c, col.W_START] = t
    place_in_queue(c, t_end, run)


@fold
def start_lap(c: int, race: RaceTables, run: RaceRun, key: np.uint64) -> None:
    """Put a car into the queue at the start of the simulation: racing, in the lane, or silent.

    A silent car stands somewhere: nobody holds station behind it.
    """
    w, car, now = run.cars, race.field.car, race.now_ms
    t = w[c, col.W_LAST]
    k = int(car[c, col.CAR_CLASS])
    if car[c, col.CAR_WAIT_MS] > 0.0:
        w[c, col.W_BURN] = w[c, col.W_CRAWL] = 1.0
        wait = -car[c, col.CAR_WAIT_MS] * np.log(uniform(key, 1, col.S_GONE))
        place_in_queue(c, now + wait, run)
        return
    if race.start.state[c, col.STATE_IN_LANE] > 0.0:
        w[c, col.W_SERVICE] = 1.0
        mine = run.pace[c, int(w[c, col.W_DRIVER])]
        w[c, col.W_LAPS] -= 1.0
        left = laps_left(c, t, mine, race, run)
        loss = prepare_stop(c, k, t, 0.0, left, race, run, key)
        w[c, col.W_LAPS] += 1.0
        w[c, col.W_LANE_MS] = max((1.0 - car[c, col.CAR_IN_SHARE]) * loss, now - t + 2000.0)
        w[c, col.W_PITTED_MS] = loss
        enter_box(c, t, race.field, run, key)
        return
    run_lap(c, t, run.whole[G_LEADER] == c, now, race, run, key)
