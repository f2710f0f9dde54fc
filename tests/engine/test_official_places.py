"""Official places of seasons before flags were coded: by the season's own rule, all explained."""

from __future__ import annotations

import pytest

import dryline
from dryline.engine.opening import official_results
from dryline.engine.questions import AskClassification, ask
from dryline.engine.verify import UNEXPLAINED, decisions_stated, verify
from dryline.rules.not_classified import NOT_CLASSIFIED
from tests.conftest import WILD

RACES = sorted(WILD.glob("wec/201[56]/*")) if WILD is not None else []


@pytest.mark.needs_data
def test_nine_races_of_2015_and_2016() -> None:
    """319 of 335 places; the rest are cars of which no timing tells that their crews gave up."""
    assert len(RACES) == 9
    starters = agree = 0
    for path in RACES:
        race, results = dryline.open_race(path), official_results(path, None)
        answer = verify(race, results, decisions_stated(race, results))
        starters, agree = starters + answer.starters, agree + answer.agree
        assert UNEXPLAINED not in {car.reason for car in answer.differences}, path.name
    assert (starters, agree) == (335, 319)


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
