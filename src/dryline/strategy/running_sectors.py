"""Sector times of a simulated running: where on the lap a neutralisation caught the car.

The simulator knows when a lap ends. A lap that was neutralised half-way was driven at speed up to
there, and so were its first sectors; whoever reads sector times would take a slowness spread over
the whole lap for water.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def sectors_as_driven(
    start_ms: Floats, moving_ms: Floats, shares: Floats, green_ms: Floats, periods: Floats
) -> Floats:
    """Times of sectors 1 and 2, ms, (L, 2), of laps that were neutralised for a part.

    Args:
        start_ms: when each lap's driving began, (L,).
        moving_ms: how long it took, (L,).
        shares: of a lap at one pace, how much sectors 1 and 2 take, (L, 2).
        green_ms: what the car's lap takes at racing pace, (L,).
        periods: start and end of every neutralisation, (N, 2).
    """
    out = shares * moving_ms[:, None]
    for i in np.flatnonzero(moving_ms > green_ms):
        begun, ended = start_ms[i], start_ms[i] + moving_ms[i]
        inside = periods[(periods[:, 0] < ended) & (periods[:, 1] > begun)]
        if not len(inside):
            continue
        edges = np.unique(np.clip([begun, ended, *inside.ravel()], begun, ended))
        middles = (edges[1:] + edges[:-1]) / 2
        slow = ((inside[:, :1] <= middles) & (middles < inside[:, 1:])).any(axis=0)
        spans = np.diff(edges)
        at_speed = spans[~slow].sum() / green_ms[i]
        if slow.all() or at_speed >= 1:
            continue
        pace = np.where(slow, (1 - at_speed) / spans[slow].sum(), 1 / green_ms[i])
        done = np.concatenate([[0.0], np.cumsum(pace * spans)])
        ends = np.interp(np.cumsum(shares[i]), done, edges)
        out[i] = np.diff([begun, *ends])
    return out
