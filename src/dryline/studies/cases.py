"""A race seen at a fraction of its length, with what became of it: one case to learn from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.domain.weekend import PracticePace
from dryline.model.crew.history import RaceCrews, race_crews
from dryline.model.crew.practice import with_practice
from dryline.model.crew.wheel import Crews, Wheel, wheel_of
from dryline.model.features import ClassPrior, ClassState, class_states
from dryline.model.ratings import RaceRatings, race_ratings
from dryline.model.running import CarRunning, Running, running_at

LEARNING_FRACTIONS = tuple(k / 12 for k in range(2, 12))
SCORED_FRACTIONS = (0.25, 0.5, 0.75)
SMALLEST_CLASS = 3
AFTER_ALL_MS = 10**12


@dataclass(frozen=True)
class Truth:
    """How the cars of a class ended, in the order of the state: places from 0, in the class and
    overall; ``retired``: no crossing at or after the winner's flag; ``laps`` at the end;
    ``stops`` after the instant.
    """

    place: NDArray[np.intp]
    overall: NDArray[np.intp]
    retired: NDArray[np.bool_]
    laps: NDArray[np.intp]
    stops: NDArray[np.intp]


@dataclass(frozen=True)
class Case:
    """One class of one race at one fraction, and its truth.

    ``practised``: its ``wheel`` knows the sessions before the race.
    """

    race: str
    series: str | None
    year: int | None
    length_s: float
    fraction: float
    wet: bool
    state: ClassState
    wheel: Wheel
    truth: Truth
    practised: bool = False


@dataclass(frozen=True)
class LearningRace:
    """A finished race to learn from: ``crossings`` as in `domain.tables.CROSSINGS`, ``crews`` as an
    entry list names them, ``paces`` from the sessions before it.
    """

    race: str
    series: str | None
    year: int | None
    length_s: float
    wet: bool
    crossings: pl.DataFrame
    crews: Crews = field(default_factory=dict)
    paces: Sequence[PracticePace] = ()


@dataclass(frozen=True)
class Taught:
    """What one race teaches of its teams, drivers and crews."""

    race: str
    series: str | None
    year: int | None
    ratings: RaceRatings
    crews: RaceCrews

    def is_before(self, other: Taught) -> bool:
        """Whether this race is known to have been run before ``other``.

        By season; within one of a series only where the names of its events begin with their
        number (``imsa/2024/05-sebring``), since timing files carry no date.
        """
        if self.year is None or other.year is None or self.year != other.year:
            return self.year is not None and other.year is not None and self.year < other.year
        own, its = _event_number(self.race), _event_number(other.race)
        return self.series == other.series and own is not None and its is not None and own < its


def _event_number(race: str) -> int | None:
    digits = re.match(r"\d+", race.rpartition("/")[2])
    return int(digits.group()) if digits else None


def race_cases(
    race: LearningRace,
    priors: Mapping[str, ClassPrior],
    fractions: Sequence[float] = LEARNING_FRACTIONS,
) -> tuple[list[Case], Taught]:
    """All classes of a race at each fraction (where it was not over), and what it teaches.

    Where sessions before it are known every class comes twice, without them and with.
    """
    whole = running_at(race.crossings, AFTER_ALL_MS)
    starters = {c.car_number: c.car_class for c in whole.cars}
    last_ms = int(race.crossings["elapsed_ms"].max() or 0)  # type: ignore[arg-type]
    cases = []
    for fraction in fractions:
        at_ms = round(fraction * race.length_s * 1000)
        if last_ms <= at_ms:
            continue
        now = running_at(race.crossings, at_ms, starters)
        wheel = wheel_of(now, race.length_s, race.crews)
        practised = with_practice(wheel, race.paces)
        for state in class_states(now, race.length_s, priors):
            truth = truth_of(state.cars, state.car_class, whole, at_ms / 1000)
            plain = Case(
                race.race, race.series, race.year, race.length_s, float(fraction), race.wet,
                state, wheel, truth,
            )  # fmt: skip
            cases.append(plain)
            if race.paces:
                cases.append(replace(plain, wheel=practised, practised=True))
    driven = wheel_of(whole, race.length_s, race.crews)
    return cases, Taught(
        race.race,
        race.series,
        race.year,
        race_ratings(race.race, whole, race.series, race.year),
        race_crews(race.race, driven, race.series, race.year),
    )


def truth_of(class_cars: Sequence[str], car_class: str, whole: Running, at_s: float) -> Truth:
    """How the cars of a class, in the order given, ended the race that ``whole`` is.

    The order on the road: laps, then the earlier last crossing, then the number.
    """
    order = sorted(whole.cars, key=lambda c: (-c.laps, c.last_s, c.car_number))
    overall = {c.car_number: k for k, c in enumerate(order)}
    mates = [c.car_number for c in order if c.car_class == car_class]
    place = {number: k for k, number in enumerate(mates)}
    by_number = {c.car_number: c for c in order}
    cars: list[CarRunning] = [by_number[n] for n in class_cars]
    flag_s = order[0].last_s
    return Truth(
        place=np.array([place[n] for n in class_cars]),
        overall=np.array([overall[n] for n in class_cars]),
        retired=np.array([c.last_s < flag_s for c in cars]),
        laps=np.array([c.laps for c in cars]),
        stops=np.array([int((c.stop & (c.elapsed_s > at_s)).sum()) for c in cars]),
    )
