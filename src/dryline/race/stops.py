"""Pit stops, from in- and out-laps.

A file states a stop twice: the crossing in the pits that ends the in-lap, and the time in the
lane with the out-lap. The box lies before or after the line, so only the pair says what a stop
cost. There is one row per stated pit-lane time, and one per car whose last lap so far ended in
the pits. A source that states no lane time has one row per in-lap that another lap followed, and
what it cost is estimated; ``known_by`` says which. What does not fit the pair is named in
``exception``:

``pit_lane_start``   pit-lane time on lap 1: the car started from the pit lane
``no_in_lap``        pit-lane time without a crossing in the pits before it (a red flag)
``from_out_lap``     the in-lap was itself an out-lap (a drive-through, or a second stop)
``still_in``         the car's last crossing so far was in the pits
``long``             over an hour in the lane (a repair, or parked under a red flag); without lane
                     times, on the out-lap
"""

from __future__ import annotations

import polars as pl

from dryline.domain.flag import Flag
from dryline.domain.tables import STOPS
from dryline.race.neutralisation_overlap import gravest_under, overlap_ms
from dryline.race.time_lost import no_time_lost, with_time_lost

LONG_STOP_MS = 3_600_000
LANE_TIME, IN_LAP, LAP_TIMES = "lane_time", "in_lap", "lap_times"
"""What a stop is known by; by the last it is only suspected."""


def _under(stops: pl.DataFrame, periods: pl.DataFrame, *, stated: bool) -> list[str]:
    """The state when each car came in; red where a red flag found it in the lane.

    The lane is left by its time after the crossing in the pits, which the car did not reach
    before; without lane times, by the end of the out-lap.
    """
    at = stops["in_ms"].to_numpy()
    left = pl.col("in_ms") + pl.col("pit_lane_ms") if stated else pl.col("out_ms")
    until = stops.select(left.fill_null(pl.col("in_ms")))["in_ms" if stated else "out_ms"]
    stood = overlap_ms(periods, at, until.to_numpy(), kinds=(Flag.RED.value,)) > 0
    return [
        Flag.RED.value if is_red else state
        for state, is_red in zip(gravest_under(periods, at, at + 1).tolist(), stood, strict=True)
    ]


def states_lane_times(laps: pl.DataFrame) -> bool:
    """Whether the source has stated any time in the pit lane so far."""
    return bool(laps["pit_lane_ms"].is_not_null().any())


def stops_table(laps: pl.DataFrame, periods: pl.DataFrame, *, marked: bool = True) -> pl.DataFrame:
    """The stops of a race: schema ``STOPS``, in order of the crossing that ended the in-lap.

    Args:
        laps: schema ``LAPS``.
        periods: schema ``NEUTRALISATIONS``.
        marked: whether the source marked the in-laps; otherwise they are only suspected.
    """
    by_car = laps.with_columns(
        _prev_in=pl.col("in_pit").shift(1).over("car_number"),
        _prev_out=pl.col("out_lap").shift(1).over("car_number"),
        _prev_ms=pl.col("elapsed_ms").shift(1).over("car_number"),
        _prev_lap=pl.col("lap").shift(1).over("car_number"),
        _prev_time=pl.col("lap_time_ms").shift(1).over("car_number"),
        _prev_driver=pl.col("driver").shift(1).over("car_number"),
        _last=pl.col("lap").shift(-1).over("car_number").is_null(),
    )
    stated = states_lane_times(laps)
    stops = pl.concat([_done(by_car, stated=stated), _still_in(by_car)]).sort(
        "in_ms", "car_number", "lap"
    )
    stops = stops.with_columns(
        driver_change=pl.col("driver_in") != pl.col("driver_out"),
        under=pl.Series(_under(stops, periods, stated=stated), dtype=pl.String),
    )
    stops = no_time_lost(stops) if stated else with_time_lost(stops, laps, periods)
    known_by = LANE_TIME if stated else IN_LAP if marked else LAP_TIMES
    return stops.with_columns(known_by=pl.lit(known_by)).select(*STOPS)


def _done(by_car: pl.DataFrame, *, stated: bool) -> pl.DataFrame:
    """Stops that ended, from the laps out of the pits; ``stated``: the source has lane times."""
    visited = pl.col("pit_lane_ms").is_not_null() if stated else pl.col("_prev_in")
    lane_ms = pl.col("pit_lane_ms") if stated else pl.col("lap_time_ms")
    return by_car.filter(visited).select(
        "car_number",
        "car_class",
        lap=pl.col("_prev_lap").fill_null(0).cast(pl.Int32),
        in_ms=pl.col("_prev_ms").fill_null(0),
        out_ms=pl.col("elapsed_ms"),
        pit_lane_ms=pl.col("pit_lane_ms"),
        driver_in=pl.col("_prev_driver"),
        driver_out=pl.col("driver"),
        in_lap_ms=pl.col("_prev_time"),
        out_lap_ms=pl.col("lap_time_ms"),
        exception=pl.when(pl.col("_prev_ms").is_null())
        .then(pl.lit("pit_lane_start"))
        .when(~pl.col("_prev_in"))
        .then(pl.lit("no_in_lap"))
        .when(lane_ms > LONG_STOP_MS)
        .then(pl.lit("long"))
        .when(pl.col("_prev_out"))
        .then(pl.lit("from_out_lap")),
    )


def _still_in(by_car: pl.DataFrame) -> pl.DataFrame:
    """Stops of cars that were last seen in the pits."""
    return by_car.filter(pl.col("in_pit") & pl.col("_last")).select(
        "car_number",
        "car_class",
        "lap",
        in_ms=pl.col("elapsed_ms"),
        out_ms=pl.lit(None, pl.Int64),
        pit_lane_ms=pl.lit(None, pl.Int64),
        driver_in=pl.col("driver"),
        driver_out=pl.lit(None, pl.String),
        in_lap_ms=pl.col("lap_time_ms"),
        out_lap_ms=pl.lit(None, pl.Int64),
        exception=pl.lit("still_in"),
    )
