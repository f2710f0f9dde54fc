"""A table with one plain value in each cell, as CSV needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import polars as pl


def flat(table: pl.DataFrame) -> pl.DataFrame:
    """The same rows: a field of a record becomes a column (``laps_p10``), a list one text.

    The items of a list are separated by semicolons; a list of records is written as JSON.
    """
    import polars as pl

    while records := [name for name, kind in table.schema.items() if isinstance(kind, pl.Struct)]:
        table = table.unnest(records, separator="_")
    return table.with_columns(
        _as_text(table[name])
        for name, kind in table.schema.items()
        if isinstance(kind, pl.List | pl.Array | pl.Object)
    )


def _as_text(column: pl.Series) -> pl.Series:
    import polars as pl

    texts = [_item_text(value) for value in column.to_list()]
    return pl.Series(column.name, texts, dtype=pl.String)


def _item_text(value: Any) -> str | None:
    if not isinstance(value, list):
        return None if value is None else str(value)
    if any(isinstance(item, dict | list) for item in value):
        return msgspec.json.encode(value).decode()
    return ";".join("" if item is None else str(item) for item in value)
