"""Sharp edges of a full course yellow: when each car slowed down, from the time it lost."""

from __future__ import annotations

import numpy as np

from dryline.race.field_speed import Floats, SectorRuns

_NEAR_MS = 60_000
_TRUST_MS = 45_000
_FEW_CARS = 8
_FEW_RUNS = 3
_USUAL_SPEED = 0.45
_END_BIAS = 0.13
"""Share of a mean sector by which cars get away later than the flag."""


def sharpened(span: tuple[int, int], runs: SectorRuns, *, end_too: bool) -> tuple[int, int]:
    """The span with its start, and its end too where asked, set to the cars' median change.

    A car that was caught inside a sector lost there (1 - speed held) of the time since: so its
    own time lost tells when it was caught, and likewise when it was let go. An edge stays where
    fewer than eight cars tell, or where they say something else by more than 45 s.
    """
    start, end = span
    near = runs.where((runs.end_ms > start - _NEAR_MS) & (runs.start_ms < end + _NEAR_MS))
    held = _held_speed(near, span)
    lost = (near.end_ms - near.start_ms) - near.reference_ms
    since = lost / (1 - held)
    partly = (lost > 0.1 * near.reference_ms) & (near.speed > 1.1 * held)
    caught = near.end_ms - since
    ok = partly & (caught > near.start_ms) & (near.end_ms < end) & (near.start_ms < start + 20_000)
    new_start = _agreed(caught[ok & (near.end_ms > start - _NEAR_MS)], start)
    if not end_too:
        return new_start, end
    freed = near.start_ms + since - _END_BIAS * runs.lap_reference_ms / 3
    ok = partly & (freed < near.end_ms) & (near.start_ms > start) & (near.end_ms > end - 20_000)
    return new_start, max(new_start, _agreed(freed[ok], end))


def _held_speed(runs: SectorRuns, span: tuple[int, int]) -> Floats:
    """The speed held in each run's sector, from the runs that lie wholly inside the span."""
    inside = (runs.start_ms >= span[0]) & (runs.end_ms <= span[1])
    speeds = [runs.speed[inside & (runs.sector == k)] for k in range(3)]
    usual = [float(np.median(one)) if one.size >= _FEW_RUNS else _USUAL_SPEED for one in speeds]
    return np.asarray(np.minimum(np.array(usual), 0.9)[runs.sector])


def _agreed(instants: Floats, edge: int) -> int:
    if instants.size < _FEW_CARS:
        return edge
    median = int(np.median(instants))
    return median if abs(median - edge) <= _TRUST_MS else edge
