"""What a stop cost against not stopping, and the race's own transit time through the lane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CLUSTER_MS = 900.0
"""Drive-throughs at one circuit agree this closely: the limiter sets their time."""
SHORTEST_MS = 8_000.0


@dataclass(frozen=True)
class Transit:
    """Time through the lane without stopping; ``sd_ms`` is large while nobody has driven through.

    ``drive_throughs`` counts the stops that agree with it.
    """

    ms: float
    sd_ms: float
    drive_throughs: int


UNKNOWN_TRANSIT = Transit(30_000.0, 8_000.0, 0)
"""Before the first stop of a race."""


def transit_time(pit_lane_ms: Floats) -> Transit:
    """The transit time that the stops of a race show: their lowest cluster.

    Args:
        pit_lane_ms: (n,) times in the lane so far, of any class, in any order.

    The shortest time that two others share within 0.9 s is a drive-through's. Without such a
    cluster the shortest stop bounds it from above, and the sd says that it may be much less.
    """
    times = np.sort(pit_lane_ms[np.isfinite(pit_lane_ms) & (pit_lane_ms > SHORTEST_MS)])
    if len(times) == 0:
        return UNKNOWN_TRANSIT
    middle = float(times[len(times) // 2])
    together = np.searchsorted(times, times + CLUSTER_MS, side="right") - np.arange(len(times))
    clusters = np.flatnonzero((together >= 3) & (times < 0.75 * middle))
    if len(clusters):
        first, count = int(clusters[0]), int(together[clusters[0]])
        return Transit(float(times[first + count // 2]), 250.0, count)
    shortest = float(times[0])
    if shortest < 0.62 * middle:
        return Transit(shortest, 1_000.0, 1)
    return Transit(0.6 * shortest, 0.2 * shortest, 0)


def pit_losses(stops: pl.DataFrame, laps: pl.DataFrame) -> pl.DataFrame:
    """``stops`` with ``pit_loss_ms`` and the paces that it is measured against.

    The loss is in-lap plus out-lap minus a lap of the driver who came in and one of the driver who
    went out, each at the median of his nearest clean laps (the last five before, the first five
    after the out-lap); null where the car has no such laps or the stop no out-lap. After the
    race: the laps after the stop are used.

    Args:
        stops: the STOPS table.
        laps: the table that `clean_laps` returns.
    """
    paces = {
        car: (part["lap"].to_numpy(), part["lap_time_ms"].to_numpy().astype(float))
        for (car,), part in laps.filter(pl.col("refused").is_null())
        .sort("car_number", "lap")
        .group_by("car_number", maintain_order=True)
    }
    before: list[float | None] = []
    after: list[float | None] = []
    for car, lap in stops.select("car_number", "lap").iter_rows():
        lap_of, time_of = paces.get(car, (np.array([]), np.array([])))
        at = int(np.searchsorted(lap_of, lap))
        before.append(_median(time_of[max(0, at - 5) : at]))
        after.append(_median(time_of[at : at + 5]))
    return stops.with_columns(
        pace_before_ms=pl.Series(before, dtype=pl.Float64),
        pace_after_ms=pl.Series(after, dtype=pl.Float64),
    ).with_columns(
        pit_loss_ms=(
            pl.col("in_lap_ms")
            + pl.col("out_lap_ms")
            - pl.coalesce("pace_before_ms", "pace_after_ms")
            - pl.coalesce("pace_after_ms", "pace_before_ms")
        )
        .round()
        .cast(pl.Int64)
    )


def _median(values: Floats) -> float | None:
    return float(np.median(values)) if len(values) else None
