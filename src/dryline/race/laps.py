"""Crossings to laps, for the whole race at once: order at the line, stints, in- and out-laps."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from dryline.domain.tables import LAPS
from dryline.race.neutralisation_overlap import gravest_under, overlap_ms

CAUSAL = [
    "start_ms", "in_lap", "out_lap", "stint", "driver_stint", "stint_lap",
    "position", "position_in_class",
]  # fmt: skip
"""Derived columns that are settled at the crossing itself and never change afterwards."""


def causal_columns(crossings: pl.DataFrame) -> pl.DataFrame:
    """Crossings with the columns of ``CAUSAL``; rows keep their order (elapsed, then line).

    Position is the count of cars that had completed the same lap by then, so a car's position
    is its place at the moment it crossed, lapped cars included.
    """
    return stinted(
        crossings.with_columns(
            start_ms=pl.col("elapsed_ms") - pl.col("lap_time_ms"),
            position=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("lap"),
            position_in_class=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over(
                "lap", "car_class"
            ),
        )
    )


def stinted(crossings: pl.DataFrame) -> pl.DataFrame:
    """Crossings with in-laps, out-laps and stints, as their marks and lane times tell."""
    return (
        crossings.with_columns(
            in_lap=pl.col("in_pit"),
            out_lap=pl.col("pit_lane_ms").is_not_null()
            | pl.col("in_pit").shift(1, fill_value=False).over("car_number"),
            _change=(pl.col("driver") != pl.col("driver").shift(1).over("car_number")).fill_null(
                value=False
            ),
            _first=pl.int_range(pl.len()).over("car_number") == 0,
        )
        .with_columns(
            stint=(pl.col("out_lap") & ~pl.col("_first"))
            .cum_sum()
            .over("car_number")
            .cast(pl.Int32)
            + 1,
            driver_stint=pl.col("_change").cum_sum().over("car_number").cast(pl.Int32) + 1,
        )
        .with_columns(
            stint_lap=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("car_number", "stint"),
        )
        .drop("_change", "_first")
    )


def timed_laps(taken_away: Iterable[tuple[str, int]] = ()) -> pl.Expr:
    """Whether a lap's time counts where the best lap decides; of laps with their ``CAUSAL``.

    Neither an in-lap nor a lap out of the pits does, nor one that was taken away. Source: the
    provider's own marks of best laps.
    """
    flying = ~pl.col("out_lap") & ~pl.col("in_lap").fill_null(value=False)
    gone = [f"{car} {lap}" for car, lap in taken_away]
    return flying & ~pl.format("{} {}", "car_number", "lap").is_in(gone)


def no_places() -> list[pl.Expr]:
    """The columns of places at the line as they are where distance decides nothing: unknown."""
    return [pl.lit(None, pl.Int32).alias(name) for name in ("position", "position_in_class")]


def with_neutralisations(laps: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """Laps with how long and how gravely each was neutralised, by overlap in race time."""
    start, end = laps["start_ms"].to_numpy(), laps["elapsed_ms"].to_numpy()
    return (
        laps.with_columns(
            neutralised_ms=pl.Series(overlap_ms(periods, start, end), dtype=pl.Int64),
            under=pl.Series(gravest_under(periods, start, end), dtype=pl.String),
        )
        .with_columns(
            is_green=(pl.col("under") == "green")
            & ~pl.col("in_lap")
            & ~pl.col("out_lap")
            & (pl.col("lap") > 1)
        )
        .select(*LAPS)
    )


def laps_table(crossings: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """The laps of a race: schema ``LAPS``, in order of crossing."""
    return with_neutralisations(causal_columns(crossings), periods)
