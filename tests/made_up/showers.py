"""A generator of races whose wetness and tyres are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

SECTORS_MS = (31_000.0, 42_000.0, 35_000.0)
PACE = {"GTP": 1.0, "LMP2": 1.03, "GTD": 1.12}
CARS = {"GTP": 8, "LMP2": 6, "GTD": 14}
SLICK = {"GTP": 1.3, "LMP2": 1.35, "GTD": 0.85}
STOP_MS = 62_000.0

Wetness = Callable[[int, float], float]
"""Loss of an average car on slicks (log time) in a sector (0, 1, 2) at a minute."""


@dataclass(frozen=True)
class WetRace:
    """Laps in the columns of ``CROSSINGS`` and the truth: car -> [(from_ms, on wets)]."""

    laps: pl.DataFrame
    tyres: dict[str, list[tuple[int, bool]]]

    def on_wets(self, car: str, at_ms: int) -> bool:
        return [wet for start, wet in self.tyres[car] if start <= at_ms][-1]


def dry(_sector: int, _minute: float) -> float:
    return 0.0


def shower(
    begins: float, peak: float, ends: float, sectors: tuple[int, ...] = (0, 1, 2)
) -> Wetness:
    """Rain that builds over two minutes, stays, and dries over fifteen."""

    def wetness(sector: int, minute: float) -> float:
        if sector not in sectors or minute < begins:
            return 0.0
        rising = min(1.0, (minute - begins) / 2)
        drying = max(0.0, 1 - max(0.0, minute - ends) / 15)
        return peak * rising * drying

    return wetness


def drive(wetness: Wetness, minutes: float, seed: int = 1, start_on_wets: bool = False) -> WetRace:
    """Race for that long; crews change tyres a few laps after the other tyre is the faster."""
    rng = np.random.default_rng(seed)
    rows, truth = [], {}
    number = 0
    for name, count in CARS.items():
        wets_off = rng.normal(0.0, 0.01, 3)
        for _ in range(count):
            number += 1
            car = str(number)
            rows += _car(rng, car, name, wets_off, wetness, minutes, start_on_wets, truth)
    frame = pl.DataFrame(rows).sort("elapsed_ms", "car_number")
    return WetRace(frame.with_columns(line=pl.int_range(2, frame.height + 2)), truth)


def _losses(name: str, level: float, sector: int, wets_off: np.ndarray) -> tuple[float, float]:  # type: ignore[type-arg]
    return SLICK[name] * level, 0.078 + 0.24 * level + float(wets_off[sector])


def _car(rng, car, name, wets_off, wetness, minutes, on_wets, truth):  # type: ignore[no-untyped-def]
    own = rng.normal(0.0, 0.004)
    at, lap, fuel = float(rng.uniform(0, 20_000)), 0, rng.uniform(0.3, 1.0) * 40
    patience, due, was_in = int(rng.integers(1, 4)), -1, False
    truth[car] = [(0, on_wets)]
    rows = []
    while at < minutes * 60_000:
        lap += 1
        times, slick_lap, wet_lap = [], 0.0, 0.0
        for k in range(3):
            level = wetness(k, (at + 15_000) / 60_000)
            on_slick, wet = _losses(name, level, k, wets_off)
            slick_lap, wet_lap = slick_lap + on_slick / 3, wet_lap + wet / 3
            loss = wet if on_wets else on_slick * (1 + rng.normal(0, 0.22))
            noise = rng.standard_t(5) * 0.006 + max(0.0, rng.normal(0, 0.004))
            time = SECTORS_MS[k] * PACE[name] * np.exp(own + loss + noise)
            if lap == 1:
                time *= 1.1
            times.append(time)
            at += time
        wrong = (wet_lap < slick_lap - 0.01) if not on_wets else (slick_lap < wet_lap - 0.01)
        due = (due - 1 if due > 0 else patience if due < 0 else 0) if wrong else -1
        stop = due == 0 or at / 60_000 > fuel
        pit = None
        if was_in:
            times[0] += STOP_MS
            at += STOP_MS
            pit = int(STOP_MS)
        ms = [round(t) for t in times]
        rows.append(
            {
                "car_number": car, "lap": lap, "driver": f"driver {car}", "car_class": name,
                "lap_time_ms": sum(ms), "s1_ms": ms[0], "s2_ms": ms[1], "s3_ms": ms[2],
                "elapsed_ms": round(at), "flag": "green", "in_pit": bool(stop),
                "pit_lane_ms": pit, "speed_kmh": 5.0 / (sum(ms) / 3_600_000),
            }
        )  # fmt: skip
        was_in = bool(stop)
        if stop:
            fuel = at / 60_000 + 40
            if due == 0:
                on_wets = not on_wets
                truth[car].append((round(at), on_wets))
                due, patience = -1, int(rng.integers(1, 4))
    return rows
