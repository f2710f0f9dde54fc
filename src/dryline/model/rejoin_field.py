"""A field's state for rejoin forecasts: a fold over crossings in order of time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from dryline.analysis.stops.driver_turn import change_probability, turn_features
from dryline.analysis.stops.history import ClassStops, PastStop
from dryline.analysis.stops.outlook import StopWatch
from dryline.analysis.stops.priors import StopPriors
from dryline.model.pit_time import NextStop, PitTime, pit_time

RECENT = 5
EARLY_STINTS = 4


@dataclass
class RunningCar:
    """One car as far as it has come: laps, its last crossing, its recent green laps, its driver."""

    car_number: str
    car_class: str
    laps: int = 0
    first_ms: float = 100_000.0
    last_ms: float = 0.0
    in_pit: bool = False
    recent_ms: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))
    raw_ms: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))
    driver: str = ""
    team: str = ""
    driver_since_ms: float = 0.0
    driver_stints: int = 1
    in_lap: _InLap | None = None
    previous_s: float = float("nan")

    @property
    def pace_ms(self) -> float:
        """Median of the last green laps; before there is one, of flying laps, or the first lap."""
        laps = self.recent_ms or self.raw_ms
        return float(np.median(laps)) if laps else self.first_ms


@dataclass(frozen=True)
class _InLap:
    excess_s: float
    load: float
    pace_ms: float
    neutralised: bool


@dataclass
class RejoinField:
    """Everything a rejoin forecast reads; feed it crossings in order of elapsed time."""

    priors: StopPriors
    series: str | None
    watch: StopWatch
    runners: dict[str, RunningCar] = field(default_factory=dict)
    stops: dict[str, ClassStops] = field(default_factory=dict)
    changes: dict[tuple[str, int], list[int]] = field(default_factory=dict)
    own_changes: dict[tuple[str, int], list[int]] = field(default_factory=dict)

    @classmethod
    def start(cls, priors: StopPriors, series: str | None, length_ms: float | None) -> RejoinField:
        """The field before the first crossing."""
        return cls(priors, series, StopWatch.start(priors.range, length_ms))

    def cross(self, row: FieldCrossing) -> None:
        """A car crossed the line."""
        runner = self.runners.get(row.car_number)
        if runner is None:
            runner = self.runners[row.car_number] = RunningCar(row.car_number, row.car_class)
        self._note_stop(runner, row)
        self.watch.crossed(
            row.car_number, row.car_class, row.elapsed_ms, row.lap_ms,
            yellow_ms=row.yellow_ms, out_lap=row.out_lap, in_lap=row.in_lap,
            pit_ms=None if row.pit_s is None else 1000 * row.pit_s,
        )  # fmt: skip
        if row.in_lap:
            runner.in_lap = _InLap(
                (row.lap_ms - runner.pace_ms) / 1000,
                self.watch.ranges.last_load.get(row.car_number, 0.0),
                runner.pace_ms,
                row.yellow_ms > 0,
            )
        if row.lap == 1 and row.lap_ms > 0:
            runner.first_ms = row.lap_ms
        if row.is_green and row.lap > 1:
            runner.recent_ms.append(row.lap_ms)
        elif row.lap > 1 and not (row.in_lap or row.out_lap):
            runner.raw_ms.append(row.lap_ms)
        runner.laps, runner.last_ms, runner.in_pit = row.lap, row.elapsed_ms, row.in_lap

    def next_stop(self, car_number: str, at_ms: float, ahead: float = 1.0) -> PitTime:
        """The distribution of a car's time in the lane if it stops ``ahead`` laps from now."""
        runner = self.runners[car_number]
        load = self.watch.ranges.load.get(car_number, 0.0) + ahead
        past = self.stops.setdefault(runner.car_class, ClassStops())
        stop = NextStop(car_number, load, self.change_chance(runner, at_ms), runner.previous_s)
        fill = self.priors.service_of(self.series)
        fallback = 30 + fill.couple_s + fill.fill_s
        return pit_time(stop, past, self.priors.pit_time, fallback)

    def change_chance(self, runner: RunningCar, at_ms: float) -> float:
        """Chance of a driver change at a stop now."""
        features = self.driver_features(runner, at_ms)
        return change_probability(features, self.priors.driver_of(self.series))

    def driver_features(self, runner: RunningCar, at_ms: float) -> dict[str, float]:
        """What the chance of a driver change is read from."""
        stints = min(runner.driver_stints, EARLY_STINTS)
        done = self.changes.get((runner.car_class, stints), [0, 0])
        share = (done[1] + 0.8) / (done[0] + 2)
        own = self.own_changes.get((runner.car_number, stints), [0, 0])
        length = self.watch.length_ms
        left_h = 2.0 if length is None else (length - at_ms) / 3.6e6
        wheel_h = (at_ms - runner.driver_since_ms) / 3.6e6
        return turn_features(wheel_h, stints, left_h, share, (own[1] + 2 * share) / (own[0] + 2))

    def _note_stop(self, runner: RunningCar, row: FieldCrossing) -> None:
        change = bool(runner.driver) and row.driver != runner.driver
        if (row.pit_s is not None or row.out_lap) and runner.laps > 0:
            stints = min(runner.driver_stints, EARLY_STINTS)
            for table, key in (
                (self.changes, (runner.car_class, stints)),
                (self.own_changes, (runner.car_number, stints)),
            ):
                done = table.setdefault(key, [0, 0])
                done[0] += 1
                done[1] += change
            if row.pit_s is not None:
                self._note_lane_time(runner, row, row.pit_s, change=change)
            runner.driver_stints += 1
            runner.in_lap = None
        if change or not runner.driver:
            runner.driver_stints = 1
            runner.driver_since_ms = runner.last_ms
        runner.driver, runner.team = row.driver, row.team

    def _note_lane_time(
        self, runner: RunningCar, row: FieldCrossing, pit_s: float, *, change: bool
    ) -> None:
        before = runner.in_lap or _InLap(float("nan"), 0.0, float("nan"), True)
        past = self.stops.setdefault(runner.car_class, ClassStops())
        past.add(PastStop(
            runner.car_number, row.elapsed_ms, pit_s, before.load, before.excess_s,
            (row.lap_ms - before.pace_ms) / 1000, change,
            before.neutralised or row.yellow_ms > 0, runner.previous_s,
        ))  # fmt: skip
        runner.previous_s = pit_s


@dataclass(frozen=True)
class FieldCrossing:
    """What the fold reads of one row of LAPS."""

    car_number: str
    car_class: str
    lap: int
    elapsed_ms: float
    lap_ms: float
    yellow_ms: float
    in_lap: bool
    out_lap: bool
    is_green: bool
    pit_s: float | None
    driver: str
    team: str


def crossings(laps: pl.DataFrame) -> list[FieldCrossing]:
    """The rows of a LAPS table in the order in which they happened."""
    rows = laps.sort("elapsed_ms", "line").select(
        "car_number",
        "car_class",
        "lap",
        pl.col("elapsed_ms").cast(pl.Float64),
        pl.col("lap_time_ms").cast(pl.Float64).fill_null(0.0),
        pl.col("neutralised_ms").cast(pl.Float64).fill_null(0.0),
        "in_lap",
        "out_lap",
        "is_green",
        pl.col("pit_lane_ms") / 1000,
        pl.col("driver").fill_null(""),
        pl.col("team").fill_null(""),
    )
    return [FieldCrossing(*row) for row in rows.iter_rows()]
