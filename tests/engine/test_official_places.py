"""Official places of seasons before flags were coded: by the season's own rule, all explained."""

from __future__ import annotations

import pytest

import dryline
from dryline.domain.race_info import RaceLength
from dryline.engine.opening import official_results
from dryline.engine.questions import AskClassification, ask
from dryline.engine.verify import UNEXPLAINED, decisions_stated, verify
from dryline.rules.not_classified import NOT_CLASSIFIED
from tests.conftest import WILD
from tests.made_up.driving import Car, Lap, crossings_of, race_of

RACES = sorted(WILD.glob("wec/201[56]/*")) if WILD is not None else []


@pytest.mark.needs_data
def test_nine_races_of_2015_and_2016() -> None:
    """324 of 335 places; no timing tells of the rest who declared that he had retired."""
    assert len(RACES) == 9
    starters = agree = 0
    for path in RACES:
        race, results = dryline.open_race(path), official_results(path, None)
        answer = verify(race, results, decisions_stated(race, results))
        starters, agree = starters + answer.starters, agree + answer.agree
        assert UNEXPLAINED not in {car.reason for car in answer.differences}, path.name
    assert (starters, agree) == (335, 324)


@pytest.mark.parametrize(("last_lap_s", "out"), [(3360, False), (3361, True)])
def test_a_last_lap_out_of_the_pits_is_timed_from_the_exit(last_lap_s: int, out: bool) -> None:
    """Fifty minutes of it in the lane, by the rule of Le Mans 2016."""
    hours = [Lap(3_750_000) for _ in range(23)]
    others = [Car(number, "LMP1", [*hours, Lap(200_000, flag="chequered")]) for number in "12"]
    late = Lap(last_lap_s * 1000, lane_ms=3_000_000, flag="chequered")
    cars = [*others, Car("7", "LMP1", [Lap(700_000), *hours[1:], late])]
    race = race_of(crossings_of(cars), year=2016, length=RaceLength(ms=86_400_000))
    told = {car.car_number: car.status for car in ask(race.moment(), AskClassification()).rows}
    assert (told["7"] == NOT_CLASSIFIED) == out


@pytest.mark.needs_data
def test_the_second_on_the_road_of_le_mans_2016_is_not_classified() -> None:
    assert WILD is not None
    race = dryline.open_race(WILD / "wec" / "2016" / "le_mans_24h")
    moment = race.moment()
    by_rule = {car.car_number: car for car in ask(moment, AskClassification()).rows}
    on_the_road = ask(moment, AskClassification(on_the_road=True)).rows
    assert [car.car_number for car in on_the_road[:3]] == ["2", "5", "6"]
    assert (by_rule["5"].position, by_rule["5"].status) == (45, NOT_CLASSIFIED)
    assert by_rule["6"].position == 2
