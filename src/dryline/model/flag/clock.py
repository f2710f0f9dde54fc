"""Green time and race time: what neutralisations to come, drawn race by race, leave of an hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dryline.model.flag.restart import Train, restarts
from dryline.model.flag.slowing import SAFETY_CAR, VSC, Slowing

Floats = NDArray[np.float64]
Kinds = NDArray[np.int64]
RATE_LOG_SD = 0.5
"""How races differ in their rate of neutralisations."""
LATE_S, LATE_POWER, NO_RESTART_S = 5400.0, 0.45, 600.0
"""Neutralisations with a queue last (time to go / LATE_S) ** LATE_POWER as long in the last hour
and a half, and to the flag from the last ten minutes on. Counted over 60 races: IMSA's median is
1,089 s before, 928 s at 40 to 80 minutes, 670 s at 20 to 40, 471 s at 10 to 20; then 4 of 4."""
RESTART_S, RESTART_P = (480.0, 570.0), 0.6
"""One that began earlier mostly ends by eight minutes to go: of five that were in force with ten to
go three were over 552 to 507 s before the end, the others 281 and 139 s before."""
MOST_PERIODS = 60
SEARCHED, FEWEST_DRAWS, LINGERS_S, SOONEST_S = 16, 64, 120.0, 5.0


@dataclass(frozen=True)
class GreenClock:
    """R races from an instant on, as seconds of green running for each class.

    ``edges_s`` (R, E) where each neutralisation begins and ends, the first edge being the instant;
    ``share`` (R, E, K) of green pace that each class runs from that edge on; ``green_s``
    (R, E, K) the green running by then.
    """

    edges_s: Floats
    share: Floats
    green_s: Floats

    def green_by(self, at_s: Floats, klass: int) -> Floats:
        """Seconds (R,) of green running that a class has had by race times (R,)."""
        edge = np.maximum((self.edges_s <= at_s[:, None]).sum(axis=1) - 1, 0)
        row = np.arange(len(edge))
        since = at_s - self.edges_s[row, edge]
        return np.asarray(self.green_s[row, edge, klass] + since * self.share[row, edge, klass])

    def race_time_of(self, green_s: Floats, klass: int) -> Floats:
        """Race times (R, W) at which a class has had so much green running (R, W)."""
        edge = np.zeros(green_s.shape, dtype=np.int64)
        for e in range(1, self.edges_s.shape[1]):
            edge += green_s >= self.green_s[:, e, klass][:, None]
        row = np.arange(len(green_s))[:, None]
        since = green_s - self.green_s[row, edge, klass]
        return np.asarray(self.edges_s[row, edge] + since / self.share[row, edge, klass])


def draw_clock(
    slow: Slowing,
    at_s: float,
    until_s: float,
    replicates: int,
    rng: np.random.Generator,
    train: Train | None = None,
) -> GreenClock:
    """The neutralisations of R races from ``at_s`` to ``until_s``, in order, none in another.

    ``train`` is the leader behind the safety car where one is out.
    """
    green = np.ones((replicates, len(slow.share_now)))
    edges, share = [np.full(replicates, at_s)], [green]
    after = np.zeros(replicates, dtype=np.int64)
    if slow.now is not None:
        kind, since_s = slow.now
        share[0] = np.tile(slow.share_now, (replicates, 1))
        if train is None:
            lasts = _goes_on(slow, kind, since_s, at_s, replicates, rng)
        else:
            lasts = restarts(train, since_s, slow.end_s - at_s, replicates, rng)
        edges.append(at_s + np.maximum(lasts, SOONEST_S))
        share.append(green)
        after[:] = SAFETY_CAR if kind == VSC else 0
    expected = sum(slow.rates.values()) * max(0.0, until_s - at_s) / 3600
    most = int(min(MOST_PERIODS, 3 + 2 * expected + 4 * np.sqrt(expected)))
    rate = np.exp(RATE_LOG_SD * rng.standard_normal(replicates) - 0.5 * RATE_LOG_SD**2)
    for _ in range(most):
        kind_, start, end = _next(slow, edges[-1], after, rate, rng)
        edges += [start, end]
        share += [np.array([slow.share[k] for k in kind_.tolist()]), green]
        after = np.where(kind_ == VSC, SAFETY_CAR, 0)
    edges_s, shares = np.stack(edges, axis=1), np.stack(share, axis=1)
    spans = np.diff(edges_s, axis=1)[:, :, None] * shares[:, :-1]
    return GreenClock(edges_s, shares, np.pad(spans.cumsum(axis=1), ((0, 0), (1, 0), (0, 0))))


def _next(
    slow: Slowing, now: Floats, after: Kinds, rate: Floats, rng: np.random.Generator
) -> tuple[Kinds, Floats, Floats]:
    """The next neutralisation (R,) after ``now``: kind, start and end; at once where it follows."""
    kinds, rates = np.array(list(slow.rates)), np.array(list(slow.rates.values()))
    total = max(float(rates.sum()), 1e-9)
    gap = rng.exponential(3600.0, len(now)) / (total * rate)
    pick = np.searchsorted(np.cumsum(rates / total), rng.random(len(now)))
    kind = np.where(after > 0, after, kinds[np.minimum(pick, len(kinds) - 1)])
    start = np.where(after > 0, now, now + gap)
    mu, sd = np.array([slow.length[k] for k in kind.tolist()]).T
    left = slow.end_s - start
    lasts = np.exp(mu + sd * rng.standard_normal(len(now))) * _shorter(slow, kind, left)
    to_the_flag = np.isin(kind, list(slow.queueing)) & (left < NO_RESTART_S)
    lasts = np.where(to_the_flag, np.maximum(lasts, 2 * NO_RESTART_S), lasts)
    return kind, start, _in_time(slow, kind, start, start + lasts, rng)


def _in_time(
    slow: Slowing, kind: Kinds, start: Floats, end: Floats, rng: np.random.Generator
) -> Floats:
    """The ends (R,), brought forward where there is to be racing before the flag."""
    early = np.isin(kind, list(slow.queueing)) & (slow.end_s - start > NO_RESTART_S)
    late = early & (slow.end_s - end < RESTART_S[0]) & (rng.random(len(end)) < RESTART_P)
    return np.where(late, slow.end_s - rng.uniform(*RESTART_S, len(end)), end)


def _goes_on(
    slow: Slowing, kind: int, since_s: float, at_s: float, replicates: int, rng: np.random.Generator
) -> Floats:
    """How much longer (R,) the neutralisation goes on that has lasted ``since_s`` already."""
    mu, sd = slow.length[kind]
    begun_left = np.array([slow.end_s - (at_s - since_s)])
    shorter = float(_shorter(slow, np.array([kind]), begun_left)[0])
    draws = shorter * np.exp(mu + sd * rng.standard_normal(SEARCHED * replicates))
    longer = draws[draws > since_s]
    if len(longer) < FEWEST_DRAWS:
        return rng.exponential(LINGERS_S, replicates)
    return np.asarray(rng.choice(longer, replicates) - since_s)


def _shorter(slow: Slowing, kind: Kinds, left_s: Floats) -> Floats:
    """How much shorter (or longer) than the race's usual one with ``left_s`` (R,) to go."""
    late = min(LATE_S, slow.end_s)
    at_late = (late / LATE_S) ** LATE_POWER
    usual = (late * at_late / (1 + LATE_POWER) + slow.end_s - late) / slow.end_s
    share = np.clip(left_s / LATE_S, 0.05, 1.0) ** LATE_POWER / usual
    return np.where(np.isin(kind, list(slow.queueing)), share, 1.0)
