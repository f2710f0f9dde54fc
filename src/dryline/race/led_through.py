"""Laps on which the safety car leads the field through the pit lane: no car is serviced.

Race control does so when the line straight is blocked. The timing then marks every car as in the
pits, lap after lap, with the lane times of a drive-through; to the cars it is a lap as any other
behind the safety car.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.domain.flag import Flag
from dryline.race.laps import stinted
from dryline.race.neutralisation_overlap import overlap_ms

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_BEHIND = (Flag.SAFETY_CAR.value, Flag.FCY.value)
_NEARLY_ALL = 0.8
_ALIKE_MS = 3_000
_FEW_CARS = 5


def as_driven(laps: pl.DataFrame, periods: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """Laps with those behind the safety car through the pit lane as laps of the road.

    Nearly the whole field on the road crosses in the pits within one lap of the queue, behind a
    safety car or under a full course yellow, with lane times alike (or, where none are stated,
    lap times alike in each class). Their marks and lane times are taken away, so that no stint
    ends there. A lap is known to be one when the next has been driven.

    Args:
        laps: crossings with the columns of ``CAUSAL``.
        periods: the NEUTRALISATIONS table; asked for only where it may matter.
    """
    visits = _visits(laps)
    if visits is None:
        return laps
    rows = _led(visits)
    if rows.size:
        at = visits.at[rows]
        rows = rows[overlap_ms(periods(), at, at + 1, kinds=_BEHIND) > 0]
    if not rows.size:
        return laps
    led = np.zeros(laps.height, dtype=np.bool_)
    led[rows] = True
    after = np.zeros(laps.height, dtype=np.bool_)
    after[visits.next[rows]] = True
    return stinted(
        laps.with_columns(
            in_pit=pl.col("in_pit") & ~pl.Series(led),
            pit_lane_ms=pl.when(~pl.Series(after)).then("pit_lane_ms"),
        )
    ).select(laps.columns)


@dataclass(frozen=True, slots=True)
class _Visits:
    """All crossings in order of time (n,); ``next`` is the row of the car's next, else -1.

    ``lane_ms`` and ``pair_ms`` are the time in the lane stated with the next lap, and this lap
    with the next; NaN where not known.
    """

    at: Ints
    car: Ints
    car_class: Ints
    in_pit: Bools
    next: Ints
    lap_ms: Floats
    lane_ms: Floats
    pair_ms: Floats
    same_driver: Bools


def _visits(laps: pl.DataFrame) -> _Visits | None:
    if int(laps["in_pit"].sum() or 0) < _FEW_CARS:
        return None
    read = laps.with_row_index("row").select(
        "elapsed_ms",
        car=pl.col("car_number").rank("dense").cast(pl.Int64),
        car_class=pl.col("car_class").fill_null("").rank("dense").cast(pl.Int64),
        in_pit=pl.col("in_pit").fill_null(value=False),
        next=pl.col("row").cast(pl.Int64).shift(-1).over("car_number").fill_null(-1),
        lap=pl.col("lap_time_ms").shift(-1).over("car_number").cast(pl.Float64),
        lane=pl.col("pit_lane_ms").shift(-1).over("car_number").cast(pl.Float64),
        pair=(pl.col("lap_time_ms") + pl.col("lap_time_ms").shift(-1).over("car_number")).cast(
            pl.Float64
        ),
        same=(pl.col("driver") == pl.col("driver").shift(-1).over("car_number")).fill_null(
            value=False
        ),
    )
    lap, lane, pair = (
        read[name].fill_null(float("nan")).to_numpy() for name in ("lap", "lane", "pair")
    )
    return _Visits(
        at=read["elapsed_ms"].to_numpy(),
        car=read["car"].to_numpy(),
        car_class=read["car_class"].to_numpy(),
        in_pit=read["in_pit"].to_numpy(),
        next=read["next"].to_numpy(),
        lap_ms=lap,
        lane_ms=lane,
        pair_ms=pair,
        same_driver=read["same"].to_numpy(),
    )


def _crowded(visits: _Visits) -> list[int]:
    """Visits around which at least two fifths of all crossings were in the pits."""
    rows = np.flatnonzero(visits.in_pit & (visits.next >= 0) & visits.same_driver)
    at, wide = visits.at[rows], np.nan_to_num(visits.lap_ms[rows])
    inside = visits.at[visits.in_pit]
    count, marked = (
        np.searchsorted(times, at + wide, side="right") - np.searchsorted(times, at - wide)
        for times in (visits.at, inside)
    )
    return [int(row) for row in rows[marked >= 0.4 * count]]


def _led(visits: _Visits) -> Ints:
    """The visits on which the field was led: nearly all of it, or none."""
    crowds = {row: crowd for row in _crowded(visits) if (crowd := _led_with(visits, row)).size}
    led = np.array(list(crowds), dtype=np.int64)
    whole = [row for row in crowds if np.isin(crowds[row], led).mean() >= _NEARLY_ALL]
    return np.array(whole, dtype=np.int64)


def _led_with(visits: _Visits, row: int) -> Ints:
    """The visits with this one, where nearly every car on the road made one and alike; or none."""
    nobody = np.empty(0, np.int64)
    at, wide = visits.at[row], visits.lap_ms[row]
    near = np.arange(*np.searchsorted(visits.at, (at - wide, at + wide + 1)))
    cars = len(np.unique(visits.car[near]))
    inside = near[visits.in_pit[near]]
    inside = inside[np.argsort(np.abs(visits.at[inside] - at), kind="stable")]
    inside = inside[np.unique(visits.car[inside], return_index=True)[1]]
    if len(inside) < max(_FEW_CARS, _NEARLY_ALL * cars):
        return nobody
    if visits.same_driver[inside].mean() < _NEARLY_ALL:
        return nobody  # some were serviced
    stated = bool(np.isfinite(visits.lane_ms[row]))
    times = (visits.lane_ms if stated else visits.pair_ms)[inside]
    group = np.zeros(len(inside), np.int64) if stated else visits.car_class[inside]
    known = np.isfinite(times)
    inside, times, group = inside[known], times[known], group[known]
    apart = np.empty(len(times))
    for each in np.unique(group):
        apart[group == each] = np.abs(times[group == each] - np.median(times[group == each]))
    own = visits.car[inside] == visits.car[row]
    if not len(apart) or (apart <= _ALIKE_MS).mean() < _NEARLY_ALL:
        return nobody
    return inside if (apart[own] <= _ALIKE_MS).any() else nobody
