"""Best laps of cars and drivers, what their best sectors add up to, and laps taken away. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

_SECTORS = ("s1_ms", "s2_ms", "s3_ms")


def best_laps(laps: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """The best lap of every car or driver, from the rows of ``run_laps``; a row each, as they came.

    Columns: ``by``, ``laps`` driven, ``best_lap``, ``best_driver``, ``best_ms``, ``at_ms``, the
    sectors of that lap, ``improved_ms`` (how much quicker than the best before it; null of a
    first time) and ``theoretical_ms``, the sum of the best sectors on laps that count. It is
    null where a sector was never stated, or not of the quickest laps.
    """
    counts = laps.filter("counts")
    time = pl.col("lap_time_ms")
    best = counts.group_by(by, maintain_order=True).agg(
        best_lap=pl.col("lap").sort_by(time, "elapsed_ms").first(),
        best_driver=pl.col("driver").sort_by(time, "elapsed_ms").first(),
        best_ms=time.min(),
        at_ms=pl.col("elapsed_ms").sort_by(time, "elapsed_ms").first(),
        **{name: pl.col(name).sort_by(time, "elapsed_ms").first() for name in _SECTORS},
        theoretical_ms=sum((pl.col(name).min() for name in _SECTORS), pl.lit(0)),
    )
    before = (
        counts.join(best.select(*by, "at_ms"), on=by, nulls_equal=True)
        .filter(pl.col("elapsed_ms") < pl.col("at_ms"))
        .group_by(by)
        .agg(before_ms=time.min())
    )
    return (
        laps.group_by(by, maintain_order=True)
        .agg(laps=pl.len().cast(pl.Int32))
        .join(best, on=by, how="left", nulls_equal=True, maintain_order="left")
        .join(before, on=by, how="left", nulls_equal=True, maintain_order="left")
        .with_columns(
            improved_ms=pl.col("before_ms") - pl.col("best_ms"),
            theoretical_ms=pl.when(pl.col("theoretical_ms") <= pl.col("best_ms")).then(
                "theoretical_ms"
            ),
        )
        .drop("before_ms")
    )


def taken_away_laps(laps: pl.DataFrame, cars: pl.DataFrame) -> pl.DataFrame:
    """Flying laps that do not count, with the place in class that each would have given.

    Args:
        laps: of ``run_laps``.
        cars: ``car_number, car_class, best_ms, at_ms``.

    Columns: ``car_number, car_class, driver, lap, at_ms, lap_time_ms, would_be``.
    """
    gone = laps.filter(pl.col("flying") & ~pl.col("counts")).select(
        "car_number", "car_class", "driver", "lap", "lap_time_ms", at_ms="elapsed_ms"
    )
    others = cars.select("car_class", other="car_number", best_ms="best_ms", set_ms="at_ms")
    ahead = (pl.col("best_ms") < pl.col("lap_time_ms")) | (
        (pl.col("best_ms") == pl.col("lap_time_ms")) & (pl.col("set_ms") < pl.col("at_ms"))
    )
    placed = (
        gone.join(others, on="car_class", nulls_equal=True)
        .group_by("car_number", "lap")
        .agg(would_be=1 + (ahead & (pl.col("other") != pl.col("car_number"))).sum().cast(pl.Int32))
    )
    return gone.join(placed, on=("car_number", "lap"), how="left", maintain_order="left")
