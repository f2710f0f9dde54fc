"""Who has been at the wheel of each car up to an instant, for how long, and how fast.

Only a `Running` is read, which ends at its instant, and the entry list, which is older than the
race. Drivers are known by the key of their name within a class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dryline.analysis.pace.joint import Turns
from dryline.domain.entry import Driver
from dryline.model.features import BIN_S
from dryline.model.ratings import key
from dryline.model.running import CarRunning, Floats, Running

Crews = Mapping[str, Sequence[Driver]]
"""The entry list: drivers by car number."""
NO_CREWS: Crews = {}


@dataclass(frozen=True)
class AtWheel:
    """One car: its crew as far as it is known, by number in `Wheel.drivers`.

    ``driven_s`` (crew,): seconds at the wheel so far. ``now``: who is at it, None before the first
    crossing. ``listed``: an entry list named the crew.
    """

    car_number: str
    car_class: str
    team: str
    crew: tuple[int, ...]
    driven_s: Floats
    now: int | None
    listed: bool


@dataclass(frozen=True)
class Wheel:
    """All cars at ``at_s`` of a race of ``length_s``, class by class in their order on the track.

    ``drivers``: class and key of each driver. ``ratings``: by driver, where the entry list says
    one. ``laps``: clean laps by driver.
    """

    at_s: float
    length_s: float
    classes: tuple[str, ...]
    cars: tuple[AtWheel, ...]
    drivers: tuple[tuple[str, str], ...]
    ratings: tuple[str | None, ...]
    laps: Floats
    turns: Turns

    @property
    def left_s(self) -> float:
        """Seconds to go, at least one."""
        return max(self.length_s - self.at_s, 1.0)


class _Drivers:
    """Numbers for drivers, in the order in which they are first asked for."""

    def __init__(self) -> None:
        self.number: dict[tuple[str, str], int] = {}
        self.rating: dict[int, str] = {}

    def of(self, car: CarRunning, name: str, rating: str | None = None) -> int:
        found = (car.car_class, key(name) or f"#{car.car_number}")
        number = self.number.setdefault(found, len(self.number))
        if rating is not None:
            self.rating[number] = rating
        return number


def wheel_of(running: Running, length_s: float, crews: Crews = NO_CREWS) -> Wheel:
    """Who has driven in ``running``, with the crews of the entry list where there is one."""
    known = _Drivers()
    classes = running.classes()
    cars = [car for mates in classes.values() for car in mates]
    seats = [_at_wheel(car, crews.get(car.car_number, ()), known) for car in cars]
    rows = [_turns(number, car, known) for number, car in enumerate(cars)]
    of_car, of_driver, quarter, log_s, laps = np.concatenate([np.zeros((0, 5)), *rows]).T
    names = list(classes)
    turns = Turns(
        log_s=log_s,
        laps=laps,
        quarter=quarter.astype(np.int64),
        car=of_car.astype(np.int64),
        driver=of_driver.astype(np.int64),
        car_class=np.array([names.index(car.car_class) for car in cars], dtype=np.int64),
        driver_class=np.array([names.index(c) for c, _ in known.number], dtype=np.int64),
    )
    return Wheel(
        running.at_s, length_s, tuple(names), tuple(seats), tuple(known.number),
        tuple(known.rating.get(n) for n in range(len(known.number))),
        np.bincount(turns.driver, laps, minlength=len(known.number)).astype(float), turns,
    )  # fmt: skip


def _at_wheel(car: CarRunning, listed: Sequence[Driver], known: _Drivers) -> AtWheel:
    seen = [known.of(car, name) for name in car.driver_names]
    named = [known.of(car, d.name, d.rating.value if d.rating else None) for d in listed]
    crew = tuple(dict.fromkeys([*named, *seen]))
    driven = np.zeros(len(crew))
    for number, seconds in zip(seen, _seconds(car), strict=True):
        driven[crew.index(number)] += seconds
    now = seen[int(car.driver[-1])] if car.laps else None
    return AtWheel(car.car_number, car.car_class, car.team, crew, driven, now, bool(named))


def _seconds(car: CarRunning) -> Floats:
    return np.bincount(car.driver, car.lap_s, minlength=len(car.driver_names)).astype(float)


def _turns(number: int, car: CarRunning, known: _Drivers) -> Floats:
    """Car, driver, quarter, mean log lap time (s) and clean laps of each turn (n, 5)."""
    if not car.clean.any():
        return np.zeros((0, 5))
    seats = np.array([known.of(car, name) for name in car.driver_names])[car.driver[car.clean]]
    quarter = np.floor(car.elapsed_s[car.clean] / BIN_S)
    pairs, where = np.unique(np.stack([seats, quarter]), axis=1, return_inverse=True)
    laps = np.bincount(where.ravel())
    log_s = np.bincount(where.ravel(), np.log(car.lap_s[car.clean])) / laps
    return np.column_stack([np.full(len(laps), number), *pairs, log_s, laps])
