"""Where the rows of a field end: cars that all end at once while others race on."""

from __future__ import annotations

import numpy as np
import polars as pl

from dryline.domain.clock_text import format_clock
from dryline.domain.finding import Severity
from dryline.feeds.alkamel.chains import ints
from dryline.feeds.alkamel.chequered import began_together
from dryline.feeds.remarks import Mask, Remarks, RowKeys

_WINDOW = 1.5  # usual laps, within which cars end together
_MANY = 0.4  # of the cars then running; in 238 files no more than 0.22 retire within the window
_FEWEST = 3  # cars; two may well run into one another
_RACED_ON = 4  # crossings of one car after that; a slow finish and two laps to cool down are three


def remark_field_ends_early(rows: pl.DataFrame, remarks: Remarks) -> None:
    """A large part of the field that ends on the track, unflagged, long before the last crossing.

    ``rows`` are in order of car and lap. One car that ends so may have retired; many did not.
    """
    if rows.is_empty() or not began_together(rows):
        return
    within = _largest_group(rows)
    if not within.any():
        return
    last = _last_of_car(rows)
    elapsed = ints(rows["elapsed_ms"])
    running = int(np.count_nonzero(last & (elapsed >= elapsed[within].min())))
    remarks.add_rows(
        "field_ends_early",
        Severity.WARNING,
        f"{np.count_nonzero(within)} of {running} cars end at about "
        f"{format_clock(int(elapsed[within].max()))}, long before the last crossing at "
        f"{format_clock(int(elapsed.max()))}: the file may be cut",
        within,
        RowKeys(rows["line"].to_numpy(), rows["car_number"], ints(rows["lap"])),
    )


def _largest_group(rows: pl.DataFrame) -> Mask:
    """The last rows (n,) of the most cars that end together; none where too few do."""
    elapsed, last = ints(rows["elapsed_ms"]), _last_of_car(rows)
    window_ms = _WINDOW * float(np.median(ints(rows["lap_time_ms"])))
    flagged = (pl.col("flag") == "chequered").fill_null(value=False)
    stopped = rows.select(flagged.any().over("car_number") | pl.col("in_pit")).to_series()
    left = rows.select(pl.int_range(pl.len(), 0, -1).over("car_number")).to_series().to_numpy()
    raced_on_ms = elapsed[left >= _RACED_ON].max(initial=0)
    ended = last & ~stopped.to_numpy() & (elapsed < raced_on_ms)
    best = np.zeros(len(rows), np.bool_)
    for begin_ms in np.sort(elapsed[ended]).tolist():
        group = ended & (elapsed >= begin_ms) & (elapsed < begin_ms + window_ms)
        cars, running = np.count_nonzero(group), np.count_nonzero(last & (elapsed >= begin_ms))
        if cars >= max(_FEWEST, _MANY * running) and cars > np.count_nonzero(best):
            best = group
    return best


def _last_of_car(rows: pl.DataFrame) -> Mask:
    car = rows["car_number"]
    return (car != car.shift(-1)).fill_null(value=True).to_numpy()
