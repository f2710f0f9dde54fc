"""Races whose pace, slopes and drivers are known, in the schema of LAPS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from tests.made_up.driving import Car, Lap, crossings_of, green_laps

SLOPE = {"HYPERCAR": 0.5e-4, "LMGT3": 2.5e-4}
LANE_MS, LOST_MS = 70_000, 35_000


@dataclass(frozen=True)
class World:
    """A generated race: ``laps``, and the truth per car, driver and class (log milliseconds)."""

    laps: pl.DataFrame
    driver_log_ms: dict[tuple[str, str], float]
    slope: dict[str, float]
    second_lap: float


def pace_world(
    seed: int, *, cars: int = 14, stints: int = 6, stint_laps: int = 26, traffic: float = 0.25
) -> World:
    """A dry green race of two classes; traffic hits a share of the laps and only costs time.

    Paces are truths at the eighth lap of a stint on the track as it is at the start.
    """
    chance = np.random.default_rng(seed)
    truth: dict[tuple[str, str], float] = {}

    def laps(crew: list[float], names: list[str], slope: float) -> Iterator[Lap]:
        for stint in range(1, stints + 1):
            stint_effect = chance.normal(0, 0.002)
            for in_stint in range(1, stint_laps + 1):
                log = crew[(stint - 1) % 3] + stint_effect + slope * (in_stint - 8)
                log += 0.005 * (in_stint == 2) + 0.002 * (3 <= in_stint <= 5)
                log += chance.normal(0, 0.005)
                log += chance.exponential(0.012) * (chance.random() < traffic)
                out_lap = in_stint == 1 and stint > 1
                in_lap = in_stint == stint_laps and stint < stints
                yield Lap(
                    round(float(np.exp(log))) + (LOST_MS if in_lap or out_lap else 0),
                    driver=names[(stint - 1) % 3],
                    in_pit=in_lap,
                    lane_ms=LANE_MS if out_lap else None,
                )

    def field() -> Iterator[Car]:
        for number in range(cars):
            car, name = str(number + 1), "HYPERCAR" if number < cars // 2 else "LMGT3"
            base = np.log(95_000 if name == "HYPERCAR" else 106_000) + chance.normal(0, 0.005)
            names = [f"driver {car}{letter}" for letter in "abc"]
            crew = [base + chance.normal(0, 0.006) for _ in names]
            truth.update({(car, driver): log for driver, log in zip(names, crew, strict=True)})
            yield Car(car, name, laps(crew, names, SLOPE[name]))

    return World(green_laps(crossings_of(field())), truth, SLOPE, 0.005)
