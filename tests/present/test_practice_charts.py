"""Charts of practice and qualifying: best laps as they came down, and no chart of a race."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.errors import BadOption
from dryline.domain.finding import LAP_TAKEN_AWAY, Finding, Severity
from dryline.domain.race_info import RaceInfo
from dryline.domain.session_kind import SessionKind
from dryline.present import charts
from dryline.present.charts.of_race import KINDS, OF_RACES
from dryline.race.race import Race
from tests.made_up.practice import practised

INFO = RaceInfo(name="made up", session_kind=SessionKind.PRACTICE)


@settings(max_examples=20)
@given(seed=st.integers(0, 1_000), cars=st.integers(1, 8))
def test_the_steps_are_the_best_laps_so_far_and_end_with_the_class(seed: int, cars: int) -> None:
    race = Race(INFO, practised(cars=cars, hours=0.6, seed=seed))
    rows = charts.race_chart(race, "best-laps")["datasets"]
    order = race.at(race.end).cars
    name = order[0].car_class
    end = race.crossings.filter(pl.col("car_class") == name)["elapsed_ms"].max()
    drawn = [*rows["heroes"], *rows["others"]]
    assert {row["car_number"] for row in drawn} == {
        car.car_number for car in order if car.car_class == name and car.best_lap is not None
    }
    for car in order:
        own = [row for row in drawn if row["car_number"] == car.car_number]
        if not own or car.best_lap is None:
            continue
        times = [row["lap_time_ms"] for row in own]
        assert times[:-1] == sorted(set(times), reverse=True)
        assert times[-1] == car.best_lap.ms
        assert own[-1]["at_ms"] == end


def test_a_lap_taken_away_is_no_step() -> None:
    rows = practised(cars=4)
    race = Race(INFO, rows)
    first = race.at(race.end).cars[0]
    best = rows.filter(
        (pl.col("car_number") == first.car_number)
        & (pl.col("lap_time_ms") == (first.best_lap.ms if first.best_lap else 0))
    )
    gone = Finding(
        kind=LAP_TAKEN_AWAY, severity=Severity.NOTE, message="", file="",
        car_number=first.car_number, lap=best["lap"][0],
    )  # fmt: skip
    drawn = charts.race_chart(Race(INFO, rows, findings=(gone,)), "best-laps")["datasets"]
    times = {row["lap_time_ms"] for row in (*drawn["heroes"], *drawn["others"])}
    assert best["lap_time_ms"][0] not in times


@pytest.mark.parametrize("kind", KINDS)
def test_a_chart_of_races_is_refused_and_every_other_drawn(kind: str) -> None:
    race = Race(INFO, practised(cars=6))
    if kind in OF_RACES:
        with pytest.raises(BadOption, match=r"is a practice.*best-laps"):
            charts.race_chart(race, kind)
    else:
        assert charts.race_chart(race, kind)["datasets"]


def test_the_laps_drawn_are_those_of_the_fastest_cars() -> None:
    race = Race(INFO, practised(cars=8))
    drawn = charts.race_chart(race, "laps")["datasets"]
    shown = [drawn[f"laps_{i}"][0]["car_number"] for i in range(3)]
    assert shown == race.at(race.end).order[:3]
