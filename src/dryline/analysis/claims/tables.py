"""The tables that claims are read from, each reading kept with the query that gave it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import polars as pl

Row = dict[str, Any]


class Ground(msgspec.Struct, frozen=True):
    """One query and the rows that it gave."""

    query: str
    rows: tuple[Row, ...]


class Tables:
    """Named frames, and the only way by which a claim reads them."""

    def __init__(self, frames: Mapping[str, pl.DataFrame]) -> None:
        self.frames = dict(frames)
        self._context = pl.SQLContext(self.frames)

    def __contains__(self, name: object) -> bool:
        """Whether there is such a table with at least one row."""
        return name in self.frames and self.frames[str(name)].height > 0

    def ask(self, query: str) -> Ground:
        """The rows of one query, with the query itself."""
        tidy = " ".join(query.split())
        found = self._context.execute(tidy, eager=True)
        return Ground(tidy, tuple(found.iter_rows(named=True)))

    def replaced(self, name: str, frame: pl.DataFrame) -> Tables:
        """The same tables with another frame in the place of one."""
        return Tables({**self.frames, name: frame})


def quoted(text: str) -> str:
    """``text`` as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def listed(texts: list[str]) -> str:
    """SQL literals for ``in (...)``."""
    return ", ".join(quoted(text) for text in texts)


def slug(text: str) -> str:
    """``text`` as the part of a claim's id: letters, digits and hyphens only."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in text.lower())
    return "-".join(part for part in kept.split("-") if part) or "x"
