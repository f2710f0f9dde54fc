"""How far everybody still goes before a stop must be made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import polars as pl

from dryline.analysis.stops.fuel_range import RangeLeft
from dryline.answers.about_race import AboutRace
from dryline.answers.answer import Part, means
from dryline.answers.quantities import RealQuantiles
from dryline.domain.clock_text import format_clock
from dryline.domain.fields import AtMs, CarClass, CarNumber
from dryline.race.moment import Moment
from dryline.race.snapshot import CarState

LAPS_AT_SPEED = "laps at racing speed"
RANGES: dict[str, type[pl.DataType]] = {
    "car_number": pl.String, "car_class": pl.String, "load_laps": pl.Float64,
    "range_laps": pl.Float64, "range_sd_laps": pl.Float64, "left_p10": pl.Float64,
    "left_p50": pl.Float64, "left_p90": pl.Float64, "left_minutes": pl.Float64,
}  # fmt: skip


class CarRange(Part, frozen=True, kw_only=True):
    """What one car has used since its last stop, and what it has left."""

    car_number: CarNumber
    car_class: CarClass
    load_laps: Annotated[
        float, means("used since the last stop; a neutralised lap counts for less", LAPS_AT_SPEED)
    ]
    range_laps: Annotated[
        float, means("a full tank or a full allowance, as the class has shown", LAPS_AT_SPEED)
    ]
    range_sd_laps: Annotated[float, means("its standard deviation", LAPS_AT_SPEED)]
    left: Annotated[RealQuantiles, means("further laps before it must stop", LAPS_AT_SPEED)]
    left_minutes: Annotated[
        float, means("the middle of that at the class's lap time under green", "minutes")
    ]

    @classmethod
    def of(cls, car: CarState, found: RangeLeft) -> CarRange:
        """From what is believed of a car's tank."""
        return cls(
            car_number=car.car_number,
            car_class=car.car_class,
            load_laps=round(found.load_laps, 2),
            range_laps=round(found.range_laps, 2),
            range_sd_laps=round(found.range_sd_laps, 2),
            left=RealQuantiles(
                p10=round(found.p10_laps, 2),
                p50=round(found.p50_laps, 2),
                p90=round(found.p90_laps, 2),
            ),
            left_minutes=round(found.p50_minutes, 1),
        )


class Ranges(AboutRace, frozen=True, kw_only=True):
    """How far every car that is in the race still goes, in running order."""

    at_ms: AtMs
    cars: Annotated[tuple[CarRange, ...], means("one car each, in running order")]

    @classmethod
    def of(cls, moment: Moment, cars: Iterable[CarRange]) -> Ranges:
        """Those of a moment's cars."""
        info = moment.race.info
        return cls(race=info.name, simulated=info.simulated, at_ms=moment.at_ms, cars=tuple(cars))

    def frame(self) -> pl.DataFrame:
        """A row per car: schema ``RANGES``."""
        rows = [
            (
                car.car_number, car.car_class, car.load_laps, car.range_laps, car.range_sd_laps,
                car.left.p10, car.left.p50, car.left.p90, car.left_minutes,
            )
            for car in self.cars
        ]  # fmt: skip
        return pl.DataFrame(rows, schema=RANGES, orient="row")

    def heading(self) -> str:
        """When, and who must stop first."""
        first = min(self.cars, key=lambda car: car.left_minutes, default=None)
        who = "nobody is running" if first is None else f"#{first.car_number} must stop first"
        return self.titled(f"{who}, seen at {format_clock(self.at_ms)}")
