"""Generated races whose pace, slopes and drivers are known, in the schema of LAPS."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dryline.domain.tables import LAPS


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
    slope = {"HYPERCAR": 0.5e-4, "LMGT3": 2.5e-4}
    rows: list[dict[str, object]] = []
    for number in range(cars):
        car, name = str(number + 1), "HYPERCAR" if number < cars // 2 else "LMGT3"
        base = np.log(95_000 if name == "HYPERCAR" else 106_000) + chance.normal(0, 0.005)
        drivers = [f"driver {car}{letter}" for letter in "abc"]
        for driver in drivers:
            truth[car, driver] = base + chance.normal(0, 0.006)
        elapsed, lap = 0, 0
        for stint in range(1, stints + 1):
            driver = drivers[(stint - 1) % 3]
            stint_effect = chance.normal(0, 0.002)
            for in_stint in range(1, stint_laps + 1):
                lap += 1
                log = truth[car, driver] + stint_effect + slope[name] * (in_stint - 8)
                log += 0.005 * (in_stint == 2) + 0.002 * (3 <= in_stint <= 5)
                log += chance.normal(0, 0.005)
                log += chance.exponential(0.012) * (chance.random() < traffic)
                out_lap = in_stint == 1 and stint > 1
                in_lap = in_stint == stint_laps and stint < stints
                ms = round(float(np.exp(log))) + (35_000 if in_lap or out_lap else 0)
                elapsed += ms
                rows.append(
                    _row(car, name, driver, lap, ms, elapsed, stint, in_stint, in_lap, out_lap)
                )
    laps = pl.DataFrame(rows, schema=LAPS).sort("elapsed_ms")
    return World(laps.with_columns(line=pl.int_range(2, laps.height + 2, dtype=pl.Int32)), truth,
                 slope, 0.005)  # fmt: skip


def _row(
    car: str, name: str, driver: str, lap: int, ms: int, elapsed: int, stint: int, in_stint: int,
    in_lap: bool, out_lap: bool,
) -> dict[str, object]:  # fmt: skip
    return {
        **dict.fromkeys(LAPS),
        "car_number": car,
        "car_class": name,
        "driver": driver,
        "lap": lap,
        "lap_time_ms": ms,
        "elapsed_ms": elapsed,
        "known_at_ms": elapsed,
        "start_ms": elapsed - ms,
        "flag": "green",
        "in_pit": in_lap,
        "in_lap": in_lap,
        "out_lap": out_lap,
        "pit_lane_ms": 70_000 if out_lap else None,
        "stint": stint,
        "stint_lap": in_stint,
        "neutralised_ms": 0,
        "under": "green",
        "is_green": not (in_lap or out_lap),
    }
