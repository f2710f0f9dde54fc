"""A debrief in one screen: the gap, its parts, the stints, the neutralisations, the calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from rich.console import RenderableType
from rich.text import Text

from dryline.analysis.claims.claim import Section, Tables
from dryline.present.report import debrief_tables as shown
from dryline.present.report.arrange import Table
from dryline.present.report.debrief_prose import PARTS, signed
from dryline.present.report.prose import Sentence
from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.theme import ERROR, GOOD, MUTED, WARNING
from dryline.present.terminal.timing_screen import stack

BAR = 24


def debrief(
    tables: Tables,
    sentences: Sequence[Sentence],
    next_command: str,
    width: int,
    *,
    simulated: bool = False,
) -> RenderableType:
    """The account with a bar to each heading, then stints, neutralisations and calls."""
    name = tables.frames["race"]["name"][0]
    parts: list[RenderableType] = [Text(name, style=MUTED)]
    if simulated:
        parts.append(
            Text("SIMULATED: every figure is that of one simulated running", style=WARNING)
        )
    parts += [Text(each.text) for each in sentences if each.claim.section is Section.RESULT]
    parts += ["", _account(tables, width)]
    for one in _tables(tables):
        parts += ["", Text(one.caption, style="bold"), _grid(one, width)]
    said = [each.text for each in sentences if each.claim.section is Section.CALLS]
    if said:
        parts += ["", *(Text(line) for line in said)]
    how = [each.text for each in sentences if each.claim.kind == "debrief_how"]
    parts += ["", *(Text(line, style=MUTED) for line in (*how, f"Next: {next_command}"))]
    return stack(*parts)


def _tables(tables: Tables) -> Iterator[Table]:
    yield shown.stints(tables)
    yield shown.stops(tables)
    if "periods" in tables:
        yield shown.periods(tables)
    yield from shown.calls(tables)


def _account(tables: Tables, width: int) -> RenderableType:
    rows = shown.account_rows(tables)
    most = max((abs(row["ms"]) for row in rows), default=1) or 1

    def bar(row: dict[str, int]) -> Text:
        size = round(abs(row["ms"]) / most * BAR)
        return Text("█" * size, style=ERROR if row["ms"] > 0 else GOOD)

    gap = tables.frames["gap"]["gap_ms"][0]
    grid = table(
        [
            Column("Heading", 28, lambda row: PARTS[row["part"]], 0, "left"),
            Column("Lost (+)", 12, lambda row: signed(row["ms"])),
            Column("", BAR, bar, 1, "left"),
        ],
        rows,
        width,
    )
    return stack(grid, Text(f"Sum {signed(gap)}", style="bold"))


def _grid(one: Table, width: int) -> RenderableType:
    columns = [_column(one, at) for at in range(len(one.columns))]
    return table(columns, list(one.rows), width)


def _column(one: Table, at: int) -> Column:
    def cell(row: tuple[str, ...]) -> str:
        return row[at]

    side: Literal["left", "right"] = "right" if at in one.numeric else "left"
    return Column(one.columns[at], 30, cell, min(at, 6), side)
