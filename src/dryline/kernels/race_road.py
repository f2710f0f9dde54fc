"""Order on the road: the queue of next events, passing, and holding station."""

from __future__ import annotations

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.compiled import fold, part
from dryline.kernels.race_state import (
    G_HEAD,
    G_LEAD_LAPS,
    G_LEADER,
    G_LEADER_MS,
    G_TAIL,
    G_TRAIN_MS,
    LAPPING,
    QUEUE,
    RaceRun,
)
from dryline.kernels.race_tables import ControlTables, FieldTables
from dryline.kernels.random import uniform


@fold
def compact_queue(run: RaceRun) -> None:
    """Move the queue back to the start of its array."""
    head, tail = int(run.whole[G_HEAD]), int(run.whole[G_TAIL])
    for i in range(head, tail):
        run.queue[i - head] = run.queue[i]
    run.whole[G_HEAD], run.whole[G_TAIL] = 0.0, tail - head


@fold
def place_in_queue(c: int, t: float, run: RaceRun) -> None:
    """Insert a car whose time is settled; nobody is passed and nothing costs."""
    w, g, queue = run.cars, run.whole, run.queue
    if g[G_TAIL] >= QUEUE - 1:
        compact_queue(run)
    pos, head = int(g[G_TAIL]), int(g[G_HEAD])
    while pos > head and w[queue[pos - 1], col.W_NEXT] > t:
        queue[pos] = queue[pos - 1]
        pos -= 1
    queue[pos] = c
    w[c, col.W_NEXT] = t
    g[G_TAIL] += 1.0


@fold
def race_into(
    c: int, k: int, t_end: float, field: FieldTables, run: RaceRun, key: np.uint64
) -> float:
    """When the car's lap ends after the traffic and the rivals it meets on it."""
    w, queue, cls = run.cars, run.queue, field.cls
    t = t_end
    pos, head = int(run.whole[G_TAIL]), int(run.whole[G_HEAD])
    lap = int(w[c, col.W_LAPS]) + 1
    while pos > head:
        j = queue[pos - 1]
        ahead = w[j, col.W_NEXT]
        if ahead <= t:
            break
        pos -= 1
        if w[j, col.W_LANE] + w[j, col.W_INLAP] + w[j, col.W_CRAWL] > 0.0:
            continue
        kj = int(field.car[j, col.CAR_CLASS])
        u = uniform(key, lap * 64 + (j & 63), col.S_PASS)
        if kj == k:
            lapping = w[j, col.W_LAPS] < w[c, col.W_LAPS]
            scale = cls[k, col.CLASS_PASS_MS] * (LAPPING if lapping else 1.0)
            if u < np.exp((t - ahead) / scale):
                return float(
                    ahead + cls[k, col.CLASS_FOLLOW_MS] * (0.5 + uniform(key, lap, col.S_SECTOR))
                )
        else:
            t += field.cost[k, kj] * (0.4 + 1.2 * u)
    return t


@fold
def behind_the_queue(
    k: int, t: float, full: float, split: float, field: FieldTables, run: RaceRun
) -> float:
    """The earliest that a car may cross which has to hold station behind the last one."""
    w = run.cars
    pos, head = int(run.whole[G_TAIL]), int(run.whole[G_HEAD])
    while pos > head:
        j = run.queue[pos - 1]
        gap = full if int(field.car[j, col.CAR_CLASS]) == k else full * (1.0 - split)
        if w[j, col.W_NEXT] + gap <= t:
            return t
        if w[j, col.W_LANE] + w[j, col.W_CRAWL] == 0.0:
            return float(w[j, col.W_NEXT] + gap)
        pos -= 1
    return t


@fold
def behind_the_safety_car(
    t: float, period: int, train_ms: float, green_ms: float, leads: bool, run: RaceRun
) -> float:
    """The earliest that a lap begun at ``t`` ends behind the safety car; 0 where it is ahead of it.

    It picks up the leader at his first crossing and laps at its own pace, whoever then boxes; when
    it comes in, the rest of the lap is run at the green pace.
    """
    g, until = run.whole, run.schedule.ends[period]
    if g[G_TRAIN_MS] < run.schedule.starts[period]:
        if not leads:
            return 0.0
        g[G_TRAIN_MS] = t
    while g[G_TRAIN_MS] + train_ms <= t:
        g[G_TRAIN_MS] += train_ms
    if t < g[G_TRAIN_MS]:
        return 0.0
    t_end = g[G_TRAIN_MS] + train_ms
    if until < t_end:
        t_end = until + (1.0 - (until - g[G_TRAIN_MS]) / train_ms) * green_ms
    return float(t_end)


@fold
def may_pass_round(
    c: int, k: int, t: float, period: int, kind: int, control: ControlTables, run: RaceRun
) -> bool:
    """Whether a car ahead of its class leader in the queue may pass round, once per period."""
    w = run.cars
    wait = control.neu[kind, col.NEU_WAVE_MS]
    waved = w[c, col.W_WAVED] == period + 1.0
    if wait <= 0.0 or t - run.schedule.starts[period] < wait or waved:
        return False
    first = int(run.lead[k, 1])
    if first < 0 or first == c or w[first, col.W_OUT] > 0.0:
        return False
    if w[first, col.W_LAST] >= run.whole[G_LEADER_MS]:
        return False
    w[c, col.W_WAVED] = period + 1.0
    return True


@part
def new_leaders(gone: int, k: int, field: FieldTables, run: RaceRun) -> None:
    """Look for the leaders again after one may have retired."""
    w, g, lead = run.cars, run.whole, run.lead
    if g[G_LEADER] == gone:
        g[G_LEAD_LAPS], g[G_LEADER] = -1.0, -1.0
        for c in range(w.shape[0]):
            if w[c, col.W_OUT] == 0.0 and w[c, col.W_LAPS] > g[G_LEAD_LAPS]:
                g[G_LEAD_LAPS], g[G_LEADER] = w[c, col.W_LAPS], float(c)
    if lead[k, 1] == gone:
        lead[k, 0], lead[k, 1] = -1.0, -1.0
        for c in range(w.shape[0]):
            alive = w[c, col.W_OUT] == 0.0 and int(field.car[c, col.CAR_CLASS]) == k
            if alive and w[c, col.W_LAPS] > lead[k, 0]:
                lead[k, 0], lead[k, 1] = w[c, col.W_LAPS], float(c)
