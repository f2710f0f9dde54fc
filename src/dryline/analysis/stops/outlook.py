"""A fold over crossings that knows, for every car, what the chance of its next stop depends on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from dryline.analysis.stops.fuel_range import RangeTracker
from dryline.analysis.stops.hazard import StopOutlook
from dryline.analysis.stops.priors import RangePriors

WINDOW_LAPS = 2.3
RESTART_LAPS = 3.0


@dataclass
class StopWatch:
    """Ranges, last stops and neutralisations of a field, as known after the last crossing fed."""

    ranges: RangeTracker
    length_ms: float | None
    in_ms: dict[str, float] = field(default_factory=dict)
    stops: dict[str, int] = field(default_factory=dict)
    of_class: dict[str, list[str]] = field(default_factory=dict)
    boxed: set[str] = field(default_factory=set)
    yellow_ms: float = -1e12

    @classmethod
    def start(cls, priors: RangePriors, length_ms: float | None) -> StopWatch:
        """A watch before the first crossing; ``length_ms`` the race's length where known."""
        return cls(RangeTracker(priors), length_ms)

    def crossed(
        self,
        car_number: str,
        car_class: str,
        at_ms: float,
        lap_ms: float,
        *,
        yellow_ms: float,
        out_lap: bool,
        in_lap: bool,
        pit_ms: float | None = None,
    ) -> None:
        """A car crossed the line at ``at_ms``; ``yellow_ms`` of the lap were neutralised."""
        if car_number not in self.stops:
            self.stops[car_number] = 0
            self.of_class.setdefault(car_class, []).append(car_number)
        share = min(1.0, yellow_ms / lap_ms) if lap_ms > 0 else 0.0
        self.ranges.crossed(
            car_number, car_class, lap_ms, yellow_share=share, out_lap=out_lap, in_lap=in_lap,
            pit_ms=pit_ms,
        )  # fmt: skip
        if yellow_ms > 0:
            self.yellow_ms = max(self.yellow_ms, at_ms)
        self.boxed.discard(car_number)
        if in_lap:
            self.boxed.add(car_number)
            self.in_ms[car_number] = at_ms
            self.stops[car_number] += 1

    def outlook(self, cars: Sequence[str], ahead: Sequence[float], at_ms: float) -> StopOutlook:
        """The outlook of car ``cars[i]`` on its ``ahead[i]``-th lap from now (1: the next)."""
        shares = {name: self._open(name, at_ms) for name in {*map(self._class, cars)}}
        rows = [
            self._row(car, steps, at_ms, shares) for car, steps in zip(cars, ahead, strict=True)
        ]
        return StopOutlook(*np.array(rows, dtype=float).reshape(-1, 7).T)

    def _row(
        self, car: str, ahead: float, at_ms: float, shares: dict[str, float]
    ) -> tuple[float, ...]:
        car_class = self._class(car)
        lap_ms = self.ranges.lap_ms.get(car_class, 100_000.0)
        load = 0.0 if car in self.boxed else self.ranges.load.get(car, 0.0)
        to_go = (self.length_ms - at_ms) / lap_ms if self.length_ms is not None else 1e3
        range_laps, _ = self.ranges.range_of(car)
        return (
            load + ahead,
            range_laps,
            self.ranges.last_load.get(car, np.nan),
            to_go - ahead,
            shares[car_class],
            float(at_ms - self.yellow_ms < RESTART_LAPS * lap_ms),
            float(self.stops[car] == 0),
        )

    def _class(self, car: str) -> str:
        return self.ranges.class_of[car]

    def _open(self, car_class: str, at_ms: float) -> float:
        """Share of the class that came in during the last laps."""
        cars = self.of_class[car_class]
        since = WINDOW_LAPS * self.ranges.lap_ms.get(car_class, 100_000.0)
        return sum(at_ms - self.in_ms.get(car, -1e12) < since for car in cars) / len(cars)
