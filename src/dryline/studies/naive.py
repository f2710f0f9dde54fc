"""The naive forecast: the order stays as it is, and the leader wins as often as leaders do.

Definition (docs/forecast.md): final order in class = order now; winner probability = how often
the car in that place at that fraction won, over the other races, smoothed with half a count and
normalised in the field.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dryline.model.running import Floats


@dataclass(frozen=True)
class PlaceCounts:
    """``won[k]`` of ``seen[k]`` cars in class place k (from 0) at a fraction won their class."""

    won: Floats
    seen: Floats

    @classmethod
    def of(cls, places: Sequence[NDArray[np.intp]]) -> PlaceCounts:
        """Count class-races; each entry holds the final places of the cars in order now."""
        most = max((len(p) for p in places), default=0)
        won, seen = np.zeros(most), np.zeros(most)
        for place in places:
            seen[: len(place)] += 1
            won[: len(place)] += np.asarray(place) == 0
        return cls(won, seen)

    def win_probability(self, size: int) -> Floats:
        """Winner probabilities [size] of a class in its order now."""
        won, seen = np.zeros(size), np.zeros(size)
        known = min(size, len(self.won))
        won[:known], seen[:known] = self.won[:known], self.seen[:known]
        p = (won + 0.5) / (seen + 1.0)
        return np.asarray(p / math.fsum(p), dtype=float)


def naive_places(size: int) -> Floats:
    """[size, size] probability of each place: the identity, for nothing moves."""
    return np.eye(size)
