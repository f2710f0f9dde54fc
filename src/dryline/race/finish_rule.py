"""When the chequered flag falls, and how many laps everybody has then: the rule, exactly.

The flag falls at the first crossing, at or after the time, that completes a lap which nobody had
completed before: the leader's, whatever his class. In a race by distance it falls when the first
car completes the last lap. From then on every car finishes the lap it is on, so a car ends with
the laps that it had completed before the flag, and one more. No rule book here knows another rule:
the flag is this one in 58 of 60 finished races; the other two had their clock stopped under red.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Bools = NDArray[np.bool_]


class FlagFall(NamedTuple):
    """The finish of R races of C cars.

    ``at_s`` (R,) when the flag falls, ``winner`` (R,) the car that brings it out, ``laps`` (R, C)
    that each car has when it takes the flag.
    """

    at_s: Floats
    winner: Counts
    laps: Counts


def flag_after(done: Counts, crossings_s: Floats, running: Bools) -> FlagFall:
    """The finish of races by time.

    ``done`` (R, C) laps completed before the time; ``crossings_s`` (R, C, W) the next crossings of
    each car from the time on, in order. Who leads is asked among those ``running`` (C,): a leader
    who stands is not waited for. Of two cars at one instant the first in order brings it out.
    """
    races, _, ahead = crossings_s.shape
    lead = np.where(running, done, -1).max(axis=1, keepdims=True)
    at = np.where(running, lead - done, ahead)
    brings = np.take_along_axis(crossings_s, np.minimum(at, ahead - 1)[:, :, None], axis=2)[:, :, 0]
    brings = np.where(at < ahead, brings, np.inf)
    winner = brings.argmin(axis=1)
    at_s = brings[np.arange(races), winner]
    return FlagFall(at_s, winner, laps_when_flagged(done, crossings_s, at_s))


def laps_when_flagged(done: Counts, crossings_s: Floats, at_s: Floats) -> Counts:
    """Laps (R, C) at the flag that falls at ``at_s`` (R,); the rest as in `flag_after`."""
    before = (crossings_s < at_s[:, None, None]).sum(axis=2)
    return np.asarray(done + before + 1, dtype=np.int64)
