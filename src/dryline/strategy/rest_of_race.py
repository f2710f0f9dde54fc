"""What is left of a race for one car, as a setup for the planner: from now, not from the start.

Stints done are fixed; fuel, tyres and drivers are as they are; green lap, stop price and range come
from the race's own fit for the class, or from the team's own setup; what the pit wall typed beats
both. What cannot be used is said, never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from dryline.domain.clock_text import format_clock
from dryline.domain.entry import Driver, Rating
from dryline.domain.errors import BadOption
from dryline.domain.language import language
from dryline.kernels import race_columns as col
from dryline.rules.drive_limits import driver_limits, driver_rating
from dryline.rules.drive_time import times_at_wheel
from dryline.rules.scoring import name_key
from dryline.rules.wheel_time import WheelTime
from dryline.strategy.own_stop import WEAR
from dryline.strategy.plan_setup import (
    Fuel,
    PlannedCar,
    PlannedDriver,
    PlannedPit,
    PlannedRace,
    PlannedTyres,
    RaceSetup,
    SoFar,
    Spells,
    Wishes,
    with_rules,
)
from dryline.strategy.setting import OwnCar, Setting
from dryline.strategy.team_said import CarSaid, TyreSet, names

Floats = NDArray[np.float64]
EARLY_LAPS = 3
"""Laps after the first flying one on which a class's warming is fitted."""
JOIN_S = 1.0
"""Spells at the wheel that are no farther apart are one."""
PAIR = 2


@dataclass(frozen=True)
class RestOfRace:
    """The planner's setup from now on; ``assumes`` and ``not_used`` in words."""

    setup: RaceSetup
    assumes: tuple[str, ...]
    not_used: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass
class _Words:
    """What is said beside the plan, as it is found out; ``unknown``: drivers nobody has named."""

    unknown: list[str] = field(default_factory=list)
    assumes: list[str] = field(default_factory=list)
    not_used: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def assume(self, key: str, **places: object) -> None:
        self.assumes.append(language().say("replan.assumes", key, **places))

    def refuse(self, key: str, **places: object) -> None:
        self.not_used.append(language().say("replan.not_used", key, **places))

    def remark(self, key: str, **places: object) -> None:
        self.remarks.append(language().say("replan.remarks", key, **places))


def rest_of_race(setting: Setting, mine: OwnCar, own: RaceSetup | None = None) -> RestOfRace:
    """The rest of the race for a car; ``own`` is the team's setup where it gives one.

    Raises:
        BadOption: where the setup's crew lacks somebody who has driven.
    """
    words = _Words()
    setup = _from_race(setting, mine, words) if own is None else own
    race = setting.race.info
    setup = msgspec.structs.replace(
        setup,
        race=PlannedRace(
            name=race.name,
            length_s=None if _in_laps(setting) else setting.length_ms / 1000.0,
            laps=None if race.length is None else race.length.laps,
            series=race.series,
            year=race.year,
            start_of_day_s=setup.race.start_of_day_s,
        ),
        car=msgspec.structs.replace(setup.car, number=mine.number),
    )
    setup = msgspec.structs.replace(setup, so_far=_so_far(setting, mine, setup, words))
    setup = _tyres_left(setup, mine.said, words, given=own is not None)
    setup, ruled = with_rules(setup, setting.book)
    words.remarks += [line for line in ruled if not line.startswith("no rule book")]
    if setting.book is None:
        words.remark("no_book")
    setup = _less_unknown(setup, words)
    _rests(setting, setup, words)
    setup = _wished(setup, mine.said, words)
    words.assume("green" if setting.neutralised is None else "neutralised")
    if mine.on_wets:
        words.assume("wet")
    return RestOfRace(setup, tuple(words.assumes), tuple(words.not_used), tuple(words.remarks))


def _in_laps(setting: Setting) -> bool:
    length = setting.race.info.length
    return length is not None and length.ms is None and length.laps is not None


def _from_race(setting: Setting, mine: OwnCar, words: _Words) -> RaceSetup:
    """Car, fuel, tyres, pits and crew by the race's own fit."""
    row = mine.params.cls[mine.klass]
    base_s = float(row[col.CLASS_BASE_MS]) / 1000.0
    tank = max(1, int(mine.now.range_laps + 1.0e-6))
    wear = float(row[col.CLASS_WEAR]) or WEAR
    slope = float(row[col.CLASS_SLOPE])
    crew = _crew(setting, mine, base_s, words)
    quickest = min(each.pace_s for each in crew)
    losses = base_s * float(row[col.CLASS_SLOW_P] * row[col.CLASS_SLOW_MEAN])
    car = PlannedCar(
        number=mine.number,
        car_class=setting.fit.classes[mine.klass],
        lap_s=base_s + quickest + losses + _traffic_s(mine),
    )
    words.assume("pace", lap=f"{car.lap_s:.1f}")
    words.assume("wear", pct=f"{wear:.2%}")
    words.assume("drivers")
    pit, hose_s = _pit(mine, row, base_s, tank)
    words.assume("stop", seconds=f"{pit.lane_s + pit.tyres_s + hose_s * tank:.0f}")
    loss = max(slope, wear)
    return RaceSetup(
        race=PlannedRace(name=setting.race.info.name),
        car=car,
        fuel=Fuel(laps=tank, hose_s_per_lap=hose_s, burn_gain_s=(loss - slope) * base_s),
        tyres=PlannedTyres(loss_s=loss * base_s),
        pit=pit,
        drivers=tuple(
            msgspec.structs.replace(each, pace_s=each.pace_s - quickest) for each in crew
        ),
    )


def _traffic_s(mine: OwnCar) -> float:
    """What passing slower classes costs a lap, by the fit's own price."""
    params = mine.params
    base = params.cls[:, col.CLASS_BASE_MS]
    own = base[mine.klass]
    total = 0.0
    for other in range(len(base)):
        if base[other] > own:
            cars = float((params.car[:, col.CAR_CLASS] == other).sum())
            total += params.cost[mine.klass, other] * cars * (base[other] - own) / base[other]
    return total / 1000.0


def _pit(mine: OwnCar, cls: Floats, base_s: float, tank: int) -> tuple[PlannedPit, float]:
    """A stop's price without fuel, and seconds of hose a lap."""
    warming = float(cls[col.CLASS_WARM_2] + EARLY_LAPS * cls[col.CLASS_WARM_3]) * base_s
    stand = cls[col.CLASS_STAND_MS] + cls[col.CLASS_TYRES_MS] * cls[col.CLASS_TYRES_P]
    offset = float(mine.params.car[mine.car, col.CAR_PIT_MS])
    fixed = float(cls[col.CLASS_TRANSIT_MS] + stand) + offset
    told = mine.now.service
    if told is None:
        hose_ms = float(cls[col.CLASS_FILL_MS])
        return PlannedPit(lane_s=max(1.0, fixed / 1000.0 + warming), tyres_s=0.0), hose_ms / 1000.0
    full = fixed + float(mine.params.car[mine.car, col.CAR_RANGE] * cls[col.CLASS_FILL_MS])
    tyres = told.tyres_ms or 0.0
    standing = max(told.hose_ms, tyres) if told.together else told.hose_ms + tyres
    lane_s = max(1.0, (full - standing) / 1000.0 + warming)
    pit = PlannedPit(lane_s=lane_s, tyres_s=tyres / 1000.0, tyres_after_fuel=not told.together)
    return pit, told.hose_ms / 1000.0 / tank


def _crew(setting: Setting, mine: OwnCar, base_s: float, words: _Words) -> list[PlannedDriver]:
    """Who has driven, who is entered, whom the team names; pace against the class's base lap.

    Where nobody lists the crew, it is taken to be as large as crews usually are.
    """
    entry = setting.race.entries.get(mine.number)
    entered: Sequence[Driver] = () if entry is None else entry.drivers
    everybody = [name for name in setting.fit.drivers[mine.car] if name]
    for name in (*(each.name for each in entered), *_named(mine)):
        if not any(names(name, known) for known in everybody):
            everybody.append(name)
    unknown = int(mine.params.car[mine.car, col.CAR_DRIVERS]) - len(everybody)
    if unknown > 0 and not any(each.rating or each.country for each in entered):
        words.remark("unknown_crew", known=", ".join(everybody), more=unknown, car=mine.number)
        words.unknown += [
            language().say("replan", "somebody", number=len(everybody) + k + 1)
            for k in range(unknown)
        ]
        everybody += words.unknown
    paces = mine.params.pace[mine.car]
    ratings = {name_key(each.name): each.rating for each in entered}
    book = setting.book
    return [
        PlannedDriver(
            name=name,
            pace_s=base_s * float(paces[min(d, len(paces) - 1)]),
            rating=ratings.get(name_key(name))
            if book is None
            else driver_rating(book, entry, name),
        )
        for d, name in enumerate(everybody)
    ]


def _named(mine: OwnCar) -> tuple[str, ...]:
    """Whom the team has named: at the wheel, or to get in."""
    order = () if mine.said.drivers is None else mine.said.drivers.value
    return (*((mine.at_wheel,) if mine.at_wheel else ()), *order)


def _so_far(setting: Setting, mine: OwnCar, setup: RaceSetup, words: _Words) -> SoFar:
    """How the car stands, and what its drivers have driven."""
    state = setting.state.cars[mine.car]
    in_lane = bool(state[col.STATE_IN_LANE])
    times = [
        each
        for each in times_at_wheel(
            setting.book, setting.race.laps, setting.race.entries, setting.at,
            setting.race.neutralisations,
        )
        if each.car_number == mine.number
    ]  # fmt: skip
    crew = [_account(times, who.name) for who in setup.drivers]
    strangers = [
        each.driver
        for each in times
        if each.total_ms and not any(names(who.name, each.driver) for who in setup.drivers)
    ]
    if strangers:
        raise BadOption(
            f"{strangers[0]} has driven car {mine.number} and is not in the setup",
            remedy="Name everybody who has driven, as the timing does, under [[drivers]].",
        )
    at_wheel = next(
        (d for d, who in enumerate(setup.drivers) if names(mine.at_wheel, who.name)), None
    )
    last_s, now_s = float(state[col.STATE_LAST_MS]) / 1000.0, setting.at.ms / 1000.0
    lap_s = setup.car.lap_s
    stop_s = setup.pit.lane_s + setup.fuel.hose_s_per_lap * setup.fuel.laps
    turn = None if at_wheel is None else crew[at_wheel]
    return SoFar(
        laps=int(state[col.STATE_LAPS]),
        clock_s=max(last_s, now_s - (stop_s if in_lane else lap_s)),
        fuel_laps=_on_board(state, mine, setup, words),
        tyre_age=int(state[col.STATE_TYRE_AGE]),
        driver=at_wheel,
        driven_s=tuple(0.0 if each is None else each.total_ms / 1000.0 for each in crew),
        spells=tuple(() if each is None else _spells(each) for each in crew),
        turn_s=0.0 if turn is None else turn.continuous_ms / 1000.0,
        stops=int(state[col.STATE_STOPS]),
        in_lane=in_lane,
    )


def _account(times: Sequence[WheelTime], name: str) -> WheelTime | None:
    return next((each for each in times if names(name, each.driver)), None)


def _spells(time: WheelTime) -> Spells:
    """When a driver was at the wheel, in seconds, laps joined."""
    out: list[tuple[float, float]] = []
    for start, end in time.spells:
        since, until = start / 1000.0, end / 1000.0
        if out and since - out[-1][1] <= JOIN_S:
            out[-1] = (out[-1][0], until)
        else:
            out.append((since, until))
    return tuple(out)


def _on_board(state: Floats, mine: OwnCar, setup: RaceSetup, words: _Words) -> int:
    """Whole laps of fuel left at the last crossing: told, or the tank less what was driven."""
    told = bool(mine.said.clocks)
    fitted = float(mine.params.car[mine.car, col.CAR_RANGE])
    level = float(state[col.STATE_FUEL])
    laps = level if told else setup.fuel.laps - max(0.0, fitted - level)
    if level > fitted:
        laps = level
    if state[col.STATE_IN_LANE]:
        return max(0, int(laps))
    words.assume("fuel_told" if told else "fuel_inferred", laps=max(1, int(laps + 1.0e-6)))
    return max(1, int(laps + 1.0e-6))


def _tyres_left(setup: RaceSetup, said: CarSaid, words: _Words, *, given: bool) -> RaceSetup:
    """Sets for the stops to come: named by the team, else the setup's less those used."""
    slicks = [
        each.value
        for each in said.sets.values()
        if each.value.usable and each.value.compound not in ("wet", "inter")
    ]
    none = said.has_none("slick")
    stops = setup.stops_made
    if none is not None:
        left: int | None = 0
        words.assume("no_sets", author=none.author)
    elif said.sets:
        left = _whole(slicks)
        words.assume("sets_told", sets=left)
    elif given and setup.tyres.sets is not None:
        left = max(0, setup.tyres.sets - 1 - stops)
        words.assume("sets_counted", sets=left, stops=stops)
    else:
        left = None
        words.assume("sets_unknown")
    return msgspec.structs.replace(setup, tyres=msgspec.structs.replace(setup.tyres, sets=left))


def _whole(sets: Sequence[TyreSet]) -> int:
    """Whole sets among those named: for all four, or a left and a right together."""
    sides = [each.side for each in sets]
    pairs = min(sides.count("left"), sides.count("right"))
    corners = min(sides.count(corner) for corner in ("fl", "fr", "rl", "rr"))
    return sides.count(None) + pairs + corners


def _less_unknown(setup: RaceSetup, words: _Words) -> RaceSetup:
    """Who has not driven, and can no longer drive the least, is hardly in the crew."""
    left_s = (setup.race.length_s or 0.0) - setup.begins_s
    crew = tuple(
        msgspec.structs.replace(who, min_s=None)
        if who.name in words.unknown and (who.min_s or 0.0) > left_s
        else who
        for who in setup.drivers
    )
    return msgspec.structs.replace(setup, drivers=crew)


def _rests(setting: Setting, setup: RaceSetup, words: _Words) -> None:
    """A least rest between turns is known to some rule books and kept by no plan."""
    if setting.book is None:
        return
    for who in setup.drivers:
        limits = driver_limits(setting.book, setup.car.car_class, who.rating, setting.length_ms)
        if limits.rest_min is not None:
            words.remark("rest", minutes=f"{limits.rest_min.value:g}")
            return


def _wished(setup: RaceSetup, said: CarSaid, words: _Words) -> RaceSetup:
    """The setup with what the team wants; what cannot be used is said."""
    setup = _pinned(_away(setup, said, words), said, words)
    order = _order(setup, said, words)
    stops = [fact.value for fact in said.no_change.values()]
    gone = [each for each in stops if each <= setup.stops_made]
    for number in gone:
        words.refuse("stop_made", stop=number, made=setup.stops_made)
    wishes = Wishes(
        no_stop=tuple(
            (each.value.first_lap, each.value.last_lap) for each in said.no_stop.values()
        ),
        no_change=tuple(each for each in stops if each not in gone),
        next_lap=_next_lap(setup, said, words),
        order=order,
    )
    return msgspec.structs.replace(setup, wishes=wishes)


def _next_lap(setup: RaceSetup, said: CarSaid, words: _Words) -> int | None:
    """The lap that the team means to stop on next, where that is still to come."""
    if said.plan is None or setup.under_way is None:
        return None
    lap = said.plan.value or setup.laps_done + 1
    ends = setup.laps_done + setup.longest(0)
    if setup.laps_done < lap <= ends:
        return lap
    if said.plan.at.ms / 1000.0 >= setup.begins_s or lap > setup.laps_done:
        words.refuse("plan_lap", lap=lap, first=setup.laps_done + 1, last=ends)
    return None


def _away(setup: RaceSetup, said: CarSaid, words: _Words) -> RaceSetup:
    """Drivers who are not available get in no more."""
    if not said.away:
        return setup
    crew = tuple(
        msgspec.structs.replace(who, until_s=setup.begins_s, min_s=None)
        if said.is_away(who.name)
        else who
        for who in setup.drivers
    )
    for who in setup.drivers:
        if said.is_away(who.name) and who.min_s is not None:
            words.remark("away", driver=who.name)
    for fact in said.away.values():
        if not any(names(fact.value, who.name) for who in setup.drivers):
            words.refuse("unknown_driver", driver=fact.value)
    at_wheel = None if setup.under_way is None else setup.under_way.driver
    if at_wheel is not None and said.is_away(setup.drivers[at_wheel].name):
        words.remark("away_at_wheel", driver=setup.drivers[at_wheel].name)
    return msgspec.structs.replace(setup, drivers=crew)


def _pinned(setup: RaceSetup, said: CarSaid, words: _Words) -> RaceSetup:
    """Nobody but the pinned driver gets in before the pin ends."""
    if said.pin is None:
        return setup
    pin, until_s = said.pin.value, said.pin.value.until.ms / 1000.0
    until = format_clock(pin.until.ms)
    if until_s <= setup.begins_s:
        return setup
    if setup.race.length_s is not None and until_s >= setup.race.length_s:
        words.refuse("pin_late", driver=pin.driver, until=until)
        return setup
    rated = {each.value for each in Rating}
    if name_key(pin.driver) in rated:
        held = [
            who.rating is not None and who.rating.value == name_key(pin.driver)
            for who in setup.drivers
        ]
        if not any(held):
            words.refuse("no_rating", rating=pin.driver)
            return setup
    else:
        held = [names(pin.driver, who.name) for who in setup.drivers]
        if not any(held):
            words.refuse("unknown_driver", driver=pin.driver)
            return setup
    crew = tuple(
        who if mine else msgspec.structs.replace(who, from_s=max(who.from_s or 0.0, until_s))
        for who, mine in zip(setup.drivers, held, strict=True)
    )
    return msgspec.structs.replace(setup, drivers=crew)


def _order(setup: RaceSetup, said: CarSaid, words: _Words) -> tuple[int, ...]:
    """The team's order as indices; a name that nobody bears is said and left out."""
    if said.drivers is None:
        return ()
    found: list[int] = []
    for name in said.drivers.value:
        who = next((d for d, each in enumerate(setup.drivers) if names(name, each.name)), None)
        if who is None:
            words.refuse("unknown_driver", driver=name)
        elif who not in found:
            found.append(who)
    at_wheel = None if setup.so_far is None else setup.so_far.driver
    if at_wheel is not None and at_wheel not in found:
        found.insert(0, at_wheel)
    return tuple(found) if len(found) >= PAIR else ()
