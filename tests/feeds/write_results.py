"""Writing classifications and weather in the provider's own formats."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from dryline.domain.clock_text import format_ms
from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.parse_weather import HPA_PER_INHG, MS_PER_MPH, WeatherSheet
from dryline.feeds.alkamel.write import write_table
from dryline.feeds.dialect import Dialect

_TEXTS = {
    "STATUS": "status",
    "GAP_FIRST": "gap_first",
    "GAP_PREVIOUS": "gap_previous",
    "TEAM": "team",
    "CLASS": "car_class",
    "GROUP": "group",
    "VEHICLE": "vehicle",
    "TYRES": "tyres",
    "TIRES": "tyres",
    "NUMBER": "car_number",
}
_COUNTS = {"POSITION": "position", "LAPS": "laps", "FL_LAPNUM": "fastest_lap"}
_TIMES = {"TOTAL_TIME": "total_time_ms", "FL_TIME": "fastest_lap_ms"}
_SEATS = 6


def write_results(results: pl.DataFrame, dialect: Dialect = spec.WEC_RESULTS) -> bytes:
    """A classification of these results (schema RESULTS), in the order of ``line`` if stated."""
    rows = results.sort("line") if results["line"].null_count() == 0 else results
    cells = {name: rows[column] for name, column in _TEXTS.items()}
    cells |= {name: rows[column].cast(pl.String) for name, column in _COUNTS.items()}
    for name, column in _TIMES.items():
        texts = [None if ms is None else format_ms(ms) for ms in rows[column].to_list()]
        cells[name] = pl.Series(texts, dtype=pl.String)
    cells |= _crew_cells(rows)
    none = pl.Series([None] * len(rows), dtype=pl.String)
    return write_table([cells.get(name, none) for name in dialect.names], dialect)


def _crew_cells(rows: pl.DataFrame) -> dict[str, pl.Series]:
    cells: dict[str, pl.Series] = {}
    crews = [crew or [] for crew in rows["drivers"].to_list()]
    for seat in range(1, _SEATS + 1):
        here = [crew[seat - 1] if len(crew) >= seat else {} for crew in crews]
        names = [driver.get("name") or "" for driver in here]
        ratings = [(driver.get("rating") or "").capitalize() for driver in here]
        parts = {
            f"DRIVER_{seat}": names,
            f"DRIVER{seat}_FIRSTNAME": [name.partition(" ")[0] for name in names],
            f"DRIVER{seat}_SECONDNAME": [name.partition(" ")[2] for name in names],
            f"DRIVER{seat}_LICENSE": ratings,
            f"DRIVER{seat}_COUNTRY": [driver.get("country") or "" for driver in here],
        }
        cells |= {name: pl.Series(texts, dtype=pl.String) for name, texts in parts.items()}
    return cells


def write_weather(sheet: WeatherSheet) -> bytes:
    """A weather file of the sheet's samples, in the units and the date style it was read in."""
    rows = sheet.samples.sort("line")
    seconds = [at // 1000 for at in rows["at_utc_ms"].to_list()]
    dates = [_date(at, sheet.date_style) for at in seconds]
    in_file = _imperial if sheet.imperial else _as_is
    cells = {
        "TIME_UTC_SECONDS": pl.Series([str(at) for at in seconds], dtype=pl.String),
        "TIME_UTC_STR": pl.Series(dates, dtype=pl.String),
        "AIR_TEMP": in_file(rows["air_c"], "temperature"),
        "TRACK_TEMP": in_file(rows["track_c"], "temperature"),
        "HUMIDITY": _as_is(rows["humidity_pct"]),
        "PRESSURE": in_file(rows["pressure_hpa"], "pressure"),
        "WIND_SPEED": in_file(rows["wind_ms"], "speed"),
        "WIND_DIRECTION": _as_is(rows["wind_from_deg"]),
        "RAIN": _as_is(rows["rain"]),
    }
    none = pl.Series([None] * len(rows), dtype=pl.String)
    return write_table([cells.get(name, none) for name in sheet.dialect.names], sheet.dialect)


def _date(seconds: int, style: str) -> str:
    at = datetime.fromtimestamp(seconds, UTC)
    if "%p" in style:
        hour = at.hour % 12 or 12
        half = "AM" if at.hour < 12 else "PM"
        return f"{at.month}/{at.day}/{at.year} {hour}:{at.minute:02d}:{at.second:02d} {half}"
    return at.strftime(style)


def _as_is(values: pl.Series, _: str = "") -> pl.Series:
    return _decimals(values.to_list())


def _imperial(values: pl.Series, quantity: str) -> pl.Series:
    if quantity == "temperature":
        return _decimals([None if v is None else v * 1.8 + 32.0 for v in values.to_list()])
    factor = HPA_PER_INHG if quantity == "pressure" else MS_PER_MPH
    return _decimals([None if v is None else v / factor for v in values.to_list()])


def _decimals(values: list[float | None]) -> pl.Series:
    texts = [None if v is None else f"{v:.10f}".rstrip("0").rstrip(".") for v in values]
    return pl.Series(texts, dtype=pl.String)
