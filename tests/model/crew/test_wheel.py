"""Who drove is read off the crossings, and nothing after the instant is."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.entry import Driver, Rating
from dryline.model.crew.wheel import Wheel, wheel_of
from dryline.model.running import running_at
from tests.made_up.steady import steady_race

RACE = steady_race({"GTP": ["1", "02"], "GTD": ["7", "9"]}, fcy_s=None)
LENGTH_S = 7200.0


def _wheel(crossings: pl.DataFrame, at_s: float, **options: object) -> Wheel:
    return wheel_of(running_at(crossings, round(at_s * 1000)), LENGTH_S, **options)  # type: ignore[arg-type]


@settings(max_examples=20, deadline=None)
@given(at_s=st.integers(100, 7100))
def test_seconds_at_the_wheel_are_those_up_to_the_last_crossing(at_s: int) -> None:
    wheel = _wheel(RACE, at_s)
    for car in wheel.cars:
        mine = RACE.filter(
            (pl.col("car_number") == car.car_number) & (pl.col("elapsed_ms") <= at_s * 1000)
        )
        assert car.driven_s.sum() == pytest.approx(mine["lap_time_ms"].sum() / 1000)
        assert car.now is not None
        assert (
            wheel.drivers[car.now][1] == f"driver{car.car_number}{mine['driver'][-1][-1]}".lower()
        )
    assert wheel.laps.sum() == wheel.turns.laps.sum()


@settings(max_examples=10, deadline=None)
@given(at_s=st.integers(0, 7000))
def test_what_comes_later_is_not_read(at_s: int) -> None:
    whole, cut = _wheel(RACE, at_s), _wheel(RACE.filter(pl.col("elapsed_ms") <= at_s * 1000), at_s)
    assert whole.drivers == cut.drivers
    assert np.array_equal(whole.turns.log_s, cut.turns.log_s)
    assert [c.driven_s.tolist() for c in whole.cars] == [c.driven_s.tolist() for c in cut.cars]


def test_turns_hold_the_mean_log_lap_of_a_driver_in_a_quarter_of_an_hour() -> None:
    running = running_at(RACE, 3_000_000)
    turns = wheel_of(running, LENGTH_S).turns
    car = running.classes()["GTD"][0]
    first = car.clean & (car.elapsed_s < 900.0)
    found = (turns.car == 0) & (turns.quarter == 0)
    assert turns.log_s[found] == pytest.approx([np.log(car.lap_s[first]).mean()])
    assert turns.laps[found] == pytest.approx([first.sum()])


def test_an_entry_list_names_who_has_not_driven_and_how_they_are_rated() -> None:
    listed = [Driver("Driver 7B", Rating.BRONZE), Driver("DRIVER 7Á", Rating.GOLD)]
    wheel = _wheel(RACE, 1000, crews={"7": listed})
    car = next(c for c in wheel.cars if c.car_number == "7")
    assert car.listed
    assert [wheel.drivers[d] for d in car.crew] == [("GTD", "driver7b"), ("GTD", "driver7a")]
    assert [wheel.ratings[d] for d in car.crew] == ["bronze", "gold"]
    assert car.driven_s[0] == 0.0
    assert car.now == car.crew[1]


def test_before_the_first_crossing_nobody_is_at_the_wheel() -> None:
    running = running_at(RACE, 10, {"1": "GTP", "7": "GTD"})
    wheel = wheel_of(running, LENGTH_S)
    assert [c.now for c in wheel.cars] == [None, None]
    assert wheel.turns.log_s.size == 0
