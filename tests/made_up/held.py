"""A field of one class that is held back early, on a dry track, without a flag that says so."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dryline.race.race import Race
from tests.made_up.driving import Car, Lap, crossings_of, race_of

SECTORS_MS = (35_000, 34_500, 33_200)
CARS = 20


def held_race(from_ms: float, to_ms: float, by: float, seed: int, *, minutes: int = 18) -> Race:
    """Sectors that begin between the two instants take ``by`` times as long."""
    cars = (Car(str(car + 1), "GT", _laps(car, from_ms, to_ms, by, seed, minutes))
            for car in range(CARS))  # fmt: skip
    return race_of(crossings_of(cars), series=None, year=None)


def _laps(
    car: int, from_ms: float, to_ms: float, by: float, seed: int, minutes: int
) -> Iterator[Lap]:
    random = np.random.default_rng([seed, car])
    at, first = 0, True
    while at <= minutes * 60_000:
        times: list[int] = []
        for usual in SECTORS_MS:
            held = from_ms <= at + sum(times) < to_ms
            pace = (by if held else 1.0) * (1.12 if first else 1.0) * (1 + 0.001 * car)
            times.append(round(usual * pace * (1 + 0.004 * random.standard_normal())))
        times[0] += 1500 * car if first else 0
        yield Lap(sum(times), sectors_ms=(times[0], times[1]), flag=None)
        at, first = at + sum(times), False
