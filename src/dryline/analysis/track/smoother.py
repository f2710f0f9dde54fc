"""The rain gauge after the race: every lap speaks about every moment.

The live filter runs once and keeps its observations; then wetness and tyres are revised against
each other over the whole race, starting from what the filter believed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from dryline.analysis.track.filter import TrackFilter
from dryline.analysis.track.model import BIN_MS
from dryline.analysis.track.state import TrackState
from dryline.analysis.track.tyres import columns_of
from dryline.kernels.wetness import Choice, Observations, RainSteps, Trust, sweep

ROUNDS = 6


def smoothed_states(
    live: TrackFilter, end_ms: int, step_ms: int, tell: Callable[[float], None] | None = None
) -> list[TrackState]:
    """States at every step over the race, from a filter run with ``keep`` to its end.

    The filter's segments take the smoothed tyre beliefs. ``tell`` hears the share done.
    """
    bins = end_ms // BIN_MS + 1
    last, one = live.advance(end_ms), live.one
    one.close()
    rows = one.closed or []
    if not rows:
        return [last]
    named = {n: np.concatenate([r[0][n] for r in rows]) for n in rows[0][0]}
    on_slick, on_wet, use = (np.concatenate([r[i] for r in rows]) for i in (1, 2, 3))
    middle = np.clip((named["from_ms"] + named["to_ms"]) // (2 * BIN_MS), 0, bins - 1)
    ids = list(range(len(one.tyres.segments)))
    for s in one.tyres.segments:
        s.absorbed = 0.0
        if s.previous < 0 and one.verdict:
            s.start = one.verdict.p_wet_tyre
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
    return [_state(gamma, last, at) for at in range(step_ms, end_ms + step_ms, step_ms)]


def _state(belief: npt.NDArray[np.float64], last: TrackState, at_ms: int) -> TrackState:
    return TrackState.of(
        at_ms,
        belief[min(at_ms // BIN_MS, len(belief) - 1)],
        last.share,
        last.classes,
        last.contrast,
        last.lap_ms,
        {},
        last.reference,
    ).doubted(last.reference)
