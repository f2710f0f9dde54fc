"""Runs: the laps between two visits to the garage, told apart by what they were for. Pure.

A steady lap is a green one within 4 % of the best of its run: the others were hindered, or were
laps to warm tyres or to let a gap open. Five of them make a long run; a push run has one or two
that are quick for the driver too.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl
from scipy.special import stdtrit

from dryline.race.laps import timed_laps

STEADY = 1.04
LONG_RUN_LAPS = 5
PUSH_LAPS = 2
LONG, PUSH = "long", "push"
_RUN = ("car_number", "run")


def run_laps(laps: pl.DataFrame, taken_away: Iterable[tuple[str, int]]) -> pl.DataFrame:
    """Laps (schema ``LAPS``) in their order, with the number of their ``run`` and what they were.

    ``flying``: neither out of the pits nor into them. ``counts``: flying, and not taken away.
    ``steady``: green and within 4 % of the best lap of its run that counts.
    """
    flying = (pl.col("lap") > 1) & pl.col("lap_time_ms").is_not_null()
    best = pl.col("lap_time_ms").filter(pl.col("counts")).min().over(_RUN)
    return laps.with_columns(
        run=pl.struct("stint", "driver_stint").rle_id().over("car_number").cast(pl.Int32) + 1,
        flying=flying & timed_laps(),
        counts=flying & timed_laps(taken_away),
    ).with_columns(
        steady=(
            pl.col("flying") & pl.col("is_green") & (pl.col("lap_time_ms") <= best * STEADY)
        ).fill_null(value=False)
    )


def runs_table(laps: pl.DataFrame) -> pl.DataFrame:
    """A row per run of ``run_laps``, by car in the order of the laps.

    Columns: ``car_number, car_class, run, driver, start_ms, end_ms, first_lap, laps,
    flying_laps, steady_laps, best_ms, kind`` (long, push or null), and of long runs ``average_ms``
    of the steady laps and their ``slope_ms`` a lap with ``slope_lo_ms`` and ``slope_hi_ms`` (80 %).
    """
    time, steady = pl.col("lap_time_ms"), pl.col("steady")
    quick = time <= time.filter(pl.col("counts")).min().over("car_number", "driver") * STEADY
    lap, lap_ms = pl.col("lap").filter(steady), time.filter(steady)
    found = (
        laps.with_columns(quick=(steady & quick).fill_null(value=False))
        .group_by(_RUN, maintain_order=True)
        .agg(
            pl.col("car_class", "driver", "start_ms").first(),
            end_ms=pl.col("elapsed_ms").last(),
            first_lap=pl.col("lap").first(),
            laps=pl.len().cast(pl.Int32),
            flying_laps=pl.col("flying").sum().cast(pl.Int32),
            steady_laps=steady.sum().cast(pl.Int32),
            quick=pl.col("quick").sum(),
            best_ms=time.filter(pl.col("counts")).min(),
            average_ms=lap_ms.mean().round().cast(pl.Int64),
            slope_ms=pl.cov(lap, lap_ms) / lap.var(),
            lap_spread=lap.var(),
            time_spread=lap_ms.cast(pl.Float64).var(),
        )
        .with_columns(kind=_kind(), half=_half_width())
    )
    long = {name: pl.col(name) for name in ("average_ms", "slope_ms")} | {
        "slope_lo_ms": pl.col("slope_ms") - pl.col("half"),
        "slope_hi_ms": pl.col("slope_ms") + pl.col("half"),
    }
    return found.with_columns(
        **{name: pl.when(kind_is(LONG)).then(value) for name, value in long.items()}
    ).drop("quick", "lap_spread", "time_spread", "half")


def programmes(laps: pl.DataFrame) -> pl.DataFrame:
    """What each car did: ``car_number, runs, longest_run_laps, on_track_ms``; from ``run_laps``.

    Time on the track is that up to its last crossing without the stays in the pits; null where
    the source does not state how long each of them was.
    """
    stay = pl.col("pit_lane_ms")
    began = pl.col("out_lap") | (pl.col("lap") == 1)
    known = (stay.is_not_null() | ~began).all() & (pl.col("lap").min() == 1)
    return laps.group_by("car_number", maintain_order=True).agg(
        runs=pl.col("run").max(),
        longest_run_laps=pl.col("run").value_counts().struct.field("count").max(),
        on_track_ms=pl.when(known).then(pl.col("elapsed_ms").max() - stay.sum()),
    )


def kind_is(kind: str) -> pl.Expr:
    """Runs of that kind."""
    return (pl.col("kind") == kind).fill_null(value=False)


def _kind() -> pl.Expr:
    return (
        pl.when(pl.col("steady_laps") >= LONG_RUN_LAPS)
        .then(pl.lit(LONG))
        .when(pl.col("quick").is_between(1, PUSH_LAPS))
        .then(pl.lit(PUSH))
    )


def _half_width() -> pl.Expr:
    """Half of the interval that holds 80 % of the slope, by the scatter of the laps about it."""
    free = pl.col("steady_laps") - 2
    left = pl.col("time_spread") - pl.col("slope_ms") ** 2 * pl.col("lap_spread")
    error = (left.clip(0) / free / pl.col("lap_spread")).sqrt()
    return error * free.map_batches(
        lambda laps: pl.Series(stdtrit(laps.clip(1).to_numpy(), 0.9)), return_dtype=pl.Float64
    )
