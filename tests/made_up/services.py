"""Generated races whose every service is known, in the schemas of LAPS and STOPS."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dryline.domain.tables import LAPS, STOPS

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
    laps: list[dict[str, object]] = []
    stops: list[dict[str, object]] = []
    for number in range(1, cars + 1):
        _drive(chance, str(number), length, laps, stops)
    table = pl.DataFrame(laps, schema=LAPS).sort("elapsed_ms", maintain_order=True)
    table = table.with_columns(line=pl.int_range(2, table.height + 2, dtype=pl.Int32))
    stops = [stop for stop in stops if stop["out_ms"] is not None]
    order = sorted(range(len(stops)), key=lambda at: (stops[at]["in_ms"], stops[at]["car_number"]))
    listed = [stops[at] for at in order]
    services = [str(stop.pop("service")) for stop in listed]
    return StopWorld(table, pl.DataFrame(listed, schema=STOPS), services, length)


def _drive(
    chance: np.random.Generator, car: str, length: int,
    laps: list[dict[str, object]], stops: list[dict[str, object]],
) -> None:  # fmt: skip
    elapsed, lap, load, tyre_age, stint, in_stint = 0, 0, 0.0, 0, 1, 0
    due = _next_stop(chance)
    pit_ms: int | None = None
    driver = 0
    while elapsed < length:
        lap, in_stint, load, tyre_age = lap + 1, in_stint + 1, load + 1, tyre_age + 1
        out_lap = pit_ms is not None
        in_lap = in_stint >= due[0]
        ms = LAP_MS * (
            1 + 0.0003 * (tyre_age - 15) - 0.0002 * (load - 15) + chance.normal(0, 0.003)
        )
        ms += TRANSIT_MS * 0.3 * in_lap + (0 if pit_ms is None else pit_ms - TRANSIT_MS * 0.3)
        elapsed += round(ms)
        laps.append(
            _lap(car, driver, lap, round(ms), elapsed, stint, in_stint, in_lap, out_lap, pit_ms)
        )
        if out_lap and stops and stops[-1]["car_number"] == car:
            stops[-1].update(out_ms=elapsed, out_lap_ms=round(ms))
        pit_ms = None
        if in_lap and elapsed < length - 2 * LAP_MS:
            kind = due[1] if due[1] == "drive_through" else str(
                chance.choice(["fuel", "fuel_and_tyres"], p=[0.4, 0.6]))  # fmt: skip
            stood = _stood(chance, kind, load)
            pit_ms = TRANSIT_MS + round(1000 * stood)
            change = kind == "fuel_and_tyres" and chance.random() < 0.5
            stops.append({
                **dict.fromkeys(STOPS), "service": kind, "car_number": car, "car_class": "HYPERCAR",
                "lap": lap, "in_ms": elapsed, "pit_lane_ms": pit_ms, "driver_in": f"d{driver}",
                "driver_out": f"d{driver + change}", "driver_change": change,
                "in_lap_ms": round(ms), "under": "green",
            })  # fmt: skip
            driver += change
            load = load if kind == "drive_through" else 0.0
            tyre_age = 0 if kind == "fuel_and_tyres" else tyre_age
            stint, in_stint = stint + 1, 0
            due = _after(chance, due, kind)
        elif in_lap:
            break


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


def _lap(
    car: str, driver: int, lap: int, ms: int, elapsed: int, stint: int, in_stint: int,
    in_lap: bool, out_lap: bool, pit_ms: int | None,
) -> dict[str, object]:  # fmt: skip
    return {
        **dict.fromkeys(LAPS),
        "car_number": car,
        "car_class": "HYPERCAR",
        "driver": f"d{driver}",
        "lap": lap,
        "lap_time_ms": ms,
        "elapsed_ms": elapsed,
        "known_at_ms": elapsed,
        "start_ms": elapsed - ms,
        "flag": "green",
        "in_pit": in_lap,
        "in_lap": in_lap,
        "out_lap": out_lap,
        "pit_lane_ms": pit_ms,
        "stint": stint,
        "stint_lap": in_stint,
        "neutralised_ms": 0,
        "under": "green",
        "is_green": not (in_lap or out_lap),
    }
