"""How far the tank goes: learnt from stints, never from the future, and honest early on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dryline.analysis.stops.fuel_range import RangeTracker, fold_range, range_filtered
from dryline.analysis.stops.hazard import StopOutlook, stop_hazard
from dryline.analysis.stops.outlook import StopWatch
from dryline.analysis.stops.priors import RangePriors, stop_priors
from tests.made_up.services import LAP_MS, RANGE_LAPS, StopWorld, stop_world


@pytest.fixture(scope="module")
def world() -> StopWorld:
    return stop_world(11)


def test_the_range_of_the_class_is_learnt_from_its_longest_stints(world: StopWorld) -> None:
    tracker = fold_range(world.laps, stop_priors().range)
    mean, sd = tracker.range_of("1")
    assert abs(mean - RANGE_LAPS) < 1.5
    assert sd < 2.5


def test_before_any_stop_the_prior_speaks_and_is_wide(world: StopWorld) -> None:
    early = range_filtered(world.laps, 10 * LAP_MS + 60_000, stop_priors().range)["3"]
    late = range_filtered(world.laps, 15_000_000, stop_priors().range)["3"]
    assert early.range_sd_laps > late.range_sd_laps
    assert abs(early.range_laps - stop_priors().range.minutes["HYPERCAR"] * 60_000 / LAP_MS) < 2
    assert early.p10_laps < early.p50_laps < early.p90_laps


def test_the_laps_left_hold_what_cars_then_did_in_nine_cases_of_ten(world: StopWorld) -> None:
    held = []
    fills = world.stops.filter(pl.Series(world.services) != "drive_through")
    for car, lap in fills.select("car_number", "lap").iter_rows():
        begun = world.laps.filter((pl.col("car_number") == car) & (pl.col("lap") == lap - 8))
        if begun.is_empty() or begun["elapsed_ms"][0] < 7_000_000:
            continue
        left = range_filtered(world.laps, begun["elapsed_ms"][0], stop_priors().range)[car]
        held.append(left.p90_laps + 1 >= 8)
        if len(held) == 40:
            break
    assert np.mean(held) > 0.9


def test_a_drive_through_does_not_fill_the_tank(world: StopWorld) -> None:
    through = [at for at, kind in enumerate(world.services) if kind == "drive_through"]
    at = through[-1]
    stop = world.stops.row(at, named=True)
    before = range_filtered(world.laps, stop["in_ms"], stop_priors().range)[stop["car_number"]]
    after = range_filtered(world.laps, stop["out_ms"], stop_priors().range)[stop["car_number"]]
    assert after.load_laps == pytest.approx(before.load_laps + 1)


def test_a_neutralised_lap_takes_less_from_the_tank() -> None:
    priors = RangePriors(yellow_factor=0.5, default_minutes=50, default_sd=0.1, minutes={}, sd={})
    tracker = RangeTracker(priors)
    for _ in range(10):
        tracker.crossed("1", "GTP", 100_000, yellow_share=0, out_lap=False, in_lap=False)
    tracker.crossed("1", "GTP", 200_000, yellow_share=1, out_lap=False, in_lap=False)
    assert tracker.load["1"] == pytest.approx(10.5)


def test_the_slow_first_lap_of_a_race_is_outvoted_on_the_third() -> None:
    """Six cars: the range in laps is that of a racing lap, not of the one from the start."""
    priors = RangePriors(yellow_factor=0.5, default_minutes=50, default_sd=0.1, minutes={}, sd={})
    tracker = RangeTracker(priors)
    ranges = []
    for lap_ms in (120_000, 75_000, 75_000, 75_000):
        for car in "123456":
            tracker.crossed(car, "GTD", lap_ms, yellow_share=0, out_lap=False, in_lap=False)
        ranges.append(tracker.range_of("1")[0])
    assert ranges[0] == pytest.approx(25.0)
    assert ranges[2:] == [pytest.approx(40.0)] * 2


def test_what_comes_later_changes_nothing_said_before(world: StopWorld) -> None:
    at_ms = 8_000_000
    spoilt = world.laps.with_columns(
        in_lap=pl.when(pl.col("elapsed_ms") > at_ms).then(True).otherwise(pl.col("in_lap"))
    )
    priors = stop_priors().range
    assert range_filtered(world.laps, at_ms, priors) == range_filtered(spoilt, at_ms, priors)


def test_the_chance_of_stopping_keeps_rising_to_the_end_of_the_range() -> None:
    loads = np.array([5.0, 20.0, 26.0, 29.0, 31.0])
    n = len(loads)
    outlook = StopOutlook(
        load=loads, range_laps=np.full(n, 30.0), last_load=np.full(n, 30.0),
        laps_to_go=np.full(n, 100.0), window=np.zeros(n), restart=np.zeros(n), first=np.zeros(n),
    )  # fmt: skip
    for series in ("wec", "imsa"):
        chance = stop_hazard(outlook, stop_priors().hazard_of(series))
        assert (np.diff(chance[1:]) > 0).all()
        assert chance[0] < 0.05
        assert chance[-1] > 0.35


def test_a_car_that_reaches_the_end_need_not_stop() -> None:
    def chance(to_go: float) -> float:
        one = np.ones(1)
        outlook = StopOutlook(28 * one, 30 * one, 29 * one, to_go * one, 0 * one, 0 * one, 0 * one)
        return float(stop_hazard(outlook, stop_priors().hazard_of("wec"))[0])

    assert chance(1.0) < 0.5 * chance(40.0)


@pytest.mark.parametrize("standing_ms", [1_000, 99_000, 101_000, 900_000])
def test_a_car_in_the_pits_leaves_with_a_full_tank_however_long_it_stands(standing_ms: int) -> None:
    priors = RangePriors(yellow_factor=0.5, default_minutes=50, default_sd=0.1, minutes={}, sd={})
    watch = StopWatch.start(priors, 36_000_000.0)
    for lap in range(1, 26):
        watch.crossed("1", "GTP", lap * 1e5, 1e5, yellow_ms=0, out_lap=False, in_lap=lap == 25)
    assert watch.outlook(["1"], [2.0], 25e5 + standing_ms).load[0] == 2.0
    watch.crossed("1", "GTP", 26e5, 1e5, yellow_ms=0, out_lap=True, in_lap=False, pit_ms=60_000)
    assert watch.outlook(["1"], [2.0], 26e5 + standing_ms).load[0] == 3.0


def test_the_watch_sees_the_window_open(world: StopWorld) -> None:
    watch = StopWatch.start(stop_priors().range, world.length_ms)
    shares = []
    for row in world.laps.sort("elapsed_ms").iter_rows(named=True):
        watch.crossed(
            row["car_number"], row["car_class"], row["elapsed_ms"], row["lap_time_ms"],
            yellow_ms=0.0, out_lap=row["out_lap"], in_lap=row["in_lap"], pit_ms=row["pit_lane_ms"],
        )  # fmt: skip
        shares.append(float(watch.outlook([row["car_number"]], [1.0], row["elapsed_ms"]).window[0]))
    assert max(shares) > 0.3
    assert min(shares) == 0.0


@pytest.mark.needs_data
def test_real_hypercars_go_as_far_as_the_measurements_say(data: Path) -> None:
    from dryline import open_race

    race = open_race(data / "wec/2025/imola_6h.csv")
    tracker = fold_range(race.laps, stop_priors().range)
    hypercar, _ = tracker.classes["HYPERCAR"].estimate()
    lmgt3, _ = tracker.classes["LMGT3"].estimate()
    assert 33 <= hypercar <= 37
    assert 26 <= lmgt3 <= 30
