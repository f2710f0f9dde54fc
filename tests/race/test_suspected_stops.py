"""Stops without marks or lane times: suspected where both sides of the line are slow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.race_info import RaceInfo
from dryline.engine.library import sessions_below
from dryline.engine.opening import open_race
from dryline.race.race import Race
from tests.conftest import DATA
from tests.made_up.driving import Car, Lap, crossings_of

INFO = RaceInfo(name="made up", series="wec")
LAPS = 30


def race(
    before_s: float = 20.0,
    after_s: float = 25.0,
    *,
    cars: int = 8,
    stopping: int = 4,
    sectors: bool = True,
    held: bool = False,
    seed: int = 1,
) -> Race:
    """The first ``stopping`` cars lose so much before and after the line, each on its own lap.

    ``held``: all cars do, at the same time.
    """
    chance = np.random.default_rng(seed)

    def laps(index: int) -> list[Lap]:
        stop = 12 if held else 8 + 2 * index
        driven = []
        for lap in range(1, LAPS + 1):
            times = [t * (1 + chance.normal(0, 0.002)) for t in (32.0, 41.0, 35.0)]
            times[2] += before_s * (index < stopping and lap == stop)
            times[0] += after_s * (index < stopping and lap == stop + 1)
            first, second, third = (round(1000 * time) for time in times)
            known = (first, second) if sectors else None
            driven.append(Lap(first + second + third, sectors_ms=known, flag=None))
        return driven

    more = {"team": "Team", "manufacturer": ""}
    return Race(INFO, crossings_of(Car(str(i), "GT", laps(i), more) for i in range(cars)))


@settings(deadline=None, max_examples=20)
@given(st.floats(5, 60), st.floats(5, 60), st.integers(3, 8), st.integers(0, 99))
def test_a_stop_that_nobody_marked_is_suspected(
    before_s: float, more_s: float, stopping: int, seed: int
) -> None:
    found = race(before_s, 17 + more_s, stopping=stopping, seed=seed)
    assert found.stops.select("car_number", "lap").rows() == [
        (str(index), 8 + 2 * index) for index in range(stopping)
    ]
    assert found.stops["known_by"].unique().to_list() == ["lap_times"]
    assert found.stops["pit_lane_ms"].null_count() == stopping
    assert {car.car_number for car in found.at(found.end).cars if car.stops == 1} == {
        str(index) for index in range(stopping)
    }
    lost = found.stops["lost_ms"] / 1000
    assert (lost - before_s - 17 - more_s).abs().max() < 5  # type: ignore[operator]


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({}, 4),
        ({"before_s": 3.5}, 4),
        ({"before_s": 2.0}, 0),
        ({"after_s": 2.0}, 0),
        ({"before_s": 11.0, "after_s": 10.0}, 4),
        ({"before_s": 9.0, "after_s": 9.5}, 0),
        ({"stopping": 3}, 3),
        ({"stopping": 2}, 0),
        ({"sectors": False}, 0),
        ({"held": True, "stopping": 8}, 0),
    ],
)
def test_it_takes_both_sides_of_the_line_three_cars_and_sectors(
    how: dict[str, float], told: int
) -> None:
    assert race(**how).stops.height == told  # type: ignore[arg-type]


def test_where_one_lap_is_marked_nothing_is_suspected() -> None:
    found = race()
    one = (pl.col("car_number") == "7") & (pl.col("lap") == 20)
    marked = Race(INFO, found.crossings.with_columns(in_pit=one))
    assert marked.stops.select("car_number", "lap", "known_by").rows() == [("7", 20, "in_lap")]


@pytest.mark.needs_data
def test_in_real_races_nearly_all_that_is_suspected_was_a_stop() -> None:
    assert DATA is not None
    found = true = green = 0
    for path in sessions_below(DATA)[::4]:
        told = open_race(path)
        hidden = told.crossings.with_columns(
            pl.lit(None, pl.Int64).alias("pit_lane_ms"),
            pl.lit(value=False).alias("in_pit"),
            pl.lit(None, pl.String).alias("flag"),
        )
        suspected = replace(told, crossings=hidden, causal=None).stops
        real = told.stops.drop_nulls("out_ms").select("car_number", "lap", "under")
        found += suspected.height
        true += suspected.join(real, on=["car_number", "lap"], how="semi").height
        green += int((real["under"] == "green").sum())
    assert true / found > 0.98
    assert true / green > 0.7
