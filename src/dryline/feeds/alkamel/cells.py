"""The cells of a lap file as typed columns: times, counts, flags; nothing is judged yet."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.domain.finding import Severity
from dryline.feeds.alkamel import spec
from dryline.feeds.remarks import Remarks, RowKeys
from dryline.feeds.text_table import TextTable
from dryline.feeds.times import TimeColumn, read_times

DAY_MS = 86_400_000
LONGEST_MS = 4 * DAY_MS  # no race is longer; a time beyond it is absurd
MOST_LAPS = 100_000
FASTEST_KMH = 600.0


def typed_cells(table: TextTable, remarks: Remarks) -> pl.DataFrame:
    """The table's cells in the columns of CROSSINGS, without ``known_at_ms``.

    A cell that cannot be read is null and counted in a finding; so is a column that is missing.
    """
    frame = table.frame
    rows = len(frame)
    car = frame[spec.CAR_NUMBER].alias("car_number")
    lap = _laps(frame, car)
    keys = RowKeys(table.lines, car, lap.fill_null(0).to_numpy().astype(np.int64))
    columns = [car, lap]
    columns += [
        (frame[name] if name in frame.columns else _texts(rows)).alias(to)
        for to, name in spec.TEXTS.items()
    ]
    _remark_on_classes(frame, rows, keys, remarks)
    columns.append(_seats(frame, rows, keys, remarks))
    columns += _times(frame, rows, keys, remarks)
    columns.append(_flags(frame, rows, keys, remarks))
    columns.append(_in_pit(frame, rows, keys, remarks))
    columns += [_speed(frame, to, name, keys, remarks) for to, name in spec.SPEEDS.items()]
    columns.append(pl.Series("line", table.lines, dtype=pl.Int32))
    if spec.COUNTS["lap"] not in frame.columns:
        remarks.add(
            "lap_number_derived", Severity.WARNING, "no LAP_NUMBER; laps were counted per car"
        )
    return pl.DataFrame(columns)


def _remark_on_classes(frame: pl.DataFrame, rows: int, keys: RowKeys, remarks: Remarks) -> None:
    name = spec.TEXTS["car_class"]
    if name not in frame.columns:
        remarks.add("class_missing", Severity.NOTE, "the file has no column for classes", rows=rows)
        return
    remarks.add_rows(
        "class_missing",
        Severity.WARNING,
        "no class is stated; a car of which no row states one has none",
        (frame[name] == "").to_numpy(),
        keys,
    )


def _texts(rows: int) -> pl.Series:
    return pl.Series(np.zeros(rows, np.int8)).cast(pl.String).str.replace("0", "")


def _laps(frame: pl.DataFrame, car: pl.Series) -> pl.Series:
    name = spec.COUNTS["lap"]
    if name in frame.columns:
        return frame[name].cast(pl.Int32, strict=False).alias("lap")
    counted = car.to_frame().select(pl.col("car_number").cum_count().over("car_number"))
    return counted.to_series().cast(pl.Int32).alias("lap")


def _seats(frame: pl.DataFrame, rows: int, keys: RowKeys, remarks: Remarks) -> pl.Series:
    name = spec.COUNTS["driver_seat"]
    if name not in frame.columns:
        return pl.Series("driver_seat", [None] * rows, dtype=pl.Int32)
    seats = frame[name].cast(pl.Int32, strict=False).alias("driver_seat")
    bad = (seats.is_null() & (frame[name] != "")).to_numpy()
    remarks.add_rows("bad_number", Severity.NOTE, f"{name} is no number; left empty", bad, keys)
    return seats


def _times(frame: pl.DataFrame, rows: int, keys: RowKeys, remarks: Remarks) -> list[pl.Series]:
    sources = {to: _time_column(frame, name) for to, name in spec.TIMES.items()}
    found = {to: name for to, name in sources.items() if name is not None}
    read = dict(zip(found, read_times([frame[name] for name in found.values()]), strict=True))
    columns = []
    for to in spec.TIMES:
        if to not in read:
            columns.append(pl.Series(to, [None] * rows, dtype=pl.Int64))
            continue
        columns.append(_time_series(to, found[to], read[to], keys, remarks))
    return columns


def _time_column(frame: pl.DataFrame, name: str) -> str | None:
    for candidate in (name, f"{name}_LARGE", f"{name}_SECONDS"):
        if candidate in frame.columns:
            return candidate
    return None


def _time_series(
    to: str, name: str, read: TimeColumn, keys: RowKeys, remarks: Remarks
) -> pl.Series:
    absurd = read.known & ((read.ms < 0) | (read.ms > LONGEST_MS))
    known = read.known & ~absurd
    if to in ("s1_ms", "s2_ms", "s3_ms", "pit_lane_ms"):
        known &= read.ms > 0
    remarks.add_rows("bad_time", Severity.WARNING, f"{name} is no time; left empty", read.bad, keys)
    remarks.add_rows(
        "absurd_time",
        Severity.WARNING,
        f"{name} is negative or longer than four days; left empty",
        absurd,
        keys,
    )
    return nullable(to, read.ms, known)


def nullable(name: str, values: npt.NDArray[np.int64], known: npt.NDArray[np.bool_]) -> pl.Series:
    """An Int64 column of ``values`` that is null where they are not ``known``."""
    series = pl.Series(name, values, dtype=pl.Int64)
    if known.all():
        return series
    return (
        series.to_frame()
        .select(pl.when(pl.lit(pl.Series("known", known))).then(pl.col(name)).alias(name))
        .to_series()
    )


def _flags(frame: pl.DataFrame, rows: int, keys: RowKeys, remarks: Remarks) -> pl.Series:
    if spec.FLAG not in frame.columns:
        remarks.add("no_flags", Severity.NOTE, "the file has no flag column; flags are inferred")
        return pl.Series("flag", [None] * rows, dtype=pl.String)
    codes = frame[spec.FLAG]
    words = {code: flag.value for code, flag in spec.FLAGS.items()}
    flags = codes.replace_strict(words, default=None, return_dtype=pl.String).alias("flag")
    unknown = (flags.is_null() & (codes != "")).to_numpy()
    if unknown.any():
        odd = sorted(set(codes.filter(pl.Series(unknown)).head(1000).to_list()))[:5]
        text = f"unknown flag codes ({', '.join(c[:12] for c in odd)}); the flag is left empty"
        remarks.add_rows("unknown_flag", Severity.WARNING, text, unknown, keys)
    empty = (codes == "").to_numpy()
    remarks.add_rows("flag_missing", Severity.NOTE, "no flag is stated", empty, keys)
    return flags


def _in_pit(frame: pl.DataFrame, rows: int, keys: RowKeys, remarks: Remarks) -> pl.Series:
    if spec.IN_PIT not in frame.columns:
        remarks.add("no_pit_marker", Severity.WARNING, f"no {spec.IN_PIT}; in-laps cannot be told")
        return pl.Series("in_pit", np.zeros(rows, np.bool_))
    marks = frame[spec.IN_PIT]
    in_pit = (marks == spec.IN_PIT_MARKER).alias("in_pit")
    odd = ((marks != "") & ~in_pit).to_numpy()
    remarks.add_rows(
        "unknown_pit_marker", Severity.WARNING, f"{spec.IN_PIT} is neither B nor empty", odd, keys
    )
    return in_pit


def _speed(frame: pl.DataFrame, to: str, name: str, keys: RowKeys, remarks: Remarks) -> pl.Series:
    if name not in frame.columns:
        return pl.Series(to, [None] * len(frame), dtype=pl.Float64)
    text = frame[name]
    speed = text.cast(pl.Float64, strict=False)
    if (speed.is_null() & (text != "")).any():
        speed = text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    odd = ~(speed.is_between(0.0, FASTEST_KMH).fill_null(value=False)) & (text != "")
    if remarks.add_rows(
        "bad_number", Severity.NOTE, f"{name} is no speed; left empty", odd.to_numpy(), keys
    ):
        speed = speed.to_frame("v").select(pl.when(~odd).then(pl.col("v"))).to_series()
    return speed.alias(to)
