"""One moment has one number of laps, on every screen that tells or needs it."""

from __future__ import annotations

from pathlib import Path

import pytest

import dryline
from dryline.answers.advice import Advice
from dryline.answers.cards import Cards
from dryline.answers.forecast import Forecast
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.questions import Aid, AskAdvice, AskCards, AskForecast, ask
from dryline.race.moment import Moment
from dryline.race.race import Race
from tests.made_up.field import crossings

ALONE = Aid(threads=1)


def agree(moment: Moment, number: str) -> int:
    """The laps that forecast, advice and cards tell of a car, whatever the question's seed."""
    forecast = ask(moment, AskForecast(replicates=20, seed=3), ALONE)
    advice = ask(moment, AskAdvice(car_number=number, replicates=16, seed=5), ALONE)
    cards = ask(moment, AskCards(replicates=16, seed=7), ALONE)
    assert isinstance(forecast, Forecast)
    assert isinstance(advice, Advice)
    assert isinstance(cards, Cards)
    said = {car.car_number: car.laps.p50 for car in forecast.cars}
    assert all(car.planned_laps == said[car.car_number] for car in cards.cars)
    assert all(car.planned_laps == said[car.car_number] for car in advice.cards.cars)
    assert advice.cards.planned_laps == said[number]
    assert advice.range.lap - 1 + advice.range.laps_to_go == said[number]
    sure = next(car.p_laps for car in forecast.cars if car.car_number == number)
    more = next(car.p_one_more_lap for car in cards.cars if car.car_number == number)
    assert sure is not None
    assert sure + more <= 1.0 + 1e-9
    return said[number]


@pytest.mark.parametrize("clock", ["0:20:00", "0:50:00", "0:58:00"])
def test_forecast_advice_and_cards_tell_the_same_laps(clock: str) -> None:
    length = RaceLength(ms=3_600_000, source="said")
    info = RaceInfo(name="made up", series="wec", year=2024, length=length)
    agree(Race(info=info, crossings=crossings(cars=6)).moment(clock), "50")


@pytest.mark.needs_data
def test_at_fuji_all_three_say_what_it_was(data: Path) -> None:
    race = dryline.open_race(data / "wec/2024/fuji_6h.csv")
    assert agree(race.moment("5:58:00"), "6") == 213
