"""Where in a stop the line was crossed: how long a car was in the lane before it, how long after.

A file states the time from pit entry to pit exit, and the line in between. What the third sector
of the in-lap lost, against the car's usual one, lies before the line, what the first of the
out-lap lost lies after it; neither holds the few seconds in which the same stretch is driven on
the track, so the two bound the split from both sides and its middle is taken.
"""

from __future__ import annotations

import polars as pl

SPLITS = ("car_number", "lap", "in_ms", "line_ms", "out_ms")
"""Columns: the car, its in-lap, pit entry, the crossing that ended the in-lap, pit exit; the
exit is null where the car never came out.
"""
CLOSE_MS = 8_000
"""Further apart the two bounds come from a sector that was slow for another reason."""


def lane_splits(crossings: pl.DataFrame) -> pl.DataFrame:
    """Every stop whose time in the lane is stated, and those without end, by ``line_ms``.

    Where a sector was slow for another reason, the lane's part on the side of the line on which
    the car does not stand is that of its other stops, or of everybody's, where any of them is
    clear. Stops of files without sectors are left out.

    Columns ``SPLITS``.

    Args:
        crossings: schema ``CROSSINGS``.
    """
    pits = pl.col("in_pit").fill_null(value=False)
    of_car = crossings.sort("car_number", "lap").with_columns(
        lane=pl.col("pit_lane_ms").shift(-1).over("car_number"),
        next_lap=pl.col("lap").shift(-1).over("car_number"),
        next_s1=pl.col("s1_ms").shift(-1).over("car_number"),
        is_usual=~pits & pl.col("pit_lane_ms").is_null() & (pl.col("lap") > 1),
    )
    usual = of_car.filter("is_usual").group_by("car_number").agg(
        usual_s1=pl.col("s1_ms").median(), usual_s3=pl.col("s3_ms").median()
    )  # fmt: skip
    stops = (
        of_car.filter(
            pits
            & (
                pl.col("next_lap").is_null()
                | ((pl.col("next_lap") == pl.col("lap") + 1) & (pl.col("lane") > 0))
            )
        )
        .join(usual, on="car_number", how="left")
        .with_columns(
            most=pl.col("s3_ms") - pl.col("usual_s3"),
            after=pl.col("next_s1") - pl.col("usual_s1"),
        )
        .with_columns(slack=pl.col("lane") - pl.col("most") - pl.col("after"))
        .with_columns(between=(pl.col("lane") + pl.col("most") - pl.col("after")) / 2)
        .with_columns(middle=pl.when(pl.col("slack").abs() <= CLOSE_MS).then("between"))
        .with_columns(rest=pl.col("lane") - pl.col("middle"))
        .with_columns(
            *(
                pl.coalesce(pl.col(side).median().over("car_number"), pl.col(side).median()).alias(
                    f"usual_{side}"
                )
                for side in ("middle", "rest")
            )
        )
    )
    is_first = pl.col("usual_middle") <= pl.col("usual_rest")
    other = (
        pl.when(is_first | pl.col("lane").is_null())
        .then(pl.col("usual_middle"))
        .otherwise(pl.col("lane") - pl.col("usual_rest"))
    )
    split = pl.coalesce("middle", other, "between")
    within = pl.max_horizontal(0, pl.min_horizontal(split, "lane"))
    before = pl.when(split.is_not_null()).then(within).round().cast(pl.Int64)
    return (
        stops.with_columns(line_ms="elapsed_ms", in_ms=pl.col("elapsed_ms") - before)
        .with_columns(out_ms=pl.col("in_ms") + pl.col("lane"))
        .filter(pl.col("in_ms").is_not_null())
        .sort("line_ms", "car_number")
        .select(*SPLITS)
    )
