"""Splitting a separated text file into columns of text, with the line each row stood on.

A regular file (equally many separators in each line, no quotes) takes the vectorised path;
any other goes line by line, and lines that cannot be used are set aside with a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.domain.errors import UnreadableFile
from dryline.domain.finding import Severity
from dryline.feeds.careful_rows import RowReader, split_row
from dryline.feeds.decode import MAX_LINE, DecodedText, decode, valid_utf8
from dryline.feeds.dialect import Dialect, canonical_names
from dryline.feeds.remarks import Remarks

SEPARATORS = (";", ",", "\t", "|")
_HEADER_WITHIN = 20  # lines

HeaderTest = Callable[[frozenset[str]], bool]
Wanted = Callable[[str, frozenset[str]], bool]
"""Whether a column is wanted, given its name and the names of all columns."""


@dataclass(frozen=True)
class TextTable:
    """The cells of a file as text, without nulls; ``lines`` (n,) counts from 1."""

    dialect: Dialect
    frame: pl.DataFrame
    lines: npt.NDArray[np.int32]
    set_aside: int


def read_table(
    data: bytes,
    name: str,
    remarks: Remarks,
    is_header: HeaderTest,
    *,
    wanted: Wanted = lambda _, __: True,
    what: str = "timing file",
    remedy: str = "Give the CSV file as the timing provider publishes it.",
    separators: Sequence[str] = SEPARATORS,
    pad: bool = False,
) -> TextTable:
    """Split ``data`` into columns of text; only ``wanted`` columns are kept.

    With ``pad``, rows with fewer cells than the header are filled up with empty ones.

    Raises:
        UnreadableFile: where no line among the first twenty is a header, or the bytes are no text.
    """
    decoded = decode(data, name, remarks)
    text = decoded.utf8
    start, header_line, separator, cells = find_header(text, is_header, separators)
    if not cells:
        first = text[:200].split(b"\n", 1)[0].decode(errors="replace").strip()[:60]
        raise UnreadableFile(
            f"this is no {what}: no header was found, the file begins {first!r}",
            file=name,
            remedy=remedy,
        )
    if header_line > 1:
        remarks.add(
            "lines_before_header",
            Severity.NOTE,
            "lines before the header were left out",
            line=1,
            rows=header_line - 1,
        )
    return _read_body(decoded, start, header_line, separator, cells, remarks, wanted, pad)


def _read_body(
    decoded: DecodedText,
    start: int,
    header_line: int,
    separator: str,
    cells: list[str],
    remarks: Remarks,
    wanted: Wanted,
    pad: bool,
) -> TextTable:
    text = decoded.utf8
    body = text[start:]
    crlf = text[:start].endswith(b"\r\n")
    width = len(cells)
    trailing = width > 1 and not cells[-1].strip()
    if trailing:
        cells = cells[:-1]
    dialect = Dialect(
        columns=tuple(cells),
        separator=separator,
        newline="\r\n" if crlf else "\n",
        bom=decoded.bom and decoded.encoding == "utf-8",
        trailing=trailing,
        final_newline=not body or body.endswith(b"\n"),
        encoding=decoded.encoding,
    )
    names = dialect.names
    keep = [i for i, column in enumerate(names) if wanted(column, frozenset(names))]
    first_line = header_line + 1
    whole, unfinished = _last_row_apart(body)
    fast = _read_regular(whole, dialect, width, keep, crlf=crlf)
    if fast is None:
        reader = RowReader(dialect, remarks, first_line, keep, pad=pad)
        return TextTable(dialect, *reader.read(valid_utf8(body, remarks, first_line)))
    lines = np.arange(len(fast), dtype=np.int32) + np.int32(first_line)
    table = TextTable(dialect, fast, lines, 0)
    if not unfinished:
        return table
    reader = RowReader(dialect, remarks, first_line + len(fast), keep, pad=pad)
    text = valid_utf8(unfinished, remarks, first_line + len(fast))
    last, last_line, set_aside = reader.read(text)
    return TextTable(
        dialect, pl.concat([fast, last]), np.concatenate([lines, last_line]), set_aside
    )


def _last_row_apart(body: bytes) -> tuple[bytes, bytes]:
    """The lines that end, and what stands behind the last line end."""
    cut = body.rfind(b"\n") + 1
    return (body, b"") if cut == len(body) else (body[:cut], body[cut:])


def find_header(
    text: bytes, is_header: HeaderTest, separators: Sequence[str]
) -> tuple[int, int, str, list[str]]:
    """Where the line behind the header begins, the header's line, its separator and its cells.

    Without a header among the first twenty lines the cells are empty.
    """
    start = 0
    for line in range(1, _HEADER_WITHIN + 1):
        end = text.find(b"\n", start)
        stop = len(text) if end < 0 else end
        if stop - start <= MAX_LINE:
            row = text[start:stop].rstrip(b"\r").decode(errors="replace")
            for separator in separators:
                cells = split_row(row, separator)
                if cells is not None and is_header(frozenset(canonical_names(cells))):
                    return (len(text) if end < 0 else end + 1), line, separator, cells
        if end < 0:
            break
        start = end + 1
    return 0, 0, "", []


def _read_regular(
    body: bytes, dialect: Dialect, width: int, keep: list[int], *, crlf: bool
) -> pl.DataFrame | None:
    """The columns of a body in which every line is alike; ``None`` where one is not."""
    if not body or b'"' in body or not body.endswith(b"\n"):
        return None
    if dialect.separator.join(dialect.columns).encode() in body:  # the header again
        return None
    raw = np.frombuffer(body, np.uint8)
    if not _is_regular(raw, dialect, width, crlf=crlf):
        return None
    try:
        frame = pl.read_csv(
            body,
            has_header=False,
            separator=dialect.separator,
            quote_char=None,
            infer_schema=False,
            columns=keep,
        )
    except pl.exceptions.PolarsError:  # not UTF-8: the careful way says where
        return None
    names = dialect.names
    frame.columns = [names[i] for i in keep]
    text = pl.all().fill_null("")
    return frame.select(text.str.strip_chars() if _has_loose_spaces(raw, dialect) else text)


def _is_regular(raw: npt.NDArray[np.uint8], dialect: Dialect, width: int, *, crlf: bool) -> bool:
    """Whether each line has ``width`` cells and the same line end, and none is too long."""
    ends = np.flatnonzero((raw == ord(dialect.separator)) | (raw == 10))
    rows, rest = divmod(len(ends), width)
    last = ends[width - 1 :: width]
    line_ends = raw[ends] == 10
    if rest or not line_ends[width - 1 :: width].all() or np.count_nonzero(line_ends) != rows:
        return False
    if np.count_nonzero(raw == 13) != (rows if crlf else 0):
        return False
    if crlf and not (raw[last - 1] == 13).all():
        return False
    if dialect.trailing and not (last - ends[width - 2 :: width] == 1 + crlf).all():
        return False
    return int(np.diff(last, prepend=-1).max()) <= MAX_LINE


def _has_loose_spaces(raw: npt.NDArray[np.uint8], dialect: Dialect) -> bool:
    """Whether a cell begins or ends with a space or tab."""
    at = np.flatnonzero((raw == 32) | (raw == 9))
    around = np.concatenate([raw[at - 1], raw[np.minimum(at + 1, len(raw) - 1)]])
    return bool(np.isin(around, (ord(dialect.separator), 10, 13)).any())
