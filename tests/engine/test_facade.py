"""The Python side: a race is opened, a moment named, a question asked; each answer shows itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

import dryline
from dryline.domain.errors import BadOption, NotKnown, UnknownCar
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.facade import OpenedMoment, opened
from dryline.engine.questions import (
    AskClassification,
    AskLaps,
    AskPace,
    AskRange,
    AskStints,
    AskStops,
    ask,
)
from dryline.feeds.alkamel.write import write_laps
from dryline.race.race import Race
from dryline.strategy.changes import RainFalls
from tests.made_up.field import crossings

RACE = opened(
    Race(RaceInfo(name="made up", series="wec", length=RaceLength(ms=3_600_000)), crossings(cars=6))
)
NOW = RACE.moment("0:30:00")


def test_a_file_opens_as_a_race_whose_moments_can_be_asked(tmp_path: Path) -> None:
    file = tmp_path / "23_Analysis_Race.CSV"
    file.write_bytes(write_laps(crossings(cars=6)))
    race = dryline.open_race(file, length="1:00")
    now = race.moment("0:30:00")
    assert isinstance(now, dryline.Moment)
    assert now.length_ms == 3_600_000
    assert now.order == NOW.order
    assert now[now.order[0]].position == 1


def test_a_moment_stays_one_to_be_asked_in_whosever_eyes() -> None:
    for moment in (NOW.for_all(), NOW.as_told([]), NOW.of_car("50")):
        assert isinstance(moment, OpenedMoment)


def test_a_forecast_is_a_record_a_table_and_a_line() -> None:
    found = NOW.forecast(replicates=50)
    assert [car.car_number for car in found.cars] == found.frame()["car_number"].to_list()
    assert found.to_dict()["cars"][0]["laps"].keys() == {"p10", "p50", "p90"}
    assert repr(found).startswith("<Forecast at 0:30:00 of 1:00:00: #")
    assert "<table" in found._repr_html_()
    assert len(found.to_pandas()) == 6


def test_a_car_that_is_not_there_is_refused_with_those_that_are() -> None:
    for asked in (lambda: NOW.rejoin("99"), lambda: NOW["99"]):
        with pytest.raises(UnknownCar, match="no car '99' in made up"):
            asked()


def test_a_class_is_known_however_it_is_spelled_and_refused_where_it_is_none() -> None:
    told = NOW.classification(car_class="hyper-car")
    assert {row.car_class for row in told.rows} == {"HYPERCAR"}
    for asked in (AskLaps, AskStints, AskStops, AskRange, AskPace, AskClassification):
        with pytest.raises(BadOption, match=r"no class 'LMP9' in made up.*Classes"):
            ask(NOW, asked(car_class="LMP9"))
    with pytest.raises(BadOption, match="LMP9"):
        NOW.gaps(NOW.order[0], car_class="LMP9")


def test_tables_of_a_moment_hold_nothing_later() -> None:
    for table, column in ((NOW.laps, "elapsed_ms"), (NOW.stops, "in_ms"), (NOW.stints, "end_ms")):
        assert table[column].max() <= NOW.at_ms  # type: ignore[operator]
    assert "made up, 0:30:00" in NOW._repr_html_()


def test_what_the_rules_make_of_a_race_is_asked_of_its_moments() -> None:
    race = opened(replace(RACE, info=msgspec.structs.replace(RACE.info, year=2024)))
    now = race.moment("0:30:00")
    driven = now.drive_times()
    assert {row.car_number for row in driven.rows} == set(now.order)
    assert driven.frame().height == len(driven.rows)
    assert now.points().tables
    assert now.penalties().unseen
    assert {row.car_number for row in now.queue().rows} <= set(now.order)
    second = race.moment().order[1]
    account = race.moment().debrief(second, track=False)
    assert account.frame()["ms"].sum() == account.gap_ms
    for answer in (driven, now.points(), now.penalties(), now.queue(), account):
        assert repr(answer).startswith("<made up: ")


def test_a_call_is_asked_for_a_car_a_team_and_everybody() -> None:
    call = NOW.advise(NOW.order[0], replicates=16)
    assert call.call.action in ("stay", "box", "save")
    assert call.frame().height == len(call.candidates)
    assert {card.car_number for card in NOW.cards(replicates=8).cars} <= set(NOW.order)
    rain = NOW.what_if(NOW.order[0], RainFalls(sector=1, minutes=5), replicates=16)
    assert rain.cars[0].car_number == NOW.order[0]
    plan = NOW.plan(NOW.order[0])
    assert plan.frame().height == len(plan.driven) + len(plan.stints)
    assert plan.words in plan.heading()
    with pytest.raises(NotKnown, match="no team here"):
        NOW.advise_team("Nobody")


def test_a_race_is_told_and_written(tmp_path: Path) -> None:
    report = RACE.report(track=False, charts=False)
    assert repr(report) == f"<Report: {report.headline}>"
    assert report.headline in report.html
    written = report.write(tmp_path)
    assert [file.read_text(encoding="utf-8") for file in written] == [report.html, report.markdown]
    assert RACE.debrief(RACE.moment().order[1]).frame().height


def test_what_the_timing_says_is_asked_of_a_moment_too() -> None:
    assert [row.car_number for row in NOW.classification().rows] == NOW.order
    assert NOW.neutralisations().frame()["kind"].to_list() == ["safety_car"]
    assert NOW.gaps(NOW.order[0]).frame().height
    assert NOW.pace("car").frame().height == len(NOW.order)
    assert NOW.services().frame().height == NOW.stops.height
    assert NOW.ranges().frame().height
    assert NOW.track().frame().height
