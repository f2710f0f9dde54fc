"""Stops still owed, in seconds: what a car that stopped early has paid and the others have not.

Between two cars of which one has just stopped the gap on the road says little. Each is charged
the green price of the stops that its fuel will ask for, as a fraction where need be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from dryline.analysis.pace.clean_laps import clean_laps
from dryline.analysis.stops.pit_loss import pit_losses
from dryline.studies.matched_cars import CarRun

GREEN_SHARE = 0.9
"""A stint counts for the range where so much of it was green, the in- and the out-lap apart."""
REACH = 0.8
"""Quantile of such stints that is called the range."""
FEWEST = 6


@dataclass(frozen=True)
class StopPrice:
    """A class's range in laps; what a routine green stop costs, and its time in the lane, in s.

    ``green_share`` of its stops were made under green: the others cost far less.
    """

    range_laps: float
    price_s: float
    lane_s: float
    green_share: float = 1.0


def stop_prices(
    laps: pl.DataFrame, stops: pl.DataFrame, stints: pl.DataFrame
) -> Mapping[str, StopPrice]:
    """Range and price per class, of a whole race; a class without enough stops has none."""
    ended = stints.filter(
        (pl.col("green_laps") >= GREEN_SHARE * (pl.col("laps") - 2))
        & (pl.col("last_lap") < pl.col("last_lap").max().over("car_number"))
    )
    ranges = {
        name: reach
        for name, reach, n in ended.group_by("car_class")
        .agg(pl.col("laps").cast(pl.Float64).quantile(REACH), n=pl.len())
        .iter_rows()
        if n >= FEWEST
    }
    routine = stops.filter(
        pl.col("exception").is_null()
        & (pl.col("under") == "green")
        & pl.col("pit_lane_ms").is_between(20_000, 200_000)
    )
    priced = pit_losses(routine, clean_laps(laps)).filter(pl.col("pit_loss_ms") > 0)
    medians = priced.group_by("car_class").agg(
        pl.col("pit_loss_ms", "pit_lane_ms").cast(pl.Float64).median(), n=pl.len()
    )
    green = dict(
        stops.filter(pl.col("exception").is_null())
        .group_by("car_class")
        .agg((pl.col("under") == "green").mean())
        .iter_rows()
    )
    return {
        name: StopPrice(ranges[name], price / 1000.0, lane / 1000.0, green[name])
        for name, price, lane, n in medians.sort("car_class").iter_rows()
        if n >= FEWEST and name in ranges
    }


def laps_since_stop(run: CarRun, at_ms: float) -> float:
    """Laps since the car's last stop, or since the start; nan outside what is known."""
    last = max((lap for lap in run.stops if run.ended(lap) <= at_ms), default=0)
    return run.at(at_ms) - last


def owed_s(run: CarRun, price: StopPrice, at_ms: float, end_ms: float, lap_ms: float) -> float:
    """Seconds of stops that a car still owes at an instant of a race that ends at ``end_ms``."""
    left = max(0.0, price.range_laps - laps_since_stop(run, at_ms))
    to_go = max(0.0, (end_ms - at_ms) / lap_ms)
    return max(0.0, to_go - left) / price.range_laps * price.price_s
