"""What a call is worth: the finish of one car, turned into one number per simulated race."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dryline.domain.errors import BadOption
from dryline.sim.outcomes import Outcomes

Floats = NDArray[np.float64]
UTILITIES = ("position", "win", "podium", "points", "seconds")
PODIUM = 3
TIE_BREAK_PER_S = 0.001
"""Where the utility cannot tell two calls apart, a second counts so much of its unit."""
_UNITS = {
    "position": "class places",
    "win": "probability of winning the class",
    "podium": "probability of a class podium",
    "points": "points",
    "seconds": "s",
}


@dataclass(frozen=True)
class Utility:
    """What is maximised. ``scale`` are the points by class place, used by ``points`` alone."""

    name: str = "position"
    scale: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.name not in UTILITIES:
            raise BadOption(
                f"--utility {self.name!r} is not known", remedy=f"Use {', '.join(UTILITIES)}."
            )

    @property
    def unit(self) -> str:
        """What a margin is measured in."""
        return _UNITS[self.name]

    def of(self, finish: SimulatedFinishes) -> Floats:
        """The worth of each replicate (R,): more is better; of several cars, all together."""
        worth = self._each(finish)
        return worth if worth.ndim == 1 else np.asarray(worth.sum(axis=1), dtype=np.float64)

    def _each(self, finish: SimulatedFinishes) -> Floats:
        if self.name == "position":
            placed: Floats = -finish.place
            return placed
        if self.name == "win":
            return _shares(finish.place <= 1)
        if self.name == "podium":
            return _shares(finish.place <= PODIUM)
        if self.name == "seconds":
            timed: Floats = -finish.seconds
            return timed
        paid = np.array([*self.scale, 0.0])
        points: Floats = paid[np.minimum(finish.place.astype(np.int64) - 1, len(self.scale))]
        return np.asarray(np.where(finish.retired, 0.0, points), dtype=np.float64)

    def shown(self, worth: float) -> float:
        """A mean worth as people read it: a place counts from 1 and less is better."""
        return -worth if self.name in ("position", "seconds") else worth


def _shares(happened: NDArray[np.bool_]) -> Floats:
    return np.asarray(happened, dtype=np.float64)


@dataclass(frozen=True)
class SimulatedFinishes:
    """One car's finish in R replicates: ``place`` in class, ``seconds``, ``retired``, each (R,).

    Of several cars they are (R, cars).

    ``seconds`` is the time a car needs for the distance of a fixed number of laps, up to a
    constant: differences between calls are the time won or lost.
    """

    place: Floats
    seconds: Floats
    retired: NDArray[np.bool_]

    @classmethod
    def none(cls) -> SimulatedFinishes:
        """No replicate yet."""
        return cls(np.zeros(0), np.zeros(0), np.zeros(0, np.bool_))

    @classmethod
    def of(cls, out: Outcomes, car: int, lap_ms: float) -> SimulatedFinishes:
        """The finish of ``car``; ``lap_ms`` is what a lap more or less is worth."""
        rivals = np.flatnonzero(out.car_class == out.car_class[car])
        score = out.laps[:, rivals].astype(np.float64) - out.finish_ms[:, rivals] / 1.0e12
        mine = out.laps[:, car].astype(np.float64) - out.finish_ms[:, car] / 1.0e12
        place = 1.0 + (score > mine[:, None]).sum(axis=1)
        seconds = (out.finish_ms[:, car] - lap_ms * out.laps[:, car]) / 1000.0
        return cls(place, seconds, out.retired[:, car] > 0)

    def joined(self, more: Sequence[SimulatedFinishes]) -> SimulatedFinishes:
        """These replicates and then those."""
        every = [f for f in (self, *more) if len(f.place)] or [self]
        return SimulatedFinishes(
            np.concatenate([f.place for f in every]),
            np.concatenate([f.seconds for f in every]),
            np.concatenate([f.retired for f in every]),
        )

    @classmethod
    def together(cls, cars: Sequence[SimulatedFinishes]) -> SimulatedFinishes:
        """The finishes of several cars in the same replicates, side by side."""
        if len(cars) == 1:
            return cars[0]
        return cls(
            np.stack([f.place for f in cars], axis=1),
            np.stack([f.seconds for f in cars], axis=1),
            np.stack([f.retired for f in cars], axis=1),
        )

    @property
    def gone(self) -> NDArray[np.bool_]:
        """Whether any of the cars is out, (R,)."""
        if self.retired.ndim == 1:
            return self.retired
        return np.asarray(self.retired.any(axis=1), dtype=np.bool_)

    @property
    def time(self) -> Floats:
        """Seconds of all the cars, (R,)."""
        if self.seconds.ndim == 1:
            return self.seconds
        return np.asarray(self.seconds.sum(axis=1), dtype=np.float64)

    def of_car(self, at: int) -> SimulatedFinishes:
        """One of several cars."""
        if self.place.ndim == 1:
            return self
        return SimulatedFinishes(self.place[:, at], self.seconds[:, at], self.retired[:, at])

    def first(self, count: int) -> SimulatedFinishes:
        """The first ``count`` replicates."""
        return SimulatedFinishes(self.place[:count], self.seconds[:count], self.retired[:count])
