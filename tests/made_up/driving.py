"""The one maker of races in the tests: from cars and what each of their laps was like to tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from dryline.domain.race_info import RaceInfo
from dryline.domain.tables import CROSSINGS, LAPS
from dryline.race.race import Race

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Lap:
    """One lap: ``ms`` from the crossing before it, of the first lap from the common start.

    ``sectors_ms`` are the first two; the third is the rest. ``lane_ms`` stands with the out-lap.
    ``also`` holds any other column of ``CROSSINGS``.
    """

    ms: int
    sectors_ms: tuple[int, int] | None = None
    driver: str | None = "Driver"
    seat: int | None = None
    flag: str | None = "green"
    in_pit: bool = False
    lane_ms: int | None = None
    also: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Car:
    """A car and its laps, driven when they are asked for; ``also`` as of a lap, for all of them."""

    number: str
    car_class: str
    laps: Iterable[Lap]
    also: Mapping[str, object] = field(default_factory=dict)


def crossings_of(
    cars: Iterable[Car], *, day_start_ms: int | None = None, by_car: bool = False
) -> pl.DataFrame:
    """Schema ``CROSSINGS``, by elapsed; the file's lines run likewise, or ``by_car``."""
    rows = (row for car in cars for row in _rows(car, day_start_ms))
    frame = pl.DataFrame(list(rows), schema=CROSSINGS)
    if not by_car:
        frame = frame.sort("elapsed_ms", "car_number")
    frame = frame.with_columns(line=pl.int_range(2, pl.len() + 2, dtype=pl.Int32))
    return frame.sort("elapsed_ms", "line")


def _rows(car: Car, day_start_ms: int | None) -> Iterator[dict[str, object]]:
    elapsed = 0
    for number, lap in enumerate(car.laps, 1):
        elapsed += lap.ms
        first, second = lap.sectors_ms or (None, None)
        rest = None if first is None or second is None else lap.ms - first - second
        day_ms = None if day_start_ms is None else (day_start_ms + elapsed) % DAY_MS
        yield {
            "car_number": car.number, "lap": number, "car_class": car.car_class,
            "driver": lap.driver, "driver_seat": lap.seat, "lap_time_ms": lap.ms,
            "s1_ms": first, "s2_ms": second, "s3_ms": rest, "elapsed_ms": elapsed,
            "known_at_ms": elapsed, "time_of_day_ms": day_ms, "flag": lap.flag,
            "in_pit": lap.in_pit, "pit_lane_ms": lap.lane_ms, **car.also, **lap.also,
        }  # fmt: skip


def green_laps(crossings: pl.DataFrame) -> pl.DataFrame:
    """Schema ``LAPS``, of a race that nothing neutralised; places are left empty."""
    after_stop = pl.col("in_pit").shift(1, fill_value=False).over("car_number")
    laps = crossings.with_columns(
        start_ms=pl.col("elapsed_ms") - pl.col("lap_time_ms"),
        in_lap="in_pit",
        out_lap=after_stop,
        stint=1 + after_stop.cum_sum().over("car_number"),
        neutralised_ms=0,
        under=pl.lit("green"),
        is_green=~(pl.col("in_pit") | after_stop),
    ).with_columns(stint_lap=pl.int_range(1, pl.len() + 1).over("car_number", "stint"))
    return laps.select(
        (pl.col(name) if name in laps.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in LAPS.items()
    )


def race_of(crossings: pl.DataFrame, **info: Any) -> Race:
    """These crossings as a race of the WEC's year 2024, unless ``info`` says otherwise."""
    said = {"name": "made up", "series": "wec", "year": 2024, **info}
    return Race(info=RaceInfo(**said), crossings=crossings)
