"""The stops of a race so far, kept so that the next one can be compared with its likes.

A fold, as `outlook`: every stop becomes known with its out-lap's crossing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PastStop:
    """One stop: seconds in the lane, the laps of fuel it refilled, and what it cost on either side.

    ``in_excess_s`` and ``out_excess_s`` are the in-lap's and the out-lap's time over the car's
    pace then; their sum is what the stop cost, ``over_s`` of which were more than its time in the
    lane and where its box lies account for. ``previous_s`` is the stop before of the same car,
    ``earlier_s`` the one before that.
    """

    car_number: str
    known_ms: float
    pit_s: float
    fill_laps: float
    in_excess_s: float
    out_excess_s: float
    driver_change: bool
    neutralised: bool
    previous_s: float
    earlier_s: float = float("nan")
    over_s: float = float("nan")


@dataclass(frozen=True)
class BoxSplit:
    """How a stop's time falls on the two laps, in seconds: ``in = in_s + share·pit``, out alike."""

    in_s: float
    out_s: float
    share: float


@dataclass
class ClassStops:
    """A class's stops so far."""

    stops: list[PastStop] = field(default_factory=list)
    by_car: dict[str, list[PastStop]] = field(default_factory=dict)
    _columns: dict[str, Floats] | None = None
    _split: BoxSplit | None = None

    def add(self, stop: PastStop) -> None:
        """A stop became known."""
        self.stops.append(stop)
        self.by_car.setdefault(stop.car_number, []).append(stop)
        self._columns = self._split = None

    def columns(self) -> dict[str, Floats]:
        """Seconds, laps of fuel, flags of the stops as arrays (n,), oldest first."""
        if self._columns is None:
            names = ("pit_s", "fill_laps", "driver_change", "neutralised", "previous_s",
                     "earlier_s", "over_s")  # fmt: skip
            self._columns = {
                name: np.array([getattr(stop, name) for stop in self.stops], dtype=float)
                for name in names
            }
            codes = {car: code for code, car in enumerate(self.by_car)}
            self._columns["car"] = np.array([float(codes[s.car_number]) for s in self.stops])
        return self._columns

    def code_of(self, car_number: str) -> float:
        """The number that stands for a car in ``columns()["car"]``; -1 before its first stop."""
        return float(next((i for i, car in enumerate(self.by_car) if car == car_number), -1))

    def split(self, car_number: str) -> BoxSplit:
        """Where a car's box lies, from its own stops, leaning on its class's."""
        if self._split is None:
            self._split = _split(self.stops[-60:], None)
        own = self.by_car.get(car_number, [])
        return _split(own[-8:], self._split) if own else self._split


NO_SPLIT = BoxSplit(0.0, 0.0, 0.5)


def _split(stops: list[PastStop], lean: BoxSplit | None) -> BoxSplit:
    """The split of some stops; ``lean`` counts as two stops where the box is on the same side."""
    usable = [
        stop
        for stop in stops
        if not stop.neutralised and 20 < stop.pit_s < 250 and np.isfinite(stop.in_excess_s)
        and -30 < stop.in_excess_s + stop.out_excess_s - stop.pit_s < 40
    ]  # fmt: skip
    if not usable:
        return lean or NO_SPLIT
    first = np.array([stop.in_excess_s for stop in usable])
    after = np.array([stop.out_excess_s for stop in usable])
    pit = np.array([stop.pit_s for stop in usable])
    share = 1.0 if float(np.median(first / np.maximum(first + after, 1.0))) > 0.5 else 0.0
    in_s = float(np.median(first - share * pit))
    out_s = float(np.median(after - (1 - share) * pit))
    if lean is not None and lean.share == share:
        weight = len(usable) / (len(usable) + 2)
        in_s = weight * in_s + (1 - weight) * lean.in_s
        out_s = weight * out_s + (1 - weight) * lean.out_s
    return BoxSplit(in_s, out_s, share)
