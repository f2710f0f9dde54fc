"""What one screen says of a call does not contradict the call."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import dryline
from dryline.answers.advice import Advice
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.questions import Aid, AskAdvice, ask
from dryline.race.race import Race
from tests.made_up.field import crossings

HOUR = 3_600_000
GREEN, YELLOW = "0:40:00", "1:02:00"


def advice_at(clock: str, *, series: str = "wec", car: str = "50") -> Advice:
    """A call in two hours of six cars, with a safety car in the middle."""
    length = RaceLength(ms=2 * HOUR, source="said")
    info = RaceInfo(name="made up", series=series, year=2024, length=length)
    race = Race(info=info, crossings=crossings(hours=2.0, stint_laps=30))
    found = ask(race.moment(clock), AskAdvice(car_number=car, replicates=256), Aid(threads=1))
    assert isinstance(found, Advice)
    return found


@pytest.mark.needs_data
def test_no_stop_is_named_for_a_lap_on_which_the_lane_is_not_open(data: Path) -> None:
    file = data.parent / "wild/elms/2025/spa_4h/23_Analysis_Race.CSV"
    moment = dryline.open_race(file, length="4:00").moment("2:14:21")
    found = ask(moment, AskAdvice(car_number="68", replicates=16), Aid(threads=1))
    assert isinstance(found, Advice)
    assert found.pit_lane.state == "unknown"
    assert found.cards.window is not None
    assert found.cards.window.opens_lap == found.range.lap
    assert found.call.same_from_lap == found.range.lap + 1


def test_the_card_of_the_neutralisation_in_force_is_not_close_where_the_rule_makes_it() -> None:
    found = advice_at(YELLOW)
    assert found.made_by == "rule"
    (card,) = found.neutralised_now
    assert card.call.key == found.call.key
    assert card.margin.known is None


def test_where_no_rule_book_says_what_the_lane_does_under_yellow_it_is_said() -> None:
    assert advice_at(GREEN).neutralised_now
    found = advice_at(GREEN, series="elms")
    assert found.neutralised_now == ()
    assert any(line.startswith("what to do if neutralised") for line in found.cannot_tell)


def test_the_column_of_places_and_the_column_behind_tell_the_same() -> None:
    found = advice_at(GREEN)
    assert len({each.replicates for each in found.candidates}) > 1
    for each in found.candidates:
        behind = each.behind_call.value
        assert behind is not None
        assert each.value == pytest.approx(found.candidates[0].value + behind)


def test_a_car_that_must_be_out_of_the_pits_by_now_has_a_call_and_no_rejoin() -> None:
    length = RaceLength(ms=2 * HOUR, source="said")
    info = RaceInfo(name="made up", series="wec", year=2024, length=length)
    race = Race(info=info, crossings=crossings(hours=2.0, stint_laps=12, flags=False))
    stops = race.stops.sort("in_ms")
    entered = stops.filter(pl.col("car_number") == "50")["in_ms"][3]
    longest = int(stops["pit_lane_ms"].to_numpy().max())
    moment = race.moment(Instant(entered + longest + 1_000))
    assert moment.race.at(moment.at)["50"].status == "in_pit"
    found = ask(moment, AskAdvice(car_number="50", replicates=16), Aid(threads=1))
    assert isinstance(found, Advice)
    assert found.rejoin is None
