"""Generated laps with known paces: the model finds them, and its intervals keep their word."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from dryline.analysis.pace.estimate import Pace, pace_filtered, pace_smoothed
from tests.made_up.paces import World, pace_world


@pytest.fixture(scope="module")
def worlds() -> list[tuple[World, Pace]]:
    made = [pace_world(seed) for seed in range(8)]
    return [(world, pace_smoothed(world.laps)) for world in made]


def test_driver_intervals_hold_the_truth_at_their_stated_rate(
    worlds: list[tuple[World, Pace]],
) -> None:
    held = []
    for world, pace in worlds:
        level = _shared_error(world, pace)
        for car, driver, lo, hi in pace.drivers.select(
            "car_number", "driver", "lo_ms", "hi_ms"
        ).iter_rows():
            truth = np.exp(world.driver_log_ms[car, driver] + level)
            held.append(lo <= truth <= hi)
    rate = float(np.mean(held))
    assert 0.74 <= rate <= 0.95, f"80 % intervals hold {rate:.0%} of {len(held)} drivers"


def test_the_absolute_level_is_found_within_a_fifth_of_a_percent(
    worlds: list[tuple[World, Pace]],
) -> None:
    errors = [abs(_shared_error(world, pace)) for world, pace in worlds]
    assert max(errors) < 0.002


def test_slopes_within_a_stint_are_recovered(worlds: list[tuple[World, Pace]]) -> None:
    errors = []
    for world, pace in worlds:
        for name, slope_ms, sd_ms in pace.classes.select(
            "car_class", "slope_ms", "slope_sd_ms"
        ).iter_rows():
            base_ms = 95_000 if name == "HYPERCAR" else 106_000
            errors.append((slope_ms - world.slope[name] * base_ms) / sd_ms)
    assert np.mean(np.abs(errors)) < 1.4
    assert np.mean(np.abs(errors) < 1.645) > 0.7


def test_the_second_lap_of_a_stint_is_known_to_be_slow(worlds: list[tuple[World, Pace]]) -> None:
    seen = [ms for _, pace in worlds for ms in pace.classes["second_lap_ms"].to_list()]
    assert 400 < np.mean(seen) < 600


def test_a_driver_with_few_laps_is_drawn_to_his_car() -> None:
    laps = pace_world(3).laps
    few = laps.with_columns(
        driver=pl.when((pl.col("car_number") == "1") & pl.col("lap").is_in([60, 61]))
        .then(pl.lit("stranger"))
        .otherwise(pl.col("driver")),
        lap_time_ms=pl.when((pl.col("car_number") == "1") & pl.col("lap").is_in([60, 61]))
        .then(97_000)
        .otherwise(pl.col("lap_time_ms")),
    )
    drivers = pace_smoothed(few).drivers.filter(pl.col("car_number") == "1")
    stranger = drivers.filter(pl.col("driver") == "stranger")
    others = drivers.filter(pl.col("driver") != "stranger")
    assert others["pace_ms"].mean() < stranger["pace_ms"][0] < 97_000  # type: ignore[operator]
    assert stranger["sd_ms"][0] > others["sd_ms"].max()  # type: ignore[operator]


def test_a_known_rating_is_used_for_a_driver_without_many_laps() -> None:
    world = pace_world(5)
    ratings = dict.fromkeys(world.driver_log_ms, "gold")
    pace = pace_smoothed(world.laps, ratings=ratings)
    assert pace.model is not None
    assert pace.model.design.ratings == ("gold",)
    assert abs(_shared_error(world, pace)) < 0.002


def test_what_comes_later_changes_nothing_said_before() -> None:
    laps = pace_world(1).laps
    at_ms = 5_000_000
    spoilt = laps.with_columns(
        lap_time_ms=pl.when(pl.col("elapsed_ms") > at_ms)
        .then(30_000)
        .otherwise(pl.col("lap_time_ms"))
    )
    before, after = pace_filtered(laps, at_ms), pace_filtered(spoilt, at_ms)
    assert before.cars.equals(after.cars)
    assert before.drivers.equals(after.drivers)
    assert before.stints.equals(after.stints)
    assert before.judged.equals(after.judged)


def test_before_any_clean_lap_there_is_no_pace_but_there_are_verdicts() -> None:
    pace = pace_filtered(pace_world(1).laps, 100_000)
    assert pace.cars.is_empty()
    assert pace.judged["refused"].unique().to_list() == ["lap_one"]


def _shared_error(world: World, pace: Pace) -> float:
    """What the estimate is off by for everybody alike: the track's mean, taken out of contrasts."""
    gaps = [
        np.log(ms) - world.driver_log_ms[car, driver]
        for car, driver, ms in pace.drivers.select("car_number", "driver", "pace_ms").iter_rows()
    ]
    return float(np.mean(gaps))
