"""Gaps to one car, lap by lap, in seconds even when laps down."""

from __future__ import annotations

import polars as pl

GAPS: dict[str, type[pl.DataType]] = {
    "lap": pl.Int32,
    "car_number": pl.String,
    "car_class": pl.String,
    "at_ms": pl.Int64,
    "known_at_ms": pl.Int64,
    "gap_ms": pl.Int64,
    "laps": pl.Int32,
}


def gaps_to(laps: pl.DataFrame, car_number: str) -> pl.DataFrame:
    """Every car's gap to ``car_number`` at each crossing.

    Schema ``GAPS``. ``gap_ms`` is the time between the two cars' completions of the same lap:
    positive is behind the reference. ``laps`` is the difference in laps completed at that
    instant (positive: behind). A lap that the reference has not completed by then has the
    reference's later crossing on it, so ``gap_ms`` is negative and known at ``known_at_ms``, the
    later of the two.
    """
    reference = laps.filter(pl.col("car_number") == car_number)
    on_lap = reference.select("lap", ref_ms=pl.col("elapsed_ms"))
    done_by = reference.select("elapsed_ms", ref_laps=pl.col("lap")).sort("elapsed_ms")
    return (
        laps.filter(pl.col("car_number") != car_number)
        .join(on_lap, on="lap", how="inner")
        .sort("elapsed_ms")
        .join_asof(done_by, on="elapsed_ms", strategy="backward")
        .select(
            "lap",
            "car_number",
            "car_class",
            at_ms=pl.col("elapsed_ms"),
            known_at_ms=pl.max_horizontal("elapsed_ms", "ref_ms"),
            gap_ms=pl.col("elapsed_ms") - pl.col("ref_ms"),
            laps=(pl.col("ref_laps").fill_null(0) - pl.col("lap")).cast(pl.Int32),
        )
    )
