"""Behind the safety car through the pit lane: whatever the field, no car has stopped."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dryline.domain.race_info import RaceInfo
from dryline.race.fold import fold
from dryline.race.race import Race
from tests.made_up.driving import Car, Lap, crossings_of
from tests.made_up.field import events

INFO = RaceInfo(name="made up", series="wec")
LAPS, FIRST_LED = 14, 6


def led(
    cars: int,
    times: int,
    *,
    seed: int = 1,
    apart_s: float = 0.8,
    flag: str | None = "safety_car",
    inside: float = 1.0,
    serviced: Sequence[int] = (),
    stated: bool = True,
) -> pl.DataFrame:
    """A race in which a share ``inside`` of the field passes the lane ``times`` laps in a row.

    The lane times scatter by ``apart_s`` to both sides; cars ``serviced`` stand for 40 s more on
    the first of those laps.
    """
    chance = np.random.default_rng(seed)
    marked = range(FIRST_LED, FIRST_LED + times)
    goes = max(1, round(inside * cars))

    def laps(index: int) -> list[Lap]:
        pace = 98.0 + 7.0 * (index % 3)
        driven = []
        for lap in range(1, LAPS + 1):
            held = FIRST_LED - 1 <= lap <= FIRST_LED + times
            seconds = 170.0 if held else pace + chance.normal(0, 0.2)
            seconds += 2.0 * index if lap == 1 else 0.0
            stands = 40.0 if index in serviced and lap == FIRST_LED + 1 else 0.0
            out = lap - 1 in marked and index < goes
            lane = 31.0 + chance.uniform(-apart_s, apart_s) + stands if out else None
            driven.append(
                Lap(
                    round(1000 * (seconds + stands)),
                    flag=None if flag is None else flag if held else "green",
                    in_pit=lap in marked and index < goes,
                    lane_ms=round(1000 * lane) if lane is not None and stated else None,
                )
            )
        return driven

    field = (
        Car(str(index), f"CLASS{index % 3}", laps(index), {"team": "Team", "manufacturer": ""})
        for index in range(cars)
    )
    return crossings_of(field)


@settings(deadline=None, max_examples=25)
@given(st.integers(5, 30), st.integers(1, 4), st.integers(0, 99), st.booleans())
def test_no_car_has_stopped_nor_has_new_tyres(
    cars: int, times: int, seed: int, stated: bool
) -> None:
    race = Race(INFO, led(cars, times, seed=seed, stated=stated))
    assert race.stops.is_empty()
    assert race.laps["stint"].unique().to_list() == [1]
    assert not race.laps.select(pl.col("in_lap") | pl.col("out_lap")).to_series().any()
    assert race.stints["laps"].to_list() == [LAPS] * cars
    assert {(car.stops, car.stint_laps) for car in race.at(race.end).cars} == {(0, LAPS)}
    assert int(race.crossings["in_pit"].sum()) == cars * times  # what was stated stays


@settings(deadline=None, max_examples=15)
@given(st.integers(5, 20), st.integers(1, 3), st.data())
def test_who_was_serviced_on_the_way_has_stopped(
    cars: int, times: int, data: st.DataObject
) -> None:
    one = data.draw(st.integers(0, cars - 1))
    race = Race(INFO, led(cars, times, serviced=[one]))
    assert race.stops.select("car_number", "lap").rows() == [(str(one), FIRST_LED)]
    assert {car.car_number for car in race.at(race.end).cars if car.stops} == {str(one)}


@pytest.mark.parametrize(
    ("how", "led_through"),
    [
        ({}, True),
        ({"flag": "fcy"}, True),
        ({"flag": "green"}, False),
        ({"inside": 0.8}, True),
        ({"inside": 0.7}, False),
        ({"apart_s": 2.2}, True),
        ({"apart_s": 12.0}, False),
        ({"cars": 5}, True),
        ({"cars": 4}, False),
    ],
)
def test_it_takes_a_safety_car_nearly_the_whole_field_and_times_alike(
    how: dict[str, object], led_through: bool
) -> None:
    race = Race(INFO, led(**{"cars": 20, "times": 2, **how}))  # type: ignore[arg-type]
    assert race.stops.is_empty() == led_through


def test_a_change_of_driver_is_a_stop() -> None:
    frame = led(10, 1).with_columns(
        driver=pl.when((pl.col("car_number") == "3") & (pl.col("lap") > FIRST_LED))
        .then(pl.lit("Another"))
        .otherwise("driver")
    )
    assert Race(INFO, frame).stops["car_number"].to_list() == ["3"]


@settings(deadline=None, max_examples=10)
@given(st.integers(5, 12), st.integers(1, 3), st.floats(0.3, 1.0))
def test_the_live_fold_says_the_same_at_any_instant(cars: int, times: int, share: float) -> None:
    batch = Race(INFO, led(cars, times))
    now = batch.instant(round(batch.end.ms * share / 1000))
    cut = batch.cut(now)
    folded = fold(INFO, (e for e in events(batch.crossings) if e.known_at <= now)).race()
    assert_frame_equal(folded.laps, cut.laps)
    assert_frame_equal(folded.stops, cut.stops)
    assert folded.at(now) == batch.at(now)
