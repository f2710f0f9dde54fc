"""What a stop did: found again in generated races, checked where real ones give it away."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dryline.analysis.pace.clean_laps import clean_laps
from dryline.analysis.stops.pit_loss import pit_losses, transit_time
from dryline.analysis.stops.priors import stop_priors
from dryline.analysis.stops.service import KINDS
from dryline.analysis.stops.services import services_filtered, services_smoothed
from tests.made_up.services import TRANSIT_MS, StopWorld, stop_world


@pytest.fixture(scope="module")
def world() -> StopWorld:
    return stop_world(7)


def _both(world: StopWorld) -> tuple[pl.DataFrame, pl.DataFrame]:
    arguments = {"series": "wec", "length_ms": world.length_ms}
    live = services_filtered(world.laps, world.stops, stop_priors(), **arguments)  # type: ignore[arg-type]
    after = services_smoothed(world.laps, world.stops, stop_priors(), **arguments)  # type: ignore[arg-type]
    return live, after


def test_probabilities_of_a_stop_sum_to_one(world: StopWorld) -> None:
    for table in _both(world):
        total = table.select(pl.sum_horizontal(*(f"p_{kind}" for kind in KINDS))).to_series()
        assert np.allclose(total, 1.0)
        best = table.select(pl.max_horizontal(*(f"p_{kind}" for kind in KINDS))).to_series()
        assert np.allclose(table["confidence"], best)


def test_every_drive_through_is_found_after_the_race_and_nothing_else_is_taken_for_one(
    world: StopWorld,
) -> None:
    _, after = _both(world)
    found = [kind == "drive_through" for kind in after["kind"]]
    assert found == [service == "drive_through" for service in world.services]


def test_most_fills_and_tyre_changes_are_told_apart(world: StopWorld) -> None:
    _, after = _both(world)
    right = np.mean([a == b for a, b in zip(after["kind"], world.services, strict=True)])
    assert right > 0.8


def test_confidence_is_what_it_says(world: StopWorld) -> None:
    hits, stated = [], []
    for seed in range(5):
        made = stop_world(seed)
        _, after = _both(made)
        hits += [a == b for a, b in zip(after["kind"], made.services, strict=True)]
        stated += after["confidence"].to_list()
    sure = np.array(stated) > 0.9
    assert np.mean(np.array(hits)[sure]) > 0.88
    assert abs(np.mean(hits) - np.mean(stated)) < 0.12


def test_the_live_service_of_a_stop_knows_nothing_that_came_later(world: StopWorld) -> None:
    at_ms = 9_000_000
    spoilt = world.laps.with_columns(
        pit_lane_ms=pl.when(pl.col("elapsed_ms") > at_ms)
        .then(pl.col("pit_lane_ms") * 2)
        .otherwise(pl.col("pit_lane_ms")),
        lap_time_ms=pl.when(pl.col("elapsed_ms") > at_ms)
        .then(40_000)
        .otherwise(pl.col("lap_time_ms")),
    )
    arguments = {"series": "wec", "length_ms": world.length_ms}
    known = pl.col("out_ms") <= at_ms
    stops = world.stops.filter(known)
    whole = services_filtered(world.laps, world.stops, stop_priors(), **arguments)  # type: ignore[arg-type]
    cut = services_filtered(
        world.laps.filter(pl.col("elapsed_ms") <= at_ms),
        stops,
        stop_priors(),
        **arguments,  # type: ignore[arg-type]
    )
    bent = services_filtered(spoilt, stops, stop_priors(), **arguments)  # type: ignore[arg-type]
    assert cut.height > 10
    assert whole.filter(world.stops["out_ms"] <= at_ms).equals(cut)
    assert bent.equals(cut)


def test_a_stop_without_a_time_in_the_lane_is_unknown(world: StopWorld) -> None:
    still_in = world.stops.tail(1).with_columns(
        pit_lane_ms=pl.lit(None, pl.Int64), out_ms=pl.lit(None, pl.Int64), lap=pl.lit(999, pl.Int32)
    )
    table = services_filtered(
        world.laps, still_in, stop_priors(), series="wec", length_ms=world.length_ms
    )
    assert table["kind"].to_list() == ["unknown"]
    assert table["confidence"].to_list() == [1.0]


def test_the_transit_time_is_the_lowest_cluster(world: StopWorld) -> None:
    transit = transit_time(world.stops["pit_lane_ms"].drop_nulls().to_numpy().astype(float))
    assert abs(transit.ms - TRANSIT_MS) < 500
    assert transit.drive_throughs >= 3
    lonely = transit_time(np.array([70_000.0, 75_000.0, 80_000.0]))
    assert lonely.drive_throughs == 0
    assert lonely.ms < 70_000
    assert lonely.sd_ms > 5_000


def test_a_stop_costs_its_time_in_the_lane_here(world: StopWorld) -> None:
    losses = pit_losses(world.stops, clean_laps(world.laps)).drop_nulls("pit_loss_ms")
    gap = losses["pit_loss_ms"] - losses["pit_lane_ms"]
    assert losses.height > 50
    assert abs(gap.median()) < 700  # type: ignore[arg-type, operator]


@pytest.mark.needs_data
def test_real_drive_throughs_agree_with_the_transit_time(data: Path) -> None:
    from dryline import open_race

    race = open_race(data / "wec/2025/imola_6h.csv", series="wec", length="6:00")
    table = services_smoothed(
        race.laps, race.stops, stop_priors(), series="wec", length_ms=21_600_000
    ).with_columns(race.stops["driver_change"], race.stops["under"])
    through = table.filter(pl.col("kind") == "drive_through")
    assert 8 <= through.height <= 16
    assert through["stood_ms"].abs().max() < 2_500  # type: ignore[operator]
    assert abs(table["transit_ms"].drop_nulls()[0] - 33_150) < 200
    splash = table.filter(pl.col("kind") == "splash")
    full = table.filter(
        pl.col("load_share") > 0.9, pl.col("kind").is_in(["fuel", "fuel_and_tyres"])
    )
    assert full.height > 80
    assert splash["stood_ms"].median() < 0.6 * full["stood_ms"].median()  # type: ignore[operator]
