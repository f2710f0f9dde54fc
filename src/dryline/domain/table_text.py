"""The texts of a table: legible, and such that a spreadsheet which opens the CSV runs none of them.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-`` or ``@`` for a formula. Such a text
gets an apostrophe before it, which ``unguarded`` takes away again; numbers are left as they are. So
does each part behind a semicolon: spreadsheets of some countries begin a new cell there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dryline.domain.legible import UNSEEN, legible

if TYPE_CHECKING:
    import polars as pl

_HEAD = r"[ ']*[=+\-@＝＋－＠\t\r\n]"
_RISKY = rf"(^|;)({_HEAD})"
_GUARDED = rf"(^|;)'({_HEAD})"
_NUMBERS = r"^[+-]?\d[\d.,:]*(;[+-]?\d[\d.,:]*)*$"


def legible_table(table: pl.DataFrame) -> pl.DataFrame:
    """The same table, every text in it legible."""
    for name in _text_columns(table):
        odd = {text: legible(text) for text in table[name].unique() if text and UNSEEN.search(text)}
        if odd:
            table = table.with_columns(table[name].replace(odd))
    return table


def guarded(table: pl.DataFrame) -> pl.DataFrame:
    """The same table, an apostrophe before each text that a spreadsheet would run."""
    import polars as pl

    return table.with_columns(
        pl.when(pl.col(name).str.contains(_NUMBERS))
        .then(pl.col(name))
        .otherwise(pl.col(name).str.replace_all(_RISKY, "${1}'${2}"))
        .alias(name)
        for name in _text_columns(table)
    )


def unguarded(table: pl.DataFrame) -> pl.DataFrame:
    """What ``guarded`` was given: the apostrophes taken away that it put there."""
    import polars as pl

    return table.with_columns(
        pl.col(name).str.replace_all(_GUARDED, "${1}${2}") for name in _text_columns(table)
    )


def _text_columns(table: pl.DataFrame) -> list[str]:
    import polars as pl

    return [name for name, kind in table.schema.items() if kind == pl.String]
