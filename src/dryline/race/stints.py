"""Stints: unbroken laps of one car between stops, by one driver."""

from __future__ import annotations

import polars as pl

from dryline.domain.tables import STINTS

BEST_SHARE = 0.2
"""Pace of a stint: the average of this share of its best green laps, the customary measure."""


def stints_table(laps: pl.DataFrame) -> pl.DataFrame:
    """The stints of a race: schema ``STINTS``, ordered by car number and time.

    A new stint begins with an out-lap, or where another driver's name appears without one.
    ``pace_ms`` averages the best fifth (at least one) of the stint's green laps.
    """
    time = pl.col("lap_time_ms")
    green = time.filter(pl.col("is_green")).sort()
    best = green.head((pl.col("is_green").sum() * BEST_SHARE).ceil().cast(pl.Int64))
    return (
        laps.group_by("car_number", "stint", "driver_stint", maintain_order=True)
        .agg(
            pl.col("car_class").first(),
            pl.col("driver").first(),
            start_ms=pl.col("start_ms").first(),
            end_ms=pl.col("elapsed_ms").last(),
            first_lap=pl.col("lap").first(),
            last_lap=pl.col("lap").last(),
            laps=pl.len().cast(pl.Int32),
            green_laps=pl.col("is_green").sum().cast(pl.Int32),
            pace_ms=best.mean().round().cast(pl.Int64),
            best_ms=green.first(),
        )
        .sort("car_number", "start_ms")
        .with_columns(stint=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("car_number"))
        .select(*STINTS)
    )
