"""Gains between matched cars, in races where it is known what each car lost and why."""

from __future__ import annotations

import math

import polars as pl
import pytest

from dryline.studies.matched_cars import (
    ALIKE,
    alike,
    car_runs,
    dry_paces,
    gained,
    usual_laps,
)
from dryline.studies.stops_owed import StopPrice, laps_since_stop, owed_s, stop_prices
from dryline.studies.tyre_waves import TyreChange, tyre_changes, waves_of
from tests.made_up.pairs import LAP_MS, Driven, paired_race

SLOW = dict.fromkeys((11, 12, 13), 4000)
"""Three laps on the wrong tyre, four seconds each."""


def test_the_gain_is_what_the_wrong_tyre_cost_whatever_the_time_in_the_lane() -> None:
    race = paired_race(
        {
            "1": Driven(stops={10: 60_000}),
            "2": Driven(stops={13: 75_000}, lost_ms=SLOW, start_ms=38_000),
        }
    )
    runs = car_runs(race.laps, race.stops)
    found = gained(runs["1"], runs["2"], runs["1"].ended(9), runs["2"].ended(15), 0.0)
    assert found is not None
    assert found.seconds == pytest.approx(12.0, abs=0.6)
    assert found.lane_s == pytest.approx(-15.0)
    assert found.raw_s == pytest.approx(27.0, abs=0.6)


def test_a_car_that_is_slower_in_the_dry_is_not_blamed_for_it() -> None:
    slower = round(LAP_MS * 1.004)
    race = paired_race(
        {"1": Driven(lap_ms=slower, stops={10: 60_000}), "2": Driven(stops={13: 60_000})}
    )
    runs, paces = car_runs(race.laps, race.stops), dry_paces(race.laps)
    apart = alike(paces, runs, ("1", "2"), runs["1"].ended(9))
    assert apart == pytest.approx(math.log(1.004), abs=1e-6)
    found = gained(runs["1"], runs["2"], runs["1"].ended(9), runs["2"].ended(15), apart)
    assert found is not None
    assert found.raw_s < -2.0
    assert found.seconds == pytest.approx(0.0, abs=0.3)


def test_cars_more_than_half_a_per_cent_apart_are_not_alike() -> None:
    race = paired_race({"1": Driven(lap_ms=round(LAP_MS * (1 + 2 * ALIKE))), "2": Driven()})
    runs, paces = car_runs(race.laps, race.stops), dry_paces(race.laps)
    assert math.isnan(alike(paces, runs, ("1", "2"), 1_500_000.0))
    assert math.isfinite(alike(paces, runs, ("1", "2"), 1_500_000.0, within=0.02))


def test_a_spin_is_a_mishap_and_a_stop_is_none() -> None:
    cars = {str(n): Driven() for n in range(3, 8)}
    race = paired_race({"1": Driven(stops={10: 60_000}), "2": Driven(lost_ms={12: 50_000}), **cars})
    runs, usual = car_runs(race.laps, race.stops), usual_laps(race.laps)["LMGT3"]
    assert not runs["1"].mishap(runs["1"].ended(9), runs["1"].ended(15), usual)
    assert runs["2"].mishap(runs["2"].ended(9), runs["2"].ended(15), usual)


def test_what_is_beyond_the_last_crossing_is_not_made_up() -> None:
    race = paired_race({"1": Driven(), "2": Driven()}, laps=10)
    runs = car_runs(race.laps, race.stops)
    assert gained(runs["1"], runs["2"], 500_000.0, 9_000_000.0, 0.0) is None


def test_a_stop_early_in_the_range_leaves_more_of_a_stop_to_be_paid() -> None:
    race = paired_race({"1": Driven(stops={10: 60_000}), "2": Driven(stops={14: 60_000})})
    runs = car_runs(race.laps, race.stops)
    at, end = runs["1"].ended(20), 40.0 * LAP_MS
    price = StopPrice(range_laps=20.0, price_s=60.0, lane_s=55.0)
    assert laps_since_stop(runs["1"], at) == pytest.approx(10.0)
    early, late = (owed_s(runs[car], price, at, end, LAP_MS) for car in ("1", "2"))
    assert early - late == pytest.approx(4 / 20 * 60.0, abs=0.1)
    assert owed_s(runs["2"], price, runs["2"].ended(30), 34.0 * LAP_MS, LAP_MS) == 0.0


def test_the_price_of_a_stop_is_what_the_class_lost_by_it() -> None:
    race = paired_race(
        {str(n): Driven(stops={n: 60_000, n + 12: 60_000, n + 24: 60_000}) for n in range(6, 12)}
    )
    price = stop_prices(race.laps, race.stops, race.stints)["LMGT3"]
    assert price.price_s == pytest.approx(60.0, abs=1.0)
    assert price.lane_s == pytest.approx(60.0)
    assert price.range_laps == pytest.approx(12.0, abs=1.0)


def _change(car: str, minute: float, kind: str = "slick", car_class: str = "LMGT3") -> TyreChange:
    return TyreChange(car, car_class, 10, round(minute * 60_000), kind)


def test_a_change_is_a_stop_across_which_the_tyre_turned() -> None:
    tyres = pl.DataFrame(
        {
            "car_number": ["1", "1", "2", "2"],
            "from_ms": [0, 600_000, 0, 660_000],
            "p_wet_tyre": [0.98, 0.03, 0.97, 0.9],
        }
    )
    stops = pl.DataFrame({"car_number": ["1", "2"], "in_ms": [600_000, 660_000], "lap": [6, 6]})
    (found,) = tyre_changes(tyres, stops, {"1": "LMGT3", "2": "LMGT3"})
    assert (found.car, found.lap, found.change_to) == ("1", 6, "slick")


def test_a_wave_of_the_reference_is_not_found_a_second_time() -> None:
    changes = [_change(str(n), 40.0 + n) for n in range(6)]
    row = {"class_group": "GT", "change_to": "slick", "wave_10pct_min": 40.5,
           "wave_median_min": 43.0}  # fmt: skip
    (wave,) = waves_of(changes, {"GT": 12}, [row])
    assert (wave.source, len(wave.changes)) == ("reference", 6)
    (inferred,) = waves_of(changes, {"GT": 12}, [])
    assert (inferred.source, len(inferred.changes)) == ("inferred", 6)


def test_a_few_cars_of_a_large_group_are_no_wave() -> None:
    changes = [_change(str(n), 40.0 + n) for n in range(4)]
    assert waves_of(changes, {"GT": 40}, []) == []
    far = [*changes, *(_change(str(9 + n), 90.0 + n) for n in range(8))]
    (wave,) = waves_of(far, {"GT": 20}, [])
    assert wave.begin_min == pytest.approx(90.0)
