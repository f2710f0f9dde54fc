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


Spells = tuple[tuple[float, float], ...]


class SoFar(msgspec.Struct, frozen=True, kw_only=True):
    """What has been driven, and how the car stands at its last crossing.

    ``laps`` completed at ``clock_s``; ``fuel_laps`` still on board; ``tyre_age`` laps on the set;
    ``driver`` at the wheel (an index), None where nobody knows; ``driven_s`` by driver, ``spells``
    when (since the start); ``turn_s`` of it in the turn under way; ``stops`` made. ``in_lane``:
    the car has come in, and what its stop does is still to be chosen.
    """

    laps: int
    clock_s: float
    fuel_laps: int
    tyre_age: int
    driver: int | None
    driven_s: tuple[float, ...]
    spells: tuple[Spells, ...]
    turn_s: float = 0.0
    stops: int = 0
    in_lane: bool = False


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What the team wants of the rest.

    No stop at the end of the laps in ``no_stop`` (first and last); nobody gets in at the stops of
    ``no_change`` (counted over the whole race); the next stop at the end of ``next_lap``; whoever
    gets in is the next of ``order`` (indices of drivers).
    """

    no_stop: tuple[tuple[int, int], ...] = ()
    no_change: tuple[int, ...] = ()
    next_lap: int | None = None
    order: tuple[int, ...] = ()


class RaceSetup(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a plan is made from; ``so_far`` None before the race."""

    race: PlannedRace
    car: PlannedCar
    fuel: Fuel
    tyres: PlannedTyres
    pit: PlannedPit
    drivers: tuple[PlannedDriver, ...]
    so_far: SoFar | None = None
    wishes: Wishes = Wishes()

    @property
    def begins_s(self) -> float:
        """When the first planned stint begins, on the race's clock."""
        return 0.0 if self.so_far is None else self.so_far.clock_s

    @property
    def laps_done(self) -> int:
        """Laps completed before the plan begins."""
        return 0 if self.so_far is None else self.so_far.laps

    @property
    def stops_made(self) -> int:
        """Stops before the plan's own first one."""
        return 0 if self.so_far is None else self.so_far.stops

    @property
    def under_way(self) -> SoFar | None:
        """The stint that the car is driving: its fuel, tyres and driver are no choice."""
        return None if self.so_far is None or self.so_far.in_lane else self.so_far

    @property
    def left_in_tank(self) -> int:
        """Laps of fuel with which the first planned stint begins, without what is filled then."""
        return 0 if self.so_far is None else self.so_far.fuel_laps

    def longest(self, stint: int) -> int:
        """Most laps of a planned stint, saving included."""
        if stint or self.under_way is None:
            return self.fuel.laps + self.fuel.save_laps
        return self.under_way.fuel_laps + self.saving(stint)

    def saving(self, stint: int) -> int:
        """Laps that saving can add to a planned stint: in proportion to the fuel on board."""
        if stint or self.under_way is None:
            return self.fuel.save_laps
        return int(self.fuel.save_laps * min(1.0, self.under_way.fuel_laps / self.fuel.laps))

    def stops_before(self, stint: int) -> bool:
        """Whether a planned stint begins with a stop."""
        return stint > 0 or (self.so_far is not None and self.so_far.in_lane)

    def driven_s(self, driver: int) -> float:
        """Time at the wheel before the plan begins."""
        return 0.0 if self.so_far is None else self.so_far.driven_s[driver]

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
