"""What car and driver are worth, told apart over all classes of a race at once.

``log lap time = class + quarter + class in the quarter + car + driver + e``

The quarters of an hour are common to all classes: while one class's amateurs drive, the others say
what the track does. Measured against the class in the same quarter, amateurs meet only amateurs and
come out level with the professionals who take over from them. One ridge, solved in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from dryline.kernels.one_thread import one_thread

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class JointPriors:
    """Spreads, relative to a lap time, counted over 48 races; a factor of 0.6 or 1.6 on them
    hardly matters. ``turn_sd``: a driver's quarter about his worth; ``session_sd``: the same in a
    session before the race (36 weekends); ``lap_sd``: his laps in it.
    """

    class_sd: float = 10.0
    quarter_sd: float = 0.03
    class_quarter_sd: float = 0.004
    car_sd: float = 0.004
    driver_sd: float = 0.008
    turn_sd: float = 0.004
    session_sd: float = 0.009
    lap_sd: float = 0.012


@dataclass(frozen=True)
class Turns:
    """Clean laps by car, driver and quarter of an hour, (n,) each.

    ``log_s`` is their mean log lap time. ``car_class`` (cars,) and ``driver_class`` (drivers,) say
    who belongs where; drivers may have no turn yet. Quarters from ``sessions_from`` on are whole
    sessions before the race.
    """

    log_s: Floats
    laps: Floats
    quarter: Ints
    car: Ints
    driver: Ints
    car_class: Ints
    driver_class: Ints
    sessions_from: int | None = None


@dataclass(frozen=True)
class JointPace:
    """The posterior: coefficients (p,), and the factor of their precision."""

    coefficients: Floats
    factor: tuple[Floats, bool]
    turns: Turns

    @cached_property
    def covariance(self) -> Floats:
        """Of the coefficients (p, p)."""
        return np.asarray(cho_solve(self.factor, np.eye(len(self.coefficients))), dtype=float)

    @cached_property
    def cars(self) -> Floats:
        """What each car is worth against the mean over its class's cars (cars,)."""
        first = self._first_car
        own = self.coefficients[first : first + len(self.turns.car_class)]
        return own - _means(own, self.turns.car_class)[self.turns.car_class]

    @cached_property
    def drivers(self) -> Floats:
        """What each driver is worth against the mean over his class's drivers (drivers,)."""
        own = self.coefficients[self._first_driver :]
        return own - _means(own, self.turns.driver_class)[self.turns.driver_class]

    @cached_property
    def driver_covariance(self) -> Floats:
        """Of ``drivers`` (drivers, drivers)."""
        mine = self.turns.driver_class
        same = mine[:, None] == mine[None, :]
        centre = np.eye(len(mine)) - same / same.sum(axis=1, keepdims=True)
        own = self.covariance[self._first_driver :, self._first_driver :]
        return np.asarray(centre @ own @ centre.T, dtype=float)

    @property
    def _first_driver(self) -> int:
        return len(self.coefficients) - len(self.turns.driver_class)

    @property
    def _first_car(self) -> int:
        return self._first_driver - len(self.turns.car_class)


@one_thread
def joint_pace(
    turns: Turns,
    believed: Floats | None = None,
    believed_sd: Floats | None = None,
    priors: JointPriors | None = None,
) -> JointPace:
    """Fit the turns; ``believed`` (drivers,) is each driver's worth before the race, with its sd.

    Without them every driver is drawn from the spread of all.
    """
    p = priors or JointPriors()
    classes = int(max(turns.car_class.max(initial=-1), turns.driver_class.max(initial=-1))) + 1
    quarters = int(turns.quarter.max(initial=-1)) + 1
    drivers, cars = len(turns.driver_class), len(turns.car_class)
    mine = turns.car_class[turns.car]
    starts = np.cumsum([0, classes, quarters, classes * quarters, cars])
    columns = (mine, turns.quarter, mine * quarters + turns.quarter, turns.car, turns.driver)
    rows = np.zeros((len(turns.log_s), int(starts[-1]) + drivers))
    for start, column in zip(starts, columns, strict=True):
        rows[np.arange(len(rows)), start + column] = 1.0
    sd = np.full(drivers, p.driver_sd) if believed_sd is None else believed_sd
    spread = np.concatenate([
        np.full(classes, p.class_sd), np.full(quarters, p.quarter_sd),
        np.full(classes * quarters, p.class_quarter_sd), np.full(cars, p.car_sd), sd,
    ])  # fmt: skip
    middle = np.zeros(len(spread))
    middle[:classes] = turns.log_s.mean() if turns.log_s.size else 0.0
    if believed is not None:
        middle[len(spread) - drivers :] = believed
    before = turns.sessions_from is not None and turns.quarter >= turns.sessions_from
    weight = 1.0 / (np.where(before, p.session_sd, p.turn_sd) ** 2 + p.lap_sd**2 / turns.laps)
    factor = cho_factor((rows * weight[:, None]).T @ rows + np.diag(spread**-2.0))
    missed = turns.log_s - rows @ middle
    found = middle + cho_solve(factor, rows.T @ (weight * missed))
    return JointPace(np.asarray(found, dtype=float), factor, turns)


def _means(values: Floats, groups: Ints) -> Floats:
    size = np.bincount(groups)
    return np.asarray(np.bincount(groups, values) / np.maximum(size, 1), dtype=float)
