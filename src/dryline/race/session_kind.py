"""What kind of session it was, by what its clock did. Pure.

Measured on 70 races and 212 other sessions. Where lane times are stated, a car that leaves its
garage states one with its first lap: in races at most 5.4 % of the cars did (from the pit lane),
in the others at least 96 %. In qualifying every car had one driver, and each class was out for 19
minutes at most: of 153 others two looked alike, short runs of one driver. A warm-up lasts
23 minutes at most and sees changes of driver, as did three practices. By its clock a test is a
practice.
"""

from __future__ import annotations

import polars as pl

from dryline.domain.session_kind import SessionKind

_FROM_THE_GARAGE = 0.5
_TOGETHER_LAPS = 1.5
QUALIFYING_MS = 20 * 60_000
WARM_UP_MS = 25 * 60_000


def kind_by_clock(crossings: pl.DataFrame) -> SessionKind | None:
    """The kind of session, or ``None`` where the crossings do not tell a race from the others."""
    raced = _raced(crossings)
    if raced is None:
        return None
    return SessionKind.RACE if raced else timed_kind(crossings)


def timed_kind(crossings: pl.DataFrame) -> SessionKind:
    """Which of those that are decided by the best lap."""
    cars = crossings.group_by("car_number").agg(
        pl.col("car_class").first(),
        pl.col("driver").n_unique().alias("drivers"),
        pl.col("elapsed_ms").min().alias("from_ms"),
        pl.col("elapsed_ms").max().alias("to_ms"),
    )
    out_ms = cars.group_by("car_class").agg(
        (pl.col("to_ms").max() - pl.col("from_ms").min()).alias("ms")
    )["ms"]
    if (cars["drivers"] == 1).all() and (out_ms.median() or 0) <= QUALIFYING_MS:  # type: ignore[operator]
        return SessionKind.QUALIFYING
    short = (crossings["elapsed_ms"].max() or 0) <= WARM_UP_MS  # type: ignore[operator]
    return SessionKind.WARM_UP if short else SessionKind.PRACTICE


def _raced(crossings: pl.DataFrame) -> bool | None:
    """Whether the field started together; ``None`` where that cannot be seen."""
    first = crossings.filter(pl.col("lap") == 1)
    if first["car_number"].n_unique() * 2 < crossings["car_number"].n_unique():
        return None  # a part of a session: its first laps are not in the file
    out = first["pit_lane_ms"].is_not_null().mean()
    if isinstance(out, float) and out > _FROM_THE_GARAGE:
        return False
    quick = crossings["lap_time_ms"].quantile(0.05)
    late, early = (first["elapsed_ms"].quantile(share) for share in (0.75, 0.1))
    if quick is None or late is None or early is None:
        return None
    if late - early > _TOGETHER_LAPS * quick:
        return False
    return True if crossings["pit_lane_ms"].is_not_null().any() else None
