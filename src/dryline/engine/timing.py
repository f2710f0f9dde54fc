"""What the timing itself says of a race: order, laps, stints, neutralised periods, gaps."""

from __future__ import annotations

import polars as pl

from dryline.answers.gaps import Gaps
from dryline.answers.laps import Laps
from dryline.answers.neutralisations import Neutralisations
from dryline.answers.race import RaceSoFar
from dryline.answers.stints import Stints
from dryline.engine.questions import Aid, AskGaps, AskLaps, AskNeutralisations, AskRace, AskStints
from dryline.race.moment import Moment
from dryline.race.race import Race


def answer_race(moment: Moment, _: AskRace, __: Aid) -> RaceSoFar:
    """The race as it stands."""
    return RaceSoFar.of(moment)


def answer_laps(moment: Moment, question: AskLaps, _: Aid) -> Laps:
    """Every lap."""
    race = moment.race
    return Laps.of(race, only(race, race.laps, question.car_number, question.car_class))


def answer_stints(moment: Moment, question: AskStints, _: Aid) -> Stints:
    """Every stint."""
    race = moment.race
    return Stints.of(race, only(race, race.stints, question.car_number, question.car_class))


def answer_neutralisations(moment: Moment, _: AskNeutralisations, __: Aid) -> Neutralisations:
    """Every neutralised period."""
    return Neutralisations.of(moment.race)


def answer_gaps(moment: Moment, question: AskGaps, _: Aid) -> Gaps:
    """Every car's gaps to one."""
    race, car = moment.race, question.car_number
    return Gaps.of(race, car, only(race, race.gaps(car), None, question.car_class))


def only(
    race: Race, table: pl.DataFrame, car_number: str | None, car_class: str | None
) -> pl.DataFrame:
    """The rows of one car or one class, where either is named.

    Raises:
        UnknownCar: where the race has no such car.
        BadOption: where it has no such class.
    """
    if car_number is not None:
        table = table.filter(pl.col("car_number") == race.known_car(car_number))
    if car_class is not None:
        table = table.filter(pl.col("car_class") == race.known_class(car_class))
    return table
