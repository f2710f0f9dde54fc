"""A race in parts: suspended and resumed, with an ELAPSED that begins again in each part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl

from dryline.domain.clock_text import DAY_MS, format_clock
from dryline.domain.errors import UnreadableFile
from dryline.domain.finding import Severity
from dryline.feeds.alkamel.chains import ints
from dryline.feeds.remarks import Mask, Remarks, RowKeys

_ONE_START_MS = 2000
_LONGEST_HALT_MS = 18 * 3_600_000  # over a night; HOUR does not tell days apart
_SHARE = 0.05  # of the rows; a part is no handful of rows whose clock is wrong
_CARS = 0.3  # of the field run in each part
_REMEDY = (
    "Give two races as two files; of one race in parts, a file with the rows of all parts and "
    "their HOUR."
)

_REMEDY_OF_FILES = (
    "Name one of them instead of the folder; of one race in parts, put the rows of all, with their "
    "HOUR, into one file."
)


@dataclass(frozen=True)
class _Part:
    """The rows of one part, when its clock began (wall clock, ms), and when it was run."""

    rows: Mask
    start_ms: int
    first_ms: int
    last_ms: int


def join_parts(rows: pl.DataFrame, remarks: Remarks) -> pl.DataFrame:
    """``rows`` on one clock: a later part is set behind the first as HOUR says, laps counted on.

    Parts follow one another on the wall clock, and either the laps go on or no chequered flag has
    ended the earlier one; else they are two races and stay as they are.

    Raises:
        UnreadableFile: where nothing tells whether they are parts of one race.
    """
    parts = _parts(rows)
    return _joined(rows, parts, remarks) if len(parts) > 1 else rows


def join_part_files(rows: pl.DataFrame, behind: Sequence[int], remarks: Remarks) -> pl.DataFrame:
    """The same, where it is known behind which lines the later parts begin.

    Raises:
        UnreadableFile: where their HOUR does not tell how they follow one another, or the race was
            flagged in an earlier part and begins from lap 1 in a later one.
    """
    lines = rows["line"].to_numpy()
    which = np.searchsorted(np.asarray(behind), lines, side="left")
    parts = _parts_of_files(rows, [which == part for part in range(len(behind) + 1)], remarks.file)
    return _joined(rows, parts, remarks, are_known=True)


def _joined(
    rows: pl.DataFrame, parts: Sequence[_Part], remarks: Remarks, *, are_known: bool = False
) -> pl.DataFrame:
    last = parts[0]
    for part in parts[1:]:
        laps_on = _laps_go_on(rows, last.rows, part.rows)
        if not laps_on:
            if _was_flagged(rows, last.rows):
                if are_known:
                    raise _no_parts("a chequered flag ends one that is not the last", remarks.file)
                return rows
            if not are_known:
                _refuse_without_flags(rows, part, remarks.file)
        rows = _set_behind(rows, part, parts[0].start_ms, remarks)
        if not laps_on:
            rows = _counted_on(rows, last.rows, part.rows)
        last = _Part(last.rows | part.rows, last.start_ms, last.first_ms, part.last_ms)
    return rows


def _parts(rows: pl.DataFrame) -> list[_Part]:
    """Large groups of rows with one start each, none of which overlaps another; else none."""
    if rows["time_of_day_ms"].null_count() or len(rows) < 2:
        return []
    hour = ints(rows["time_of_day_ms"])
    start = (hour - ints(rows["elapsed_ms"])) % DAY_MS
    first_line = int(rows["line"].to_numpy().argmin())
    origin = int(start[first_line]) - _ONE_START_MS
    since, begun = (hour - origin) % DAY_MS, (start - origin) % DAY_MS
    order = np.argsort(begun, kind="stable")
    group = np.empty(len(rows), np.int64)
    group[order] = np.cumsum(np.diff(begun[order], prepend=begun[order][0]) > _ONE_START_MS)
    cars = rows["car_number"].n_unique()
    parts = []
    for number in np.flatnonzero(np.bincount(group) >= _SHARE * len(rows)).tolist():
        where = group == number
        if rows["car_number"].filter(pl.Series(where)).n_unique() >= max(2, _CARS * cars):
            begun_ms = int(np.median(begun[where]))
            parts.append(_Part(where, begun_ms, int(since[where].min()), int(since[where].max())))
    parts.sort(key=lambda part: part.first_ms)
    apart = all(one.last_ms < two.first_ms for one, two in pairwise(parts))
    return parts if apart else []


def _parts_of_files(rows: pl.DataFrame, where: Sequence[Mask], file: str) -> list[_Part]:
    """The parts by their files, in order.

    Raises:
        UnreadableFile: where HOUR does not say when each began, they overlap, or other cars ran.
    """
    if rows["time_of_day_ms"].null_count() or rows["elapsed_ms"].null_count():
        raise _no_parts("not every row has an HOUR and an ELAPSED", file)
    elapsed = ints(rows["elapsed_ms"])
    start = (ints(rows["time_of_day_ms"]) - elapsed) % DAY_MS
    origin, parts = None, []
    for part in where:
        if not part.any():
            raise _no_parts("one holds no usable row", file)
        origin = int(np.median(start[part])) - _ONE_START_MS if origin is None else origin
        begun = (start[part] - origin) % DAY_MS
        begun_ms = int(np.median(begun))
        if (np.abs(begun - begun_ms) > _ONE_START_MS).mean() > _SHARE:
            raise _no_parts("HOUR and ELAPSED of one do not tell when it began", file)
        first, last = int(elapsed[part].min()), int(elapsed[part].max())
        parts.append(_Part(part, begun_ms, begun_ms + first, begun_ms + last))
    halts_ms = [two.first_ms - one.last_ms for one, two in pairwise(parts)]
    if not all(0 < halt_ms < _LONGEST_HALT_MS for halt_ms in halts_ms):
        raise _no_parts("by their HOUR they overlap, or are in another order", file)
    seen: set[str] = set()
    for part in where:
        cars = set(rows["car_number"].filter(pl.Series(part)))
        if seen and len(cars & seen) * 2 < min(len(cars), len(seen)):
            raise _no_parts("other cars run in one than before", file)
        seen |= cars
    return parts


def _no_parts(why: str, file: str) -> UnreadableFile:
    return UnreadableFile(
        f"the parts of the race cannot be joined: {why}", file=file, remedy=_REMEDY_OF_FILES
    )


def _laps_go_on(rows: pl.DataFrame, early: Mask, late: Mask) -> bool:
    """Whether most cars' lap numbers in the later part are above those of the earlier one."""
    ends = rows.filter(pl.Series(early)).group_by("car_number").agg(end=pl.col("lap").max())
    begins = rows.filter(pl.Series(late)).group_by("car_number").agg(begin=pl.col("lap").min())
    both = ends.join(begins, on="car_number")
    return both.height > 0 and bool((both["begin"] > both["end"]).mean() > 0.5)  # type: ignore[operator]


def _was_flagged(rows: pl.DataFrame, early: Mask) -> bool:
    return bool((rows["flag"].filter(pl.Series(early)) == "chequered").any())


def _refuse_without_flags(rows: pl.DataFrame, part: _Part, file: str) -> None:
    if rows["flag"].null_count() < len(rows):
        return
    line = int(rows["line"].filter(pl.Series(part.rows)).min())  # type: ignore[arg-type]
    raise UnreadableFile(
        "ELAPSED and LAP_NUMBER begin again here and the file has no flags: two races, or two "
        "parts of one",
        file=file,
        line=line,
        remedy=_REMEDY,
    )


def _set_behind(rows: pl.DataFrame, part: _Part, start_ms: int, remarks: Remarks) -> pl.DataFrame:
    later = part.start_ms - start_ms
    if later <= _ONE_START_MS:
        return rows
    remarks.add_rows(
        "clock_begins_again",
        Severity.WARNING,
        f"ELAPSED begins again though HOUR goes on: a part of the race that was resumed, set "
        f"{format_clock(later)} behind the first as HOUR says, laps counted on",
        part.rows,
        RowKeys(rows["line"].to_numpy(), rows["car_number"], ints(rows["lap"])),
    )
    elapsed = ints(rows["elapsed_ms"]) + np.where(part.rows, later, 0)
    return rows.with_columns(elapsed_ms=pl.Series(elapsed))


def _counted_on(rows: pl.DataFrame, early: Mask, late: Mask) -> pl.DataFrame:
    """The later part's laps counted on from each car's last lap in the earlier one."""
    flagged = rows.with_columns(early=pl.Series(early), late=pl.Series(late))
    done = pl.when("early").then("lap").max().over("car_number").fill_null(0)
    lap = pl.col("lap") + pl.when("late").then(done).otherwise(0)
    return flagged.with_columns(lap=lap.cast(pl.Int32)).drop("early", "late")
