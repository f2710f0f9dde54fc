"""Which neutralisation it was: limited to a speed, behind a safety car, or stopped."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import polars as pl

from dryline.domain.flag import Flag
from dryline.domain.series import Series
from dryline.race.field_speed import Bools, Floats, Ints, SectorRuns
from dryline.race.neutral_spans import nearest

LIMIT_KMH = (77.0, 83.0)
"""Speeds at the trap of a car that holds the 80 km/h of a full course yellow or a VSC."""

_GRID_MS = 5_000
_SHORTEST_SAFETY_CAR_MS = 330_000
_SHORTEST_LIMIT_MS = 45_000
_VSC_MS = 300_000
_SLOW = 0.7


Edges = Literal["", "start", "both"]


class NeutralStretch(NamedTuple):
    """A stretch under one kind, in ms, with how sure the kind is."""

    kind: str
    start_ms: int
    end_ms: int
    confidence: float
    is_limited: bool = False
    """Whether the trap saw the cars hold the limit."""
    edges: Edges = ""
    """Which of its edges the whole field shares at one instant, so that cars can sharpen them."""


class Trap:
    """What the speed trap says over time: whether cars held the limit when they passed it."""

    def __init__(self, crossings: pl.DataFrame, runs: SectorRuns) -> None:
        top = crossings["top_speed_kmh"].to_numpy()[runs.row]
        chosen = np.isfinite(top) & (top > 0)
        self.known = bool(chosen.any())
        limited = (top >= LIMIT_KMH[0]) & (top <= LIMIT_KMH[1])
        if self.known:
            chosen &= runs.sector == _trap_sector(runs, limited, chosen)
        self._start = runs.start_ms[chosen]
        self._end = runs.end_ms[chosen]
        self._limited = limited[chosen]

    def limited_until(self, start_ms: int, end_ms: int) -> int:
        """Until when, from the start of a stretch, the field held the limit; its start if never.

        The instant that best divides the stretch into cars at the limit and cars at any other
        pace, in steps of 5 s.
        """
        bins = max(1, (end_ms - start_ms) // _GRID_MS)
        touching = (self._start < end_ms) & (self._end > start_ms)
        first = np.clip((self._start[touching] - start_ms) // _GRID_MS, 0, bins)
        last = np.clip((self._end[touching] - start_ms) // _GRID_MS, 0, bins)
        held = self._limited[touching]
        cars = _cover(first, last, bins)
        share = _cover(first[held], last[held], bins) / np.where(cars > 0, cars, np.nan)
        share = nearest(share, bins)
        gain = np.cumsum(np.nan_to_num(share, nan=0.5) - 0.5)
        best = int(np.argmax(gain))
        return start_ms + (best + 1) * _GRID_MS if gain[best] > 0 else start_ms


def parts(span: tuple[int, int], trap: Trap, series: str | None) -> list[NeutralStretch]:
    """The kinds inside one neutralised stretch, in order.

    A series with one kind only (a full course yellow behind a safety car) has no other. Elsewhere
    the trap tells: cars that all hold the limit are under a full course yellow, or,
    where that lasts for five minutes and a safety car follows, a virtual safety car; any other
    pace means a safety car, unless it is over too soon for one. Without a trap and without
    knowing the series the two cannot be told apart.
    """
    start, end = span
    only = Series.of(series).neutralisations.only
    if only is not None:
        return [NeutralStretch(only, start, end, 0.97)]
    if not trap.known:
        return [NeutralStretch(Flag.FCY.value, start, end, 0.5)]
    until = trap.limited_until(start, end)
    if end - until < _SHORTEST_SAFETY_CAR_MS:
        limited = until > start
        return [
            NeutralStretch(Flag.FCY.value, start, end, 0.95 if limited else 0.85, limited, "both")
        ]
    if until - start < _SHORTEST_LIMIT_MS:
        return [NeutralStretch(Flag.SAFETY_CAR.value, start, end, 0.93)]
    virtual = until - start >= _VSC_MS
    first = NeutralStretch(
        Flag.VSC.value if virtual else Flag.FCY.value, start, until, 0.85, True, "start"
    )
    return [first, NeutralStretch(Flag.SAFETY_CAR.value, until, end, 0.93)]


def _trap_sector(runs: SectorRuns, limited: Bools, known: Bools) -> int:
    """The sector in which the trap stands: slow there exactly when the trap says limited.

    Only laps that were slow in a part can tell.
    """
    slow = runs.speed < _SLOW
    laps = int(runs.row.max()) + 1
    slow_sectors = np.bincount(runs.row, weights=slow, minlength=laps)
    mixed = (slow_sectors > 0) & (slow_sectors < np.bincount(runs.row, minlength=laps))
    here = [known & mixed[runs.row] & (runs.sector == k) for k in range(3)]
    agree = [float((slow[one] == limited[one]).mean()) if one.any() else 0.0 for one in here]
    return int(np.argmax(agree))


def _cover(first: Ints, last: Ints, bins: int) -> Floats:
    """How many intervals cover each bin."""
    change = np.bincount(first, minlength=bins + 1) - np.bincount(last, minlength=bins + 1)
    return np.cumsum(change)[:bins].astype(np.float64)
