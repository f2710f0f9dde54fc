"""Slow zones: one sector of a long circuit held to 80 km/h while the others race."""

from __future__ import annotations

import numpy as np

from dryline.race.field_speed import Bools, FieldSpeed, Floats, Ints
from dryline.race.neutral_spans import baseline_speed, nearest, true_runs

_SLOWED = 0.74
_RACING = 0.85
_FILL_MS = 360_000
_SHORTEST_MS = 240_000


def slow_zones(field: FieldSpeed, neutral: Ints) -> list[tuple[int, int, int]]:
    """Stretches ``(sector, start_ms, end_ms)`` in which one sector alone was slow.

    The cars in the sector are under 74 % of its present baseline for at least four minutes while
    another sector is raced. Rain in one sector costs less than that, and a neutralisation slows
    all of them. An ordinary circuit is too short for slow zones and yields none.

    Args:
        field: the field's speed.
        neutral: (n, 2) stretches in which the whole field was held; they are left out.
    """
    if not len(field.by_sector):
        return []
    bin_ms = field.bin_ms
    relative = np.stack([_relative(part, bin_ms) for part in field.by_sector])
    held = _held(neutral, relative.shape[1], bin_ms, field.lap_reference_ms)
    zones: list[tuple[int, int, int]] = []
    for index in range(3):
        others = np.delete(relative, index, axis=0)
        raced = np.where(np.isfinite(others), others, 0.0).max(0) > _RACING
        alone = (relative[index] < _SLOWED) & raced & ~held
        for first, last in true_runs(alone, max(1, _SHORTEST_MS // bin_ms)):
            zones.append((index + 1, first * bin_ms, last * bin_ms))
    return sorted(zones, key=lambda zone: (zone[1], zone[0]))


def _relative(part: Floats, bin_ms: int) -> Floats:
    return nearest(part / baseline_speed(part, bin_ms), _FILL_MS // bin_ms)


def _held(neutral: Ints, bins: int, bin_ms: int, lap_ms: float) -> Bools:
    """Bins inside the neutral stretches, half a lap wider at both ends."""
    held = np.zeros(bins, dtype=np.bool_)
    margin = int(lap_ms / 4)
    for start, end in neutral:
        held[max(0, start - margin) // bin_ms : min(end + margin, bins * bin_ms) // bin_ms + 1] = (
            True
        )
    return held
