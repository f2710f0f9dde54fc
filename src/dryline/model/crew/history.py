"""What other races teach of drivers and crews: who is how fast, who drove with whom, how long.

Sums over races, so that one race can be left out exactly. Fitted parameters only: a worth per
driver, class and season; the crew that a car last had; shares of the race by pace within a crew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from dryline.analysis.pace.joint import JointPriors, joint_pace
from dryline.domain.series import Series
from dryline.domain.series import car_class as known_class
from dryline.model.crew.wheel import AtWheel, Wheel
from dryline.model.ratings import FULL_LAPS, UNKNOWN_YEARS, key, team_key
from dryline.model.running import Floats

YEARS = 2.0  # a showing so many years away weighs 1/e
LICENCE_WEIGHT = 1.0  # races that the mean of a driver's licence weighs
RACE_SHARE = 0.25  # of the variance between drivers: from one race to another
SPREAD_WEIGHT = 20.0  # drivers' races that the spread of all classes weighs in that of one
MOST = 0.03  # further from the class's mean nobody is
SPRINT_S = 3 * 3600.0
WHOLE = 0.8  # of the length: cars that ran less say nothing of drive time
SHARE_WEIGHT = 5.0  # crews that the next wider group weighs
ANY = "*"


class DriverRun(msgspec.Struct, frozen=True, array_like=True):
    """A driver in a class in a season: ``weight`` of the laps seen, and the sum over races of
    weight times worth, as log lap time against the mean of the class's drivers.
    """

    year: int | None
    car_class: str
    rating: str | None
    weight: float
    paces: float


class CrewSeen(msgspec.Struct, frozen=True, array_like=True):
    """The crew of one car in one race, by the keys of their names."""

    year: int | None
    car_number: str
    drivers: list[str]


class DriveShares(msgspec.Struct, frozen=True, array_like=True):
    """Sums over ``crews`` of the shares of the race driven by the fastest, the next, and so on."""

    crews: int
    shares: list[float]


class CrewHistory(msgspec.Struct, frozen=True):
    """What many races teach, pooled. ``licences``: mean worth by class and rating; ``spreads``: sd
    of a driver's worth by class, which among professionals is a third of that among amateurs.
    """

    drivers: dict[str, list[DriverRun]]
    crews: dict[str, list[CrewSeen]]
    shares: dict[str, DriveShares]
    licences: dict[str, dict[str, float]]
    spreads: dict[str, float]


NO_HISTORY = CrewHistory({}, {}, {}, {}, {})


@dataclass(frozen=True)
class RaceCrews:
    """What one finished race teaches; ``drivers`` by key, the others as in `CrewHistory`."""

    race: str
    drivers: dict[str, list[DriverRun]]
    crews: dict[str, CrewSeen]
    shares: dict[str, DriveShares]


def race_crews(race: str, wheel: Wheel, series: str | None, year: int | None) -> RaceCrews:
    """What a finished race teaches."""
    worth = joint_pace(wheel.turns).drivers if wheel.turns.log_s.size else np.zeros(0)
    drivers: dict[str, list[DriverRun]] = {}
    shares: dict[str, DriveShares] = {}
    for number, (car_class, name) in enumerate(wheel.drivers if worth.size else ()):
        weight = min(float(wheel.laps[number]) / FULL_LAPS, 1.0)
        if weight > 0.0 and not name.startswith("#"):
            pace = weight * float(np.clip(worth[number], -MOST, MOST))
            run = DriverRun(year, car_class, wheel.ratings[number], weight, pace)
            drivers.setdefault(name, []).append(run)
    for car in wheel.cars if worth.size else ():
        for group in _groups(series, car.car_class, wheel.length_s, len(car.crew)):
            if len(car.crew) > 1 and car.driven_s.sum() > WHOLE * wheel.length_s:
                order = np.argsort(worth[list(car.crew)], kind="stable")
                share = (car.driven_s / car.driven_s.sum())[order]
                before = shares.get(group, DriveShares(0, [0.0] * len(share)))
                shares[group] = _added(before, DriveShares(1, share.tolist()))
    return RaceCrews(race, drivers, _crews(wheel, series, year), shares)


def _crews(wheel: Wheel, series: str | None, year: int | None) -> dict[str, CrewSeen]:
    return {
        _car_key(series, car): CrewSeen(
            year, car.car_number, [wheel.drivers[d][1] for d in car.crew]
        )
        for car in wheel.cars
        if car.crew and not wheel.drivers[car.crew[0]][1].startswith("#")
    }


def _car_key(series: str | None, car: AtWheel) -> str:
    return f"{team_key(series, car.car_class, car.team)}/{key(car.car_number)}"


def _groups(series: str | None, car_class: str, length_s: float, size: int) -> tuple[str, str]:
    """The narrow and the wide group of crews whose shares belong together."""
    kind = "sprint" if length_s < SPRINT_S else "long"
    return f"{series or ''}/{car_class}/{kind}/{size}", f"{ANY}/{kind}/{size}"


def _added(a: DriveShares, b: DriveShares) -> DriveShares:
    sums = [round(x + y, 4) for x, y in zip(a.shares, b.shares, strict=True)]
    return DriveShares(a.crews + b.crews, sums)


def pool_crews(races: Iterable[RaceCrews]) -> CrewHistory:
    """What these races teach together, in their order: later crews stand last."""
    races = list(races)
    drivers: dict[str, dict[tuple[int | None, str], DriverRun]] = {}
    crews: dict[str, dict[int | None, CrewSeen]] = {}
    shares: dict[str, DriveShares] = {}
    for one in races:
        for name, runs in one.drivers.items():
            for run in runs:
                _add_run(drivers.setdefault(name, {}), run)
        for car, seen in one.crews.items():
            crews.setdefault(car, {})[seen.year] = seen
        for group, share in one.shares.items():
            shares[group] = _added(shares[group], share) if group in shares else share
    return CrewHistory(
        {k: list(drivers[k].values()) for k in sorted(drivers)},
        {k: list(crews[k].values()) for k in sorted(crews)},
        {k: shares[k] for k in sorted(shares)},
        _licences(run for runs in drivers.values() for run in runs.values()),
        _spreads(run for one in races for runs in one.drivers.values() for run in runs),
    )


def _spreads(runs: Iterable[DriverRun]) -> dict[str, float]:
    """Root mean square of the worths by class."""
    wide = JointPriors.driver_sd
    sums: dict[str, tuple[float, float]] = {}
    for run in runs:
        weight, square = sums.get(run.car_class, (SPREAD_WEIGHT, SPREAD_WEIGHT * wide**2))
        sums[run.car_class] = (weight + run.weight, square + run.paces**2 / run.weight)
    return {k: round(math.sqrt(sums[k][1] / sums[k][0]), 5) for k in sorted(sums)}


def _add_run(sums: dict[tuple[int | None, str], DriverRun], new: DriverRun) -> None:
    old = sums.get((new.year, new.car_class))
    weight, paces = (old.weight, old.paces) if old else (0.0, 0.0)
    sums[new.year, new.car_class] = DriverRun(
        new.year, new.car_class, new.rating or (old.rating if old else None),
        round(weight + new.weight, 3), round(paces + new.paces, 5),
    )  # fmt: skip


def _licences(runs: Iterable[DriverRun]) -> dict[str, dict[str, float]]:
    """Mean worth by class and rating, shrunk to the class's with the weight of two races."""
    sums: dict[str, dict[str, tuple[float, float]]] = {}
    for run in runs:
        if run.rating is not None:
            mine = sums.setdefault(run.car_class, {})
            weight, paces = mine.get(run.rating, (2.0, 0.0))
            mine[run.rating] = (weight + run.weight, paces + run.paces)
    return {
        name: {rating: round(sums[name][rating][1] / sums[name][rating][0], 5) for rating in mine}
        for name, mine in sorted(sums.items())
    }


def rating_in(history: CrewHistory, driver: str, year: int | None) -> str | None:
    """The rating that a driver had in the season nearest to ``year``, where one was stated."""
    stated = [run for run in history.drivers.get(driver, ()) if run.rating is not None]
    return min(stated, key=lambda run: _apart(run.year, year)).rating if stated else None


def _apart(a: int | None, b: int | None) -> float:
    return UNKNOWN_YEARS if a is None or b is None else float(abs(a - b))


def believed(
    history: CrewHistory, driver: str, car_class: str, rating: str | None, year: int | None
) -> tuple[float, float]:
    """What a driver is worth before a race, as log lap time against his class, and its sd."""
    classes = _alike(car_class)
    weight = total = 0.0
    for run in history.drivers.get(driver, ()):
        if run.car_class in classes:
            near = math.exp(-_apart(run.year, year) / YEARS)
            weight, total = weight + near * run.weight, total + near * run.paces
    licence = next((history.licences[c] for c in classes if c in history.licences), {})
    total += LICENCE_WEIGHT * licence.get(rating or "", 0.0)
    spread = next((history.spreads[c] for c in classes if c in history.spreads), None)
    unknown = LICENCE_WEIGHT / (LICENCE_WEIGHT + weight)
    sd = math.sqrt(RACE_SHARE + (1.0 - RACE_SHARE) * unknown) * (spread or JointPriors.driver_sd)
    return total * unknown, sd


def _alike(car_class: str) -> tuple[str, ...]:
    like = known_class(car_class).like
    return (car_class,) if like is None else (car_class, like)


def last_crew(
    history: CrewHistory, car: AtWheel, series: str | None, year: int | None
) -> Sequence[str]:
    """The crew that this car had in the season nearest to ``year``; nobody where none is known."""
    seen = [
        crew
        for one in Series.of(series).believed.teams
        for crew in history.crews.get(_car_key(one, car), ())
    ]
    return min(seen, key=lambda crew: _apart(crew.year, year)).drivers if seen else ()


def drive_shares(
    history: CrewHistory, series: str | None, car_class: str, length_s: float, size: int
) -> Floats:
    """Shares of the race by pace within a crew of ``size``, the fastest first; their sum is 1."""
    found = np.full(size, 1.0 / size)
    for one in Series.of(series).believed.teams:
        narrow, wide = _groups(one, car_class, length_s, size)
        for group in (wide, narrow):
            seen = history.shares.get(group)
            if seen is not None:
                found = (np.array(seen.shares) + SHARE_WEIGHT * found) / (seen.crews + SHARE_WEIGHT)
    return found
