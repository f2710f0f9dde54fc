"""Stops made while the rules say that the lane was not open: which kind of exception each is.

``before_the_flag``  the car was in the lane, or too close to it, when the neutralisation came
``emergency``        a splash, or a car that stopped again or stood long: puncture, fuel, damage
``opened_unseen``    others of its group followed within two minutes: the lane had just opened,
                     which nothing in a file without messages could tell beforehand
``unexplained``      an exception of the rules, a breach, or an error of ours
"""

from __future__ import annotations

from enum import StrEnum

import polars as pl

IN_BY_MS = 60_000
SPLASH_MS = 60_000
REPAIR_MS = 180_000
AGAIN_LAPS = 4
FOLLOWED_MS = 120_000


class LaneException(StrEnum):
    """Why a stop was made through a lane that was not open."""

    BEFORE_THE_FLAG = "before_the_flag"
    EMERGENCY = "emergency"
    OPENED_UNSEEN = "opened_unseen"
    UNEXPLAINED = "unexplained"


def lane_exceptions(judged: pl.DataFrame, neutralisations: pl.DataFrame) -> pl.DataFrame:
    """The stops of ``judged`` whose lane was not open, with ``since_ms`` and ``because``.

    ``judged`` comes from ``stops_and_the_lane``; ``since_ms`` counts from the start of the
    neutralisation in force as the car came in.
    """
    closed = judged.filter(pl.col("lane").is_in(["closed", "emergency_only"]))
    rows = list(closed.iter_rows(named=True))
    since = [_since(neutralisations, row["in_ms"]) for row in rows]
    because = [_because(judged, row, start).value for row, start in zip(rows, since, strict=True)]
    return closed.with_columns(
        pl.Series("since_ms", since, dtype=pl.Int64),
        pl.Series("because", because, dtype=pl.String),
    )


def _since(neutralisations: pl.DataFrame, at_ms: int) -> int | None:
    running = neutralisations.filter(
        (pl.col("start_ms") <= at_ms)
        & (pl.col("end_ms").is_null() | (pl.col("end_ms") > at_ms))
        & (pl.col("kind") != "slow_zone")
    )
    latest = running["start_ms"].max()
    return None if latest is None else at_ms - int(latest)  # type: ignore[arg-type]


def _because(judged: pl.DataFrame, row: dict[str, object], since: int | None) -> LaneException:
    if since is not None and since < IN_BY_MS:
        return LaneException.BEFORE_THE_FLAG
    lane, at, lap = row["pit_lane_ms"], row["in_ms"], row["lap"]
    if not isinstance(at, int) or not isinstance(lap, int):
        return LaneException.UNEXPLAINED
    near = judged.filter(
        (pl.col("in_ms") > at)
        & (pl.col("in_ms") <= at + FOLLOWED_MS)
        & (pl.col("car_number") != row["car_number"])
    )
    if near.height and row["lane"] == "closed":
        return LaneException.OPENED_UNSEEN
    again = judged.filter(
        (pl.col("car_number") == row["car_number"])
        & (pl.col("lap") > lap)
        & (pl.col("lap") <= lap + AGAIN_LAPS)
    )
    brief = isinstance(lane, int) and (lane < SPLASH_MS or lane > REPAIR_MS)
    if brief or again.height or lane is None:
        return LaneException.EMERGENCY
    return LaneException.UNEXPLAINED
