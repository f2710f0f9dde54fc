"""How true a replay is: the model against what happened, with the crews' own stops."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dryline.kernels.replay_road import FOREVER, entry_before, lap_end, stretch_at
from dryline.studies.advice.replay import Replay
from dryline.studies.advice.replay_crew import ReplayedCar
from dryline.studies.advice.replay_follow import PolicyRun

SAME_RACE_S = 30.0
"""A car whose own stops do not bring back its own laps, and time within this, is left out."""


def is_faithful(crew: ReplayedCar, crewed: PolicyRun) -> bool:
    """Whether the crew's own stops give the crew's own race."""
    return crewed.laps == crew.laps and abs(crewed.end_s - crew.end_s) <= SAME_RACE_S


def yellow_errors_s(replay: Replay, crew: ReplayedCar) -> Iterator[float]:
    """How late the model has the car at its first crossing after each neutralisation, s.

    From its last real crossing before it, with its real stops and its real times in the lane.
    """
    field = replay.field
    for begin, end in zip(field.slow_from, field.slow_to, strict=True):
        first = int(np.searchsorted(crew.ends_s, begin, side="right"))
        last = int(np.searchsorted(crew.ends_s, end, side="right")) + 1
        inside = 1 < first < last <= crew.laps
        if inside and first not in crew.out_s and last not in crew.out_s:
            yield _modelled(replay, crew, first, last) - float(crew.ends_s[last - 1])


def _modelled(replay: Replay, crew: ReplayedCar, first: int, last: int) -> float:
    """When the car ends lap ``last``, from its real crossing at the end of lap ``first``."""
    field, car = replay.field, crew.car
    t, x = float(crew.ends_s[first - 1]), 0.0
    for lap in range(first, last):
        end = lap_end(lap, t, x, field, car)
        if lap + 1 in crew.lane_s:
            t = entry_before(end, t, x, field, car) + crew.lane_s[lap + 1]
            t, x = t + (car.cold_s if stretch_at(t, field) < 0 else 0.0), 0.5 * car.lane_part
        else:
            t, x = end, 0.0
    return min(t, FOREVER)
