"""Races whose every service is known, in the schemas of LAPS and STOPS."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from dryline.domain.tables import STOPS
from tests.made_up.driving import Car, Lap, crossings_of, green_laps

TRANSIT_MS = 31_000
RANGE_LAPS = 30
LAP_MS = 100_000


@dataclass(frozen=True)
class StopWorld:
    """``laps`` and ``stops`` of a made-up race, and the service of each stop in order."""

    laps: pl.DataFrame
    stops: pl.DataFrame
    services: list[str]
    length_ms: int


def stop_world(seed: int, *, cars: int = 16, hours: float = 6.0) -> StopWorld:
    """A WEC-like race: 43 s for a whole fill plus 4 s, ten more for tyres, some drive-throughs."""
    chance = np.random.default_rng(seed)
    length = int(hours * 3_600_000)
    stops: list[dict[str, Any]] = []
    numbers = [str(number) for number in range(1, cars + 1)]
    laps = green_laps(
        crossings_of(
            Car(number, "HYPERCAR", _laps(chance, number, length, stops)) for number in numbers
        )
    )
    made = [stop for stop in stops if stop["out_ms"] is not None]
    made.sort(key=lambda stop: (stop["in_ms"], stop["car_number"]))
    services = [str(stop.pop("service")) for stop in made]
    return StopWorld(laps, pl.DataFrame(made, schema=STOPS), services, length)


def _laps(
    chance: np.random.Generator, car: str, length: int, stops: list[dict[str, Any]]
) -> Iterator[Lap]:
    """The laps of a car, which enters its stops as it makes them."""
    elapsed, lap, load, tyre_age, in_stint, driver = 0, 0, 0.0, 0, 0, 0
    due = _next_stop(chance)
    lane_ms: int | None = None
    while elapsed < length:
        lap, in_stint, load, tyre_age = lap + 1, in_stint + 1, load + 1, tyre_age + 1
        in_lap = in_stint >= due[0]
        ms = LAP_MS * (
            1 + 0.0003 * (tyre_age - 15) - 0.0002 * (load - 15) + chance.normal(0, 0.003)
        )
        ms += TRANSIT_MS * 0.3 * in_lap + (0 if lane_ms is None else lane_ms - TRANSIT_MS * 0.3)
        elapsed += round(ms)
        yield Lap(round(ms), driver=f"d{driver}", in_pit=in_lap, lane_ms=lane_ms)
        if lane_ms is not None:
            stops[-1].update(out_ms=elapsed, out_lap_ms=round(ms))
        lane_ms = None
        if in_lap and elapsed >= length - 2 * LAP_MS:
            return
        if in_lap:
            kind = due[1] if due[1] == "drive_through" else str(
                chance.choice(["fuel", "fuel_and_tyres"], p=[0.4, 0.6]))  # fmt: skip
            lane_ms = TRANSIT_MS + round(1000 * _stood(chance, kind, load))
            change = kind == "fuel_and_tyres" and chance.random() < 0.5
            stops.append({
                **dict.fromkeys(STOPS), "service": kind, "car_number": car, "car_class": "HYPERCAR",
                "lap": lap, "in_ms": elapsed, "pit_lane_ms": lane_ms, "driver_in": f"d{driver}",
                "driver_out": f"d{driver + change}", "driver_change": change,
                "in_lap_ms": round(ms), "under": "green",
            })  # fmt: skip
            driver += change
            load = load if kind == "drive_through" else 0.0
            tyre_age = 0 if kind == "fuel_and_tyres" else tyre_age
            in_stint, due = 0, _after(chance, due, kind)


def _next_stop(chance: np.random.Generator) -> tuple[int, str]:
    if chance.random() < 0.12:
        return int(chance.integers(4, 20)), "drive_through"
    return int(chance.integers(RANGE_LAPS - 2, RANGE_LAPS + 1)), "service"


def _after(chance: np.random.Generator, due: tuple[int, str], kind: str) -> tuple[int, str]:
    if kind == "drive_through":
        return RANGE_LAPS - due[0], "service"
    return _next_stop(chance)


def _stood(chance: np.random.Generator, kind: str, load: float) -> float:
    if kind == "drive_through":
        return abs(float(chance.normal(0, 0.2)))
    fuel = 4 + 43 * load / RANGE_LAPS + chance.normal(0, 1.5)
    return float(fuel + (10 + chance.normal(0, 1.5) if kind == "fuel_and_tyres" else 0))
