"""A field's state for rejoin forecasts: a fold over crossings in order of time."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from dryline.analysis.stops.driver_turn import change_probability, turn_features
from dryline.analysis.stops.history import NO_SPLIT, ClassStops, PastStop
from dryline.analysis.stops.outlook import StopWatch
from dryline.analysis.stops.priors import StopPriors
from dryline.model.driver_turns import DriverTurns
from dryline.model.field_slowing import FieldSlowing
from dryline.model.pit_time import NextStop, PitTime, pit_time

RECENT = 5
STANDING_LAPS = 2.0
LONGEST_STOP_MS = 240_000.0


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
    in_lap: _InLap | None = None
    previous_s: float = float("nan")
    earlier_s: float = float("nan")

    @property
    def pace_ms(self) -> float:
        """Median of the last green laps; before there is one, of flying laps, or the first lap."""
        laps = self.recent_ms or self.raw_ms
        return float(np.median(laps)) if laps else self.first_ms

    def stands(self, at_ms: float) -> bool:
        """Whether a car has not crossed the line for so long that it will not soon."""
        stop_ms = LONGEST_STOP_MS if self.in_pit else 0.0
        return at_ms - self.last_ms > STANDING_LAPS * self.pace_ms + stop_ms


@dataclass(frozen=True)
class _InLap:
    excess_s: float
    fill_laps: float
    pace_ms: float
    neutralised: bool


@dataclass
class RejoinField:
    """Everything a rejoin forecast reads; feed it crossings in order of elapsed time."""

    priors: StopPriors
    series: str | None
    watch: StopWatch
    turns: DriverTurns
    runners: dict[str, RunningCar] = field(default_factory=dict)
    stops: dict[str, ClassStops] = field(default_factory=dict)
    slowing: FieldSlowing = field(default_factory=FieldSlowing)

    @classmethod
    def start(cls, priors: StopPriors, series: str | None, length_ms: float | None) -> RejoinField:
        """The field before the first crossing."""
        watch = StopWatch.start(priors.range, length_ms)
        return cls(priors, series, watch, DriverTurns(length_ms))

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
                self._fill(
                    runner, self.watch.ranges.last_load.get(row.car_number, 0.0), row.elapsed_ms
                ),
                runner.pace_ms,
                row.yellow_ms > 0,
            )
        if row.lap == 1 and row.lap_ms > 0:
            runner.first_ms = row.lap_ms
        if runner.recent_ms and not (row.in_lap or row.out_lap) and row.lap_ms > 0:
            self.slowing.lap(row.elapsed_ms, row.lap_ms / runner.pace_ms - 1)
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
        fill = self.priors.service_of(self.series)
        stop = NextStop(
            car_number,
            self._fill(runner, load, at_ms + ahead * runner.pace_ms),
            self.watch.ranges.range_of(car_number)[0],
            fill.fill_s,
            self.change_chance(runner, at_ms),
            runner.previous_s,
            runner.earlier_s,
        )
        return pit_time(stop, past, self.priors.pit_time, 30 + fill.couple_s + fill.fill_s)

    def _fill(self, runner: RunningCar, load: float, in_ms: float) -> float:
        """Laps that a stop refills: what was used, or what the race still asks for."""
        length = self.watch.length_ms
        if length is None:
            return load
        return min(load, max((length - in_ms) / runner.pace_ms + 0.5, 0.0))

    def change_chance(self, runner: RunningCar, at_ms: float) -> float:
        """Chance of a driver change at a stop now."""
        features = self.driver_features(runner, at_ms)
        return change_probability(features, self.priors.driver_of(self.series))

    def driver_features(self, runner: RunningCar, at_ms: float) -> dict[str, float]:
        """What the chance of a driver change is read from."""
        ranges = self.watch.ranges
        load = ranges.load.get(runner.car_number, 0.0)
        load_share = load / ranges.range_of(runner.car_number)[0]
        car = runner.car_number, runner.car_class
        return turn_features(self.turns.turn(car, at_ms, runner.pace_ms, load_share))

    def _note_stop(self, runner: RunningCar, row: FieldCrossing) -> None:
        stopped = (row.pit_s is not None or row.out_lap) and runner.laps > 0
        change = self.turns.crossed(
            (row.car_number, row.car_class), row.driver, runner.last_ms, row.elapsed_ms,
            stopped=stopped,
        )  # fmt: skip
        if stopped:
            if row.pit_s is not None:
                self._note_lane_time(runner, row, row.pit_s, change=change)
            runner.in_lap = None
        runner.driver, runner.team = row.driver, row.team

    def _note_lane_time(
        self, runner: RunningCar, row: FieldCrossing, pit_s: float, *, change: bool
    ) -> None:
        before = runner.in_lap or _InLap(float("nan"), 0.0, float("nan"), True)
        past = self.stops.setdefault(runner.car_class, ClassStops())
        neutralised = before.neutralised or row.yellow_ms > 0
        out_excess_s = (row.lap_ms - before.pace_ms) / 1000
        split = past.split(runner.car_number)
        over_s = before.excess_s + out_excess_s - pit_s - split.in_s - split.out_s
        past.add(PastStop(
            runner.car_number, row.elapsed_ms, pit_s, before.fill_laps, before.excess_s,
            out_excess_s, change, neutralised, runner.previous_s, runner.earlier_s,
            float("nan") if neutralised or split is NO_SPLIT else over_s,
        ))  # fmt: skip
        runner.previous_s, runner.earlier_s = pit_s, runner.previous_s


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
