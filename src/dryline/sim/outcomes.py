"""What came of simulated races."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dryline.kernels import race_columns as col
from dryline.sim.params import RaceParams


@dataclass(frozen=True)
class Outcomes:
    """R simulated races of C cars.

    ``laps`` (R, C); ``finish_ms`` (R, C) of each car's last crossing; ``stops`` (R, C) in the
    whole race; ``retired`` (R, C), 1 where the car has no crossing at or after the flag; ``race``
    (R, 4): the flag's instant in ms, lead changes, neutralised ms, neutralisations, all from the
    start of the simulation on; ``car_class`` (C,).
    """

    laps: NDArray[np.int32]
    finish_ms: NDArray[np.float64]
    stops: NDArray[np.int32]
    retired: NDArray[np.int8]
    race: NDArray[np.float64]
    car_class: NDArray[np.int64]

    @classmethod
    def empty(cls, params: RaceParams, replicates: int) -> Outcomes:
        """Room for so many replicates."""
        shape = (replicates, params.cars)
        return cls(
            laps=np.zeros(shape, np.int32),
            finish_ms=np.zeros(shape),
            stops=np.zeros(shape, np.int32),
            retired=np.zeros(shape, np.int8),
            race=np.zeros((replicates, 4)),
            car_class=params.car[:, col.CAR_CLASS].astype(np.int64),
        )

    @classmethod
    def joined(cls, parts: Sequence[Outcomes]) -> Outcomes:
        """The replicates of all parts, in their order."""
        return cls(
            laps=np.concatenate([part.laps for part in parts]),
            finish_ms=np.concatenate([part.finish_ms for part in parts]),
            stops=np.concatenate([part.stops for part in parts]),
            retired=np.concatenate([part.retired for part in parts]),
            race=np.concatenate([part.race for part in parts]),
            car_class=parts[0].car_class,
        )

    def order(self) -> NDArray[np.int64]:
        """Cars by finishing order (R, C): more laps first, then the earlier last crossing."""
        score = self.laps.astype(np.float64) - self.finish_ms / 1.0e12
        return np.argsort(-score, axis=1, kind="stable")

    def positions(self) -> NDArray[np.int64]:
        """Overall positions (R, C), from 1."""
        order = self.order()
        out = np.empty_like(order)
        np.put_along_axis(out, order, np.arange(1, order.shape[1] + 1)[None, :], axis=1)
        return out

    def class_positions(self) -> NDArray[np.int64]:
        """Positions in class (R, C), from 1."""
        overall = self.positions()
        out = np.empty_like(overall)
        for k in np.unique(self.car_class):
            mine = np.flatnonzero(self.car_class == k)
            out[:, mine] = np.argsort(np.argsort(overall[:, mine], axis=1), axis=1) + 1
        return out

    def class_position_probabilities(self) -> NDArray[np.float64]:
        """Probability of each position in class (C, C): row a car, column the place less one."""
        positions = self.class_positions()
        cars = positions.shape[1]
        out = np.zeros((cars, cars))
        for c in range(cars):
            out[c] = np.bincount(positions[:, c] - 1, minlength=cars)[:cars]
        shares: NDArray[np.float64] = out / max(1, positions.shape[0])
        return shares
