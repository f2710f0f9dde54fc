"""What is believed about stops before a race: parameters only, in ``data/priors/stops.toml``.

They are fitted over whole races by ``dryline.studies.learning.stops`` and can be replaced as a
value, so that a study fits them without the race under test.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

import msgspec


class RangePriors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Minutes on the tank by class with a relative sd, and what a neutralised lap takes of it."""

    yellow_factor: float
    default_minutes: float
    default_sd: float
    minutes: dict[str, float]
    sd: dict[str, float]

    def minutes_of(self, car_class: str) -> tuple[float, float]:
        """Minutes and relative sd of a class, the default for an unknown one."""
        return (
            self.minutes.get(car_class, self.default_minutes),
            self.sd.get(car_class, self.default_sd),
        )


class HazardPriors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Coefficients of a logistic chance by feature name, per series."""

    wec: dict[str, float]
    imsa: dict[str, float]


class ServicePriors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long each service stands, in seconds, and how often it is done."""

    fill_s: float  # a full tank or energy allowance
    fill_sd_s: float
    couple_s: float  # connecting, and pulling away
    tyres_s: float  # four tyres, on top of or beside the fill
    tyres_sd_s: float
    in_parallel: bool  # fuel and tyres at once
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


class PitTimePriors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the next stop's time is read from earlier stops of the class."""

    load_width: float
    load_rate_s: float
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
    shared_noise: float
    stop_noise_s: float
    tail_share: float
    tail_scale: float
    slow_share: dict[str, float]  # by series: the field slows unannounced (a virtual safety car)


class StopPriors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All priors of stops."""

    range: RangePriors
    hazard: HazardPriors
    driver: HazardPriors
    company: HazardPriors
    service: dict[str, ServicePriors]
    pit_time: PitTimePriors
    rejoin: RejoinPriors

    def service_of(self, series: str | None) -> ServicePriors:
        """The service priors of a series; of ``wec`` where the series is unknown."""
        return self.service.get(series or "wec", self.service["wec"])

    def hazard_of(self, series: str | None) -> dict[str, float]:
        """The hazard's coefficients of a series; of ``wec`` where the series is unknown."""
        return self.hazard.imsa if series == "imsa" else self.hazard.wec

    def company_of(self, series: str | None) -> dict[str, float]:
        """The company correction's coefficients of a series; of ``wec`` where it is unknown."""
        return self.company.imsa if series == "imsa" else self.company.wec

    def driver_of(self, series: str | None) -> dict[str, float]:
        """The driver change's coefficients of a series; of ``wec`` where it is unknown."""
        return self.driver.imsa if series == "imsa" else self.driver.wec


@cache
def stop_priors() -> StopPriors:
    """The priors shipped with Dryline."""
    text = files("dryline.data").joinpath("priors/stops.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), StopPriors)
