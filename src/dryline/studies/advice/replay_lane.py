"""A class's pit lane in a replay: what a stop costs by fuel, and when it opens under yellow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.analysis.stops.pit_loss import Transit
from dryline.kernels.replay_road import FOREVER
from dryline.studies.advice.replay_flags import Flags

Floats = npt.NDArray[np.float64]

RACING_SHARE = 0.28
"""Time for the length of the lane at racing speed against that at the limiter's."""
DRIVEN_S = (4.0, 15.0)
FEWEST_STOPS, FEWEST_GREEN = 6, 3
LONGEST_MS = 150_000
"""A stop so much longer than a drive-through says nothing of fuel."""
COMMITTED_S = 10.0
"""Cars at the pit entry so soon after the flag were on their way in."""
TOGETHER_S = 120.0
"""Two of a class that stop within so long of each other show that its lane is open."""
AS_SEEN_S = 3.0
CLOSED_UNDER: Mapping[str, tuple[str, ...]] = {"wec": ("fcy", "red")}
"""Kinds under which stops are emergencies; under a red flag everywhere."""


@dataclass(frozen=True)
class Lane:
    """A class's pit lane: what share of a lap it replaces, where the line is, what fuel costs."""

    part: float
    cold_s: float
    before_line: float
    transit_s: float
    base_s: float
    per_lap_s: float

    def seconds(self, laps: float) -> float:
        """Time in the lane for so many laps of fuel."""
        return max(self.transit_s, self.base_s + self.per_lap_s * laps)

    def held_s(self, lane_s: float, lap_s: float) -> float:
        """How much later a stop of that length makes a car cross the line."""
        return max(0.0, self.before_line * lane_s - 0.5 * self.part * lap_s)


def lane_of(stops: pl.DataFrame, transit: Transit) -> Lane:
    """A class's lane from its real stops."""
    through = transit.ms / 1000.0
    green = stops.filter(
        (pl.col("under") == "green")
        & pl.col("pit_loss_ms").is_not_null()
        & (pl.col("pit_loss_ms") > 0)
        & (pl.col("pit_lane_ms") < transit.ms + LONGEST_MS)
    )
    pace = green["pace_before_ms"].fill_null(strategy="mean").to_numpy()
    lane = green["pit_lane_ms"].to_numpy().astype(float)
    driven_s = float(np.clip(RACING_SHARE * through, *DRIVEN_S))
    part, before, cold = driven_s / 100.0, 0.5, 0.0
    if green.height >= FEWEST_GREEN:
        usual = float(np.nanmedian(pace))
        part = 1000.0 * driven_s / usual
        cold = driven_s + float(np.median(green["pit_loss_ms"].to_numpy() - lane)) / 1000.0
        lost = green["in_lap_ms"].to_numpy() - pace
        before = float(np.clip(np.nanmedian((lost + 0.5 * part * pace) / lane), 0.02, 0.98))
    fuel = stops.filter(pl.col("fuel") & (pl.col("pit_lane_ms") < transit.ms + LONGEST_MS))
    taken = fuel["taken"].to_numpy()
    spent = fuel["pit_lane_ms"].to_numpy() / 1000.0
    base, per_lap = _line(taken, spent, through)
    return Lane(part, max(0.0, cold), before, through, base, per_lap)


def _line(taken: Floats, spent: Floats, through: float) -> tuple[float, float]:
    """Time in the lane against laps of fuel: the median of the slopes, then of what is left."""
    if len(taken) < FEWEST_STOPS:
        return (float(np.median(spent)) if len(spent) else through + 30.0), 0.0
    step = np.subtract.outer(taken, taken)
    rise = np.subtract.outer(spent, spent)
    far = step >= 3.0
    slope = float(np.median(rise[far] / step[far])) if far.any() else 0.0
    slope = max(0.0, slope)
    return float(np.median(spent - slope * taken)), slope


def opening_s(stops: pl.DataFrame, lane: Lane, flags: Flags, series: str) -> Floats:
    """When the lane opens for a class in each slow stretch: as soon as two of its cars stop.

    Args:
        stops: of the class.
        lane: its lane.
        flags: of the race.
        series: whose rule says under which kinds the lane stays shut.
    """
    mine = stops.sort("in_ms")
    spent = mine["pit_lane_ms"].fill_null(0).clip(0, 120_000).to_numpy()
    entries = (mine["in_ms"].to_numpy() - lane.before_line * spent) / 1000.0
    shut = CLOSED_UNDER.get(series, ("red",))
    came = [
        (float(t), car)
        for t, car in zip(entries, mine["car_number"].to_list(), strict=True)
        if flags.kind_at(t) not in shut
    ]
    return np.array([_first_of_two(came, a + COMMITTED_S, b) - AS_SEEN_S for a, b in flags.slow])


def _first_of_two(came: list[tuple[float, str]], begin_s: float, end_s: float) -> float:
    """The first stop between that another car's follows soon; FOREVER without one."""
    seen = [(t, car) for t, car in came if begin_s < t < end_s]
    for t, car in seen:
        if any(t <= u <= t + TOGETHER_S and other != car for u, other in seen):
            return t
    return FOREVER
