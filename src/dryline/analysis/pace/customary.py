"""The two measures of pace that the paddock uses, over the laps that count."""

from __future__ import annotations

import polars as pl


def best_three_of_last_five(
    judged: pl.DataFrame, by: tuple[str, ...] = ("car_number",)
) -> pl.DataFrame:
    """Mean of the best three of the last five used laps: ``by``, ``recent_ms``, ``recent_laps``.

    ``judged`` comes from `clean_laps`. With fewer than three used laps ``recent_ms`` is null.
    """
    last = (
        judged.filter(pl.col("refused").is_null())
        .sort("elapsed_ms", "line")
        .group_by(*by, maintain_order=True)
        .agg(pl.col("lap_time_ms").tail(5))
    )
    best = pl.col("lap_time_ms").list.sort().list.head(3).list.mean().round().cast(pl.Int64)
    laps = pl.col("lap_time_ms").list.len()
    return last.select(
        *by, recent_ms=pl.when(laps >= 3).then(best), recent_laps=laps.cast(pl.Int32)
    ).sort(*by)


def best_fifth(judged: pl.DataFrame, by: tuple[str, ...] = ("car_number",)) -> pl.DataFrame:
    """Average of the best 20 % of used laps, at least one: ``by``, ``best_fifth_ms``, ``laps``."""
    count = (pl.len() * 0.2).ceil().cast(pl.UInt32).clip(lower_bound=1)
    return (
        judged.filter(pl.col("refused").is_null())
        .group_by(*by)
        .agg(
            best_fifth_ms=pl.col("lap_time_ms").bottom_k(count).mean().round().cast(pl.Int64),
            laps=pl.len().cast(pl.Int32),
        )
        .sort(*by)
    )
