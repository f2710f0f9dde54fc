"""Laps whose times were taken away, as the provider's marks of best laps tell. Pure.

In practice and qualifying the file still holds such a lap, but marks a slower one as the car's
best (``LAP_IMPROVEMENT`` 2; 3 or 4 of the whole session), or none at all. The marks are made when
the session is over: they are read of whole files only. Measured on 212 sessions: the marks name
the official best lap of 7,679 of 7,684 cars, the quickest lap that could count that of 7,573.
"""

from __future__ import annotations

import polars as pl

from dryline.domain.finding import LAP_TAKEN_AWAY, Finding, Severity
from dryline.feeds.alkamel import spec
from dryline.feeds.remarks import Remarks
from dryline.feeds.text_table import read_table

_MARK = spec.IMPROVEMENTS[0]
_BEST = ["2", "3", "4"]


def laps_taken_away(data: bytes, name: str, timed: pl.DataFrame) -> tuple[Finding, ...]:
    """One finding for each lap that was quicker than the one its car was given as its best.

    Args:
        data: the lap file.
        name: its name, for the findings.
        timed: its crossings whose times could count.
    """
    table = read_table(
        data, name, Remarks(name), spec.is_laps_header, wanted=lambda column, _: column == _MARK
    )
    if _MARK not in table.frame.columns:
        return ()
    lines = pl.Series("line", table.lines, dtype=pl.Int32)
    best = table.frame.with_columns(lines).filter(pl.col(_MARK).str.strip_chars().is_in(_BEST))
    if best.is_empty():
        return ()
    marked = timed.join(best, on="line").group_by("car_number").agg(pl.col("lap_time_ms").min())
    gone = timed.join(marked, on="car_number", how="left", suffix="_best").filter(
        pl.col("lap_time_ms_best").is_null() | (pl.col("lap_time_ms") < pl.col("lap_time_ms_best"))
    )
    return tuple(
        Finding(
            kind=LAP_TAKEN_AWAY,
            severity=Severity.NOTE,
            message="its time does not count: the timing gives the car "
            + ("no best lap" if row["lap_time_ms_best"] is None else "a slower one as its best"),
            file=name,
            line=row["line"],
            car_number=row["car_number"],
            lap=row["lap"],
        )
        for row in gone.sort("line").iter_rows(named=True)
    )
