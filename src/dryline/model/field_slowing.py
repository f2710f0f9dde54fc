"""How slow the field is and will be: slow zones and neutralisations that no flag tells.

A lap's *slowing* is its time over the car's pace, relative; the field's is the median of the laps
that just ended. What it will be over the next two laps was counted in other races, by what it is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SEEN_LAPS = 0.3
"""Of a lap: so long ago a lap may have ended and still tell how slow the field is."""
FEWEST = 3
EDGES = (0.012, 0.05, 0.15)
"""Between fields that are not slow, a little, plainly and very slow."""


@dataclass
class FieldSlowing:
    """The latest laps' slowing, a fold over crossings: when each ended (ms) and by how much."""

    laps: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=200))

    def lap(self, at_ms: float, slowing: float) -> None:
        """A flying lap ended."""
        self.laps.append((at_ms, slowing))

    def now(self, at_ms: float, lap_ms: float) -> float:
        """The field's slowing; 0 where too few laps just ended."""
        since = at_ms - SEEN_LAPS * lap_ms
        seen = [slowing for ended, slowing in self.laps if since < ended <= at_ms]
        return float(np.median(seen)) if len(seen) >= FEWEST else 0.0


def slow_row(slowing: float) -> int:
    """The row of a table of slowing that speaks of a field so slow now."""
    return bisect_right(EDGES, slowing)


def draw_slowing(table: list[list[float]], slowing: float, uniform: Floats) -> Floats:
    """The field's slowing over the next two laps, (n,), from evenly spaced quantiles."""
    quantiles = table[slow_row(slowing)]
    at = np.linspace(0, 1, len(quantiles))
    return np.interp(uniform, at, quantiles)
