"""Tables that fit: the columns a terminal has room for, the least needed left out first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from rich import box
from rich.table import Table
from rich.text import Text

Cell = str | Text


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how wide, how much it is needed (0 is always shown), and its cell for a row."""

    header: str
    width: int
    cell: Callable[[Any], Cell]
    need: int = 0
    justify: Literal["left", "right", "center"] = "right"
    group: str = ""  # columns of one group are shown together or not at all


GUTTER = 2


def fitting(columns: Sequence[Column], width: int) -> list[Column]:
    """Columns in their own order that fit into ``width`` characters, the most needed kept."""
    chosen: set[str] = set()
    room = width + GUTTER
    together: dict[str, list[Column]] = {}
    for column in columns:
        together.setdefault(column.group or column.header, []).append(column)
    for name, members in sorted(together.items(), key=lambda item: item[1][0].need):
        cost = sum(member.width + GUTTER for member in members)
        if members[0].need == 0 or cost <= room:
            chosen.add(name)
            room -= cost
    return [column for column in columns if (column.group or column.header) in chosen]


def table(
    columns: Sequence[Column],
    rows: Sequence[Any],
    width: int,
    row_style: Callable[[Any], str] | None = None,
) -> Table:
    """A calm table: no frame, one rule under the header, cells cut rather than wrapped.

    A column is as wide as its widest cell, up to its own ``width``; what a cell says is shown
    as it stands, never read as markup.
    """
    cells = {id(column): [_text(column.cell(row)) for row in rows] for column in columns}
    sized = [
        replace(column, width=min(column.width, _widest(column, cells[id(column)])))
        for column in columns
    ]
    drawn = {id(size): cells[id(column)] for column, size in zip(columns, sized, strict=True)}
    shown = fitting(sized, width)
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for column in shown:
        grid.add_column(
            Text(column.header),
            justify=column.justify,
            no_wrap=True,
            overflow="ellipsis",
            min_width=min(column.width, 4),
            max_width=column.width,
        )
    for index, row in enumerate(rows):
        grid.add_row(
            *(drawn[id(column)][index] for column in shown),
            style=row_style(row) if row_style is not None else None,
        )
    return grid


def _text(cell: Cell) -> Text:
    """The cell on one line, its words as they stand."""
    plain = cell if isinstance(cell, str) else cell.plain
    if "\n" in plain:
        return Text(" ".join(plain.split()), style="" if isinstance(cell, str) else cell.style)
    return Text(cell) if isinstance(cell, str) else cell


def _widest(column: Column, cells: Sequence[Text]) -> int:
    return max(len(column.header), *(cell.cell_len for cell in cells), 0)
