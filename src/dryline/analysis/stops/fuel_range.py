"""How far a car goes on its tank or its virtual energy, and how much of that is left.

A lap's *load* is what it takes from the tank in laps at racing speed: 1 for a green lap, less
under a neutralisation. The load since the last stop, against the longest load that the class and
the car have shown, says how far the car can still go. Everything here is a fold over crossings in
order of time, so the state at an instant knows nothing later.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median

import numpy as np
import polars as pl

from dryline.analysis.stops.pit_loss import UNKNOWN_TRANSIT, Transit, transit_time
from dryline.analysis.stops.priors import RangePriors
from dryline.analysis.stops.reach import SPRINT_MORE, SPRINT_SD, Reach, shown_reach

FULL_SHARE = 0.93
"""A stint of at least this share of the class's longest counts as a full one."""
THROUGH_MS = 2_000.0
"""A stop no longer than this above the transit time was a drive-through."""
RECENT = 20
"""Green laps of a class whose middle is its lap time: those from the start are soon outvoted."""


@dataclass(frozen=True)
class RangeLeft:
    """What a car has left, in laps at racing speed (quantiles), and its load since the stop.

    ``p10_laps``, ``p50_laps``, ``p90_laps``: further laps before it must stop. ``range_laps``
    and ``range_sd_laps`` describe the whole tank; ``p50_minutes`` uses the car's lap time.
    """

    car_number: str
    load_laps: float
    range_laps: float
    range_sd_laps: float
    p10_laps: float
    p50_laps: float
    p90_laps: float
    p50_minutes: float


@dataclass
class ClassRange:
    """Loads at a class's stops, in order of size; ``prior_laps`` is the range believed before.

    ``most`` is the most that each car has run on; a stop that was taken for a drive-through makes
    one car's load too great, so it takes two to show a range.
    """

    prior_laps: float
    prior_sd: float
    loads: list[float] = field(default_factory=list)
    by_car: dict[str, list[float]] = field(default_factory=dict)
    most: dict[str, float] = field(default_factory=dict)

    @property
    def running(self) -> float:
        """What a second car has run on after: the range is at least that."""
        return sorted(self.most.values())[-2] if len(self.most) > 1 else 0.0

    def ended(self, car_number: str, load: float) -> None:
        """A stint ended with a stop after ``load``; impossible ones are left aside."""
        if 0.2 * self.prior_laps < load < 1.5 * self.prior_laps:
            insort(self.loads, load)
            self.by_car.setdefault(car_number, []).append(load)

    def reached(self, car_number: str, load: float) -> None:
        """A car is still running after ``load``."""
        if load < 1.4 * self.prior_laps:
            self.most[car_number] = max(self.most.get(car_number, 0.0), load)

    def estimate(self, car_number: str | None = None) -> tuple[float, float]:
        """Range and its sd in laps, of the class or of one of its cars."""
        mean, sd = self._top(self.loads, self.prior_laps, self.prior_sd)
        mean = max(mean, self.running)
        own = self.by_car.get(car_number or "", [])
        full = [load for load in own if load >= FULL_SHARE * mean]
        if full:
            mean = (2 * mean + sum(full)) / (2 + len(full))
        return mean, sd

    def shown(self, loads: Mapping[str, float]) -> float:
        """What nine tenths of its cars' longest stints do not exceed; ``loads`` run at present."""
        most = {car: load for car, load in loads.items() if load < 1.4 * self.prior_laps}
        for car, ended in self.by_car.items():
            most[car] = max(most.get(car, 0.0), *ended)
        return float(np.quantile(list(most.values()), 0.9)) if most else 0.0

    def _top(self, loads: list[float], prior: float, prior_sd: float) -> tuple[float, float]:
        if not loads:
            return prior, prior_sd
        top = loads[-2] if len(loads) > 3 else loads[-1]
        if top < 0.85 * prior:  # nobody has run a full stint yet
            return max(0.95 * prior, top), prior_sd
        full = loads[bisect_left(loads, FULL_SHARE * top) :]
        weight = len(full) / (len(full) + 1.0)
        centre = sum(full) / len(full)
        scatter = sum((load - centre) ** 2 for load in full) / len(full)
        mean = weight * centre + (1 - weight) * max(prior, top)
        return mean, math.sqrt(weight * scatter + (1 - weight) * prior_sd**2 + 0.25)


@dataclass
class RangeTracker:
    """The ranges of a whole field, folded over its crossings in order of time.

    ``lap_ms`` is the usual lap time of each class of late, which turns the prior's minutes into
    laps.
    """

    priors: RangePriors
    classes: dict[str, ClassRange] = field(default_factory=dict)
    load: dict[str, float] = field(default_factory=dict)
    class_of: dict[str, str] = field(default_factory=dict)
    lap_ms: dict[str, float] = field(default_factory=dict)
    last_load: dict[str, float] = field(default_factory=dict)
    pit_ms: list[float] = field(default_factory=list)
    transit: Transit = UNKNOWN_TRANSIT
    _habit: dict[str, float | None] = field(default_factory=dict)
    _recent: dict[str, deque[float]] = field(default_factory=dict)

    def crossed(
        self,
        car_number: str,
        car_class: str,
        lap_ms: float,
        *,
        yellow_share: float,
        out_lap: bool,
        in_lap: bool,
        pit_ms: float | None = None,
    ) -> None:
        """A car completed a lap, ``yellow_share`` (0 to 1) of it under a neutralisation.

        ``pit_ms`` is the time in the lane stated with an out-lap: a drive-through leaves the
        load and the car's habit as they were.
        """
        self.class_of[car_number] = car_class
        lap_load = 1 - (1 - self.priors.yellow_factor) * yellow_share
        if out_lap and self._refuelled(car_number, pit_ms):
            self.load[car_number] = 0.0
        load = self.load.get(car_number, 0.0) + lap_load
        self.load[car_number] = load
        if not (in_lap or out_lap) and yellow_share == 0 and lap_ms > 0:
            recent = self._recent.setdefault(car_class, deque(maxlen=RECENT))
            recent.append(lap_ms)
            self.lap_ms[car_class] = median(recent)
            self._class(car_class).reached(car_number, load)
        if in_lap:
            self._class(car_class).ended(car_number, load)
            self._habit[car_number] = self.last_load.get(car_number)
            self.last_load[car_number] = load

    def _refuelled(self, car_number: str, pit_ms: float | None) -> bool:
        """Whether the stop just made may have filled the tank; notes its time."""
        if pit_ms is None:
            return True
        insort(self.pit_ms, pit_ms)
        self.transit = transit_time(np.array(self.pit_ms))
        through = self.transit.drive_throughs > 0 and pit_ms < self.transit.ms + THROUGH_MS
        habit = self._habit.get(car_number)
        if through and habit is not None:
            self.last_load[car_number] = habit
        return not through

    def range_of(self, car_number: str) -> tuple[float, float]:
        """Range and sd in laps of a car that has crossed the line."""
        return self._class(self.class_of[car_number]).estimate(car_number)

    def reach(self, car_number: str, *, sprint: bool = False) -> Reach:
        """How far a car's tank goes and what it has used.

        In a ``sprint`` no stint shows the range: what is usual for the class counts, and what
        was run is less than it.
        """
        car_class = self.class_of[car_number]
        known, load = self._class(car_class), self.load.get(car_number, 0.0)
        own = max(known.by_car.get(car_number, [0.0]))
        if sprint:
            usual, sd = known.prior_laps * math.exp(SPRINT_MORE), SPRINT_SD
            loads = {car: self.load.get(car, 0.0) for car in self._cars(car_class)}
            of_class = known.shown(loads)
        else:
            usual, laps_sd = known.estimate(car_number)
            sd, of_class = laps_sd / usual, own
        return shown_reach(usual, sd, of_class=of_class, of_car=own, load=load)

    def left(self, car_number: str, *, sprint: bool = False) -> RangeLeft:
        """The distribution of what the car has left: its range, given that it got this far."""
        found = self.reach(car_number, sprint=sprint)
        p10, p50, p90 = (found.left(share) for share in (0.1, 0.5, 0.9))
        lap_ms = self.lap_ms.get(self.class_of[car_number], 0.0)
        minutes = p50 * lap_ms / 60_000
        return RangeLeft(car_number, found.load, found.mean, found.sd, p10, p50, p90, minutes)

    def _cars(self, car_class: str) -> list[str]:
        return [car for car, name in self.class_of.items() if name == car_class]

    def _class(self, car_class: str) -> ClassRange:
        minutes, sd = self.priors.minutes_of(car_class)
        lap_ms = self.lap_ms.get(car_class)
        laps = minutes * 60_000 / lap_ms if lap_ms else 30.0
        known = self.classes.get(car_class)
        if known is None:
            known = self.classes[car_class] = ClassRange(laps, laps * sd)
        known.prior_laps, known.prior_sd = laps, laps * sd
        return known


def fold_range(laps: pl.DataFrame, priors: RangePriors) -> RangeTracker:
    """The tracker after all rows of a LAPS table, in order of elapsed time."""
    tracker = RangeTracker(priors)
    rows = laps.sort("elapsed_ms", "line").select(
        "car_number", "car_class", "lap_time_ms", "neutralised_ms", "out_lap", "in_lap",
        "pit_lane_ms",
    )  # fmt: skip
    for car, car_class, lap_ms, yellow_ms, out_lap, in_lap, pit_ms in rows.iter_rows():
        lap = float(lap_ms or 0)
        share = min(1.0, (yellow_ms or 0) / lap) if lap > 0 else 0.0
        tracker.crossed(
            car, car_class, lap, yellow_share=share, out_lap=bool(out_lap), in_lap=bool(in_lap),
            pit_ms=pit_ms,
        )  # fmt: skip
    return tracker


def range_filtered(
    laps: pl.DataFrame, at_ms: int, priors: RangePriors, *, sprint: bool = False
) -> dict[str, RangeLeft]:
    """Per car number, what is left on the tank as known at ``at_ms``."""
    tracker = fold_range(laps.filter(pl.col("elapsed_ms") <= at_ms), priors)
    return {car: tracker.left(car, sprint=sprint) for car in sorted(tracker.class_of)}
