"""What other programs leave in a lap file that they saved: fractions, hours and zeros gone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.domain.clock_text import format_clock
from dryline.domain.errors import UnreadableFile
from dryline.domain.finding import Finding, Severity
from dryline.feeds.alkamel import spec
from dryline.feeds.alkamel.chains import ints, step_ms
from dryline.feeds.remarks import Remarks
from dryline.feeds.text_table import TextTable

AS_DOWNLOADED = "Give the file as downloaded."
MOST_SET_ASIDE = 0.1  # of the rows; the worst real file that is one race loses 2 %
Lines = npt.NDArray[np.int32]
_FEW = 5  # rows; in a small file they are no share
_HOUR_MS = 3_600_000
_UNUSABLE = {
    "row_width", "line_too_long", "no_car_number", "bad_lap_number", "no_elapsed", "no_lap_time",
    "elapsed_backwards", "lap_impossible",
}  # fmt: skip
_CELL = {"bad_lap_number": "LAP_NUMBER", "no_elapsed": "ELAPSED", "no_lap_time": "LAP_TIME"}
_SHOWN = 40  # letters of a cell
_STEPS = {1000: "whole seconds", 100: "tenths of a second", 10: "hundredths of a second"}


def said_in_steps(rows: pl.DataFrame, remarks: Remarks) -> int:
    """The step of ELAPSED in ms; one that is coarser than 1 ms becomes a finding."""
    step = step_ms(ints(rows["elapsed_ms"]))
    if step > 1:
        remarks.add(
            "times_rounded",
            Severity.WARNING,
            f"all times are {_STEPS[step]}",
            rows=len(rows),
            remedy="Gaps are no finer, and cars that cross within one step may stand in the wrong "
            f"order. Saved by a spreadsheet? {AS_DOWNLOADED}",
        )
    return step


def without_decimals(frame: pl.DataFrame, lines: Lines, remarks: Remarks) -> pl.DataFrame:
    """``frame`` with ``12.0`` read as ``12`` in columns of numbers in which all are so."""
    names = [name for name in (spec.CAR_NUMBER, *spec.COUNTS.values()) if name in frame.columns]
    names = [name for name in names if _in_decimals(frame[name])]
    if not names:
        return frame
    remarks.add(
        "numbers_as_decimals",
        Severity.NOTE,
        f"{', '.join(names)} written as decimals (12.0), as other programs save them; read as 12",
        line=int(lines[0]),
        rows=len(frame),
    )
    return frame.with_columns(pl.col(names).str.strip_suffix(".0"))


def _in_decimals(column: pl.Series) -> bool:
    if not column.len() or not column[0].endswith(".0"):
        return False
    return bool((column.str.contains(r"^\d+\.0$") | (column == "")).all())


def refuse_lost_hours(rows: pl.DataFrame, file: str) -> None:
    """Refuse an ELAPSED that never passes 60 minutes while a car's laps sum to more.

    Raises:
        UnreadableFile: naming the car and what its laps sum to.
    """
    longest = ints(rows["elapsed_ms"]).max(initial=0)
    if longest >= _HOUR_MS:
        return
    sums = rows.group_by("car_number").agg(
        pl.col("lap_time_ms").sum().alias("ms"), pl.col("elapsed_ms").max()
    )
    most = sums.sort("ms", descending=True).row(0, named=True)
    if most["ms"] < _HOUR_MS or most["ms"] < 1.5 * most["elapsed_ms"]:
        return
    raise UnreadableFile(
        f"ELAPSED never passes 60 minutes while the laps of car {most['car_number']} sum to "
        f"{format_clock(most['ms'])}; so a spreadsheet saves times",
        file=file,
        remedy=AS_DOWNLOADED,
    )


def refuse_mostly_unusable(table: TextTable, rows: int, remarks: Remarks) -> None:
    """Refuse a table of which more than a tenth of the ``rows`` cannot be used.

    Raises:
        UnreadableFile: with the numbers, and what is wrong with most of them.
    """
    lost = [finding for finding in remarks.findings if finding.kind in _UNUSABLE]
    aside = sum(finding.rows for finding in lost)
    if aside <= max(_FEW, MOST_SET_ASIDE * rows):
        return
    most = max(lost, key=lambda finding: finding.rows)
    cause = most.message.removesuffix("; set aside")
    if most.kind == "row_width" and table.dialect.separator == ",":
        cause += ", as where a decimal comma stands in a file that commas separate"
    cause += _first_cell(table, most)
    raise UnreadableFile(
        f"{aside} of {rows} rows cannot be used; {most.rows} of them: {cause}",
        file=remarks.file,
        line=most.line,
        remedy=AS_DOWNLOADED,
    )


def _first_cell(table: TextTable, finding: Finding) -> str:
    """What the first cell that cannot be used says, shortened; nothing where it is empty."""
    column = _CELL.get(finding.kind)
    if column == "ELAPSED" and column not in table.frame.columns:
        column = "LAP_TIME"
    if column not in table.frame.columns:
        return ""
    cells = table.frame[column].filter(pl.Series(table.lines == finding.line)).to_list()
    text = cells[0][:_SHOWN].strip() if cells else ""
    return f"; the first says {text!r}" if text else ""
