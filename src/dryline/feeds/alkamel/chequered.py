"""The chequered flag, which each car takes once: what stands behind it was not raced."""

from __future__ import annotations

import numpy as np
import polars as pl

from dryline.domain.finding import Severity
from dryline.feeds.alkamel.chains import Ints, car_codes, ints
from dryline.feeds.remarks import Mask, Remarks, RowKeys

_SLIPS = 2  # flags that are wrong by a slip; more are another meaning of the code
_SLOWEST = 2.5  # times the usual lap; slower ones are repairs
_RUNNING = 1.5  # laps; a car that crossed the line later than this before the finish ran then
_TAKEN = 1 / 3  # of the field at least takes the flag in a file of a whole race
_NEARLY_ALL = 0.8
_COOL_DOWN = 2  # laps behind the flag; more are another meaning of the flag


def without_cool_down(rows: pl.DataFrame, remarks: Remarks) -> pl.DataFrame:
    """``rows`` (in order of car and lap) without laps behind a car's chequered flag.

    A chequered flag after which others race on is none: it is left empty.
    """
    flagged = (rows["flag"] == "chequered").fill_null(value=False).to_numpy()
    if not flagged.any():
        return rows
    code, elapsed = car_codes(rows), ints(rows["elapsed_ms"])
    early = flagged & (elapsed < _finish_ms(elapsed, flagged))
    if 0 < np.count_nonzero(early) <= _SLIPS:
        remarks.add_rows(
            "flag_impossible",
            Severity.WARNING,
            "a chequered flag after which the others race on; the flag is left empty",
            early,
            _keys(rows),
        )
        rows = rows.with_columns(flag=pl.when(pl.Series(~early)).then(pl.col("flag")))
        flagged &= ~early
    behind = _behind_the_flag(code, flagged)
    field, cars, cooled = (len(np.unique(code[where])) for where in (slice(None), flagged, behind))
    if cars < _TAKEN * field:
        return rows  # a flag that hardly anybody took ends nobody's race
    remarks.add_rows(
        "after_the_flag",
        Severity.NOTE if cooled * 2 >= cars else Severity.WARNING,
        "a lap behind the car's chequered flag, not raced; set aside",
        behind,
        _keys(rows),
    )
    return rows.filter(pl.Series(~behind)) if behind.any() else rows


def remark_flag_not_taken(rows: pl.DataFrame, remarks: Remarks) -> None:
    """Cars that were running when the race was won and took no flag.

    They stopped there, or the file lacks their last row: it cannot tell which.
    """
    flagged = rows.filter(pl.col("flag") == "chequered")
    if flagged.is_empty() or not _is_raced(rows, flagged):
        return
    finish_ms = int(ints(flagged["elapsed_ms"]).min())
    lap_time = pl.col("lap_time_ms")
    usual = lap_time.median().over("car_number").clip(upper_bound=_SLOWEST * lap_time.median())
    pace = lap_time.clip(usual, _SLOWEST * usual)  # it may end behind a safety car
    cars = rows.select(
        last=pl.col("lap") == pl.col("lap").max().over("car_number"),
        behind=(finish_ms - pl.col("elapsed_ms")) / pace,
        without=(pl.col("flag") == "chequered").any().over("car_number").not_(),
        in_pit="in_pit",
    )
    ran = pl.col("last") & pl.col("without") & ~pl.col("in_pit") & (pl.col("behind") < _RUNNING)
    where = cars.select(ran).to_series().fill_null(value=False).to_numpy()
    if np.count_nonzero(where) > _SLIPS:
        return  # not every finisher takes the flag in this file
    remarks.add_rows(
        "flag_not_taken",
        Severity.WARNING,
        "the car's last row, though it ran at the finish: it stopped, or its last row is missing",
        where,
        _keys(rows),
    )


def began_together(rows: pl.DataFrame) -> bool:
    """Whether nearly all cars ended their first lap within two laps, as in a race."""
    starts = ints(rows["elapsed_ms"])[ints(rows["lap"]) == 1]
    typical_ms = float(np.median(ints(rows["lap_time_ms"])))
    return bool(len(starts)) and bool(
        np.mean(starts < starts.min() + 2 * typical_ms) >= _NEARLY_ALL
    )


def _is_raced(rows: pl.DataFrame, flagged: pl.DataFrame) -> bool:
    """Whether the field began within two laps, and the flag fell for a car that led."""
    if not began_together(rows):
        return False
    elapsed, lap = ints(rows["elapsed_ms"]), ints(rows["lap"])
    first = flagged.sort("elapsed_ms").row(0, named=True)
    return bool(first["lap"] > lap[elapsed < first["elapsed_ms"]].max(initial=0))


def _keys(rows: pl.DataFrame) -> RowKeys:
    return RowKeys(rows["line"].to_numpy(), rows["car_number"], ints(rows["lap"]))


def _behind_the_flag(code: Ints, flagged: Mask) -> Mask:
    """The one or two rows of a car behind its first flagged one; none where there are more."""
    first = np.concatenate([[True], code[1:] != code[:-1]])
    at_first = np.maximum.accumulate(np.where(first, np.arange(len(code)), 0))
    taken: Ints = np.cumsum(flagged) - flagged
    behind: Mask = taken > taken[at_first]
    return behind & (np.bincount(code, behind)[code] <= _COOL_DOWN)


def _finish_ms(elapsed: Ints, flagged: Mask) -> int:
    """The first flagged crossing behind which nearly all crossings are flagged."""
    order = np.argsort(elapsed, kind="stable")
    flags = flagged[order].astype(np.int64)
    left = np.cumsum(flags[::-1])[::-1]
    rows_left = np.arange(len(order), 0, -1)
    candidates = np.flatnonzero((flags == 1) & (left >= _NEARLY_ALL * rows_left))
    return int(elapsed[order[candidates[0]]]) if len(candidates) else 0
