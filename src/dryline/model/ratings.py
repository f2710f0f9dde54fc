"""What other races say of a car's team and drivers: how they placed, and how fast they were.

Ratings are sums over races, so that one race can be taken out again exactly. They are fitted
parameters: a place and a pace relative to the class per team and season, a pace per driver.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import numpy as np

from dryline.domain.series import Series
from dryline.model.features import ClassState, clean_ratios
from dryline.model.running import CarRunning, Floats, Running

SAME_CAR, SISTER_CAR = 1.0, 0.6
TEAM_YEARS, DRIVER_YEARS = 1.0, 1.5
UNKNOWN_YEARS = 1.0  # assumed distance when the year of a race is not known
TEAM_SHRINK, DRIVER_SHRINK = 2.0, 1.0
FULL_LAPS = 60.0


class Showing(msgspec.Struct, frozen=True, array_like=True):
    """What one car of a team did in a season: sums over ``races`` of its place, -0.5 (won) to
    0.5 (last), and over ``paced`` of them of its log pace ratio to the class.
    """

    year: int | None
    car_number: str
    races: int
    places: float
    paced: int
    paces: float


class DriverShowing(msgspec.Struct, frozen=True, array_like=True):
    """How fast a driver was in a class in a season: ``weight`` of the laps seen, and the sum
    over races of weight times log pace ratio.
    """

    year: int | None
    car_class: str
    weight: float
    paces: float


@dataclass(frozen=True)
class RaceRatings:
    """All showings of one race, by team key and by driver key."""

    race: str
    teams: dict[str, list[Showing]]
    drivers: dict[str, list[DriverShowing]]


class Ratings(msgspec.Struct, frozen=True):
    """Showings of many races, pooled: nothing in them names a race."""

    teams: dict[str, list[Showing]]
    drivers: dict[str, list[DriverShowing]]


NO_RATINGS = Ratings({}, {})


def key(name: str) -> str:
    """A name without case, accents and punctuation, which vary between races."""
    plain = unicodedata.normalize("NFKD", name)
    return re.sub(
        r"[^a-z0-9]", "", "".join(c for c in plain if not unicodedata.combining(c)).lower()
    )


def team_key(series: str | None, car_class: str, team: str) -> str:
    """The key of a team in a class of a series."""
    return f"{series or ''}/{car_class}/{key(team)}"


def race_ratings(race: str, whole: Running, series: str | None, year: int | None) -> RaceRatings:
    """The showings of one finished race."""
    teams: dict[str, list[Showing]] = {}
    drivers: dict[str, list[DriverShowing]] = {}
    for name, cars in whole.classes().items():
        for place, (car, ratios) in enumerate(zip(cars, clean_ratios(cars), strict=True)):
            showing = _showing(car, ratios[2], place, len(cars), year)
            teams.setdefault(team_key(series, name, car.team), []).append(showing)
            for d, driver in enumerate(car.driver_names):
                pace = ratios[2][ratios[1] == d]
                if pace.size >= 5 and key(driver):
                    weight = min(pace.size / FULL_LAPS, 1.0)
                    seen = DriverShowing(year, name, weight, weight * _log(np.median(pace), 0.03))
                    drivers.setdefault(key(driver), []).append(seen)
    return RaceRatings(race, teams, drivers)


def _showing(car: CarRunning, ratio: Floats, place: int, size: int, year: int | None) -> Showing:
    paced = int(ratio.size > 20)
    pace = _log(np.median(ratio), 0.02) if paced else 0.0
    return Showing(year, car.car_number, 1, place / max(size - 1, 1) - 0.5, paced, pace)


def _log(value: float | np.floating, limit: float) -> float:
    return float(np.clip(value, -limit, limit))


def pool(races: Iterable[RaceRatings], leave_out: str | None = None) -> Ratings:
    """The showings of all races but ``leave_out``, summed by season."""
    teams: dict[str, dict[tuple[int | None, str], Showing]] = {}
    drivers: dict[str, dict[tuple[int | None, str], DriverShowing]] = {}
    for one in races:
        if one.race == leave_out:
            continue
        for name, shown in one.teams.items():
            for s in shown:
                _add_team(teams.setdefault(name, {}), s)
        for name, seen in one.drivers.items():
            for d in seen:
                _add_driver(drivers.setdefault(name, {}), d)
    return Ratings(
        {k: list(teams[k].values()) for k in sorted(teams)},
        {k: list(drivers[k].values()) for k in sorted(drivers)},
    )


def _add_team(sums: dict[tuple[int | None, str], Showing], new: Showing) -> None:
    old = sums.get((new.year, new.car_number))
    if old is not None:
        new = Showing(
            new.year, new.car_number, old.races + new.races, round(old.places + new.places, 3),
            old.paced + new.paced, round(old.paces + new.paces, 5),
        )  # fmt: skip
    sums[new.year, new.car_number] = new


def _add_driver(sums: dict[tuple[int | None, str], DriverShowing], new: DriverShowing) -> None:
    old = sums.get((new.year, new.car_class))
    weight, paces = (old.weight, old.paces) if old else (0.0, 0.0)
    sums[new.year, new.car_class] = DriverShowing(
        new.year, new.car_class, round(weight + new.weight, 3), round(paces + new.paces, 5)
    )


def rating_columns(
    state: ClassState, ratings: Ratings, series: str | None, year: int | None
) -> Floats:
    """[C, 4]: team pace (%), team place, mean and best pace of the drivers seen (%), centred."""
    rows = [
        [*_team(state, i, ratings, series, year), *_drivers(state, i, ratings, year)]
        for i in range(state.size)
    ]
    table = np.array(rows, dtype=float).reshape(-1, 4)
    return table - table.mean(axis=0) if len(table) else table


def _near(a: int | None, b: int | None, years: float) -> float:
    distance = UNKNOWN_YEARS if a is None or b is None else abs(a - b)
    return math.exp(-distance / years)


def _team(
    state: ClassState, i: int, ratings: Ratings, series: str | None, year: int | None
) -> tuple[float, float]:
    pace = place = pace_weight = weight = 0.0
    shown = (
        s
        for one in Series.of(series).believed.teams
        for s in ratings.teams.get(team_key(one, state.car_class, state.teams[i]), ())
    )
    for s in shown:
        w = _near(s.year, year, TEAM_YEARS)
        w *= SAME_CAR if s.car_number == state.cars[i] else SISTER_CAR
        weight, place = weight + w * s.races, place + w * s.places
        pace_weight, pace = pace_weight + w * s.paced, pace + w * s.paces
    return 100 * pace / (pace_weight + TEAM_SHRINK), place / (weight + TEAM_SHRINK)


def _drivers(state: ClassState, i: int, ratings: Ratings, year: int | None) -> tuple[float, float]:
    paces = []
    for name in state.drivers[i]:
        weight = total = 0.0
        for s in ratings.drivers.get(key(name), ()):
            if s.car_class == state.car_class:
                w = _near(s.year, year, DRIVER_YEARS)
                weight, total = weight + w * s.weight, total + w * s.paces
        paces.append(100 * total / (weight + DRIVER_SHRINK))
    return (float(np.mean(paces)), min(paces)) if paces else (0.0, 0.0)
