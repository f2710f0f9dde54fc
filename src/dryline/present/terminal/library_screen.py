"""The library for people."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from rich.console import RenderableType
from rich.text import Text

from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.theme import MUTED
from dryline.present.terminal.timing_screen import next_commands, stack
from dryline.present.terminal.words import clock


def races(frame: pl.DataFrame, path: Path, width: int) -> RenderableType:
    """The races there are, and what to do with them."""
    if frame.is_empty():
        return stack(
            Text(f"The library in {path} is empty."),
            next_commands("dryline library add PATH"),
        )
    columns = [
        Column("Id", 52, lambda row: row["id"], 0, "left"),
        Column("Cars", 4, lambda row: str(row["cars"])),
        Column("Laps", 6, lambda row: f"{row['laps']:,}"),
        Column("Length", 8, lambda row: clock(row["length_ms"]), 1),
        Column("kB", 6, lambda row: f"{row['bytes'] / 1000:,.0f}", 2),
        Column("Added", 16, lambda row: Text((row["added_at"] or "")[:16], style=MUTED), 3),
    ]
    return stack(
        Text(f"{frame.height} race{'' if frame.height == 1 else 's'} in {path}", style=MUTED),
        table(columns, frame.to_dicts(), width),
        "",
        next_commands("dryline show ID", 'dryline library sql "select ..."'),
    )


def any_table(frame: pl.DataFrame, width: int) -> RenderableType:
    """Whatever a query gave, as wide as it needs to be."""
    room = max(8, (width - frame.width) // max(frame.width, 1))

    def column(index: int, name: str, kind: pl.DataType) -> Column:
        def cell(row: tuple[object, ...]) -> str:
            return "" if row[index] is None else str(row[index])

        return Column(name, room, cell, 0, "right" if kind.is_numeric() else "left")

    columns = [column(i, name, kind) for i, (name, kind) in enumerate(frame.schema.items())]
    shown = frame.head(200)
    more = frame.height - shown.height
    return stack(
        table(columns, shown.rows(), width),
        Text(f"{more} more rows; use --csv for all", style=MUTED) if more else None,
    )
