"""Which laps speak of a car's pace, and why each of the others was refused."""

from __future__ import annotations

import polars as pl

REFUSALS = (
    "lap_one",
    "in_lap",
    "out_lap",
    "neutralised",
    "restart",
    "no_time",
    "wet",
    "slow",
)
"""Every reason for refusing a lap, in the order in which they are asked."""

SLOW_RATIO = 1.06
WET_RATIO = 1.04
_WINDOW_MS = 300_000


def clean_laps(
    laps: pl.DataFrame, *, slow_ratio: float = SLOW_RATIO, wet_ratio: float = WET_RATIO
) -> pl.DataFrame:
    """``laps`` with a verdict on each: ``refused``, ``reference_ms``, ``ratio``, ``field_ratio``.

    ``refused`` is a reason of `REFUSALS`, null for a lap that is used.

    Every lap is judged by what was known when it ended: its reference is the car's own quick lap
    so far (the fifth best in a hundred of its green laps up to then), and the field's inflation is
    the median ratio of the laps that ended in the five minutes before. So the verdict of a lap
    never changes when later laps arrive, and a cut table gives the same verdicts.

    Args:
        laps: the LAPS table, in any order.
        slow_ratio: a lap slower than its reference times this (and times the field's inflation)
            is a mistake, a spin or heavy traffic.
        wet_ratio: while the field is slower than its references by this, its laps are wet.
    """
    judged = _with_reference(_with_circumstance(laps.sort("car_number", "lap")))
    judged = _with_field_ratio(judged)
    wet = pl.col("field_ratio") > wet_ratio
    slow = pl.col("ratio") > slow_ratio
    return judged.with_columns(
        refused=pl.coalesce(
            "refused", pl.when(wet).then(pl.lit("wet")), pl.when(slow).then(pl.lit("slow"))
        )
    ).drop("_eligible")


def refusal_counts(judged: pl.DataFrame) -> pl.DataFrame:
    """Laps per car by verdict: ``car_number``, ``verdict`` (``used`` or a reason), ``laps``."""
    return (
        judged.group_by("car_number", verdict=pl.col("refused").fill_null("used"))
        .agg(laps=pl.len())
        .sort("car_number", "verdict")
    )


def _with_circumstance(laps: pl.DataFrame) -> pl.DataFrame:
    """Refusals that follow from the lap's circumstances alone."""
    neutralised = pl.col("neutralised_ms") > 0
    before = pl.col("neutralised_ms").shift(1).over("car_number").fill_null(0) > 0
    reasons: list[tuple[pl.Expr, str]] = [
        (pl.col("lap") == 1, "lap_one"),
        (pl.col("in_lap"), "in_lap"),
        (pl.col("out_lap"), "out_lap"),
        (neutralised, "neutralised"),
        (before, "restart"),
        (pl.col("lap_time_ms").fill_null(0) <= 0, "no_time"),
    ]
    refused = pl.coalesce(*(pl.when(test).then(pl.lit(name)) for test, name in reasons))
    return laps.with_columns(refused=refused).with_columns(_eligible=pl.col("refused").is_null())


def _with_reference(laps: pl.DataFrame) -> pl.DataFrame:
    """The car's quick lap so far: the 5 % quantile of its last 400 eligible laps, own included."""
    eligible = laps.filter("_eligible").with_columns(
        reference_ms=pl.col("lap_time_ms")
        .cast(pl.Float64)
        .rolling_quantile(0.05, interpolation="lower", window_size=400, min_samples=1)
        .over("car_number")
    )
    return (
        laps.join(
            eligible.select("car_number", "lap", "reference_ms"),
            on=["car_number", "lap"],
            how="left",
            maintain_order="left",
        )
        .with_columns(
            pl.col("reference_ms").forward_fill().over("car_number"),
        )
        .with_columns(ratio=pl.col("lap_time_ms") / pl.col("reference_ms"))
    )


def _with_field_ratio(laps: pl.DataFrame) -> pl.DataFrame:
    """Median ratio of the field's eligible laps that ended in the window up to each lap's end."""
    field = (
        laps.filter("_eligible")
        .sort("elapsed_ms", "line")
        .with_columns(
            field_ratio=pl.col("ratio").rolling_median_by(
                "elapsed_ms", window_size=f"{_WINDOW_MS}i"
            ),
            _cars=pl.len().rolling(index_column="elapsed_ms", period=f"{_WINDOW_MS}i"),
        )
        .with_columns(field_ratio=pl.when(pl.col("_cars") >= 5).then(pl.col("field_ratio")))
    )
    return laps.join(
        field.select("car_number", "lap", "field_ratio"),
        on=["car_number", "lap"],
        how="left",
        maintain_order="left",
    )
