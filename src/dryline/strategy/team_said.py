"""What the pit wall has said by an instant: seen, with author and time, and beating inference.

A line without a car number speaks of the car that asks; one with a number of that car. An input
that was undone says nothing; what is said later of the same thing counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Generic, TypeVar

from dryline.domain.event import TeamInput
from dryline.domain.instant import Instant
from dryline.race.moment import Moment
from dryline.race.team_evidence import in_force
from dryline.rules.scoring import name_key

T = TypeVar("T")
OURS = ""
"""Stands for the car that asks, where a line names none."""


@dataclass(frozen=True)
class Fact(Generic[T]):
    """Something that somebody on the pit wall said: what, who, when, and as which input."""

    value: T
    author: str
    at: Instant
    number: int

    @property
    def seen(self) -> bool:
        """Said by the team, not inferred."""
        return True


@dataclass(frozen=True)
class Level:
    """What is left on a clock, and what a lap takes of it, in ``pct``, ``l`` or ``laps``."""

    left: float
    unit: str
    per_lap: float | None = None

    @property
    def laps(self) -> float | None:
        """Laps until it is empty; None where nobody said what a lap takes."""
        if self.unit == "laps":
            return self.left
        return self.left / self.per_lap if self.per_lap else None


@dataclass(frozen=True)
class TyreSet:
    """One tyre or set of the team's own: ``side`` ``left``, ``right`` or a corner, None for all."""

    name: str
    compound: str | None = None
    side: str | None = None
    laps: int | None = None
    left_pct: float | None = None

    @property
    def usable(self) -> bool:
        """Whether anything is left of it."""
        return self.left_pct is None or self.left_pct > 0.0


@dataclass(frozen=True)
class TyreWork:
    """Tyres changed, or to be changed, at a stop: how many, and of which kind."""

    count: int | None
    kind: str | None


@dataclass(frozen=True)
class Pin:
    """``driver`` (a name, or a rating such as ``Bronze``) stays at the wheel until an instant."""

    driver: str
    until: Instant


@dataclass(frozen=True)
class NoStop:
    """Laps at whose end the team does not want to stop, both included."""

    first_lap: int
    last_lap: int


@dataclass(frozen=True)
class Splits:
    """A team's own stop, in seconds: entry to box, hose for a full fill, tyres, box to exit."""

    entry_s: float | None = None
    hose_s: float | None = None
    tyres_s: float | None = None
    release_s: float | None = None


@dataclass(frozen=True)
class Sky:
    """Rain or a wet or dry track that somebody has seen; ``sector`` None is everywhere."""

    kind: str
    sector: int | None


@dataclass(frozen=True)
class CarSaid:
    """What was said of one car; None or empty where nobody spoke of it.

    ``stock`` holds kinds of tyre of which none are left, ``drivers`` the order in which they are
    to drive, ``away`` those who are not available, ``plan`` the lap of the next stop (0: now),
    ``no_change`` the stops (counted over the race) at which nobody gets in, ``no_stop`` laps.
    """

    energy: Fact[Level] | None = None
    fuel: Fact[Level] | None = None
    hose_s: Fact[float] | None = None
    tyres: Fact[TyreWork] | None = None
    sets: Mapping[str, Fact[TyreSet]] = field(default_factory=dict)
    stock: Mapping[str, Fact[str]] = field(default_factory=dict)
    driver: Fact[str] | None = None
    drivers: Fact[tuple[str, ...]] | None = None
    away: Mapping[str, Fact[str]] = field(default_factory=dict)
    pin: Fact[Pin] | None = None
    splits: Fact[Splits] | None = None
    plan: Fact[int] | None = None
    no_change: Mapping[str, Fact[int]] = field(default_factory=dict)
    no_stop: Mapping[str, Fact[NoStop]] = field(default_factory=dict)
    damage_s: Fact[float] | None = None
    retired: Fact[bool] | None = None

    @property
    def clocks(self) -> tuple[Fact[Level], ...]:
        """Fuel and energy, as far as they were told."""
        return tuple(each for each in (self.energy, self.fuel) if each is not None)

    def has_none(self, kind: str) -> Fact[str] | None:
        """The fact that no tyre of that kind is left; None where nobody said so.

        Sets named one by one say so too, once each of that compound that was named is used up.
        """
        if kind in self.stock:
            return self.stock[kind]
        named = [each for each in self.sets.values() if each.value.compound == kind]
        if not named or any(each.value.usable for each in named):
            return None
        last = max(named, key=lambda each: each.number)
        return Fact(kind, last.author, last.at, last.number)

    def is_away(self, driver: str) -> bool:
        """Whether somebody said that this driver is not available."""
        return any(names(each.value, driver) for each in self.away.values())


NOTHING = CarSaid()


@dataclass(frozen=True)
class TeamSaid:
    """Everything that the pit wall had said by ``at``.

    ``inputs`` are those in force, oldest first; ``sky`` the weather that was seen.
    """

    at: Instant
    inputs: tuple[TeamInput, ...]
    sky: tuple[Fact[Sky], ...]

    def own(self, car_number: str) -> CarSaid:
        """What was said of the car that asks, by its number or without one."""
        return self._folded(car_number, OURS)

    def of(self, car_number: str) -> CarSaid:
        """What was said of a car by its number."""
        return self._folded(car_number)

    @property
    def named(self) -> tuple[str, ...]:
        """The cars that were spoken of by their numbers, in order."""
        return tuple(dict.fromkeys(e.car_number for e in self.inputs if e.car_number))

    def _folded(self, *numbers: str) -> CarSaid:
        car = NOTHING
        for entry in self.inputs:
            if (entry.car_number or OURS) in numbers:
                car = _heard(car, entry)
        return car


def team_said(inputs: Iterable[TeamInput], at: Instant) -> TeamSaid:
    """The facts in force among the inputs known by ``at``, which come oldest first."""
    standing = tuple(in_force(entry for entry in inputs if entry.known_at <= at))
    sky = tuple(
        _fact(Sky(entry.kind, entry.sector), entry)
        for entry in standing
        if entry.kind in ("rain", "wet", "dry")
    )
    return TeamSaid(at, standing, sky)


def said_at(moment: Moment) -> TeamSaid:
    """What the team that asks has said by then; nothing where everybody asks."""
    return team_said(moment.inputs, moment.at)


def _heard(car: CarSaid, entry: TeamInput) -> CarSaid:
    """``car`` with what ``entry`` says of it."""
    if entry.hose_s is not None and entry.kind != "splits":
        car = replace(car, hose_s=_fact(entry.hose_s, entry))
    match entry.kind:
        case "energy":
            return replace(car, energy=_level(car.energy, entry.energy_pct, "pct", entry))
        case "fuel" if entry.fuel_laps is not None:
            return replace(car, fuel=_level(car.fuel, entry.fuel_laps, "laps", entry))
        case "fuel":
            return replace(car, fuel=_level(car.fuel, entry.fuel_l, "l", entry))
        case "splits":
            return _with_splits(car, entry)
        case "tyres" | "set" | "stock":
            return _with_tyres(car, entry)
        case "driver" | "order" | "pin" | "driver_out" | "driver_back":
            return _with_driver(car, entry)
        case "plan":
            return replace(car, plan=_fact(entry.lap or 0, entry))
        case "no_change" if entry.stop is not None:
            same = {**car.no_change, str(entry.stop): _fact(entry.stop, entry)}
            return replace(car, no_change=same)
        case "no_stop" if entry.lap is not None:
            laps = NoStop(entry.lap, entry.last_lap or entry.lap)
            key = f"{laps.first_lap}-{laps.last_lap}"
            return replace(car, no_stop={**car.no_stop, key: _fact(laps, entry)})
        case "damage":
            return replace(car, damage_s=_fact(entry.seconds or 0.0, entry))
        case "retired":
            return replace(car, retired=_fact(True, entry))
    return car


def _level(
    before: Fact[Level] | None, left: float | None, unit: str, entry: TeamInput
) -> Fact[Level] | None:
    """The level now; what a lap takes is kept where only the level is said anew."""
    if left is None:
        return before
    per_lap = entry.per_lap
    if per_lap is None and before is not None and before.value.unit == unit:
        per_lap = before.value.per_lap
    return _fact(Level(left, unit, per_lap), entry)


def _with_splits(car: CarSaid, entry: TeamInput) -> CarSaid:
    before = Splits() if car.splits is None else car.splits.value
    told = {each.name: getattr(entry, each.name) for each in fields(Splits)}
    known = {name: value for name, value in told.items() if value is not None}
    return replace(car, splits=_fact(replace(before, **known), entry))


def _with_tyres(car: CarSaid, entry: TeamInput) -> CarSaid:
    if entry.kind == "tyres":
        return replace(car, tyres=_fact(TyreWork(entry.tyre_count, entry.tyre), entry))
    if entry.kind == "stock":
        kind = entry.tyre or ""
        return replace(car, stock={**car.stock, kind: _fact(kind, entry)})
    name = entry.tyre_set or ""
    before = car.sets[name].value if name in car.sets else TyreSet(name)
    now = TyreSet(
        name,
        entry.tyre or before.compound,
        entry.side or before.side,
        before.laps if entry.age_laps is None else entry.age_laps,
        before.left_pct if entry.left_pct is None else entry.left_pct,
    )
    return replace(car, sets={**car.sets, name: _fact(now, entry)})


def _with_driver(car: CarSaid, entry: TeamInput) -> CarSaid:
    name = entry.driver or ""
    if entry.kind == "order":
        return replace(car, drivers=_fact(entry.drivers, entry))
    if entry.kind == "pin" and entry.until is not None:
        return replace(car, pin=_fact(Pin(name, entry.until), entry))
    if entry.kind == "driver":
        return replace(car, driver=_fact(name, entry))
    others = {key: each for key, each in car.away.items() if not names(each.value, name)}
    if entry.kind == "driver_out":
        others[name_key(name)] = _fact(name, entry)
    return replace(car, away=others)


def _fact(value: T, entry: TeamInput) -> Fact[T]:
    return Fact(value, entry.author, entry.known_at, entry.number)


def names(said: str, driver: str) -> bool:
    """Whether what was said, a whole name or its end, names the driver."""
    short, whole = name_key(said), name_key(driver)
    return bool(short and whole) and (whole.endswith(short) or short.endswith(whole))
