"""The careful way through a separated text file: line by line, bad lines counted by kind."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.domain.finding import Severity
from dryline.feeds.decode import MAX_LINE
from dryline.feeds.dialect import Dialect, canonical_names
from dryline.feeds.remarks import Remarks


def split_row(row: str, separator: str) -> list[str] | None:
    """The row's cells, unquoted; ``None`` where the quotes make no sense."""
    if '"' not in row:
        return row.split(separator)
    try:
        return next(csv.reader([row], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        return None


class RowReader:
    """Reads rows line by line and counts each bad line under its kind.

    ``keep`` are the places of the wanted columns; with ``pad`` rows that are too short are filled
    up with empty cells.
    """

    def __init__(
        self,
        dialect: Dialect,
        remarks: Remarks,
        first_line: int,
        keep: list[int],
        *,
        pad: bool,
    ) -> None:
        self.pad = pad
        self.dialect, self.remarks, self.keep = dialect, remarks, keep
        self.width = len(dialect.columns)
        self.first_line = first_line
        self.header = dialect.names
        self.aside: dict[str, list[int]] = {}
        self.open_line: int | None = None

    def read(self, body: bytes) -> tuple[pl.DataFrame, npt.NDArray[np.int32], int]:
        """The usable rows as columns of text, the line of each, and how many were set aside."""
        rows, lines = [], []
        for line, cells in self._usable(body):
            rows.append([cells[i].strip() for i in self.keep])
            lines.append(line)
        names = [self.header[i] for i in self.keep]
        columns = zip(*rows, strict=True) if rows else ([] for _ in names)
        frame = pl.DataFrame(
            [pl.Series(n, list(c), dtype=pl.String) for n, c in zip(names, columns, strict=True)]
        )
        self._report()
        set_aside = sum(len(at) for kind, at in self.aside.items() if kind != "blank_lines")
        return frame, np.array(lines, dtype=np.int32), set_aside

    def _usable(self, body: bytes) -> Iterator[tuple[int, list[str]]]:
        raw = body.split(b"\n")
        ended = raw[-1] == b""
        if ended:
            raw.pop()
        for offset, row in enumerate(raw):
            line = self.first_line + offset
            unfinished = not ended and offset == len(raw) - 1
            kind, cells = self._judge(row, unfinished=unfinished)
            if kind is None:
                if unfinished and not self.dialect.trailing:
                    self.open_line = line
                yield line, cells
            else:
                self.aside.setdefault(kind, []).append(line)

    def _judge(self, row: bytes, *, unfinished: bool) -> tuple[str | None, list[str]]:
        if len(row) > MAX_LINE:
            return "line_too_long", []
        text = row.rstrip(b"\r").decode(errors="replace").lstrip("\ufeff")
        if not text.strip(f"{self.dialect.separator} \t"):
            return "blank_lines", []
        cells = split_row(text, self.dialect.separator)
        if cells is None:
            return "row_width", []
        full = self.width + self.dialect.trailing
        if unfinished and len(cells) < full and not (self.pad and cells[-1] == ""):
            return "truncated_last_row", []
        if self.pad:
            cells += [""] * (self.width - len(cells))
        while len(cells) > self.width and not cells[-1].strip():
            cells.pop()
        if len(cells) != self.width:
            return "row_width", []
        if canonical_names(cells) == self.header:
            return "repeated_header", []
        return None, cells

    def _report(self) -> None:
        texts = {
            "line_too_long": (Severity.WARNING, f"longer than {MAX_LINE} bytes; set aside"),
            "row_width": (
                Severity.WARNING,
                f"not the {self.width} cells that the header promises; set aside",
            ),
            "truncated_last_row": (
                Severity.WARNING,
                "the last row is not complete (a file being written, or cut?); set aside",
            ),
            "repeated_header": (Severity.NOTE, "the header again, in mid-file; set aside"),
            "blank_lines": (Severity.NOTE, "blank lines were left out"),
        }
        if self.open_line is not None:
            self.remarks.add(
                "last_row_open",
                Severity.NOTE,
                "the last row has no line end, so its last cell may be cut; it is used",
                line=self.open_line,
            )
        for kind, (severity, message) in texts.items():
            if kind in self.aside:
                at = self.aside[kind]
                self.remarks.add(kind, severity, message, line=at[0], rows=len(at))
