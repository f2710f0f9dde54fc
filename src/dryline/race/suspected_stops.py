"""Stops of a source that neither marks in-laps nor states lane times: what lap times betray.

A stop is slow on both sides of the line: from the pit entry to it, and from it to the exit. A
spin, traffic or a slow zone is slow on one, or slows the others too.
"""

from __future__ import annotations

import polars as pl

from dryline.domain.flag import Flag
from dryline.race.laps import stinted, with_neutralisations

_EACH_MS, _BOTH_MS = 3_000, 20_000
_USUAL_LAPS, _FEW_LAPS = 15, 3
_FIELD, _BACK = "240s", "-120s"
_FEW_CARS = 3


def marks_stops(crossings: pl.DataFrame) -> bool:
    """Whether the source has marked an in-lap or stated a lane time so far."""
    return bool((crossings["in_pit"].any()) or crossings["pit_lane_ms"].is_not_null().any())


def with_suspected_stops(laps: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """Laps with an in-lap wherever the car must have stopped, under green and with sectors only.

    The last sector of the lap and the first of the next each took three seconds more than the car
    usually takes, and both together twenty, beyond what held up the field. Where three cars have
    stopped so without one mark, the source has none; fewer may have had other troubles. Measured
    with the marks of 75 races hidden: of the stops suspected 99 % were, of those under green
    nine in ten are found. Whole laps alone do not tell (87 %).

    Args:
        laps: crossings with the columns of ``CAUSAL``, without a mark or a lane time.
        periods: schema ``NEUTRALISATIONS``.
    """
    told = with_neutralisations(laps, periods).with_row_index("row")
    green = pl.col("under") == Flag.GREEN.value
    around = told.select(
        "row",
        "car_number",
        at=pl.col("elapsed_ms").cast(pl.Datetime("ms")),
        green=green & _next(green),
        raced=pl.col("lap") > 1,
        before=pl.col("s3_ms").cast(pl.Float64),
        after=_next(pl.col("s1_ms").cast(pl.Float64)),
    )
    timed = around.filter(pl.col("raced") & pl.col("green") & (pl.col("before") > 0))
    timed = timed.filter(pl.col("after") > 0)
    if timed.is_empty():
        return laps
    over = timed.with_columns(
        (pl.col(side) / _usual(side) - 1).alias(f"{side}_over") for side in ("before", "after")
    )
    field = (
        over.sort("at")
        .rolling("at", period=_FIELD, offset=_BACK)
        .agg(pl.col("before_over", "after_over").median().clip(lower_bound=0).name.suffix("_all"))
        .unique("at")
    )
    lost = over.join(field, on="at", how="left").select(
        "row",
        "car_number",
        *(
            (
                (pl.col(f"{side}_over") - pl.col(f"{side}_over_all"))
                * pl.col(side)
                / (1 + pl.col(f"{side}_over"))
            ).alias(side)
            for side in ("before", "after")
        ),
    )
    stopped = lost.filter(
        (pl.min_horizontal("before", "after") >= _EACH_MS)
        & (pl.col("before") + pl.col("after") >= _BOTH_MS)
    )
    if stopped["car_number"].n_unique() < _FEW_CARS:
        return laps
    rows = pl.int_range(pl.len(), dtype=pl.UInt32).is_in(stopped["row"].implode())
    return stinted(laps.with_columns(in_pit=rows)).select(laps.columns)


def _next(of: pl.Expr) -> pl.Expr:
    return of.shift(-1).over("car_number")


def _usual(side: str) -> pl.Expr:
    return (
        pl.col(side)
        .rolling_median(_USUAL_LAPS, center=True, min_samples=_FEW_LAPS)
        .over("car_number")
    )
