"""Official places of seasons before flags were coded: by the season's own rule, all explained."""

from __future__ import annotations

import polars as pl
import pytest

import dryline
from dryline.domain.decision import Decision, DecisionKind
from dryline.engine.opening import official_results
from dryline.engine.questions import AskClassification, ask
from dryline.engine.verify import UNEXPLAINED, verify
from dryline.race.race import Race
from dryline.rules.not_classified import NOT_CLASSIFIED
from tests.conftest import WILD

RACES = sorted(WILD.glob("wec/201[56]/*")) if WILD is not None else []


def ruled(race: Race, results: pl.DataFrame) -> list[Decision]:
    """The exclusions, added times and laps taken away that the official result states."""
    decisions = []
    official = {row["car_number"]: row for row in results.iter_rows(named=True)}
    for car in race.at(race.end).cars:
        row = official.get(car.car_number)
        if row is None or car.last_seen is None:
            continue
        number, added = car.car_number, (row["total_time_ms"] or 0) - car.last_seen.ms
        if row["status"] == "Excluded":
            decisions.append(Decision(kind=DecisionKind.DISQUALIFIED, car_number=number))
        if added >= 1000:
            penalty = DecisionKind.TIME_PENALTY
            decisions.append(Decision(kind=penalty, car_number=number, seconds=added / 1000))
        if row["laps"] is not None and row["laps"] < car.laps:
            taken = car.laps - row["laps"]
            decisions.append(Decision(kind=DecisionKind.LAPS, car_number=number, laps=taken))
    return decisions


@pytest.mark.needs_data
def test_nine_races_of_2015_and_2016() -> None:
    """319 of 335 places; the rest are cars of which no timing tells that their crews gave up."""
    assert len(RACES) == 9
    starters = agree = 0
    for path in RACES:
        race, results = dryline.open_race(path), official_results(path, None)
        answer = verify(race, results, ruled(race, results))
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
