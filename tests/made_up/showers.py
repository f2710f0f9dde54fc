"""Races in the rain whose wetness and tyres are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tests.made_up.driving import Car, Lap, crossings_of

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
    truth: dict[str, list[tuple[int, bool]]] = {}

    def field() -> Iterator[Car]:
        for name, count in CARS.items():
            wets_off = rng.normal(0.0, 0.01, 3)
            for _ in range(count):
                car = str(len(truth) + 1)
                tyres = truth[car] = [(0, start_on_wets)]
                yield Car(car, name, _laps(rng, car, name, wets_off, wetness, minutes, tyres))

    return WetRace(crossings_of(field()), truth)


def _losses(name: str, level: float, off_line: float) -> tuple[float, float]:
    """What slicks and wets lose in a sector, log time."""
    return SLICK[name] * level, 0.078 + 0.24 * level + off_line


def _laps(
    rng: np.random.Generator,
    car: str,
    name: str,
    wets_off: np.ndarray[Any, Any],
    wetness: Wetness,
    minutes: float,
    tyres: list[tuple[int, bool]],
) -> Iterator[Lap]:
    """The laps of a car, which enters its changes of tyres into ``tyres``."""
    own, on_wets = rng.normal(0.0, 0.004), tyres[0][1]
    at, lap, fuel = float(rng.uniform(0, 20_000)), 0, rng.uniform(0.3, 1.0) * 40
    patience, due, was_in, known = int(rng.integers(1, 4)), -1, False, 0
    while at < minutes * 60_000:
        lap += 1
        times, slick_lap, wet_lap = [], 0.0, 0.0
        for k in range(3):
            level = wetness(k, (at + 15_000) / 60_000)
            on_slick, wet = _losses(name, level, float(wets_off[k]))
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
        if was_in:
            times[0] += STOP_MS
            at += STOP_MS
        crossed = round(at)
        first, second, third = (round(time) for time in times)
        yield Lap(
            crossed - known,
            sectors_ms=(crossed - known - second - third, second),
            driver=f"driver {car}",
            in_pit=bool(stop),
            lane_ms=int(STOP_MS) if was_in else None,
            also={"speed_kmh": 5.0 / ((first + second + third) / 3_600_000)},
        )
        was_in, known = bool(stop), crossed
        if stop:
            fuel = at / 60_000 + 40
            if due == 0:
                on_wets = not on_wets
                tyres.append((crossed, on_wets))
                due, patience = -1, int(rng.integers(1, 4))
