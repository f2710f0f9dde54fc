"""What a leader does at the end: he eases, and he may wait for the time instead of a lap more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dryline.race.finish_rule import FlagFall, laps_when_flagged

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Bools = NDArray[np.bool_]
EASED, EASED_SD, MUCH_P, MUCH = 0.007, 0.011, 0.06, 0.05
"""The winner's last lap against the laps before, as a share: counted over 49 races that ended under
green (quartiles -0.4, 0.9, 1.6 %; two beyond 5 %)."""
WAITS_P, WAITS_LAP, SPARE_S, WAITED_S = 0.75, 0.15, 8.0, 6.0
"""A leader who would cross within a seventh of a lap before the time, with more than that in hand,
slows down and spares himself a lap: both did who could (Le Mans 2015, Spa 2020); the three of 49
who came by just before the time and went on had less in hand."""

EASES, EASES_S = 0.002, 600.0
"""How much slower a leader is in the last ten minutes, next to the rest of the field, than in the
eight laps before: counted over 43 races that were green by then (0.0008 to 0.0037)."""
LETS_BY_S = 10.0
"""How far ahead of the winner a lapped car is that may let him by."""


def eased(replicates: int, rng: np.random.Generator) -> Floats:
    """How much longer the winner's last lap is than the ones before, as a share (R,)."""
    usual = EASED + EASED_SD * rng.standard_normal(replicates)
    much = rng.random(replicates) < MUCH_P
    return np.asarray(usual + much * rng.exponential(MUCH, replicates))


def who_waits(
    flag: FlagFall,
    done: Counts,
    crossings_s: Floats,
    led_s: Floats,
    time_s: Floats,
    at_s: float,
    lap_s: float,
    rng: np.random.Generator,
) -> FlagFall:
    """The finish where a leader, who would cross just before the time, waits for it if he can.

    ``done`` (R, C) and ``crossings_s`` (R, C, W) as in ``finish_rule``; ``led_s`` (R, C) the
    crossings that complete the lap on which the race is led at the time ``time_s`` (R,), infinite
    for cars farther back; ``time_s`` is infinite where the distance ends the race, not the clock.
    """
    row = np.arange(len(led_s))
    first = led_s.argmin(axis=1)
    leader_s = led_s[row, first]
    others = led_s.copy()
    others[row, first] = np.inf
    early = time_s - leader_s
    able = (early < WAITS_LAP * lap_s) & (others.min(axis=1) - leader_s > early + SPARE_S)
    waits = able & (leader_s > at_s) & (rng.random(len(row)) < WAITS_P)
    falls = np.where(waits, time_s + rng.exponential(WAITED_S, len(row)), flag.at_s)
    laps = np.where(waits[:, None], laps_when_flagged(done, crossings_s, falls), flag.laps)
    laps[row, first] = np.where(waits, done[row, first], laps[row, first])
    return FlagFall(falls, np.where(waits, first, flag.winner), laps)


def spared(flag: FlagFall, before_s: Floats, share: float, rng: np.random.Generator) -> Counts:
    """The laps (R, C): one fewer for those just ahead of the winner who let him by.

    ``before_s`` (R, C) is each car's last crossing before the flag, minus infinity where it has
    been already; ``share`` of those in question let him by.
    """
    able = before_s > flag.at_s[:, None] - LETS_BY_S
    return np.asarray(flag.laps - (able & (rng.random(able.shape) < share)))
