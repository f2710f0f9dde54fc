"""Order on the road: the queue of next events, passing, and holding station."""

from __future__ import annotations

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.compiled import kernel, leaf
from dryline.kernels.race_state import (
    G_HEAD,
    G_LEAD_LAPS,
    G_LEADER,
    G_LEADER_MS,
    G_TAIL,
    LAPPING,
    QUEUE,
)
from dryline.kernels.random import uniform


@leaf
def compact_queue(queue: np.ndarray, g: np.ndarray) -> None:
    """Move the queue back to the start of its array."""
    head, tail = int(g[G_HEAD]), int(g[G_TAIL])
    for i in range(head, tail):
        queue[i - head] = queue[i]
    g[G_HEAD], g[G_TAIL] = 0.0, tail - head


@leaf
def place_in_queue(queue: np.ndarray, g: np.ndarray, w: np.ndarray, c: int, t: float) -> None:
    """Insert a car whose time is settled; nobody is passed and nothing costs."""
    if g[G_TAIL] >= QUEUE - 1:
        compact_queue(queue, g)
    pos, head = int(g[G_TAIL]), int(g[G_HEAD])
    while pos > head and w[queue[pos - 1], col.W_NEXT] > t:
        queue[pos] = queue[pos - 1]
        pos -= 1
    queue[pos] = c
    w[c, col.W_NEXT] = t
    g[G_TAIL] += 1.0


@leaf
def race_into(
    queue: np.ndarray,
    g: np.ndarray,
    w: np.ndarray,
    c: int,
    k: int,
    t_end: float,
    car: np.ndarray,
    cls: np.ndarray,
    cost: np.ndarray,
    key: np.uint64,
) -> float:
    """When the car's lap ends after the traffic and the rivals it meets on it."""
    t = t_end
    pos, head = int(g[G_TAIL]), int(g[G_HEAD])
    lap = int(w[c, col.W_LAPS]) + 1
    while pos > head:
        j = queue[pos - 1]
        ahead = w[j, col.W_NEXT]
        if ahead <= t:
            break
        pos -= 1
        if w[j, col.W_LANE] + w[j, col.W_INLAP] + w[j, col.W_CRAWL] > 0.0:
            continue
        kj = int(car[j, col.CAR_CLASS])
        u = uniform(key, lap * 64 + (j & 63), col.S_PASS)
        if kj == k:
            lapping = w[j, col.W_LAPS] < w[c, col.W_LAPS]
            scale = cls[k, col.CLASS_PASS_MS] * (LAPPING if lapping else 1.0)
            if u < np.exp((t - ahead) / scale):
                return float(
                    ahead + cls[k, col.CLASS_FOLLOW_MS] * (0.5 + uniform(key, lap, col.S_SECTOR))
                )
        else:
            t += cost[k, kj] * (0.4 + 1.2 * u)
    return t


@leaf
def behind_the_queue(
    queue: np.ndarray,
    g: np.ndarray,
    w: np.ndarray,
    car: np.ndarray,
    k: int,
    t: float,
    full: float,
    split: float,
) -> float:
    """The earliest that a car may cross which has to hold station behind the last one."""
    pos, head = int(g[G_TAIL]), int(g[G_HEAD])
    while pos > head:
        j = queue[pos - 1]
        gap = full if int(car[j, col.CAR_CLASS]) == k else full * (1.0 - split)
        if w[j, col.W_NEXT] + gap <= t:
            return t
        if w[j, col.W_LANE] + w[j, col.W_CRAWL] == 0.0:
            return float(w[j, col.W_NEXT] + gap)
        pos -= 1
    return t


@leaf
def may_pass_round(
    g: np.ndarray,
    w: np.ndarray,
    c: int,
    k: int,
    t: float,
    period: int,
    kind: int,
    starts: np.ndarray,
    neu: np.ndarray,
    lead: np.ndarray,
) -> bool:
    """Whether a car ahead of its class leader in the queue may pass round, once per period."""
    wait = neu[kind, col.NEU_WAVE_MS]
    if wait <= 0.0 or t - starts[period] < wait or w[c, col.W_WAVED] == period + 1.0:
        return False
    first = int(lead[k, 1])
    if first < 0 or first == c or w[first, col.W_OUT] > 0.0:
        return False
    if w[first, col.W_LAST] >= g[G_LEADER_MS]:
        return False
    w[c, col.W_WAVED] = period + 1.0
    return True


@kernel
def new_leaders(
    w: np.ndarray, g: np.ndarray, lead: np.ndarray, car: np.ndarray, gone: int, k: int
) -> None:
    """Look for the leaders again after one may have retired."""
    if g[G_LEADER] == gone:
        g[G_LEAD_LAPS], g[G_LEADER] = -1.0, -1.0
        for c in range(w.shape[0]):
            if w[c, col.W_OUT] == 0.0 and w[c, col.W_LAPS] > g[G_LEAD_LAPS]:
                g[G_LEAD_LAPS], g[G_LEADER] = w[c, col.W_LAPS], float(c)
    if lead[k, 1] == gone:
        lead[k, 0], lead[k, 1] = -1.0, -1.0
        for c in range(w.shape[0]):
            alive = w[c, col.W_OUT] == 0.0 and int(car[c, col.CAR_CLASS]) == k
            if alive and w[c, col.W_LAPS] > lead[k, 0]:
                lead[k, 0], lead[k, 1] = w[c, col.W_LAPS], float(c)
