"""Tables that fit: the columns a terminal has room for, the least needed left out first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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


PADDING = 1


def fitting(columns: Sequence[Column], width: int) -> list[Column]:
    """Columns in their own order that fit into ``width`` characters, the most needed kept."""
    chosen: set[str] = set()
    room = width
    together: dict[str, list[Column]] = {}
    for column in columns:
        together.setdefault(column.group or column.header, []).append(column)
    for name, members in sorted(together.items(), key=lambda item: item[1][0].need):
        cost = sum(member.width + PADDING for member in members)
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
    """A calm table: no frame, one rule under the header, cells cut rather than wrapped."""
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, PADDING, 0, 0), show_edge=False)
    shown = fitting(columns, width)
    for column in shown:
        grid.add_column(
            column.header,
            justify=column.justify,
            no_wrap=True,
            overflow="ellipsis",
            min_width=min(column.width, 4),
            max_width=column.width,
        )
    for row in rows:
        grid.add_row(
            *(column.cell(row) for column in shown),
            style=row_style(row) if row_style is not None else None,
        )
    return grid
