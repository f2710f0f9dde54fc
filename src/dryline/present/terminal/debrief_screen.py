"""A debrief in one screen: the gap, its parts, the stints, the neutralisations, the calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from rich.console import RenderableType
from rich.text import Text

from dryline.analysis.claims.claim import Section
from dryline.answers.debrief import AccountPart, Debriefing
from dryline.present.report import debrief_tables as shown
from dryline.present.report.arrange import ReportTable
from dryline.present.report.debrief_prose import PARTS
from dryline.present.report.template import signed
from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.theme import ERROR, GOOD, MUTED, WARNING
from dryline.present.terminal.timing_screen import stack

BAR = 24


def debrief(answer: Debriefing, next_command: str, width: int) -> RenderableType:
    """The account with a bar to each heading, then stints, neutralisations and calls."""
    parts: list[RenderableType] = [Text(answer.race, style=MUTED)]
    if answer.simulated:
        parts.append(
            Text("SIMULATED: every figure is that of one simulated running", style=WARNING)
        )
    parts += [Text(line) for line in _said(answer, Section.RESULT)]
    parts += ["", _account(answer, width)]
    for one in _tables(answer):
        parts += ["", Text(one.caption, style="bold"), _grid(one, width)]
    said = _said(answer, Section.CALLS)
    if said:
        parts += ["", *(Text(line) for line in said)]
    how = [each.text for each in answer.sentences if each.id == "debrief-how"]
    parts += ["", *(Text(line, style=MUTED) for line in (*how, f"Next: {next_command}"))]
    return stack(*parts)


def _said(answer: Debriefing, section: Section) -> list[str]:
    return [each.text for each in answer.sentences if each.section is section]


def _tables(answer: Debriefing) -> Iterator[ReportTable]:
    yield shown.stints(answer)
    yield shown.stops(answer)
    if answer.neutralisations:
        yield shown.periods(answer)
    yield from shown.calls(answer)


def _account(answer: Debriefing, width: int) -> RenderableType:
    rows = answer.by_heading()
    most = max((abs(row.ms) for row in rows), default=1) or 1

    def bar(row: AccountPart) -> Text:
        size = round(abs(row.ms) / most * BAR)
        return Text("█" * size, style=ERROR if row.ms > 0 else GOOD)

    grid = table(
        [
            Column("Heading", 28, lambda row: PARTS[row.part], 0, "left"),
            Column("Lost (+)", 12, lambda row: signed(row.ms)),
            Column("", BAR, bar, 1, "left"),
        ],
        rows,
        width,
    )
    return stack(grid, Text(f"Sum {signed(answer.gap_ms)}", style="bold"))


def _grid(one: ReportTable, width: int) -> RenderableType:
    columns = [_column(one, at) for at in range(len(one.columns))]
    return table(columns, list(one.rows), width)


def _column(one: ReportTable, at: int) -> Column:
    def cell(row: tuple[str, ...]) -> str:
        return row[at]

    side: Literal["left", "right"] = "right" if at in one.numeric else "left"
    return Column(one.columns[at], 30, cell, min(at, 6), side)
