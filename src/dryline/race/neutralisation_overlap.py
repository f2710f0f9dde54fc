"""What a table of neutralisations says about instants and intervals."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.domain.flag import Flag

GRAVITY: tuple[str, ...] = (
    Flag.RED.value,
    Flag.SAFETY_CAR.value,
    Flag.VSC.value,
    Flag.CODE_60.value,
    Flag.FCY.value,
    Flag.SLOW_ZONE.value,
    Flag.GREEN.value,
)
"""Kinds from the gravest to green: where periods overlap, the first of them names the state."""

Ms = npt.NDArray[np.int64]
_FOREVER = np.int64(1) << 60


def flag_at(periods: pl.DataFrame, instant_ms: int) -> str:
    """The gravest state in force at ``instant_ms``; ``green`` where none is.

    A period holds from its start up to, but not including, its end.
    """
    ends = pl.col("end_ms").fill_null(int(_FOREVER))
    now = periods.filter((pl.col("start_ms") <= instant_ms) & (ends > instant_ms))["kind"]
    return min(now, key=GRAVITY.index, default=Flag.GREEN.value)


def overlap_ms(
    periods: pl.DataFrame, start_ms: Ms, end_ms: Ms, *, kinds: Collection[str] | None = None
) -> Ms:
    """How much of each interval [start, end) lies under a neutralisation, in ms.

    Args:
        periods: a NEUTRALISATIONS table; a period without an end lasts for ever.
        start_ms: (n,) starts of the intervals.
        end_ms: (n,) their ends.
        kinds: the kinds that count; all when left out, slow zones included. Where two periods
            overlap each other, their common time counts once.
    """
    if kinds is not None:
        periods = periods.filter(pl.col("kind").is_in(list(kinds)))
    starts, ends = _union(periods)
    if not starts.size:
        return np.zeros(len(start_ms), dtype=np.int64)
    covered = _covered(starts, ends, end_ms) - _covered(starts, ends, start_ms)
    return np.asarray(np.maximum(covered, 0), dtype=np.int64)


def gravest_under(periods: pl.DataFrame, start_ms: Ms, end_ms: Ms) -> npt.NDArray[np.str_]:
    """The gravest kind that touched each interval [start, end); ``green`` where none did.

    Args:
        periods: a NEUTRALISATIONS table.
        start_ms: (n,) starts of the intervals.
        end_ms: (n,) their ends; an interval that ends at a period's start is not touched by it.
    """
    rank = np.full(len(start_ms), len(GRAVITY) - 1, dtype=np.int64)
    for index, kind in enumerate(GRAVITY[:-1]):
        touched = overlap_ms(periods, start_ms, end_ms, kinds=(kind,)) > 0
        rank[touched] = np.minimum(rank[touched], index)
    return np.array(GRAVITY)[rank]


def _bounds(periods: pl.DataFrame) -> tuple[Ms, Ms]:
    starts = periods["start_ms"].to_numpy().astype(np.int64)
    return starts, periods["end_ms"].fill_null(int(_FOREVER)).to_numpy().astype(np.int64)


def _union(periods: pl.DataFrame) -> tuple[Ms, Ms]:
    """Disjoint intervals in order that cover the same time as ``periods``."""
    return _merged(*_bounds(periods))


def _merged(starts: Ms, ends: Ms) -> tuple[Ms, Ms]:
    if not starts.size:
        return starts, ends
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], ends[order]
    reach = np.maximum.accumulate(ends)
    opens = np.r_[True, starts[1:] > reach[:-1]]
    last = np.r_[np.flatnonzero(opens)[1:] - 1, starts.size - 1]
    return starts[opens], reach[last]


def _covered(starts: Ms, ends: Ms, at_ms: Ms) -> Ms:
    """Time inside the disjoint intervals before each instant of ``at_ms``."""
    before = np.r_[np.int64(0), np.cumsum(ends - starts)]
    index = np.searchsorted(starts, at_ms, side="right")
    inside = np.where(index > 0, np.minimum(at_ms, ends[index - 1]) - starts[index - 1], 0)
    return np.where(index > 0, before[index - 1] + inside, 0).astype(np.int64)


def without(
    periods: pl.DataFrame, others: pl.DataFrame, shortest_ms: int, inside: Collection[str] = ()
) -> pl.DataFrame:
    """``periods`` less the time that ``others`` cover.

    Args:
        periods: a NEUTRALISATIONS table, in which what remains keeps its order.
        others: the periods that take precedence.
        shortest_ms: what is left of a cut period and shorter than this is dropped.
        inside: kinds that may lie inside another kind; only their own kind takes from them.
    """
    if not periods.height or not others.height:
        return periods
    kinds, (starts, ends) = others["kind"].to_list(), _bounds(others)
    rows = []
    for row in periods.iter_rows(named=True):
        alone = row["kind"] in inside
        taking = np.array(
            [kind == row["kind"] if alone else kind not in inside for kind in kinds], dtype=np.bool_
        )
        until = int(_FOREVER) if row["end_ms"] is None else row["end_ms"]
        rows += [
            row | {"start_ms": start, "end_ms": None if end >= _FOREVER else end}
            for start, end in _rest(row["start_ms"], until, *_merged(starts[taking], ends[taking]))
            if end - start >= min(shortest_ms, until - row["start_ms"])
        ]
    return pl.DataFrame(rows, schema=periods.schema, orient="row")


def _rest(start: int, end: int, starts: Ms, ends: Ms) -> list[tuple[int, int]]:
    """The pieces of [start, end) outside the disjoint intervals."""
    pieces = []
    for taken_from, taken_to in zip(starts.tolist(), ends.tolist(), strict=True):
        if taken_to <= start or taken_from >= end:
            continue
        if taken_from > start:
            pieces.append((start, taken_from))
        start = taken_to
    return [*pieces, (start, end)] if start < end else pieces
