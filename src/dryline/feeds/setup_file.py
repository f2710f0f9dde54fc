"""A race setup (TOML): what `dryline plan` plans from; see docs/plan.md for every key."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from dryline.domain.clock_text import parse_ms, parse_race_clock
from dryline.domain.entry import Rating
from dryline.domain.errors import BadTime, InputError
from dryline.domain.legible import legible_tree
from dryline.rules.energy import Allowance, event_allowances
from dryline.strategy.plan_setup import (
    Fuel,
    PlannedCar,
    PlannedDriver,
    PlannedPit,
    PlannedRace,
    PlannedTyres,
    RaceSetup,
)

MOST_DRIVERS, MOST_LAPS = 6, 1000
Allowances = Mapping[str, Allowance]
_ONE_HOSE = "fuel: say hose_s_per_lap or full_s (a whole tank), one of the two"
_KEY = "Keys and an example: docs/plan.md, or dryline plan --example."


class _Section(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A table of the file: an unknown key is an error."""


class _Race(_Section):
    name: str
    length: str | None = None
    laps: int | None = None
    series: str | None = None
    year: int | None = None
    start: str | None = None


class _Car(_Section):
    number: str | int
    car_class: str
    lap: str | float


class _Fuel(_Section, kw_only=True):
    laps: int | None = None
    hose_s_per_lap: float | None = None
    full_s: float | None = None
    burn_gain_s: float = 0.0
    save_laps: int = 0
    save_s: float = 0.0


class _Energy(_Section, kw_only=True):
    balance: str
    make: str
    mj_per_lap: float
    l_per_lap: float = 0.0


class _Tyres(_Section):
    sets: int | None = None
    laps: int | None = None
    loss_s: float = 0.0
    cold_s: float = 0.0


class _Pit(_Section):
    lane_s: float
    tyres_s: float
    driver_s: float = 0.0
    tyres_after_fuel: bool = True


class _Driver(_Section, rename={"from_": "from"}):
    name: str
    pace_s: float = 0.0
    rating: Rating | None = None
    least: str | None = None
    most: str | None = None
    longest_turn: str | None = None
    from_: str | None = None
    until: str | None = None
    starts: bool = False


class _Setup(_Section, kw_only=True):
    race: _Race
    car: _Car
    fuel: _Fuel
    pit: _Pit
    energy: _Energy | None = None
    tyres: _Tyres = msgspec.field(default_factory=_Tyres)
    drivers: list[_Driver]


def read_setup(
    data: bytes, name: str, allowances: Callable[[str], Allowances] = event_allowances
) -> RaceSetup:
    """The setup in a TOML file; ``name`` is for messages, ``allowances`` finds what it names.

    Raises:
        InputError: no TOML, an unknown key, a value that cannot be, an allowance or a rate that is
            not known: file, key and remedy.
    """
    try:
        tree = legible_tree(tomllib.loads(data.decode()))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"no TOML: {error}", file=name, remedy=_KEY) from error
    try:
        text = msgspec.convert(tree, _Setup)
    except msgspec.ValidationError as error:
        what = str(error).replace("`$.", "`").replace("Object", "it", 1)
        raise InputError(what, file=name, remedy=_KEY) from error
    try:
        setup = _setup(text, allowances)
    except (InputError, BadTime) as error:
        raise InputError(str(error), file=name) from error
    return setup


def _setup(text: _Setup, allowances: Callable[[str], Allowances]) -> RaceSetup:
    race, car = text.race, text.car
    setup = RaceSetup(
        race=PlannedRace(
            name=race.name,
            length_s=_clock_s(race.length),
            laps=race.laps,
            series=race.series,
            year=race.year,
            start_of_day_s=_clock_s(race.start),
        ),
        car=PlannedCar(number=str(car.number), car_class=car.car_class, lap_s=_lap_s(car.lap)),
        fuel=_fuel(text.fuel, text.energy, allowances),
        tyres=PlannedTyres(**msgspec.structs.asdict(text.tyres)),
        pit=PlannedPit(**msgspec.structs.asdict(text.pit)),
        drivers=tuple(_driver(each) for each in text.drivers),
    )
    _check(setup)
    return setup


def _fuel(text: _Fuel, energy: _Energy | None, allowances: Callable[[str], Allowances]) -> Fuel:
    """Fuel and energy as one clock: whichever runs out first ends a stint."""
    lasts = hose = None
    tank = text.laps
    if energy is not None:
        allowance = _allowance(energy, allowances)
        lasts = allowance.energy_laps(energy.mj_per_lap)
        tank = math.floor(lasts) if tank is None else tank
    if tank is None:
        raise InputError("fuel: say laps, or what a lap takes of an [energy] allowance")
    laps = tank if lasts is None else min(tank, math.floor(lasts))
    if text.hose_s_per_lap is not None or text.full_s is not None:
        hose = _hose_s_per_lap(text, tank)
    elif energy is not None:
        mj, litres = energy.mj_per_lap * laps, energy.l_per_lap * laps
        hose = allowance.refill_s(energy_mj=mj, fuel_l=litres) / max(1, laps)
    else:
        raise InputError(_ONE_HOSE)
    return Fuel(
        laps=laps,
        hose_s_per_lap=hose,
        burn_gain_s=text.burn_gain_s,
        save_laps=text.save_laps,
        save_s=text.save_s,
        energy_laps=lasts,
    )


def _hose_s_per_lap(text: _Fuel, tank_laps: int) -> float:
    if text.hose_s_per_lap is None:
        return (text.full_s or 0.0) / max(1, tank_laps)
    if text.full_s is not None:
        raise InputError(_ONE_HOSE)
    return text.hose_s_per_lap


def _allowance(energy: _Energy, allowances: Callable[[str], Allowances]) -> Allowance:
    if energy.mj_per_lap <= 0 or energy.l_per_lap < 0:
        raise InputError("energy: what a lap takes must be more than nothing", remedy=_KEY)
    known = allowances(energy.balance)
    if energy.make not in known:
        raise InputError(
            f"energy: no make {energy.make!r} in {energy.balance}",
            remedy=f"There are: {', '.join(known)}.",
        )
    return known[energy.make]


def _driver(text: _Driver) -> PlannedDriver:
    return PlannedDriver(
        name=text.name,
        pace_s=text.pace_s,
        rating=text.rating,
        min_s=_clock_s(text.least),
        max_s=_clock_s(text.most),
        turn_max_s=_clock_s(text.longest_turn),
        from_s=_clock_s(text.from_),
        until_s=_clock_s(text.until),
        starts=text.starts,
    )


def _clock_s(text: str | None) -> float | None:
    return None if text is None else parse_race_clock(text) / 1000.0


def _lap_s(lap: str | float) -> float:
    return float(lap) if isinstance(lap, int | float) else parse_ms(lap) / 1000.0


def _check(setup: RaceSetup) -> None:
    """What the types cannot hold."""
    race, fuel, names = setup.race, setup.fuel, [each.name for each in setup.drivers]
    wrong = (
        ((race.length_s is None) == (race.laps is None), "race: say length or laps, one of them"),
        (
            _under_one(race.laps) or (race.laps or 0) > MOST_LAPS,
            f"race.laps must be from 1 to {MOST_LAPS}",
        ),
        (race.length_s is not None and race.length_s <= 0, "race.length must be more than nothing"),
        (setup.car.lap_s <= 0, "car.lap must be more than nothing"),
        (
            race.length_s is not None and race.length_s / max(setup.car.lap_s, 1e-9) > MOST_LAPS,
            f"car.lap is so short that the race has more than {MOST_LAPS} laps",
        ),
        (fuel.laps < 1 or fuel.save_laps < 0, "fuel.laps must be at least 1, save_laps not less 0"),
        (_least(fuel) < 0 or _least(setup.tyres) < 0, "fuel and tyres: no value may be negative"),
        (_least(setup.pit) < 0, "pit: no value may be negative"),
        (_under_one(setup.tyres.laps), "tyres.laps must be at least 1"),
        (_under_one(setup.tyres.sets), "tyres.sets must be at least 1"),
        (not 1 <= len(names) <= MOST_DRIVERS, f"drivers: from 1 to {MOST_DRIVERS} are needed"),
        (len(set(names)) < len(names), "drivers: two have the same name"),
        (sum(each.starts for each in setup.drivers) > 1, "drivers: only one can take the start"),
    )
    for is_wrong, message in wrong:
        if is_wrong:
            raise InputError(message, remedy=_KEY)
    for d, who in enumerate(setup.drivers):
        if setup.lap_s(d) <= 0:
            raise InputError(f"drivers: {who.name}'s pace_s leaves no lap time", remedy=_KEY)
        if who.min_s is not None and who.max_s is not None and who.min_s > who.max_s:
            raise InputError(f"drivers: {who.name} must drive more than he may", remedy=_KEY)


def _under_one(count: int | None) -> bool:
    return count is not None and count < 1


def _least(section: Any) -> float:
    values = msgspec.structs.asdict(section).values()
    return min(float(value) for value in values if isinstance(value, int | float))
