"""The rain gauge after the race: every lap speaks about every moment.

A pass over the race keeps its observations; then wetness and tyres are revised against
each other over the whole race, starting from what the filter believed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dryline.analysis.track.doubt import WET_START, Reference
from dryline.analysis.track.model import BIN_MS
from dryline.analysis.track.one_pass import OnePass
from dryline.analysis.track.state import TrackState
from dryline.analysis.track.tyres import TyreBook, columns_of
from dryline.kernels.wetness import Choice, Observations, RainSteps, Trust, sweep

ROUNDS = 6


def smoothed_states(
    one: OnePass,
    end_ms: int,
    step_ms: int,
    reference: Reference,
    tell: Callable[[float], None] | None = None,
) -> list[TrackState]:
    """States at every step over the race, from a pass made with ``keep`` to its end.

    They say nothing surer than ``reference`` allows; the tyres of the pass are smoothed without its
    doubt. ``tell`` hears the share done.
    """
    bins = end_ms // BIN_MS + 1
    last = one.advance(end_ms)
    one.close()
    rows = one.closed or []
    if not rows:
        return [last.doubted(reference)]
    named = {n: np.concatenate([r[0][n] for r in rows]) for n in rows[0][0]}
    on_slick, on_wet, use = (np.concatenate([r[i] for r in rows]) for i in (1, 2, 3))
    middle = np.clip((named["from_ms"] + named["to_ms"]) // (2 * BIN_MS), 0, bins - 1)
    ids = list(range(len(one.tyres.segments)))
    _begin_chains(one, set(named["segment"].tolist()))
    _, seg = columns_of(one.tyres, ids, 0, bins, BIN_MS)
    m = one.model
    if tell:
        tell(0.7)
    gamma, _, _, _ = sweep(
        ROUNDS,
        one.first_state,
        one.outside.likelihood(0, bins),
        np.zeros((bins, 3)),
        RainSteps(*one.steps, *m.rain_chances()),
        Observations(middle, named["sector"], named["segment"], on_slick, on_wet, use),
        Trust(m.temper, m.wet_tells, m.tyre_temper),
        seg,
        Choice(one.contrast, one.share, m.switching()),
    )
    for s, p in zip(one.tyres.segments, seg.p_wet, strict=True):
        s.p_wet = float(p)
    if tell:
        tell(1.0)
    on = _TyresByTime(one.tyres)
    return [
        TrackState.of(
            at_ms, gamma[min(at_ms // BIN_MS, bins - 1)], last.share, last.classes, last.contrast,
            last.lap_ms, on.at(at_ms), reference,
        ).doubted(reference)
        for at_ms in range(step_ms, end_ms + step_ms, step_ms)
    ]  # fmt: skip


def _begin_chains(one: OnePass, drove_freely: set[int]) -> None:
    """Every car's first tyres as the first pace tells them; nothing, of a car without free laps."""
    for i, s in enumerate(one.tyres.segments):
        s.absorbed = 0.0
        if s.previous < 0 and one.verdict:
            told = i in drove_freely or one.verdict.wet
            s.start = one.verdict.p_wet_tyre if told else WET_START


class _TyresByTime:
    """The tyre beliefs of all cars at rising instants."""

    def __init__(self, book: TyreBook) -> None:
        self._next = sorted(book.segments, key=lambda s: s.stop_ms, reverse=True)
        self._now: dict[str, tuple[float, bool]] = {}

    def at(self, at_ms: int) -> dict[str, tuple[float, bool]]:
        """Car -> (probability of wets, seen)."""
        while self._next and self._next[-1].stop_ms <= at_ms:
            s = self._next.pop()
            self._now[s.car] = (s.p_wet, s.seen >= 0)
        return dict(self._now)
