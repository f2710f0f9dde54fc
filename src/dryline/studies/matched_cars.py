"""What a choice was worth, between cars alike: one of a pair did it, the other did not.

Read after the race, from realised crossings and pit-lane times alone; no simulator is asked. Two
cars are alike where they are of one class and their dry pace is within half a per cent. Their
distance over a common span of race time is compared, so neither need be on the other's lap.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.analysis.pace.clean_laps import clean_laps

Floats = NDArray[np.float64]
ALIKE = 0.005
"""Cars are alike whose dry pace differs by no more than this, as log time."""
FEWEST_LAPS = 8
"""Clean laps from which a driver's own pace counts; the car's stands in below it."""
QUICK = 0.4
"""Quantile of the clean laps that is called the pace."""
MISHAP = 1.35
"""A lap so many times the class's at that time is a spin or a repair, and no tyre's fault."""


@dataclass(frozen=True)
class DryPaces:
    """Log dry lap time by car and driver, and by car, of a whole race."""

    drivers: Mapping[tuple[str, str], float]
    cars: Mapping[str, float]

    def of(self, car: str, driver: str) -> float:
        """The log dry lap time of a crew; nan where the car has no clean lap."""
        return self.drivers.get((car, driver), self.cars.get(car, math.nan))


def dry_paces(laps: pl.DataFrame) -> DryPaces:
    """Dry paces from the clean laps of a race (schema ``LAPS``)."""
    clean = clean_laps(laps).filter(pl.col("refused").is_null())
    pace = pl.col("lap_time_ms").cast(pl.Float64).quantile(QUICK).log()
    by_car = clean.group_by("car_number").agg(pace=pace, n=pl.len())
    by_driver = clean.group_by("car_number", "driver").agg(pace=pace, n=pl.len())
    return DryPaces(
        {(c, d): p for c, d, p, n in by_driver.iter_rows() if n >= FEWEST_LAPS},
        {c: p for c, p, n in by_car.iter_rows() if n >= FEWEST_LAPS},
    )


@dataclass(frozen=True)
class Usual:
    """A class's lap time as the race went on: medians over ``WINDOW_MS`` either side."""

    ends: Floats
    lap_ms: Floats

    def at(self, ms: float) -> float:
        """The class's median lap around an instant, ms."""
        a, b = np.searchsorted(self.ends, [ms - WINDOW_MS, ms + WINDOW_MS])
        return float(np.median(self.lap_ms[a:b])) if b > a else math.inf


WINDOW_MS = 240_000.0


def usual_laps(laps: pl.DataFrame) -> dict[str, Usual]:
    """The lap time of every class, stops left out."""
    flying = laps.filter(~pl.col("in_lap") & ~pl.col("out_lap") & (pl.col("lap_time_ms") > 0))
    return {
        str(name): Usual(
            part["elapsed_ms"].cast(pl.Float64).to_numpy(),
            part["lap_time_ms"].cast(pl.Float64).to_numpy(),
        )
        for (name,), part in flying.sort("elapsed_ms").group_by("car_class", maintain_order=True)
    }


@dataclass(frozen=True)
class CarRun:
    """One car's race, readable at any instant.

    Args:
        times: ms since the start, of every sector end known, increasing.
        progress: laps driven by then.
        lap_ends: ms of every crossing of the line, (n,).
        lap_ms: time of the lap that ended there.
        lap_numbers: which lap that was.
        drivers: who drove it.
        stops: in-laps with their time in the lane, ms; nan where the file states none.
    """

    times: Floats
    progress: Floats
    lap_ends: Floats
    lap_ms: Floats
    lap_numbers: NDArray[np.int64]
    drivers: tuple[str, ...]
    stops: Mapping[int, float]

    def at(self, ms: float) -> float:
        """Laps driven at an instant; nan outside what is known."""
        if not len(self.times) or not self.times[0] <= ms <= self.times[-1]:
            return math.nan
        return float(np.interp(ms, self.times, self.progress))

    def index_at(self, ms: float) -> int:
        """Which crossing ends the lap that is under way at an instant."""
        return min(int(np.searchsorted(self.lap_ends, ms)), len(self.lap_ends) - 1)

    def driver_at(self, ms: float) -> str:
        """Who is at the wheel."""
        return self.drivers[self.index_at(ms)]

    def lap_around(self, ms: float) -> float:
        """Time of the lap under way, ms."""
        return float(self.lap_ms[self.index_at(ms)])

    def ended(self, lap: int) -> float:
        """When a lap ended, ms; nan where it is not in the file. Lap 0 ends at the start."""
        if lap == 0:
            return 0.0
        at = np.flatnonzero(self.lap_numbers == lap)
        return float(self.lap_ends[at[0]]) if len(at) else math.nan

    def stopped_between(self, begin_ms: float, end_ms: float) -> list[int]:
        """In-laps that ended after one instant and not after another."""
        return [lap for lap in self.stops if begin_ms < self.ended(lap) <= end_ms]

    def mishap(self, begin_ms: float, end_ms: float, usual: Usual) -> bool:
        """Whether a lap ended between two instants that was lost to something else.

        ``usual`` is the class's lap time; time in the lane is taken out of the lap after a stop.
        """
        for i in np.flatnonzero((self.lap_ends > begin_ms) & (self.lap_ends <= end_ms)):
            lap = int(self.lap_numbers[i])
            lane = self.stops.get(lap - 1, self.stops.get(lap, 0.0))
            most = MISHAP * usual.at(float(self.lap_ends[i])) + (lane if lane > 0.0 else 0.0)
            if self.lap_ms[i] > most:
                return True
        return False

    def lane_ms(self, begin_ms: float, end_ms: float) -> float:
        """Time spent in the lane at those stops; nan where one is not stated."""
        return float(sum(self.stops[lap] for lap in self.stopped_between(begin_ms, end_ms)))


def car_runs(laps: pl.DataFrame, stops: pl.DataFrame) -> dict[str, CarRun]:
    """Every car's race (schemas ``LAPS`` and ``STOPS``); sectors as they share a usual lap."""
    lanes: dict[str, dict[int, float]] = {}
    for car, lap, ms in stops.select("car_number", "lap", "pit_lane_ms").iter_rows():
        lanes.setdefault(car, {})[lap] = math.nan if ms is None else float(ms)
    shares = {
        name: _shares(part) for (name,), part in laps.group_by("car_class", maintain_order=True)
    }
    out = {}
    for (car,), part in laps.sort("lap").group_by("car_number", maintain_order=True):
        name = part["car_class"][0]
        out[str(car)] = _run(part, shares[name], lanes.get(str(car), {}))
    return out


def _shares(laps: pl.DataFrame) -> tuple[float, float]:
    """Where a usual lap is after its first and its second sector."""
    flying = laps.filter(pl.col("is_green") & (pl.col("lap_time_ms") > 0))
    s1 = (flying["s1_ms"] / flying["lap_time_ms"]).median()
    s3 = (flying["s3_ms"] / flying["lap_time_ms"]).median()
    if not isinstance(s1, float) or not isinstance(s3, float):
        return 1 / 3, 2 / 3
    return s1, 1.0 - s3


def _run(part: pl.DataFrame, shares: tuple[float, float], lane: Mapping[int, float]) -> CarRun:
    ends = part["elapsed_ms"].cast(pl.Float64).to_numpy()
    lap_ms = part["lap_time_ms"].cast(pl.Float64).fill_null(math.nan).to_numpy()
    laps = part["lap"].cast(pl.Int64).to_numpy()
    s1 = part["s1_ms"].cast(pl.Float64).fill_null(math.nan).to_numpy()
    s3 = part["s3_ms"].cast(pl.Float64).fill_null(math.nan).to_numpy()
    starts = ends - lap_ms
    times = np.concatenate([ends, starts + s1, ends - s3])
    done = np.concatenate([laps, laps - 1 + shares[0], laps - 1 + shares[1]]).astype(np.float64)
    known = np.isfinite(times)
    times, done = times[known], done[known]
    order = np.lexsort((done, times))
    rising = np.maximum.accumulate(done[order])
    drivers = tuple(part["driver"].fill_null("").to_list())
    return CarRun(times[order], rising, ends, lap_ms, laps, drivers, dict(lane))


@dataclass(frozen=True)
class Gain:
    """What one car gained on another over a span, in seconds; positive: the first gained.

    ``raw_s`` is on the road; ``lane_s`` is how much longer the first stood in the lane, ``pace_s``
    how much it was bound to lose by its dry pace. ``seconds`` is corrected for both.
    """

    raw_s: float
    lane_s: float
    pace_s: float

    @property
    def seconds(self) -> float:
        """The gain corrected for pit-lane times and dry pace."""
        return self.raw_s + self.lane_s + self.pace_s


def gained(
    one: CarRun, other: CarRun, begin_ms: float, end_ms: float, slower: float, lane: bool = True
) -> Gain | None:
    """What ``one`` gained on ``other`` between two instants; None where it cannot be read.

    ``slower`` is the log dry pace of the first over the second's. With ``lane`` the difference of
    their pit-lane times is taken out.
    """
    driven = (one.at(end_ms) - one.at(begin_ms)) - (other.at(end_ms) - other.at(begin_ms))
    lap_ms = 0.5 * (one.lap_around(end_ms) + other.lap_around(end_ms))
    mine, theirs = one.lane_ms(begin_ms, end_ms), other.lane_ms(begin_ms, end_ms)
    raw = driven * lap_ms / 1000.0
    running = (end_ms - begin_ms - 0.5 * (mine + theirs)) / 1000.0
    lane_s = (mine - theirs) / 1000.0 if lane else 0.0
    found = Gain(raw, lane_s, slower * running if lane else slower * (end_ms - begin_ms) / 1000.0)
    return found if math.isfinite(found.seconds) else None


def alike(
    paces: DryPaces,
    runs: Mapping[str, CarRun],
    cars: tuple[str, str],
    at_ms: float,
    within: float = ALIKE,
) -> float:
    """The log dry pace of the first crew over the second's, as they drive at an instant.

    nan where the two differ by more than ``within`` or one of them is not known.
    """
    one, other = (paces.of(car, runs[car].driver_at(at_ms)) for car in cars)
    slower = one - other
    return slower if abs(slower) <= within else math.nan
