"""Two rows for one lap of one car: a duplicate, a correction, or a second race in the file."""

from __future__ import annotations

import numpy as np
import polars as pl

from dryline.domain.clock_text import DAY_MS
from dryline.domain.errors import UnreadableFile
from dryline.domain.finding import Severity
from dryline.feeds.alkamel.chains import car_codes, ints
from dryline.feeds.remarks import Mask, Remarks, RowKeys

_CLOCK_MS = 2000  # starts closer than this are one start
_CONFLICTS = 3  # from so many on, and a share of them, doubles mean a second race
_SHARE = 0.5
_LEAST_KEPT = 0.25  # of the rows; a race of fewer is none that was asked for


def one_race(rows: pl.DataFrame, remarks: Remarks) -> pl.DataFrame:
    """``rows`` without equal ones, and of one race.

    Where most laps of a car stand twice with different times there are two races in the file: the
    one with the longest elapsed time is kept.

    Raises:
        UnreadableFile: where that would be less than a quarter of the rows.
    """
    rows = _in_order_of_lap(rows)
    if not _doubled(rows).any():
        return rows
    rows = _drop_equal(rows, remarks)
    conflicts = _doubled(rows)
    race = _race_of_each_row(rows, conflicts) if conflicts.any() else None
    return rows if race is None else _longest_race(rows, race, remarks)


def keep_corrections(rows: pl.DataFrame, remarks: Remarks) -> pl.DataFrame:
    """``rows`` (in order of car, lap, line) with one row for each lap of each car.

    Of rows that contradict each other the later line is kept, as a correction.
    """
    conflicts = _doubled(rows)
    if not conflicts.any():
        return rows
    earlier = np.append(conflicts[1:], False)
    remarks.add_rows(
        "lap_corrected",
        Severity.WARNING,
        "the car and lap stand twice with different times; the later line is kept",
        earlier,
        _keys(rows),
    )
    return rows.filter(pl.Series(~earlier))


def _in_order_of_lap(rows: pl.DataFrame) -> pl.DataFrame:
    return rows[np.lexsort((rows["line"].to_numpy(), ints(rows["lap"]), car_codes(rows)))]


def _keys(rows: pl.DataFrame) -> RowKeys:
    return RowKeys(rows["line"].to_numpy(), rows["car_number"], rows["lap"].to_numpy())


def _doubled(rows: pl.DataFrame) -> Mask:
    """Where the row above is of the same car and lap."""
    lap = rows["lap"].to_numpy()
    double = np.zeros(len(rows), np.bool_)
    double[1:] = lap[1:] == lap[:-1]
    if double.any():
        car = rows["car_number"]
        double &= (car == car.shift(1)).fill_null(value=False).to_numpy()
    return double


def _drop_equal(rows: pl.DataFrame, remarks: Remarks) -> pl.DataFrame:
    first = rows.select(pl.struct(pl.exclude("line")).is_first_distinct()).to_series().to_numpy()
    remarks.add_rows(
        "duplicate_row", Severity.NOTE, "the same row again; set aside", ~first, _keys(rows)
    )
    return rows.filter(pl.Series(first))


def _race_of_each_row(rows: pl.DataFrame, conflicts: Mask) -> pl.Series | None:
    """A race's number per row where the doubles say that there is more than one race."""
    cars = (
        rows.with_columns(double=pl.Series(conflicts))
        .group_by("car_number")
        .agg(doubles=pl.col("double").sum(), laps=pl.col("lap").n_unique())
    )
    suspect = cars.filter(
        (pl.col("doubles") >= _CONFLICTS) & (pl.col("doubles") >= _SHARE * pl.col("laps"))
        | (pl.col("doubles") == pl.col("laps"))
    )
    if suspect["doubles"].sum() < _CONFLICTS:
        return None
    by_clock = _by_start_of_day(rows)
    if by_clock is not None or suspect.height * 2 < cars.height:
        return by_clock
    in_file = rows.with_row_index("at").sort("line")
    restarts = (pl.col("lap") <= pl.col("lap").shift(1)).fill_null(value=False).cast(pl.Int32)
    numbered = in_file.with_columns(race=restarts.cum_sum().over("car_number"))
    race = numbered.sort("at")["race"]
    return race if race.n_unique() > 1 else None


def _by_start_of_day(rows: pl.DataFrame) -> pl.Series | None:
    """Races told apart by the wall clock of their starts; ``None`` where all started together."""
    if rows["time_of_day_ms"].null_count():
        return None
    start = (rows["time_of_day_ms"] - rows["elapsed_ms"]).to_numpy() % DAY_MS
    order = np.argsort(start, kind="stable")
    new = np.diff(start[order], prepend=start[order][0]) > _CLOCK_MS
    race = np.empty(len(rows), np.int32)
    race[order] = np.cumsum(new)
    if not new.any():
        return None
    sizes = np.bincount(race)
    return pl.Series("race", race) if np.sort(sizes)[-2] >= _CONFLICTS else None


def _longest_race(rows: pl.DataFrame, race: pl.Series, remarks: Remarks) -> pl.DataFrame:
    numbered = rows.with_columns(race=race)
    lengths = (
        numbered.group_by("race")
        .agg(length=pl.col("elapsed_ms").max(), laps=pl.len())
        .sort("length", "laps", "race", descending=[True, True, False])
    )
    other = (numbered["race"] != lengths["race"][0]).to_numpy()
    if lengths["laps"][0] < _LEAST_KEPT * len(rows):
        raise UnreadableFile(
            f"{len(lengths)} races would stand in it, the longest with {lengths['laps'][0]} of "
            f"{len(rows)} rows: NUMBER, LAP_NUMBER or ELAPSED is not that of the laps",
            file=remarks.file,
            remedy="Give a file of one race, as downloaded.",
        )
    remarks.add_rows(
        "two_races",
        Severity.WARNING,
        f"{len(lengths)} races stand in one file; the longest is kept, the other rows set aside",
        other,
        _keys(rows),
    )
    return rows.filter(pl.Series(~other))
