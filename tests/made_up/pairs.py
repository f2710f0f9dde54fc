"""Made-up races in which every lap's cause is known: pace, tyres, stops, mishaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.domain.tables import CROSSINGS
from dryline.race.race import Race

LAP_MS = 100_000


@dataclass(frozen=True)
class Driven:
    """How a car drives: its lap, what single laps lose, its stops (in-lap -> ms in the lane)."""

    lap_ms: int = LAP_MS
    lost_ms: Mapping[int, int] = field(default_factory=dict)
    stops: Mapping[int, int] = field(default_factory=dict)
    start_ms: int = 1_000
    driver: str = "Driver"


def race_of(
    cars: Mapping[str, Driven], laps: int = 40, flags: Mapping[int, str] | None = None
) -> Race:
    """A race of these cars in one class; ``flags`` by minute, green otherwise."""
    rows = [row for number, car in cars.items() for row in _rows(number, car, laps, flags or {})]
    frame = pl.DataFrame(rows, schema={name: CROSSINGS[name] for name in rows[0]}, orient="row")
    frame = frame.sort("elapsed_ms", "car_number").with_columns(
        line=pl.int_range(2, pl.len() + 2, dtype=pl.Int32)
    )
    length = RaceLength(ms=laps * LAP_MS)
    info = RaceInfo(name="made up", series="wec", year=2024, length=length)
    return Race(info, frame.select(*CROSSINGS))


def _rows(number: str, car: Driven, laps: int, flags: Mapping[int, str]) -> list[dict[str, object]]:
    out: list[dict[str, object]] = []
    elapsed = car.start_ms
    for lap in range(1, laps + 1):
        lane = car.stops.get(lap - 1)
        run = car.lap_ms + car.lost_ms.get(lap, 0)
        time = run + (lane or 0)
        elapsed += time
        out.append(
            {
                "car_number": number, "lap": lap, "driver": car.driver, "driver_seat": 1,
                "car_class": "LMGT3", "team": number, "manufacturer": "Maker", "group": "",
                "lap_time_ms": time + (car.start_ms if lap == 1 else 0),
                "s1_ms": run * 3 // 10 + (lane or 0) + (car.start_ms if lap == 1 else 0),
                "s2_ms": run * 3 // 10, "s3_ms": run - 2 * (run * 3 // 10),
                "elapsed_ms": elapsed, "known_at_ms": elapsed, "time_of_day_ms": elapsed,
                "flag": flags.get(elapsed // 60_000, "green"), "in_pit": lap in car.stops,
                "pit_lane_ms": lane, "top_speed_kmh": 280.0, "speed_kmh": 180.0,
            }
        )  # fmt: skip
    return out
