"""Stops and stints, the exceptions of the files included."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.race.race import Race
from tests.made_up.field import crossings

INFO = RaceInfo(name="made up")


def rebuilt(**columns: pl.Expr) -> Race:
    """A made-up race in which some cells were changed."""
    return Race(INFO, crossings(cars=4, hours=0.8, stint_laps=8).with_columns(**columns))


def on(car: str, lap: int) -> pl.Expr:
    return (pl.col("car_number") == car) & (pl.col("lap") == lap)


def test_a_stop_pairs_the_in_lap_with_the_out_lap() -> None:
    race = rebuilt()
    laps = race.laps
    ordinary = race.stops.filter(pl.col("exception").is_null())
    assert ordinary.height > 4
    for stop in ordinary.iter_rows(named=True):
        inside = laps.filter(on(stop["car_number"], stop["lap"])).row(0, named=True)
        outside = laps.filter(on(stop["car_number"], stop["lap"] + 1)).row(0, named=True)
        assert inside["in_lap"]
        assert outside["out_lap"]
        assert (stop["in_ms"], stop["out_ms"]) == (inside["elapsed_ms"], outside["elapsed_ms"])
        assert stop["pit_lane_ms"] == outside["pit_lane_ms"]
        assert (stop["driver_in"], stop["driver_out"]) == (inside["driver"], outside["driver"])
        assert stop["driver_change"] == (inside["driver"] != outside["driver"])
        assert stop["in_lap_ms"] + stop["out_lap_ms"] == (
            inside["lap_time_ms"] + outside["lap_time_ms"]
        )


def test_a_pit_lane_start_is_a_stop_on_lap_0() -> None:
    race = rebuilt(pit_lane_ms=pl.when(on("7", 1)).then(30_000).otherwise("pit_lane_ms"))
    stop = race.stops.row(0, named=True)
    assert (stop["car_number"], stop["lap"], stop["in_ms"]) == ("7", 0, 0)
    assert stop["exception"] == "pit_lane_start"
    assert stop["driver_in"] is None
    assert race.laps.filter(on("7", 1))["stint"].item() == 1


def test_lane_time_without_a_crossing_in_the_pits_is_still_a_stop() -> None:
    race = rebuilt(pit_lane_ms=pl.when(on("7", 5)).then(900_000).otherwise("pit_lane_ms"))
    stop = race.stops.filter((pl.col("car_number") == "7") & (pl.col("lap") == 4))
    assert stop["exception"].item() == "no_in_lap"
    assert race.laps.filter(on("7", 5))["stint_lap"].item() == 1


def test_an_out_lap_that_pits_again_ends_one_stop_and_begins_another() -> None:
    race = rebuilt()
    first = race.stops.filter(pl.col("car_number") == "7").row(0, named=True)
    out_lap = first["lap"] + 1
    race = rebuilt(
        in_pit=pl.col("in_pit") | on("7", out_lap),
        pit_lane_ms=pl.when(on("7", out_lap + 1)).then(25_000).otherwise("pit_lane_ms"),
    )
    stops = race.stops.filter(pl.col("car_number") == "7").head(2)
    assert stops["lap"].to_list() == [out_lap - 1, out_lap]
    assert stops["exception"].to_list() == [None, "from_out_lap"]


def test_a_last_lap_into_the_pits_is_a_stop_without_an_end() -> None:
    race = rebuilt()
    stop = race.stops.filter(pl.col("exception").is_null()).row(0, named=True)
    cut = race.cut(Instant(stop["in_ms"]))
    still = cut.stops.filter(pl.col("car_number") == stop["car_number"]).row(-1, named=True)
    assert still["exception"] == "still_in"
    assert still["out_ms"] is None
    assert still["pit_lane_ms"] is None
    assert cut.at(cut.end)[stop["car_number"]].status == "in_pit"


def test_a_stint_is_unbroken_laps_by_one_driver() -> None:
    race = Race(INFO, crossings(cars=6, hours=1.0))
    joined = race.stints.group_by("car_number").agg(pl.col("laps").sum())
    driven = race.laps.group_by("car_number").agg(pl.len().cast(pl.Int32).alias("driven"))
    assert (
        joined.join(driven, on="car_number").filter(pl.col("laps") != pl.col("driven")).is_empty()
    )
    for stint in race.stints.iter_rows(named=True):
        inside = race.laps.filter(
            (pl.col("car_number") == stint["car_number"])
            & pl.col("lap").is_between(stint["first_lap"], stint["last_lap"])
        )
        assert inside["driver"].unique().to_list() == [stint["driver"]]
        green = inside.filter("is_green")["lap_time_ms"].sort()
        if green.len():
            best = green.head(-(-green.len() // 5))
            assert stint["pace_ms"] == round(best.mean())  # type: ignore[arg-type]
        else:
            assert stint["pace_ms"] is None


@pytest.mark.needs_data
def test_every_lane_time_in_a_file_is_a_stop_and_every_name_change_a_driver_change(
    data: Path,
) -> None:
    for name in ("wec/2024/le_mans_24h.csv", "wec/2021/le_mans_24h.csv", "wec/2024/fuji_6h.csv"):
        race = Race(INFO, parse_laps((data / name).read_bytes(), name).crossings)
        stated = race.crossings["pit_lane_ms"].is_not_null().sum()
        assert race.stops["pit_lane_ms"].is_not_null().sum() == stated
        last_in = race.crossings.group_by("car_number").agg(pl.col("in_pit").last())["in_pit"].sum()
        assert race.stops["out_ms"].is_null().sum() == last_in
        assert race.stops.height == stated + last_in
        names = race.laps.select("car_number", "lap", "driver").sort("car_number", "lap")
        changed = (pl.col("driver") != pl.col("driver").shift(1).over("car_number")).fill_null(
            value=False
        )
        changes = race.laps.group_by("car_number").agg(pl.col("driver_stint").max() - 1)
        assert changes["driver_stint"].sum() == names.filter(changed).height
