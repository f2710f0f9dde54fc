"""Setting weather on race time: weather files are in UTC, lap files in the circuit's own time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dryline.domain.clock_text import format_clock
from dryline.domain.finding import Finding, Severity
from dryline.domain.tables import WEATHER, empty
from dryline.feeds.alkamel.parse_weather import WeatherSheet
from dryline.feeds.remarks import Remarks

_DAY_MS, _HALF_HOUR_MS = 86_400_000, 1_800_000
_HALF_HOUR_COST_MS = 600_000  # most circuits keep whole hours
_BEGIN_WEIGHT = 3  # weather begins with the race; it may end early
_SURE_MS = 300_000  # on the 35 real races the first sample comes within 90 s


@dataclass(frozen=True)
class AlignedWeather:
    """``weather`` (schema WEATHER) on race time, the start in UTC, and how sure that is.

    ``offset_ms`` is local time less UTC; ``None`` where the laps have no wall clock.
    """

    weather: pl.DataFrame
    start_utc_ms: int | None
    offset_ms: int | None
    findings: tuple[Finding, ...]


def align_weather(sheet: WeatherSheet, crossings: pl.DataFrame, name: str) -> AlignedWeather:
    """The samples on race time, given the race's crossings; ``name`` is the weather file's.

    The start's wall clock is HOUR less ELAPSED; the offset from UTC is the whole or half hour
    for which weather and race begin and end together best (the begin counts three times: some
    weather files end early). It is stated as a finding. Lap files carry no date:
    weather of another day cannot be told from the race's own.
    """
    remarks = Remarks(name)
    samples = sheet.samples
    if samples.is_empty() or crossings.is_empty():
        return AlignedWeather(empty(WEATHER), None, None, ())
    first, last = int(samples["at_utc_ms"][0]), int(samples["at_utc_ms"][-1])
    end = int(crossings["elapsed_ms"].max())  # type: ignore[arg-type]
    wall_clock = _start_of_day(crossings)
    if wall_clock is None:
        start, offset = first, None
        remarks.add(
            "weather_offset",
            Severity.WARNING,
            "the laps state no wall clock; the first sample is taken as the start",
        )
    else:
        start, offset = _best_start(wall_clock, first, last, end, remarks)
    weather = samples.with_columns(at_ms=pl.col("at_utc_ms") - start).select(list(WEATHER))
    return AlignedWeather(weather, start, offset, remarks.findings)


def _start_of_day(crossings: pl.DataFrame) -> int | None:
    clocked = crossings.filter(pl.col("time_of_day_ms").is_not_null())
    if clocked.is_empty():
        return None
    starts = (clocked["time_of_day_ms"] - clocked["elapsed_ms"]).to_numpy() % _DAY_MS
    return int(np.median(starts))


def _best_start(
    wall_clock: int, first: int, last: int, end: int, remarks: Remarks
) -> tuple[int, int]:
    choices = []
    for half_hours in range(-24, 24):
        offset = half_hours * _HALF_HOUR_MS
        ahead = (wall_clock - offset - first) % _DAY_MS
        start = first + (ahead if ahead < _DAY_MS // 2 else ahead - _DAY_MS)
        cost = _BEGIN_WEIGHT * abs(first - start) + abs(last - start - end)
        choices.append((cost + (_HALF_HOUR_COST_MS if half_hours % 2 else 0), start, offset))
    _, start, offset = min(choices)
    sign = "-" if offset < 0 else "+"
    text = f"UTC{sign}{format_clock(abs(offset))[:-3]}"
    sure = abs(first - start) < _SURE_MS
    remarks.add(
        "weather_offset",
        Severity.NOTE if sure else Severity.WARNING,
        f"the weather is in UTC, the race clock was taken as {text}"
        + ("" if sure else ", which is unsure: the weather does not begin with the race"),
    )
    return start, offset
