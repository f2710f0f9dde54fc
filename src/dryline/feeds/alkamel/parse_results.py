"""A classification (``03_*.CSV``): bytes to the table of results. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from dryline.domain.entry import Rating
from dryline.domain.errors import UnreadableFile
from dryline.domain.finding import Finding, Severity
from dryline.domain.tables import RESULTS
from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.cells import nullable
from dryline.feeds.dialect import Dialect
from dryline.feeds.remarks import Remarks, RowKeys
from dryline.feeds.text_table import TextTable, read_table
from dryline.feeds.times import read_times

_TEXTS = {
    "status": ("STATUS",),
    "gap_first": ("GAP_FIRST",),
    "gap_previous": ("GAP_PREVIOUS",),
    "team": ("TEAM",),
    "car_class": ("CLASS",),
    "group": ("GROUP",),
    "vehicle": ("VEHICLE",),
    "tyres": ("TYRES", "TIRES"),
}
_COUNTS = {
    "position": ("POSITION", "POS"),
    "laps": ("LAPS",),
    "fastest_lap": ("FL_LAPNUM", "LAP"),  # the second as in practice and qualifying
}
_TIMES = {"total_time_ms": ("TOTAL_TIME",), "fastest_lap_ms": ("FL_TIME", "TIME")}
_SEATS = range(1, 10)
_RATINGS = {rating.value: rating.value for rating in Rating}


@dataclass(frozen=True)
class ResultSheet:
    """A classification: ``results`` with the schema of ``domain.tables.RESULTS``, in file order."""

    results: pl.DataFrame
    dialect: Dialect
    findings: tuple[Finding, ...]
    set_aside: int = 0


def parse_results(data: bytes, name: str) -> ResultSheet:
    """The classification that ``data`` states: WEC's or IMSA's columns, any dialect.

    Raises:
        UnreadableFile: where the bytes are no classification, or no car stands in it.
    """
    remarks = Remarks(name)
    table = read_table(
        data,
        name,
        remarks,
        spec.is_results_header,
        what="classification",
        remedy="Give the results file, 03_*.CSV.",
        pad=True,  # IMSA writes six cells instead of eleven for a driver who is not there
    )
    results = _typed(table, remarks)
    if results.is_empty():
        raise UnreadableFile(
            "no car stands in the classification", file=name, remedy="Give a complete file."
        )
    set_aside = table.set_aside + len(table.frame) - len(results)
    return ResultSheet(results, table.dialect, remarks.findings, set_aside)


def _typed(table: TextTable, remarks: Remarks) -> pl.DataFrame:
    frame, rows = table.frame, len(table.frame)
    cars = frame[spec.CAR_NUMBER].alias("car_number")
    keys = RowKeys(table.lines, cars, np.zeros(rows, np.int64))
    columns = [cars, pl.Series("line", table.lines, dtype=pl.Int32)]
    columns += [_text(frame, to, names) for to, names in _TEXTS.items()]
    columns += [_count(frame, to, names, keys, remarks) for to, names in _COUNTS.items()]
    columns += [_time(frame, to, names, keys, remarks) for to, names in _TIMES.items()]
    columns.append(_drivers(frame, keys, remarks))
    results = pl.DataFrame(columns).select(list(RESULTS))
    no_car = (cars == "").to_numpy()
    remarks.add_rows("no_car_number", Severity.WARNING, "no car number; set aside", no_car, keys)
    again = ~no_car & ~cars.is_first_distinct().to_numpy()
    remarks.add_rows(
        "duplicate_result",
        Severity.WARNING,
        "the car stands twice in the classification; the first line is kept",
        again,
        keys,
    )
    return results.filter(pl.Series(~(no_car | again)))


def _text(frame: pl.DataFrame, to: str, names: tuple[str, ...]) -> pl.Series:
    for name in names:
        if name in frame.columns:
            return frame[name].alias(to)
    return pl.Series(to, [""] * len(frame), dtype=pl.String)


def _count(
    frame: pl.DataFrame, to: str, names: tuple[str, ...], keys: RowKeys, remarks: Remarks
) -> pl.Series:
    name = next((name for name in names if name in frame.columns), None)
    if name is None:
        return pl.Series(to, [None] * len(frame), dtype=pl.Int32)
    counts = frame[name].str.strip_suffix(".0").cast(pl.Int32, strict=False).alias(to)
    bad = (counts.is_null() & (frame[name] != "")).to_numpy()
    remarks.add_rows("bad_number", Severity.WARNING, f"{name} is no number; left empty", bad, keys)
    return counts


def _time(
    frame: pl.DataFrame, to: str, names: tuple[str, ...], keys: RowKeys, remarks: Remarks
) -> pl.Series:
    name = next((name for name in names if name in frame.columns), None)
    if name is None:
        return pl.Series(to, [None] * len(frame), dtype=pl.Int64)
    read = read_times([frame[name]])[0]
    remarks.add_rows("bad_time", Severity.WARNING, f"{name} is no time; left empty", read.bad, keys)
    return nullable(to, read.ms, read.known & (read.ms > 0))


def _drivers(frame: pl.DataFrame, keys: RowKeys, remarks: Remarks) -> pl.Series:
    crews: list[list[dict[str, str | None]]] = [[] for _ in range(len(frame))]
    unknown = np.zeros(len(frame), np.bool_)
    for seat in _SEATS:
        for row, (name, licence, country) in enumerate(_seat(frame, seat)):
            if not name:
                continue
            rating = _RATINGS.get(licence.lower())
            unknown[row] |= bool(licence) and rating is None
            crews[row].append({"name": name, "rating": rating, "country": country or None})
    remarks.add_rows(
        "unknown_rating",
        Severity.NOTE,
        "a driver's licence is none of platinum, gold, silver, bronze; left empty",
        unknown,
        keys,
    )
    return pl.Series("drivers", crews, dtype=RESULTS["drivers"])


def _seat(frame: pl.DataFrame, seat: int) -> list[tuple[str, str, str]]:
    """Name, licence and country per row, in IMSA's columns or in WEC's."""
    held = set(frame.columns)
    if f"DRIVER_{seat}" in held:
        return [(name, "", "") for name in frame[f"DRIVER_{seat}"].to_list()]
    if f"DRIVER{seat}_SECONDNAME" not in held:
        return []
    parts = [
        frame[column].to_list() if column in held else [""] * len(frame)
        for column in (
            f"DRIVER{seat}_FIRSTNAME",
            f"DRIVER{seat}_SECONDNAME",
            f"DRIVER{seat}_LICENSE",
            f"DRIVER{seat}_COUNTRY",
        )
    ]
    return [
        (f"{first} {second}".strip(), licence, country)
        for first, second, licence, country in zip(*parts, strict=True)
    ]
