"""What a plan for a whole race starts from: the race, the car, fuel, tyres, the pits, the crew.

All of it is the team's own knowledge; limits on drive time come from the rule book where the
team states none. Times in seconds (floats), fuel in green laps.
"""

from __future__ import annotations

import msgspec

from dryline.domain.entry import Rating
from dryline.rules.book import RuleBook
from dryline.rules.drive_limits import driver_limits

HOUR_S = 3600.0


class PlannedRace(msgspec.Struct, frozen=True, kw_only=True):
    """The race: ``length_s`` by the clock, or ``laps``; ``start_of_day_s`` where it is known."""

    name: str
    length_s: float | None = None
    laps: int | None = None
    series: str | None = None
    year: int | None = None
    start_of_day_s: float | None = None


class PlannedCar(msgspec.Struct, frozen=True, kw_only=True):
    """The car: ``lap_s`` is a green lap in the race's traffic, fresh tyres, full tank."""

    number: str
    car_class: str
    lap_s: float


class Fuel(msgspec.Struct, frozen=True, kw_only=True):
    """Fuel, or energy where that is what runs out, in green laps.

    ``laps`` on a full tank; ``hose_s_per_lap`` seconds of hose for one lap; ``burn_gain_s`` how
    much faster a lap gets per lap of fuel that is not on board; ``save_laps`` how many laps more
    a tank gives by saving, at ``save_s`` seconds for each such lap. ``energy_laps``: how long a
    full energy allowance lasts, where the team says what a lap takes; ``laps`` is no more.
    """

    laps: int
    hose_s_per_lap: float
    burn_gain_s: float = 0.0
    save_laps: int = 0
    save_s: float = 0.0
    energy_laps: float | None = None


class PlannedTyres(msgspec.Struct, frozen=True, kw_only=True):
    """Tyres: ``sets`` for the race, ``laps`` a set may run, ``loss_s`` per lap of a set's age.

    ``cold_s`` is what the first lap on a new set costs. ``None``: no limit.
    """

    sets: int | None = None
    laps: int | None = None
    loss_s: float = 0.0
    cold_s: float = 0.0


class PlannedPit(msgspec.Struct, frozen=True, kw_only=True):
    """Stops: ``lane_s`` lost without standing; then standing times of each work.

    ``tyres_after_fuel``: tyres wait for the hose (WEC); else all works begin together (IMSA).
    """

    lane_s: float
    tyres_s: float
    driver_s: float = 0.0
    tyres_after_fuel: bool = True

    def standing_s(self, fuel_s: float, *, tyres: bool, driver: bool) -> float:
        """How long the car stands."""
        works = max(fuel_s, self.driver_s if driver else 0.0)
        if not tyres:
            return works
        return works + self.tyres_s if self.tyres_after_fuel else max(works, self.tyres_s)


class PlannedDriver(msgspec.Struct, frozen=True, kw_only=True):
    """A driver: ``pace_s`` a lap against the car's ``lap_s``; limits on time at the wheel.

    ``from_s`` and ``until_s``: instants between which the driver may drive. ``starts``: takes the
    start. ``window_s`` with ``window_max_s``: no more than that in any such window.
    """

    name: str
    pace_s: float = 0.0
    rating: Rating | None = None
    min_s: float | None = None
    max_s: float | None = None
    turn_max_s: float | None = None
    window_s: float | None = None
    window_max_s: float | None = None
    from_s: float | None = None
    until_s: float | None = None
    starts: bool = False


class RaceSetup(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a plan is made from."""

    race: PlannedRace
    car: PlannedCar
    fuel: Fuel
    tyres: PlannedTyres
    pit: PlannedPit
    drivers: tuple[PlannedDriver, ...]

    def lap_s(self, driver: int) -> float:
        """A driver's green lap."""
        return self.car.lap_s + self.drivers[driver].pace_s


def with_rules(setup: RaceSetup, book: RuleBook | None) -> tuple[RaceSetup, tuple[str, ...]]:
    """The setup with the rule book's drive-time limits where the team states none; and remarks."""
    if book is None or setup.race.length_s is None:
        return setup, ("no rule book holds here: only the limits stated in the setup are kept",)
    length_ms = round(setup.race.length_s * 1000)
    crew, remarks, unsure = [], list[str](), list[str]()
    for driver in setup.drivers:
        limits = driver_limits(book, setup.car.car_class, driver.rating, length_ms)
        if limits.needs_rating:
            remarks.append(f"{driver.name} has no rating: limits by rating do not apply")
        stated = {
            "min_s": limits.minimum_min,
            "max_s": limits.maximum_min,
            "turn_max_s": limits.continuous_max_min,
            "window_max_s": limits.window_max_min,
        }
        found = {
            name: limit.value * 60.0
            for name, limit in stated.items()
            if limit is not None and getattr(driver, name) is None
        }
        unsure += [
            f"{_LIMITS[name]} of {limit.value:g} min"
            for name, limit in stated.items()
            if name in found and limit is not None and not limit.confirmed
        ]
        if limits.window_h is not None and driver.window_s is None:
            found["window_s"] = limits.window_h.value * HOUR_S
        crew.append(msgspec.structs.replace(driver, **found))
    if unsure:
        words = ", ".join(dict.fromkeys(unsure))
        remarks.append(f"not confirmed for {book.series.upper()} {book.year}: {words}")
    return msgspec.structs.replace(setup, drivers=tuple(crew)), tuple(remarks)


_LIMITS = {
    "min_s": "a least drive time",
    "max_s": "a most drive time",
    "turn_max_s": "a longest turn",
    "window_max_s": "a most in a window",
}
