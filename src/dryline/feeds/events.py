"""Crossings as timing events, one by one in the order in which they became known, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl

from dryline.domain.crossing_row import crossing_row
from dryline.domain.event import LineCrossing
from dryline.domain.flag import Flag
from dryline.domain.instant import Duration, Instant
from dryline.domain.tables import CROSSINGS
from dryline.feeds.alkamel import spec
from dryline.feeds.dialect import Dialect
from dryline.feeds.lap_sheet import LapSheet


def events(sheet: LapSheet) -> Iterator[LineCrossing]:
    """Every crossing of the sheet, in order of ``known_at``, then line."""
    extras = _extras_by_line(sheet.extras)
    rows = sheet.crossings.select(list(CROSSINGS)).sort("known_at_ms", "line")
    for row in zip(*(rows[name].to_list() for name in CROSSINGS), strict=True):
        yield _event(row, extras)


def crossings_from_events(crossings: Iterable[LineCrossing]) -> pl.DataFrame:
    """The table of crossings that these events state; the schema of CROSSINGS."""
    return sheet_from_events(crossings).crossings


def sheet_from_events(crossings: Iterable[LineCrossing], dialect: Dialect = spec.WEC) -> LapSheet:
    """The sheet that these events state, to be written in ``dialect``; extras come back too.

    Where events carry no line (a live feed), lines are counted in the order of the events.
    """
    seen = list(crossings)
    counted = any(event.line is None for event in seen)
    rows, extras = [], []
    for place, event in enumerate(seen):
        line = place + 2 if counted or event.line is None else event.line
        rows.append(_row(event, line))
        if event.extras:
            extras.append({"line": line, **event.extras})
    columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) or [()] * len(CROSSINGS)
    table = pl.DataFrame(
        [
            pl.Series(name, column, dtype=kind)
            for (name, kind), column in zip(CROSSINGS.items(), columns, strict=True)
        ]
    )
    return LapSheet(
        crossings=table.sort("elapsed_ms", "line"),
        extras=_extras_table(extras),
        dialect=dialect,
        findings=(),
    )


def _extras_by_line(extras: pl.DataFrame | None) -> dict[int, dict[str, str]]:
    if extras is None:
        return {}
    return {row.pop("line"): row for row in extras.to_dicts()}


def _extras_table(extras: list[dict[str, Any]]) -> pl.DataFrame | None:
    if not extras:
        return None
    names = dict.fromkeys(name for row in extras for name in row if name != "line")
    columns = [pl.Series(n, [row.get(n, "") for row in extras], dtype=pl.String) for n in names]
    lines = pl.Series("line", [row["line"] for row in extras], dtype=pl.Int32)
    return pl.DataFrame([*columns, lines]).sort("line")


def _event(row: tuple[Any, ...], extras: dict[int, dict[str, str]]) -> LineCrossing:
    (
        car_number, lap, driver, driver_seat, car_class, team, manufacturer, group, lap_time,
        s1, s2, s3, elapsed, known_at, time_of_day, flag, in_pit, pit_lane, top_speed, speed, line,
    ) = row  # fmt: skip
    return LineCrossing(
        happened_at=Instant(elapsed),
        known_at=Instant(known_at),
        car_number=car_number,
        lap=lap,
        lap_time=Duration(lap_time),
        sectors=(_length(s1), _length(s2), _length(s3)),
        driver=driver or "",
        driver_seat=driver_seat,
        car_class=car_class or "",
        team=team or "",
        manufacturer=manufacturer or "",
        group=group or "",
        flag=None if flag is None else Flag(flag),
        in_pit=bool(in_pit),
        pit_lane=_length(pit_lane),
        top_speed_kmh=top_speed,
        speed_kmh=speed,
        time_of_day=_length(time_of_day),
        line=line,
        extras=extras.get(line, {}),
    )


def _row(event: LineCrossing, line: int) -> tuple[Any, ...]:
    """The event in the order of CROSSINGS."""
    return (*crossing_row(event)[:-1], line)


def _length(ms: int | None) -> Duration | None:
    return None if ms is None else Duration(ms)
