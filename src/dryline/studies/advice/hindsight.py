"""A finished race as the backtest of advice reads it: runs, paces, halts, and what a stop costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from dryline.race.race import Race
from dryline.studies.matched_cars import (
    CarRun,
    DryPaces,
    Usual,
    car_runs,
    dry_paces,
    usual_laps,
)


@dataclass(frozen=True)
class Hindsight:
    """A finished race as the matches are read from it."""

    race: Race
    runs: Mapping[str, CarRun]
    paces: DryPaces
    usual: Mapping[str, Usual]
    halts: Sequence[tuple[float, float]]
    slow_zones: Sequence[tuple[float, float]]

    @classmethod
    def of(cls, race: Race) -> Hindsight:
        """Everything that is read after the race."""
        is_zone = pl.col("kind") == "slow_zone"
        return cls(
            race,
            car_runs(race.laps, race.stops),
            dry_paces(race.laps),
            usual_laps(race.laps),
            _spans(race.neutralisations.filter(~is_zone)),
            _spans(race.neutralisations.filter(is_zone)),
        )

    def halted(self, begin_ms: float, end_ms: float) -> bool:
        """Whether the whole track was neutralised at any time between."""
        return any(a < end_ms and begin_ms < b for a, b in self.halts)

    def slowed(self, begin_ms: float, end_ms: float) -> bool:
        """The same, slow zones included: not every car meets one equally often."""
        zones = any(a < end_ms and begin_ms < b for a, b in self.slow_zones)
        return zones or self.halted(begin_ms, end_ms)

    def mishap(self, cars: Sequence[str], car_class: str, begin_ms: float, end_ms: float) -> bool:
        """Whether one of these cars of a class lost time to something else between."""
        usual = self.usual.get(car_class)
        return usual is None or any(self.runs[car].mishap(begin_ms, end_ms, usual) for car in cars)

    def next_slow(self, after_ms: float) -> float:
        """When the race is next slowed, be it in one sector; infinite where it is not again."""
        spans = (*self.halts, *self.slow_zones)
        return min((begin for begin, _ in spans if begin >= after_ms), default=math.inf)

    def next_halt(self, after_ms: float) -> float:
        """When the race is next neutralised; infinite where it is not again."""
        return min((a for a, _ in self.halts if a >= after_ms), default=math.inf)

    def green_after(self, ms: float) -> float:
        """The instant itself, or where it lies under a neutralisation, when that is over."""
        for begin, end in sorted(self.halts):
            if begin <= ms < end:
                ms = end
        return ms


def _spans(periods: pl.DataFrame) -> list[tuple[float, float]]:
    rows = periods.select("start_ms", "end_ms").iter_rows()
    return [(float(begin), math.inf if end is None else float(end)) for begin, end in rows]
