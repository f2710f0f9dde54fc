"""Judging the rows of a lap file: what is set aside, what is odd, and how it is said."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
import polars as pl

from dryline.domain.finding import Severity
from dryline.feeds.alkamel.cells import MOST_LAPS
from dryline.feeds.alkamel.chains import Ints, car_codes, ints
from dryline.feeds.alkamel.chequered import remark_flag_not_taken, without_cool_down
from dryline.feeds.alkamel.cross_check import CrossCheck
from dryline.feeds.alkamel.doubles import keep_corrections, one_race
from dryline.feeds.alkamel.field_ends import remark_field_ends_early
from dryline.feeds.alkamel.lap_zero import raced_below_one
from dryline.feeds.alkamel.parts import join_part_files, join_parts
from dryline.feeds.alkamel.saved_again import refuse_lost_hours, said_in_steps
from dryline.feeds.alkamel.shared_numbers import keep_apart
from dryline.feeds.alkamel.start_clock import StartClock
from dryline.feeds.remarks import Mask, Remarks, RowKeys

SECTOR_TOLERANCE_MS = 1
CLOCK_TOLERANCE_MS = 1000


def check_laps(
    cells: pl.DataFrame,
    remarks: Remarks,
    *,
    has_elapsed: bool,
    parts_behind: Sequence[int] = (),
) -> pl.DataFrame:
    """The usable rows of ``cells``, ordered by elapsed, then line; oddities become findings.

    ``parts_behind`` are the lines behind which a later part of the race begins.

    Raises:
        UnreadableFile: where what the rows say cannot be one race.
    """
    rows = _set_aside_unplaced(cells, remarks, has_elapsed=has_elapsed)
    rows = _by_car_and_lap(rows)
    if parts_behind:
        rows = _by_car_and_lap(join_part_files(rows, parts_behind, remarks))
    if not has_elapsed:
        rows = _running_sum(rows, remarks)
    step = said_in_steps(rows, remarks) if has_elapsed else 1
    if not _is_sound(rows):
        rows = _one_sound_race(rows, remarks, step if step > 1 else 0, has_elapsed=has_elapsed)
    if rows.is_empty():
        return rows
    _remark_order(rows, remarks)
    rows = _set_aside_backwards(rows, remarks)
    rows = _complete_lap_times(rows, remarks)
    rows = _one_class(rows, remarks)
    rows = without_cool_down(rows, remarks)
    remark_flag_not_taken(rows, remarks)
    remark_field_ends_early(rows, remarks)
    _remark_sectors(rows, remarks, SECTOR_TOLERANCE_MS if step == 1 else 4 * step)
    _remark_sequence(rows, remarks, 0 if step == 1 else step)
    _remark_clock(rows, remarks)
    return rows.sort("elapsed_ms", "line")


def _is_sound(rows: pl.DataFrame) -> bool:
    """Whether each car's laps count from 1 and ELAPSED grows by the lap time, in every row."""
    step, known = _steps(rows)
    return bool(known.all() and (step == ints(rows["lap_time_ms"])).all())


def _one_sound_race(
    rows: pl.DataFrame, remarks: Remarks, tolerance_ms: int, *, has_elapsed: bool
) -> pl.DataFrame:
    """Rows in order of car, lap, line, of one race on one clock, with what is wrong put right."""
    if not has_elapsed:
        return keep_corrections(one_race(rows, remarks), remarks)
    rows = join_parts(rows, remarks)
    if not tolerance_ms:
        rows = CrossCheck(rows, remarks, tolerance_ms).counted()
    rows = _set_aside_unnumbered(rows, remarks)
    rows = keep_apart(one_race(rows, remarks), remarks, tolerance_ms)
    refuse_lost_hours(rows, remarks.file)
    rows = CrossCheck(rows, remarks, tolerance_ms).run()
    return keep_corrections(_by_car_and_lap(rows), remarks)


def _keys(rows: pl.DataFrame) -> RowKeys:
    return RowKeys(rows["line"].to_numpy(), rows["car_number"], ints(rows["lap"]))


def _drop(rows: pl.DataFrame, where: Mask) -> pl.DataFrame:
    return rows.filter(pl.Series(~where)) if where.any() else rows


def _set_aside_unplaced(
    cells: pl.DataFrame, remarks: Remarks, *, has_elapsed: bool
) -> pl.DataFrame:
    lap = ints(cells["lap"])
    no_car = (cells["car_number"] == "").to_numpy()
    no_lap = (lap < 1) | (lap > MOST_LAPS)
    if has_elapsed:
        no_lap &= ~raced_below_one(cells)
    place = cells["elapsed_ms" if has_elapsed else "lap_time_ms"]
    no_time = place.is_null().to_numpy() | (ints(place) <= 0)
    keys = _keys(cells)
    warn = Severity.WARNING
    remarks.add_rows("no_car_number", warn, "no car number; set aside", no_car, keys)
    remarks.add_rows("bad_lap_number", warn, "no lap number; set aside", no_lap & ~no_car, keys)
    what = "ELAPSED" if has_elapsed else "LAP_TIME"
    remarks.add_rows(
        "no_elapsed",
        warn,
        f"no usable {what}, so the crossing cannot be placed; set aside",
        no_time & ~no_lap & ~no_car,
        keys,
    )
    return _drop(cells, no_car | no_lap | no_time)


def _set_aside_unnumbered(rows: pl.DataFrame, remarks: Remarks) -> pl.DataFrame:
    """``rows`` without those whose lap number is still below 1 when the laps were counted."""
    no_lap = ints(rows["lap"]) < 1
    remarks.add_rows(
        "bad_lap_number", Severity.WARNING, "no lap number; set aside", no_lap, _keys(rows)
    )
    return _drop(rows, no_lap)


def _by_car_and_lap(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in order of car (as the cars first appear), lap, line."""
    code, lap = car_codes(rows), ints(rows["lap"])
    same = code[1:] == code[:-1]
    if (~same).sum() + 1 == len(np.unique(code)) and not (same & (lap[1:] < lap[:-1])).any():
        return rows
    return rows[np.lexsort((rows["line"].to_numpy(), lap, code))]


def _remark_order(rows: pl.DataFrame, remarks: Remarks) -> None:
    code, line = car_codes(rows), rows["line"].to_numpy()
    back = np.zeros(len(rows), np.bool_)
    back[1:] = (code[1:] == code[:-1]) & (line[1:] < line[:-1])
    remarks.add_rows(
        "rows_out_of_order",
        Severity.NOTE,
        "a car's rows are not in the order of its laps; they were sorted",
        back,
        _keys(rows),
    )


def _running_sum(rows: pl.DataFrame, remarks: Remarks) -> pl.DataFrame:
    remarks.add(
        "elapsed_derived",
        Severity.WARNING,
        "no ELAPSED column; elapsed is the running sum of lap times",
    )
    return rows.with_columns(elapsed_ms=pl.col("lap_time_ms").cum_sum().over("car_number"))


def _set_aside_backwards(rows: pl.DataFrame, remarks: Remarks) -> pl.DataFrame:
    code, elapsed = car_codes(rows), ints(rows["elapsed_ms"])
    back = (code[1:] == code[:-1]) & (elapsed[1:] <= elapsed[:-1])
    if not back.any():
        return rows
    aside = np.zeros(len(rows), np.bool_)
    for car in np.unique(code[1:][back]):
        at = np.flatnonzero(code == car)
        kept = _longest_rise(elapsed[at].tolist())
        aside[np.delete(at, kept)] = True
    remarks.add_rows(
        "elapsed_backwards",
        Severity.WARNING,
        "ELAPSED runs backwards against the car's other laps; set aside",
        aside,
        _keys(rows),
    )
    return _drop(rows, aside)


def _longest_rise(values: list[int]) -> list[int]:
    """Positions of the longest strictly rising run of ``values``, in O(n log n)."""
    tails: list[int] = []
    at: list[int] = []
    before = [-1] * len(values)
    for i, value in enumerate(values):
        place = bisect_left(tails, value)
        before[i] = at[place - 1] if place else -1
        if place == len(tails):
            tails.append(value)
            at.append(i)
        else:
            tails[place], at[place] = value, i
    kept, i = [], at[-1]
    while i >= 0:
        kept.append(i)
        i = before[i]
    return kept[::-1]


def _steps(rows: pl.DataFrame) -> tuple[Ints, Mask]:
    """Elapsed since the car's previous lap, and where that lap is there (or it is lap 1)."""
    code, lap, elapsed = car_codes(rows), ints(rows["lap"]), ints(rows["elapsed_ms"])
    follows = np.zeros(len(rows), np.bool_)
    follows[1:] = (code[1:] == code[:-1]) & (lap[1:] == lap[:-1] + 1)
    step = np.where(lap == 1, elapsed, np.diff(elapsed, prepend=0))
    return step, follows | (lap == 1)


def _complete_lap_times(rows: pl.DataFrame, remarks: Remarks) -> pl.DataFrame:
    lap_time = ints(rows["lap_time_ms"])
    missing = rows["lap_time_ms"].is_null().to_numpy() | (lap_time <= 0)
    if not missing.any():
        return rows
    step, known = _steps(rows)
    keys = _keys(rows)
    remarks.add_rows(
        "lap_time_derived",
        Severity.WARNING,
        "no usable LAP_TIME; it is the difference in ELAPSED",
        missing & known,
        keys,
    )
    lost = missing & ~known
    remarks.add_rows("no_lap_time", Severity.WARNING, "no usable LAP_TIME; set aside", lost, keys)
    filled = np.where(missing, step, lap_time)
    return _drop(rows.with_columns(pl.Series("lap_time_ms", filled)), lost)


def _one_class(rows: pl.DataFrame, remarks: Remarks) -> pl.DataFrame:
    code = car_codes(rows)
    names = rows["car_class"].cast(pl.Categorical).to_physical().to_numpy()
    change = (code[1:] == code[:-1]) & (names[1:] != names[:-1])
    if not change.any():
        return rows
    usual = rows.group_by("car_number").agg(
        usual=pl.col("car_class").filter(pl.col("car_class") != "").drop_nulls().mode(
            maintain_order=True
        ).first().fill_null("")
    )  # fmt: skip
    rows = rows.join(usual, on="car_number", how="left", maintain_order="left")
    remarks.add_rows(
        "class_change",
        Severity.WARNING,
        "the car's CLASS changes within the race; that of most of its laps is kept",
        ((rows["car_class"] != rows["usual"]) & (rows["car_class"] != "")).to_numpy(),
        _keys(rows),
    )
    return rows.with_columns(car_class=pl.col("usual")).drop("usual")


def _remark_sectors(rows: pl.DataFrame, remarks: Remarks, tolerance_ms: int) -> None:
    sectors = [rows[f"s{i}_ms"] for i in (1, 2, 3)]
    if all(sector.null_count() == len(rows) for sector in sectors):
        remarks.add("no_sectors", Severity.NOTE, "the file states no sector times")
        return
    missing = np.zeros(len(rows), np.bool_)
    for sector in sectors:
        if sector.null_count():
            missing |= sector.is_null().to_numpy()
    keys = _keys(rows)
    remarks.add_rows(
        "sector_missing", Severity.NOTE, "a sector time is missing or 0; left empty", missing, keys
    )
    total = ints(sectors[0]) + ints(sectors[1]) + ints(sectors[2])
    off = np.abs(total - ints(rows["lap_time_ms"])) > tolerance_ms
    remarks.add_rows(
        "sectors_do_not_sum",
        Severity.WARNING,
        "the three sectors do not sum to the lap time; all are kept as stated",
        off & ~missing,
        keys,
    )


def _remark_sequence(rows: pl.DataFrame, remarks: Remarks, tolerance_ms: int) -> None:
    step, known = _steps(rows)
    keys = _keys(rows)
    off = known & (np.abs(step - ints(rows["lap_time_ms"])) > tolerance_ms)
    remarks.add_rows(
        "elapsed_not_running_sum",
        Severity.WARNING,
        "ELAPSED does not grow by the lap time; both are kept as stated",
        off,
        keys,
    )
    remarks.add_rows(
        "lap_missing", Severity.WARNING, "the lap before this one is missing", ~known, keys
    )


def _remark_clock(rows: pl.DataFrame, remarks: Remarks) -> None:
    """HOUR less ELAPSED is the start's wall clock: one value for the whole race."""
    if rows["time_of_day_ms"].null_count() == len(rows):
        return
    clock = StartClock.of(rows, CLOCK_TOLERANCE_MS)
    remarks.add_rows(
        "clock_jump",
        Severity.WARNING if clock.holds else Severity.NOTE,
        "HOUR less ELAPSED is not the start time that the other rows give; HOUR is kept as stated",
        clock.stated & (np.abs(clock.off_ms) > CLOCK_TOLERANCE_MS),
        _keys(rows),
    )
