"""The schemas of Dryline's tables: column, type, meaning. Times are whole milliseconds."""

from __future__ import annotations

import polars as pl

CROSSINGS: dict[str, type[pl.DataType]] = {
    "car_number": pl.String,
    "lap": pl.Int32,
    "driver": pl.String,
    "driver_seat": pl.Int32,  # the crew's numbering, where the feed states one
    "car_class": pl.String,
    "team": pl.String,
    "manufacturer": pl.String,
    "group": pl.String,
    "lap_time_ms": pl.Int64,
    "s1_ms": pl.Int64,
    "s2_ms": pl.Int64,
    "s3_ms": pl.Int64,
    "elapsed_ms": pl.Int64,  # happened_at: since the common start
    "known_at_ms": pl.Int64,
    "time_of_day_ms": pl.Int64,  # wall clock, since midnight
    "flag": pl.String,  # domain.Flag at the instant of crossing; null: the feed has no flags
    "in_pit": pl.Boolean,  # crossed the line in the pits: an in-lap
    "pit_lane_ms": pl.Int64,  # pit entry to pit exit, stated with the out-lap
    "top_speed_kmh": pl.Float64,
    "speed_kmh": pl.Float64,  # nominal length over lap time
    "line": pl.Int32,  # line in the source file, the header being line 1
}
"""What a lap feed states: one row per crossing of the line, ordered by elapsed, then file."""

LAPS: dict[str, type[pl.DataType]] = {
    **CROSSINGS,
    "start_ms": pl.Int64,  # the crossing that began the lap (0 for lap 1)
    "in_lap": pl.Boolean,
    "out_lap": pl.Boolean,
    "stint": pl.Int32,  # laps between stops, from 1 per car
    "driver_stint": pl.Int32,  # unbroken laps by one driver, from 1 per car
    "stint_lap": pl.Int32,  # 1 is the out-lap (or lap 1 of the race)
    "position": pl.Int32,  # overall, at this crossing
    "position_in_class": pl.Int32,
    "neutralised_ms": pl.Int64,  # overlap of the lap with neutralised periods
    "under": pl.String,  # the gravest flag state that touched the lap; green otherwise
    "is_green": pl.Boolean,  # untouched by any neutralisation, and not an in- or out-lap
}
"""Crossings with what follows from them."""

STOPS: dict[str, type[pl.DataType]] = {
    "car_number": pl.String,
    "car_class": pl.String,
    "lap": pl.Int32,  # the in-lap; 0 for a start from the pit lane
    "in_ms": pl.Int64,  # crossing that ends the in-lap
    "out_ms": pl.Int64,  # crossing that ends the out-lap; null while the car is in
    "pit_lane_ms": pl.Int64,
    "driver_in": pl.String,
    "driver_out": pl.String,
    "driver_change": pl.Boolean,
    "in_lap_ms": pl.Int64,
    "out_lap_ms": pl.Int64,
    "lost_ms": pl.Int64,  # against not stopping; estimated where no lane time is stated
    "lost_sd_ms": pl.Int64,  # its standard deviation
    "known_by": pl.String,  # lane_time, in_lap, or lap_times: only suspected
    "under": pl.String,  # flag state at in_ms; red where a red flag found it in the lane
    "exception": pl.String,  # null for an ordinary stop; else the slug of formats' exceptions
}

STINTS: dict[str, type[pl.DataType]] = {
    "car_number": pl.String,
    "car_class": pl.String,
    "stint": pl.Int32,
    "driver": pl.String,
    "start_ms": pl.Int64,
    "end_ms": pl.Int64,
    "first_lap": pl.Int32,
    "last_lap": pl.Int32,
    "laps": pl.Int32,
    "green_laps": pl.Int32,
    "pace_ms": pl.Int64,  # average of the best 20 % of green laps; null without one
    "best_ms": pl.Int64,
}

NEUTRALISATIONS: dict[str, type[pl.DataType]] = {
    "kind": pl.String,
    "start_ms": pl.Int64,  # first crossing under it
    "end_ms": pl.Int64,  # first green crossing after it; null while it lasts
    "source": pl.String,  # flag, message, inferred
    "confidence": pl.Float64,
    "sector": pl.Int32,  # of a slow zone; null otherwise
}

WEATHER: dict[str, type[pl.DataType]] = {
    "at_ms": pl.Int64,
    "air_c": pl.Float64,
    "track_c": pl.Float64,
    "humidity_pct": pl.Float64,
    "pressure_hpa": pl.Float64,
    "wind_ms": pl.Float64,
    "wind_from_deg": pl.Float64,
    "rain": pl.Float64,
}

RESULTS: dict[str, type[pl.DataType]] = {
    "position": pl.Int32,
    "car_number": pl.String,
    "status": pl.String,
    "laps": pl.Int32,
    "total_time_ms": pl.Int64,
    "gap_first": pl.String,
    "gap_previous": pl.String,
    "fastest_lap": pl.Int32,
    "fastest_lap_ms": pl.Int64,
    "team": pl.String,
    "car_class": pl.String,
    "group": pl.String,
    "vehicle": pl.String,
    "tyres": pl.String,  # the supplier, never the type
    "drivers": pl.List(pl.Struct({"name": pl.String, "rating": pl.String, "country": pl.String})),  # type: ignore[dict-item]
    "line": pl.Int32,
}

FINDINGS: dict[str, type[pl.DataType]] = {
    "kind": pl.String,
    "severity": pl.String,
    "message": pl.String,
    "file": pl.String,
    "line": pl.Int64,
    "car_number": pl.String,
    "lap": pl.Int64,
    "rows": pl.Int64,
    "remedy": pl.String,
}


def empty(schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    """A table of that schema without rows."""
    return pl.DataFrame(schema=schema)
