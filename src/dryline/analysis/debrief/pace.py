"""What a debrief holds laps against: a car's own free pace, stint by stint, and traffic."""

from __future__ import annotations

import polars as pl

from dryline.analysis.pace.clean_laps import clean_laps

CLOSE_MS = 1_000
"""A car that passed the same point less than this before is traffic."""
FEWEST = 3
"""Laps from which a stint has a pace of its own."""
VERDICTS: dict[str, type[pl.DataType]] = {
    "car_number": pl.String,
    "lap": pl.Int32,
    "turn": pl.Int32,  # stints between stops and between drivers, from 1 per car
    "refused": pl.String,
    "in_traffic": pl.Boolean,
}


def verdicts(laps: pl.DataFrame) -> pl.DataFrame:
    """``laps`` with ``turn``, the verdict of ``clean_laps`` and ``in_traffic``, by car and lap."""
    judged = clean_laps(laps).join(in_traffic(laps), on=["car_number", "lap"], how="left")
    changed = pl.struct("stint", "driver_stint").rle_id().over("car_number")
    return judged.sort("car_number", "lap").with_columns(
        turn=(changed + 1).cast(pl.Int32), in_traffic=pl.col("in_traffic").fill_null(value=False)
    )


def in_traffic(laps: pl.DataFrame) -> pl.DataFrame:
    """Whether another car was just ahead at the end of any sector: ``car_number, lap, in_traffic``.

    Points are the ends of the sectors; where their times are missing, the line alone.
    """
    one, two = pl.col("start_ms") + pl.col("s1_ms"), pl.col("s1_ms") + pl.col("s2_ms")
    points = pl.concat(
        [
            laps.select("car_number", "lap", at_ms=time, point=pl.lit(number))
            for number, time in enumerate(
                (one, pl.col("start_ms") + two, pl.col("elapsed_ms")), start=1
            )
        ]
    )
    ahead = pl.col("at_ms") - pl.col("at_ms").shift(1).over("point", order_by="at_ms")
    return (
        points.filter(pl.col("at_ms").is_not_null())
        .with_columns(ahead_ms=ahead)
        .group_by("car_number", "lap")
        .agg(in_traffic=(pl.col("ahead_ms") < CLOSE_MS).any().fill_null(value=False))
    )


def turn_paces(judged: pl.DataFrame) -> pl.DataFrame:
    """Every turn of every car: driver, laps, and the pace that its laps are held against.

    ``pace_ms`` is the median of its clean laps without traffic (of its clean laps, where those
    are fewer than three). A turn with fewer clean laps borrows: ``own`` is false, and the pace is
    that of the nearest turn of the same driver, then of the car, then the car's median lap.
    """
    clean = pl.col("refused").is_null()
    free = clean & ~pl.col("in_traffic")
    time = pl.col("lap_time_ms")
    turns = (
        judged.sort("car_number", "lap")
        .group_by("car_number", "turn", maintain_order=True)
        .agg(
            pl.col("driver").first(),
            first_lap=pl.col("lap").first(),
            last_lap=pl.col("lap").last(),
            clean_laps=clean.sum(),
            traffic_laps=(clean & pl.col("in_traffic")).sum(),
            pace_ms=pl.when(free.sum() >= FEWEST)
            .then(time.filter(free).median())
            .when(clean.sum() >= FEWEST)
            .then(time.filter(clean).median())
            .round()
            .cast(pl.Int64),
        )
        .with_columns(own=pl.col("pace_ms").is_not_null())
    )
    usual = judged.group_by("car_number").agg(
        usual_ms=time.filter(~pl.col("in_lap") & ~pl.col("out_lap")).median(),
        any_ms=time.median(),
    )
    return _borrowed(turns).join(usual, on="car_number", how="left", maintain_order="left").select(
        pl.exclude("usual_ms", "any_ms", "pace_ms"),
        pl.coalesce("pace_ms", "usual_ms", "any_ms", pl.lit(0)).round().cast(pl.Int64),
    )  # fmt: skip


def _borrowed(turns: pl.DataFrame) -> pl.DataFrame:
    """Paces from the nearest turn of the same driver, else of the same car."""
    for keys in (["car_number", "driver"], ["car_number"]):
        back = pl.col("pace_ms").backward_fill().over(keys, order_by="turn")
        ahead = pl.col("pace_ms").forward_fill().over(keys, order_by="turn")
        turns = turns.with_columns(pace_ms=pl.coalesce("pace_ms", ahead, back))
    return turns
