"""Small tables that people write by hand: messages, decisions. The first bad line is an error."""

from __future__ import annotations

import csv
import difflib
import io
import math
from collections.abc import Iterator
from dataclasses import dataclass

from dryline.domain.clock_text import parse_race_clock
from dryline.domain.errors import BadTime, InputError
from dryline.feeds.decode import decode, valid_utf8
from dryline.feeds.remarks import Remarks

MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True)
class HandRow:
    """One row: its cells by column name, and where it stands. Empty cells read as ``None``."""

    cells: dict[str, str]
    file: str
    line: int
    error: type[InputError] = InputError

    def fail(self, message: str, remedy: str) -> InputError:
        """The error to raise about this row."""
        return self.error(message, file=self.file, line=self.line, remedy=remedy)

    def text(self, column: str) -> str | None:
        """The cell, or ``None`` where it is empty."""
        return self.cells.get(column) or None

    def needed(self, column: str, reason: str) -> str:
        """The cell, which must not be empty."""
        value = self.text(column)
        if value is None:
            raise self.fail(f"{column} is missing: {reason}", f"Fill in the column {column}.")
        return value

    def time_ms(self, column: str) -> int | None:
        """A race time such as ``3:55:00`` in milliseconds."""
        value = self.text(column)
        if value is None:
            return None
        try:
            ms = parse_race_clock(value)
        except (BadTime, OverflowError) as error:
            raise self.fail(
                f"{column} is {value[:40]!r}, no race time", "Write H:MM:SS, such as 3:55:00."
            ) from error
        if ms < 0:
            raise self.fail(f"{column} is negative", "Count from the start of the race.")
        return ms

    def whole(self, column: str, low: int, high: int) -> int | None:
        """A whole number between ``low`` and ``high``."""
        value = self.text(column)
        if value is None:
            return None
        if not value.isascii() or not value.isdigit() or not low <= int(value[:9]) <= high:
            raise self.fail(
                f"{column} is {value[:40]!r}", f"Write a whole number from {low} to {high}."
            )
        return int(value)

    def number(self, column: str, low: float, high: float) -> float | None:
        """A decimal number between ``low`` and ``high``."""
        value = self.text(column)
        if value is None:
            return None
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not low <= number <= high:
            raise self.fail(
                f"{column} is {value[:40]!r}", f"Write a number from {low:g} to {high:g}."
            )
        return number


def read_hand_written(
    data: bytes,
    name: str,
    *,
    columns: tuple[str, ...],
    needed: tuple[str, ...],
    error: type[InputError] = InputError,
    remarks: Remarks | None = None,
) -> Iterator[HandRow]:
    """The rows of a comma- or semicolon-separated table; blank lines and ``#`` lines are left out.

    What had to be mended to read it is added to ``remarks``.

    Raises:
        InputError: an unknown or a missing column, or a row longer than the header.
    """
    if not data.strip():
        return
    if len(data) > MAX_BYTES:
        raise error("the file is larger than 16 MB", file=name, remedy="Give a table, not a log.")
    remarks = Remarks(name) if remarks is None else remarks
    text = valid_utf8(decode(data, name, remarks).utf8, remarks).decode(errors="replace")
    header: list[str] | None = None
    separator = ","
    for line, row in _physical_rows(text):
        if header is None:
            separator = ";" if row.count(";") > row.count(",") else ","
            header = [cell.strip().lower() for cell in _cells(row, separator)]
            _check_header(header, name, line, columns, needed, error)
            continue
        cells = [cell.strip() for cell in _cells(row, separator)]
        if not any(cells):
            continue
        if len(cells) > len(header) and any(cells[len(header) :]):
            raise error(
                f"{len(cells)} cells, but the header has {len(header)}",
                file=name,
                line=line,
                remedy='Put texts with commas into double quotes: "like, this".',
            )
        yield HandRow(dict(zip(header, cells, strict=False)), name, line, error)


def write_hand_written(columns: tuple[str, ...], rows: list[dict[str, str]]) -> bytes:
    """The same kind of table; columns that no row fills are left out, the first two never."""
    used = [c for i, c in enumerate(columns) if i < 2 or any(row.get(c) for row in rows)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(used)
    writer.writerows([_flat(row.get(column, "")) for column in used] for row in rows)
    return out.getvalue().encode()


def _flat(text: str) -> str:
    return " ".join(text.replace("\x00", " ").splitlines())


def _physical_rows(text: str) -> Iterator[tuple[int, str]]:
    for line, row in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if row.strip() and not row.lstrip().startswith("#"):
            yield line, row


def _cells(row: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([row], delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        return row.split(separator)


def _check_header(
    header: list[str],
    name: str,
    line: int,
    columns: tuple[str, ...],
    needed: tuple[str, ...],
    error: type[InputError],
) -> None:
    for column in needed:
        if column not in header:
            raise error(
                f"there is no column {column}",
                file=name,
                line=line,
                remedy=f"The header may hold {', '.join(columns)}.",
            )
    for column in header:
        if column and column not in columns:
            near = difflib.get_close_matches(column[:40], columns, 1)
            hint = f"Did you mean {near[0]}?" if near else f"Known are {', '.join(columns)}."
            raise error(f"unknown column {column[:40]!r}", file=name, line=line, remedy=hint)
    if len(set(header) - {""}) < len([c for c in header if c]):
        raise error("a column stands twice", file=name, line=line, remedy="Name each column once.")
