"""What the rain gauge says, as the charts want it: tyre changes, stints on wets, wet periods."""

from __future__ import annotations

import polars as pl

from dryline.analysis.track.spells import wet_track
from dryline.present.charts.gantt import STINT_TYRES
from dryline.present.charts.wetness_panels import TYRE_CHANGES

TYRES: dict[str, type[pl.DataType]] = {
    "car_number": pl.String,
    "from_ms": pl.Int64,
    "p_wet_tyre": pl.Float64,
    "tyre": pl.String,
    "seen": pl.Boolean,
}
"""Beliefs about tyres as ``analysis.track`` states them: from when, how likely wets."""


def tyre_changes(tyres: pl.DataFrame, laps: pl.DataFrame) -> pl.DataFrame:
    """Stops at which a car went from one kind of tyre to the other: schema ``TYRE_CHANGES``.

    Stints of which the kind cannot be told count as the kind before.
    """
    classes = laps.select("car_number", "car_class").unique("car_number")
    sure = pl.when(pl.col("tyre") == "wet").then("p_wet_tyre").otherwise(1 - pl.col("p_wet_tyre"))
    before = pl.col("tyre").shift(1).over("car_number")
    return (
        tyres.filter(pl.col("tyre").is_in(["wet", "slick"]))
        .sort("car_number", "from_ms")
        .filter(before.is_not_null() & (pl.col("tyre") != before))
        .join(classes, on="car_number")
        .select("car_number", "car_class", "tyre", at_ms=pl.col("from_ms"), p=sure)
        .sort("at_ms", "car_number")
        .select(*TYRE_CHANGES)
    )


def stint_tyres(tyres: pl.DataFrame, stints: pl.DataFrame) -> pl.DataFrame:
    """How likely each stint was on wets: schema ``STINT_TYRES``, by the last belief by its end."""
    beliefs = tyres.sort("from_ms").select("car_number", "from_ms", p_wet="p_wet_tyre")
    return (
        stints.select("car_number", "stint", last_ms=pl.col("end_ms") - 1)
        .sort("last_ms")
        .join_asof(
            beliefs,
            left_on="last_ms",
            right_on="from_ms",
            by="car_number",
            strategy="backward",
            check_sortedness=False,
        )
        .filter(pl.col("p_wet").is_not_null())
        .select(*STINT_TYRES)
        .sort("car_number", "stint")
    )


def wet_periods(spells: pl.DataFrame) -> pl.DataFrame:
    """When the track was wet, by the spells of an estimate: schema ``WET_PERIODS``."""
    return wet_track(spells).select(start_ms="from_ms", end_ms="to_ms")
