"""The ``*_IMPROVEMENT`` columns, as the provider computes them when the race is over.

3 marks the best of the race, 2 the best of the car, 1 (sectors only) the best of a driver in
that car; of equal times the first. First laps count in the second and third sector only, and an
in-lap neither as a lap nor in the third sector. Counted over the 48 races this gives 99.99 % of
the marks; the rest are laps that race control took away, which no file says.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

_FIRST_LAP, _IN_LAP = "first_lap", "in_lap"
_LEFT_OUT = {
    "lap_time_ms": ("LAP_IMPROVEMENT", {_FIRST_LAP, _IN_LAP}),
    "s1_ms": ("S1_IMPROVEMENT", {_FIRST_LAP}),
    "s2_ms": ("S2_IMPROVEMENT", set[str]()),
    "s3_ms": ("S3_IMPROVEMENT", {_IN_LAP}),
}


def improvements(rows: pl.DataFrame) -> dict[str, pl.Series]:
    """The four columns of marks as text, for rows in file order."""
    car = rows["car_number"].cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
    seat = rows["driver_seat"].fill_null(0).to_numpy().astype(np.int64)
    driver = car * (seat.max(initial=0) + 1) + seat
    marks = {}
    for column, (name, left_out) in _LEFT_OUT.items():
        times = rows[column].fill_null(0).to_numpy()
        counts = times > 0
        if _FIRST_LAP in left_out:
            counts &= rows["lap"].to_numpy() != 1
        if _IN_LAP in left_out:
            counts &= ~rows["in_pit"].fill_null(value=False).to_numpy()
        marks[name] = _marks(times, np.flatnonzero(counts), car, driver, sectors=column[0] == "s")
    return marks


def _marks(
    times: npt.NDArray[np.int64],
    counts: npt.NDArray[np.intp],
    car: npt.NDArray[np.int64],
    driver: npt.NDArray[np.int64],
    *,
    sectors: bool,
) -> pl.Series:
    fastest_first = counts[np.argsort(times[counts], kind="stable")]
    mark = np.zeros(len(times), np.int8)
    if sectors:
        mark[_first_of_each(fastest_first, driver)] = 1
    mark[_first_of_each(fastest_first, car)] = 2
    mark[fastest_first[:1]] = 3
    return pl.Series(mark).cast(pl.String)


def _first_of_each(
    order: npt.NDArray[np.intp], group: npt.NDArray[np.int64]
) -> npt.NDArray[np.intp]:
    return order[np.unique(group[order], return_index=True)[1]]
