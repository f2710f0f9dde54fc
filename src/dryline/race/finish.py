"""When the race was won: the winner's crossing under the chequered flag."""

from __future__ import annotations

import polars as pl

from dryline.domain.race_info import RaceLength


def finish_ms(crossings: pl.DataFrame, length: RaceLength | None) -> int | None:
    """The instant of the winner's finish, or ``None`` while nobody can know it.

    Where flags are coded it is the first chequered crossing. Else it is the first crossing, at
    or after the scheduled time, of the car that leads there; or the first completion of the
    scheduled number of laps. Without flags and without a length it cannot be told.
    """
    chequered = crossings.filter(pl.col("flag") == "chequered")["elapsed_ms"].min()
    if chequered is not None:
        return int(chequered)  # type: ignore[arg-type]
    if length is None or crossings["flag"].is_not_null().any():
        return None
    ends = [
        first
        for first in (
            None if length.ms is None else _leader_after(crossings, length.ms),
            None if length.laps is None else _first_to(crossings, length.laps),
        )
        if first is not None
    ]
    return min(ends, default=None)


def _leader_after(crossings: pl.DataFrame, length_ms: int) -> int | None:
    """The first crossing after time that completes a lap which nobody had completed before."""
    before = crossings.filter(pl.col("elapsed_ms") < length_ms)["lap"].max() or 0
    lead = crossings.filter((pl.col("elapsed_ms") >= length_ms) & (pl.col("lap") > before))
    first = lead["elapsed_ms"].min()
    return None if first is None else int(first)  # type: ignore[arg-type]


def _first_to(crossings: pl.DataFrame, laps: int) -> int | None:
    first = crossings.filter(pl.col("lap") >= laps)["elapsed_ms"].min()
    return None if first is None else int(first)  # type: ignore[arg-type]
