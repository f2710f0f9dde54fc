"""A weather file (``26_*.CSV``): bytes to samples in SI units and degrees Celsius. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import polars as pl

from dryline.domain.finding import Finding, Severity
from dryline.domain.tables import WEATHER
from dryline.feeds.alkamel import spec
from dryline.feeds.dialect import Dialect
from dryline.feeds.remarks import Remarks, RowKeys
from dryline.feeds.text_table import TextTable, read_table

SAMPLES: dict[str, type[pl.DataType]] = {
    "at_utc_ms": pl.Int64,
    **{name: kind for name, kind in WEATHER.items() if name != "at_ms"},
    "line": pl.Int32,
}
"""Samples in UTC (milliseconds since 1970), before they are set on race time."""

HPA_PER_INHG = 33.863886666667
MS_PER_MPH = 0.44704
_COLUMNS = {
    "air_c": "AIR_TEMP",
    "track_c": "TRACK_TEMP",
    "humidity_pct": "HUMIDITY",
    "pressure_hpa": "PRESSURE",
    "wind_ms": "WIND_SPEED",
    "wind_from_deg": "WIND_DIRECTION",
    "rain": "RAIN",
}
BOUNDS = {
    "air_c": (-40.0, 60.0),
    "track_c": (-40.0, 90.0),
    "humidity_pct": (0.0, 100.0),
    "pressure_hpa": (500.0, 1100.0),
    "wind_ms": (0.0, 80.0),
    "wind_from_deg": (0.0, 360.0),
}
"""What weather can be."""
_DATE_STYLES = (
    "%d-%b-%y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%d/%m/%Y %H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
)
_STUCK_ROWS = 30
_GAP_MS = 180_000
_INHG_BELOW = 50.0


@dataclass(frozen=True)
class WeatherSheet:
    """A weather file: ``samples`` with the schema SAMPLES, ordered by time.

    ``imperial`` says that the file is in degrees Fahrenheit, inHg and mph; ``date_style`` is the
    ``strftime`` format of its dates.
    """

    samples: pl.DataFrame
    dialect: Dialect
    findings: tuple[Finding, ...]
    imperial: bool = True
    date_style: str = _DATE_STYLES[0]
    set_aside: int = 0


def parse_weather(data: bytes, name: str) -> WeatherSheet:
    """The weather samples that ``data`` states; a file without a byte is a finding, no error.

    Raises:
        UnreadableFile: where the bytes are no weather file.
    """
    remarks = Remarks(name)
    if not data.strip():
        remarks.add("weather_empty", Severity.WARNING, "the weather file is empty")
        return WeatherSheet(pl.DataFrame(schema=SAMPLES), spec.IMSA_WEATHER, remarks.findings)
    table = read_table(
        data,
        name,
        remarks,
        spec.is_weather_header,
        what="weather file",
        remedy="Give the weather file, 26_Weather_*.CSV.",
    )
    samples, imperial = _typed(table, remarks)
    set_aside = table.set_aside + len(table.frame) - len(samples)
    style = _date_style(table)
    return WeatherSheet(samples, table.dialect, remarks.findings, imperial, style, set_aside)


def _typed(table: TextTable, remarks: Remarks) -> tuple[pl.DataFrame, bool]:
    frame, rows = table.frame, len(table.frame)
    no_car = pl.Series([""] * rows, dtype=pl.String)
    keys = RowKeys(table.lines, no_car, np.zeros(rows, np.int64))
    values = {to: _numbers(frame, name, keys, remarks) for to, name in _COLUMNS.items()}
    imperial = _is_imperial(values, remarks)
    if imperial:
        values |= _to_si(values)
    raw = pl.DataFrame(
        [
            _at_utc(frame),
            *(values[to].alias(to) for to in _COLUMNS),
            pl.Series("line", table.lines, dtype=pl.Int32),
        ]
    )
    samples = _bounded(raw, keys, remarks)
    no_time = samples["at_utc_ms"].is_null().to_numpy()
    remarks.add_rows(
        "bad_time", Severity.WARNING, "no time that can be read; set aside", no_time, keys
    )
    samples = samples.filter(pl.Series(~no_time)).sort("at_utc_ms", "line")
    _remark_sensors(samples, remarks)
    return samples, imperial


def _numbers(frame: pl.DataFrame, name: str, keys: RowKeys, remarks: Remarks) -> pl.Series:
    if name not in frame.columns:
        return pl.Series([None] * len(frame), dtype=pl.Float64)
    text = frame[name].str.replace(",", ".", literal=True)
    numbers = text.cast(pl.Float64, strict=False)
    numbers = pl.select(pl.when(numbers.is_finite()).then(numbers)).to_series()
    bad = (numbers.is_null() & (text != "")).to_numpy()
    remarks.add_rows("bad_number", Severity.WARNING, f"{name} is no number; left empty", bad, keys)
    return numbers


def _at_utc(frame: pl.DataFrame) -> pl.Series:
    rows = len(frame)
    if "TIME_UTC_SECONDS" in frame.columns:
        seconds = frame["TIME_UTC_SECONDS"].cast(pl.Int64, strict=False)
        sane = seconds.is_between(0, 1 << 33)
        if sane.any():
            at = pl.select(pl.when(sane).then(seconds * 1000)).to_series()
            return at.alias("at_utc_ms")
    texts = frame["TIME_UTC_STR"].to_list() if "TIME_UTC_STR" in frame.columns else [""] * rows
    return pl.Series("at_utc_ms", [_parse_date(text)[0] for text in texts], dtype=pl.Int64)


def _parse_date(text: str) -> tuple[int | None, str | None]:
    for style in _DATE_STYLES:
        try:
            at = datetime.strptime(text, style).replace(tzinfo=UTC)
        except ValueError:
            continue
        return round(at.timestamp()) * 1000, style
    return None, None


def _date_style(table: TextTable) -> str:
    if "TIME_UTC_STR" in table.frame.columns and len(table.frame):
        return _parse_date(table.frame["TIME_UTC_STR"][0])[1] or _DATE_STYLES[0]
    return _DATE_STYLES[0]


def _is_imperial(values: dict[str, pl.Series], remarks: Remarks) -> bool:
    pressure = values["pressure_hpa"].drop_nulls()
    if len(pressure):
        imperial = float(pressure.median() or 0.0) < _INHG_BELOW  # type: ignore[arg-type]
    else:
        air = values["air_c"].drop_nulls()
        imperial = len(air) > 0 and float(air.median() or 0.0) > 45.0  # type: ignore[arg-type]
    units = "°F, inHg and mph" if imperial else "°C, hPa and m/s"
    remarks.add("weather_units", Severity.NOTE, f"units are not stated; read as {units}")
    return imperial


def _to_si(values: dict[str, pl.Series]) -> dict[str, pl.Series]:
    return {
        "air_c": (values["air_c"] - 32.0) / 1.8,
        "track_c": (values["track_c"] - 32.0) / 1.8,
        "pressure_hpa": values["pressure_hpa"] * HPA_PER_INHG,
        "wind_ms": values["wind_ms"] * MS_PER_MPH,
    }


def _bounded(samples: pl.DataFrame, keys: RowKeys, remarks: Remarks) -> pl.DataFrame:
    for name, (low, high) in BOUNDS.items():
        absurd = ~samples[name].is_between(low, high).fill_null(value=True)
        message = f"{_COLUMNS[name]} is beyond {low:g} to {high:g} ({name}); left empty"
        where = absurd.to_numpy()
        if remarks.add_rows("absurd_weather", Severity.WARNING, message, where, keys):
            samples = samples.with_columns(pl.when(~absurd).then(pl.col(name)).alias(name))
    return samples


def _remark_sensors(samples: pl.DataFrame, remarks: Remarks) -> None:
    for name in ("air_c", "track_c", "humidity_pct", "pressure_hpa"):
        known = samples[name].drop_nulls()
        if len(known) >= _STUCK_ROWS and known.n_unique() == 1:
            remarks.add(
                "stuck_sensor",
                Severity.WARNING,
                f"{_COLUMNS[name]} says the same in every row; the sensor is stuck",
                rows=len(known),
            )
    rain = samples["rain"].drop_nulls()
    if len(rain) and rain.n_unique() == 1:
        remarks.add(
            "useless_rain",
            Severity.NOTE,
            f"RAIN is {rain[0]:g} in every row; it says nothing about the track",
            rows=len(rain),
        )
    steps = samples["at_utc_ms"].diff().fill_null(0).to_numpy()
    gaps = np.flatnonzero(steps > _GAP_MS)
    if len(gaps):
        remarks.add(
            "weather_gap",
            Severity.NOTE,
            f"no sample for more than three minutes, at most {steps.max() // 60_000} min",
            line=int(samples["line"][int(gaps[0])]),
            rows=len(gaps),
        )
