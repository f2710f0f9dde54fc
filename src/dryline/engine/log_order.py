"""The order at the end as a log states it itself: places, statuses, added time, best laps."""

from __future__ import annotations

import polars as pl


def as_stated(table: pl.DataFrame, stated: pl.DataFrame, *, is_race: bool) -> pl.DataFrame:
    """The rows of a classification in the order that ``stated`` (schema ``RESULTS``) gives.

    A car that never crossed the line stands where the log has it, with what is unknown null; one
    that the log does not place follows behind.
    """
    log = stated.select(
        "car_number",
        said=pl.col("position"),
        said_status=pl.col("status"),
        said_ms=pl.col("total_time_ms"),
        said_best=pl.col("fastest_lap_ms"),
        said_class=pl.col("car_class"),
        said_team=pl.col("team"),
        said_driver=pl.col("drivers").list.first().struct.field("name"),
    )
    rows = table.join(log, on="car_number", how="full", coalesce=True)
    rows = rows.sort("said", "position", nulls_last=True)
    behind = pl.col("said").is_null().cum_sum() + pl.col("said").max().fill_null(0)
    never = pl.col("position").is_null()
    rows = rows.with_columns(
        car_class=pl.coalesce("car_class", "said_class"),
        team=pl.coalesce("team", "said_team"),
        driver=pl.coalesce("driver", "said_driver"),
        laps=pl.col("laps").fill_null(0),
        stops=pl.col("stops").fill_null(0),
        best_lap_ms=pl.coalesce("said_best", "best_lap_ms"),
        elapsed_ms=pl.when(never).then(None).otherwise(pl.max_horizontal("elapsed_ms", "said_ms")),
        status=pl.when(pl.col("said_status").fill_null("") != "")
        .then("said_status")
        .otherwise(pl.when(never).then(pl.lit("not_started")).otherwise("status")),
        position=pl.coalesce("said", behind).cast(pl.Int32),
    )
    rows = rows.with_columns(
        position_in_class=pl.col("position").rank("ordinal").over("car_class").cast(pl.Int32)
    )
    rows = rows.select(table.columns)
    return _gaps(rows) if is_race else _gaps_of_the_best(rows)


def _gaps(table: pl.DataFrame) -> pl.DataFrame:
    """Laps behind the first, and the time of those on its lap where it is one."""
    first = table.row(0, named=True)
    laps = pl.lit(first["laps"], pl.Int32) - pl.col("laps")
    time = pl.col("elapsed_ms") - pl.lit(first["elapsed_ms"], pl.Int64)
    level = (laps == 0) & (time >= 0) & (pl.col("position") != first["position"])
    return table.with_columns(gap_laps=laps, gap_ms=pl.when(level).then(time).otherwise(None))


def _gaps_of_the_best(table: pl.DataFrame) -> pl.DataFrame:
    """By how much each best lap is slower than that of the first, where it is."""
    gap = pl.col("best_lap_ms").cast(pl.Int64) - pl.col("best_lap_ms").first()
    behind = (pl.int_range(pl.len()) > 0) & (gap >= 0)
    return table.with_columns(gap_laps=pl.lit(0, pl.Int32), gap_ms=pl.when(behind).then(gap))
