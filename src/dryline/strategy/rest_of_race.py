"""What is left of a race for one car, as a setup for the planner: from now, not from the start.

Stints done are fixed; fuel, tyres and drivers are as they are; green lap, stop price and range come
from the race's own fit for the class, or from the team's own setup; what the pit wall typed beats
both. What cannot be used is said, never dropped in silence.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from dryline.domain.entry import Driver
from dryline.domain.errors import BadOption
from dryline.domain.language import language
from dryline.kernels import race_columns as col
from dryline.rules.drive_limits import driver_limits, driver_rating
from dryline.rules.drive_time import times_at_wheel
from dryline.rules.scoring import name_key
from dryline.rules.wheel_time import WheelTime
from dryline.strategy.candidates import LIKELY_P, Situation
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
    with_rules,
)
from dryline.strategy.plan_words import PlanWords
from dryline.strategy.setting import OwnCar, Setting
from dryline.strategy.team_said import names
from dryline.strategy.wished import tyres_left, wished

Floats = NDArray[np.float64]
EARLY_LAPS = 3
"""Laps after the first flying one on which a class's warming is fitted."""
JOIN_S = 1.0
"""Spells at the wheel that are no farther apart are one."""


@dataclass(frozen=True)
class RestToPlan:
    """The planner's setup from now on; ``assumes`` and ``not_used`` in words; ``likely``: the tank
    only probably reaches the flag.
    """

    setup: RaceSetup
    assumes: tuple[str, ...]
    not_used: tuple[str, ...]
    remarks: tuple[str, ...]
    likely: bool = False


def rest_of_race(setting: Setting, mine: OwnCar, own: RaceSetup | None = None) -> RestToPlan:
    """The rest of the race for a car; ``own`` is the team's setup where it gives one.

    Raises:
        BadOption: where the setup's crew lacks somebody who has driven.
    """
    words = PlanWords()
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
    so_far = _so_far(setting, mine, setup, words, own=own is not None)
    setup = msgspec.structs.replace(setup, so_far=so_far)
    setup = tyres_left(setup, mine.said, words, given=own is not None)
    setup, ruled = with_rules(setup, setting.book)
    words.remarks += [line for line in ruled if not line.startswith("no rule book")]
    if setting.book is None or setup.race.length_s is None:
        words.remark("no_book")
    setup = _less_unknown(setup, words)
    _rests(setting, setup, words)
    setup = wished(setup, mine.said, words)
    flag = "green" if setting.neutralised is None else "neutralised"
    words.assume(flag, laps=setting.flag.quantiles(mine.number)[1])
    if mine.on_wets:
        words.assume("wet")
    return RestToPlan(
        setup, tuple(words.assumes), tuple(words.not_used), tuple(words.remarks), words.likely
    )


def _in_laps(setting: Setting) -> bool:
    length = setting.race.info.length
    return length is not None and length.ms is None and length.laps is not None


def _from_race(setting: Setting, mine: OwnCar, words: PlanWords) -> RaceSetup:
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


def _crew(setting: Setting, mine: OwnCar, base_s: float, words: PlanWords) -> list[PlannedDriver]:
    """Who has driven, who is entered, whom the team names; pace against the class's base lap.

    Where nobody lists the crew, it is taken to be as large as crews usually are. Whom nobody has
    seen drive is taken to be as slow as the slowest who has.
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
    paces = base_s * mine.params.pace[mine.car]
    seen = [float(paces[d]) for d, name in enumerate(setting.fit.drivers[mine.car]) if name]
    unseen = max(seen, default=float(paces[-1]))
    ratings = {name_key(each.name): each.rating for each in entered}
    book = setting.book
    return [
        PlannedDriver(
            name=name,
            pace_s=seen[d] if d < len(seen) else unseen,
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


def _so_far(
    setting: Setting, mine: OwnCar, setup: RaceSetup, words: PlanWords, *, own: bool
) -> SoFar:
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
    clock_s = max(last_s, now_s - (stop_s if in_lane else lap_s))
    left_s = max(0.0, (setup.race.length_s or 0.0) - clock_s)
    green_laps = math.ceil(left_s / lap_s) + 1
    return SoFar(
        laps=int(state[col.STATE_LAPS]),
        clock_s=clock_s,
        fuel_laps=_on_board(state, mine, setup, words, green_laps, own=own),
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


def _on_board(
    state: Floats, mine: OwnCar, setup: RaceSetup, words: PlanWords, green_laps: int, *, own: bool
) -> int:
    """Whole laps of fuel left at the last crossing: told, or the tank less what was driven.

    Where the tank is inferred it is as in the call: to the flag where that is likelier than not,
    else what it surely holds. The team's ``own`` is known.
    """
    told = mine.now.reach is not None and mine.now.reach.told
    fitted = float(mine.params.car[mine.car, col.CAR_RANGE])
    level = float(state[col.STATE_FUEL])
    laps = level if told else setup.fuel.laps - max(0.0, fitted - level)
    if level > fitted:
        laps = level
    if state[col.STATE_IN_LANE]:
        return max(0, int(laps))
    if not (told or own):
        return _as_called(laps, mine.now, words, green_laps)
    words.assume("fuel_told" if told else "fuel_inferred", laps=max(1, int(laps + 1.0e-6)))
    return max(1, int(laps + 1.0e-6))


def _as_called(laps: float, now: Situation, words: PlanWords, green_laps: int) -> int:
    """The laps on board that the call counts on; to the flag also of a green race, if to any."""
    if now.p_reach < LIKELY_P:
        sure = max(1, int(min(laps, now.fuel_laps) + 1.0e-6))
        words.assume("fuel_inferred", laps=sure)
        return sure
    words.likely = not now.reaches_flag
    if words.likely:
        words.remark("flag_likely", p=f"{now.p_reach:.0%}")
    words.assume("fuel_to_flag")
    return max(int(laps), math.ceil(now.laps_to_go), green_laps)


def _less_unknown(setup: RaceSetup, words: PlanWords) -> RaceSetup:
    """Who has not driven, and can no longer drive the least, is hardly in the crew."""
    left_s = (setup.race.length_s or 0.0) - setup.begins_s
    crew = tuple(
        msgspec.structs.replace(who, min_s=None)
        if who.name in words.unknown and (who.min_s or 0.0) > left_s
        else who
        for who in setup.drivers
    )
    return msgspec.structs.replace(setup, drivers=crew)


def _rests(setting: Setting, setup: RaceSetup, words: PlanWords) -> None:
    """A least rest between turns is known to some rule books and kept by no plan."""
    if setting.book is None:
        return
    for who in setup.drivers:
        limits = driver_limits(setting.book, setup.car.car_class, who.rating, setting.length_ms)
        if limits.rest_min is not None:
            words.remark("rest", minutes=f"{limits.rest_min.value:g}")
            return
