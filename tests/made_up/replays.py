"""A made-up field for replays: a train of cars on one lap time, and at most one yellow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dryline.kernels.replay_road import FOREVER, ReplayCar, ReplayField
from dryline.kernels.replay_run import ReplayStart
from dryline.studies.advice.replay import Replay
from dryline.studies.advice.replay_crew import ReplayedCar
from dryline.studies.advice.replay_flags import Flags

LAP_S, TRAIN_S, CATCH = 100.0, 200.0, 0.8
"""A green lap, one behind the safety car, and the speed of a car that has not caught the train."""
GRID_S, STOP_S, DRIVEN_S = 4.0, 70.0, 10.0
RANGE = 30


class Yellow(NamedTuple):
    """A safety car, in s."""

    begin: float
    end: float
    opens: float = FOREVER


def replay_with(
    yellow: Yellow | None = None, *, cars: int = 6, laps: int = 50, row: int = 2,
    boxes: tuple[int, ...] = (25,),
) -> Replay:  # fmt: skip
    """A race of so many laps that the car in ``row`` is replayed in; its crew stopped on ``boxes``.

    Nobody else stops. Cars start four seconds apart and run one second apart behind the safety
    car, so that who is where can be said by hand.
    """
    ends = _field(cars, laps, yellow)
    begin = np.hstack([np.full((cars, 1), 0.0), ends[:, :-1]])
    none = np.zeros_like(ends)
    spans = [] if yellow is None else [(yellow.begin, yellow.end)]
    knot = np.array([0.0, *(edge for span in spans for edge in span)])
    speed = np.array([1.0, CATCH, 1.0][: len(knot)])
    work = np.concatenate([[0.0], np.cumsum(np.diff(knot) * speed[:-1])])
    field = ReplayField(
        begin, ends, ends.copy(), none, np.ones_like(ends), none.copy(),
        np.full(cars, ends.shape[1], dtype=np.int64), np.full(cars, LAP_S),
        np.zeros(cars, dtype=np.int64), np.array([a for a, _ in spans]),
        np.array([b for _, b in spans]), knot, work, speed,
    )  # fmt: skip
    flag = float(ends[0, laps - 1])
    lead = np.concatenate([[0.0], np.delete(ends, row, axis=0).min(axis=0), [FOREVER]])
    car = ReplayCar(
        row, np.array([FOREVER]), np.array([LAP_S]), np.array([]), np.array([]), lead,
        np.array([] if yellow is None else [yellow.opens]), DRIVEN_S / LAP_S, 0.0,
        np.full(RANGE + 1, STOP_S), flag, flag,
    )  # fmt: skip
    asked = np.zeros(laps + 60, dtype=np.int64)
    asked[list(boxes)] = 1
    crew = ReplayedCar(
        str(row), "GT", car, ReplayStart(1, float(ends[row, 0]), 0.0, RANGE - 1.0), asked,
        ends[row], {}, {}, RANGE - np.arange(ends.shape[1] + 1.0), laps, float(ends[row, laps - 1]),
        RANGE, LAP_S,
    )  # fmt: skip
    kinds = ["green", "safety_car", "green"][: len(knot)]
    finishers = {"GT": [(str(c), laps, float(ends[c, laps - 1])) for c in range(cars)]}
    flags = Flags(knot.tolist(), kinds, spans)
    return Replay("made up", "imsa", field, [crew], flags, finishers, flag, flag)


def _field(cars: int, laps: int, yellow: Yellow | None) -> np.ndarray:
    """Crossings of everybody, four laps beyond the flag, (cars, laps + 4)."""
    ends = np.zeros((cars, laps + 4))
    for lap in range(laps + 4):
        for car in range(cars):
            since = ends[car, lap - 1] if lap else GRID_S * car
            held = yellow is not None and yellow.begin <= since < yellow.end
            if not held:
                ends[car, lap] = since + LAP_S
            elif car == 0:
                ends[car, lap] = since + TRAIN_S
            else:
                ends[car, lap] = max(since + LAP_S / CATCH, ends[car - 1, lap] + 1.0)
    return ends
