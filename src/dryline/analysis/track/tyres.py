"""Which tyre every car is on: a chain of segments per car that can change only at a stop."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dryline.kernels.wetness import TyreSegments

UNKNOWN = (0.2, 0.8)
"""Probabilities of wets between which the tyre is called unknown."""


def tyre_name(p_wet: float) -> str:
    """``wet``, ``slick`` or ``unknown``."""
    return "wet" if p_wet > UNKNOWN[1] else "slick" if p_wet < UNKNOWN[0] else "unknown"


@dataclass
class Segment:
    """One car between two stops.

    ``p_wet`` is the present belief; ``start`` the probability of wets where the chain begins;
    ``absorbed`` the log odds told by laps that are closed to revision; ``to_wet`` and
    ``to_slick`` the chances of a change at the stop that began the segment; ``seen`` 1 wets,
    0 slicks where somebody saw them, -1 otherwise.
    """

    car: str
    klass: int
    previous: int
    stop_ms: int
    p_wet: float
    start: float
    absorbed: float = 0.0
    seen: int = -1
    to_wet: float = -1.0
    to_slick: float = -1.0


@dataclass
class TyreBook:
    """Every car's segments; those at the end of a chain are open to revision."""

    segments: list[Segment] = field(default_factory=list)
    current: dict[str, int] = field(default_factory=dict)
    chains: dict[str, list[int]] = field(default_factory=dict)

    def of(self, car: str, klass: int, p_wet: float) -> int:
        """The car's present segment, begun with ``p_wet`` where it has none."""
        if car not in self.current:
            self.current[car] = len(self.segments)
            self.chains[car] = [len(self.segments)]
            self.segments.append(Segment(car, klass, -1, 0, p_wet, p_wet))
        return self.current[car]

    def stop(self, car: str, at_ms: int) -> None:
        """The car stopped: from here its tyres may be others."""
        before = self.current[car]
        old = self.segments[before]
        self.current[car] = len(self.segments)
        self.chains[car].append(len(self.segments))
        self.segments.append(Segment(car, old.klass, before, at_ms, old.p_wet, old.p_wet))

    def share_stopped(self, since_ms: int) -> float:
        """Share of the cars that have stopped since an instant."""
        later = [self.segments[s].stop_ms > since_ms for s in self.current.values()]
        return sum(later) / len(later) if later else 0.0

    def see(self, car: str, tyre: str | None) -> None:
        """Somebody saw the tyre that the car is on: ``slick``, ``inter`` or ``wet``."""
        if car in self.current and tyre in ("slick", "inter", "wet"):
            seg = self.segments[self.current[car]]
            seg.seen = int(tyre != "slick")
            seg.p_wet = 0.999 if seg.seen else 0.001

    def absorb(self, segment: int, log_odds: float) -> None:
        """Close a lap to revision; what a stint can tell for good is bounded."""
        seg = self.segments[segment]
        seg.absorbed = max(-6.0, min(6.0, seg.absorbed + log_odds))

    def open_segments(self, observed: set[int], edge_ms: int) -> list[int]:
        """Segments still open to revision, oldest first per car.

        A segment closes when none of its observations and neither its end is after ``edge_ms``;
        its successor then begins with what was believed.
        """
        for chain in self.chains.values():
            while len(chain) > 1 and chain[0] not in observed:
                first, second = self.segments[chain[0]], self.segments[chain[1]]
                if second.stop_ms >= edge_ms:
                    break
                odds = math.log(first.start / (1 - first.start)) + first.absorbed
                before = 1 / (1 + math.exp(-odds))
                if first.seen >= 0:
                    before = 0.999 if first.seen else 0.001
                begin = before * (1 - second.to_slick) + (1 - before) * second.to_wet
                second.start = min(0.999, max(0.001, begin))
                del chain[0]
        return [s for chain in self.chains.values() for s in chain]


def columns_of(
    book: TyreBook, ids: list[int], first_bin: int, bins: int, bin_ms: int
) -> tuple[npt.NDArray[np.int64], TyreSegments]:
    """The segments ``ids`` against a window of ``bins`` bins that begins at ``first_bin``.

    Before them each segment's place among ``ids``, or -1.
    """
    place = np.full(len(book.segments), -1, dtype=np.int64)
    place[ids] = np.arange(len(ids))
    segs = [book.segments[s] for s in ids]
    at = np.array([s.stop_ms // bin_ms - first_bin for s in segs], dtype=np.int64)
    previous = [place[s.previous] if s.previous >= 0 else -1 for s in segs]
    return place, TyreSegments(
        previous=np.array(previous, dtype=np.int64),
        start=np.array([s.start for s in segs]),
        stop_bin=np.minimum(np.where(at < 0, -1, at), bins - 1),
        klass=np.array([s.klass for s in segs], dtype=np.int64),
        seen=np.array([s.seen for s in segs], dtype=np.int64),
        absorbed=np.array([s.absorbed for s in segs]),
        frozen=np.array([[s.to_wet, s.to_slick] for s in segs]).reshape(-1, 2),
        p_wet=np.array([s.p_wet for s in segs]),
    )
