"""What is believed about stops before a race: parameters only, in ``data/priors/stops.toml``.

They are fitted over whole races by ``dryline.studies.learning.stops`` and can be replaced as a
value, so that a study fits them without the race under test.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec

from dryline.domain.series import Series
from dryline.domain.series import car_class as known_class


class RangePriors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Minutes on the tank by class with a relative sd, and what a neutralised lap takes of it."""

    yellow_factor: float
    default_minutes: float
    default_sd: float
    minutes: dict[str, float]
    sd: dict[str, float]

    def minutes_of(self, car_class: str) -> tuple[float, float]:
        """Minutes and relative sd of a class, the default for an unknown one."""
        own = car_class if car_class in self.minutes else known_class(car_class).like or car_class
        return (
            self.minutes.get(own, self.default_minutes),
            self.sd.get(own, self.default_sd),
        )


Coefficients = dict[str, dict[str, float]]
"""Coefficients of a logistic chance by feature name, per series."""


class ServicePriors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long each service stands, in seconds, and how often it is done."""

    fill_s: float  # a full tank or energy allowance
    fill_sd_s: float
    couple_s: float  # connecting, and pulling away
    tyres_s: float  # four tyres, on top of or beside the fill
    tyres_sd_s: float
    share_drive_through: float
    share_splash: float
    share_fuel: float
    share_tyres: float
    share_fuel_and_tyres: float
    share_repair: float
    share_unknown: float
    step_tyres_pct: float  # pace step after new tyres, relative
    step_same_pct: float  # pace step on the same tyres
    step_sd_pct: float
    in_parallel: bool = False  # fuel and tyres at once: the series says it


class PitTimePriors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the next stop's time is read from earlier stops of the class."""

    fill_width: float  # of the range
    fill_rate: float  # of what a whole tank takes
    floor_weight: float
    own_car: float
    neutralised_weight: float
    driver_weight: float
    previous_width_s: float
    smooth_s: float
    broad_share: float


class RejoinPriors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Noise of projected laps, as shares of a lap."""

    lap_noise: float
    stop_noise_s: float
    tail_share: float
    tail_scale: float
    slow_noise: float  # what one car gets of the field's slowing, relative sd


class StopPriors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All priors of stops."""

    range: RangePriors
    hazard: Coefficients
    driver: Coefficients
    company: Coefficients
    service: dict[str, ServicePriors]
    pit_time: PitTimePriors
    rejoin: RejoinPriors
    slowing: dict[str, list[list[float]]]  # by series: see dryline.model.field_slowing

    def service_of(self, series: str | None) -> ServicePriors:
        """The service priors of a series; several that it believes become one, as wide as all."""
        asked = Series.of(series)
        found = _pooled([self.service[name] for name in asked.believed.stops])
        return msgspec.structs.replace(found, in_parallel=asked.stops.services_at_once)

    def hazard_of(self, series: str | None) -> dict[str, float]:
        """The hazard's coefficients for a series."""
        return _between(self.hazard, series)

    def company_of(self, series: str | None) -> dict[str, float]:
        """The company correction's coefficients for a series."""
        return _between(self.company, series)

    def driver_of(self, series: str | None) -> dict[str, float]:
        """The driver change's coefficients for a series."""
        return _between(self.driver, series)

    def slowing_of(self, series: str | None) -> list[list[float]]:
        """How slow the field will be, by how slow it is; several tables become their middle."""
        found = [self.slowing[name] for name in Series.of(series).believed.stops]
        return [
            [sum(each) / len(found) for each in zip(*rows, strict=True)]
            for rows in zip(*found, strict=True)
        ]


def _between(table: Coefficients, series: str | None) -> dict[str, float]:
    """The coefficients that a series believes; of several, the middle: odds between theirs."""
    found = [table[name] for name in Series.of(series).believed.stops]
    if len(found) == 1:
        return found[0]
    return {name: sum(each.get(name, 0.0) for each in found) / len(found) for name in found[0]}


def _pooled(found: list[ServicePriors]) -> ServicePriors:
    """One for several: means, and an sd of what lies within them and between them."""
    if len(found) == 1:
        return found[0]
    rows = [msgspec.structs.asdict(each) for each in found]
    mean = {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}
    for name, sd in (("fill_s", "fill_sd_s"), ("tyres_s", "tyres_sd_s")):
        apart = sum((row[name] - mean[name]) ** 2 for row in rows) / len(rows)
        mean[sd] = (sum(row[sd] ** 2 for row in rows) / len(rows) + apart) ** 0.5
    return ServicePriors(**mean)


@cache
def stop_priors() -> StopPriors:
    """The priors shipped with Dryline."""
    text = files("dryline.data").joinpath("priors/stops.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), StopPriors)
