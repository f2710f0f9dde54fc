"""Championship tables, title chances and the drive-time ledger for people."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from dryline.answers.championship import (
    CupTable,
    Points,
    ScoredRow,
    ScoredTable,
    Standings,
    StandingsChanges,
    TitleChances,
)
from dryline.answers.drive_times import DriveTimes
from dryline.domain.clock_text import format_clock
from dryline.domain.finding import Finding
from dryline.present.names import crew_line
from dryline.present.terminal import words
from dryline.present.terminal.columns import Cell, Column, table
from dryline.present.terminal.theme import ERROR, MUTED, WARNING
from dryline.present.terminal.timing_screen import next_commands, stack
from dryline.rules.drive_alarms import BREACHES, Alarm, LedgerRow
from dryline.rules.standings import plain_points
from dryline.rules.title import Chance, TitleArithmetic


def standings(
    answer: Standings | Points, heading: str, width: int, top: int | None
) -> RenderableType:
    """Every table, best first, with what its rules leave unconfirmed."""
    tables = answer.tables
    parts: list[RenderableType] = [Text(heading, style="bold")]
    if not any(each.rows for each in tables):
        parts += ["", Text("No car of this race is in a class that scores points.")]
    for each in tables:
        parts += ["", *_table(each, width, top)]
    for cup in answer.endurance_cup:
        parts += ["", *_cup(cup, width, top)]
    notes = dict.fromkeys(note for each in tables for note in each.notes)
    parts += ["", *(Text(note, style=MUTED) for note in notes)] if notes else []
    parts += [
        "",
        next_commands(
            "dryline standings wec/2024 --after 2 --changes",
            "dryline standings wec/2024 --title",
        ),
    ]
    return stack(*parts)


def _table(each: ScoredTable, width: int, top: int | None) -> list[RenderableType]:
    title = Text(each.title, style="bold")
    if not each.confirmed:
        title.append("  (rules not confirmed by a source)", style=WARNING)
    rows = each.rows if top is None else each.rows[:top]
    columns = [
        Column("Pos", 3, lambda row: str(row.position)),
        Column("No", 4, lambda row: row.car_number or "", 0 if _has_cars(each) else 9),
        Column("", 62, _names, 0, "left"),
        Column("Points", 6, _points),
        Column("Wins", 4, lambda row: str(row.wins or "")),
    ]
    more = len(each.rows) - len(rows)
    left = [Text(f"and {more} more; --all shows them", style=MUTED)] if more else []
    return [title, table(columns, rows, width), *left]


def _cup(cup: CupTable, width: int, top: int | None) -> list[RenderableType]:
    title = Text(f"{cup.car_class}: endurance cup, this race alone", style="bold")
    if not cup.confirmed:
        title.append("  (rules not confirmed by a source)", style=WARNING)
    marks = " + ".join(f"{mark:g} h" for mark in cup.marks_h)
    columns = [
        Column("Pos", 3, lambda row: str(row.position)),
        Column("No", 4, lambda row: row.car_number),
        Column(marks, 16, lambda row: " + ".join(map(str, row.by_mark))),
        Column("Points", 6, lambda row: Text(str(row.points), style="bold")),
    ]
    rows = cup.rows if top is None else cup.rows[:top]
    more = len(cup.rows) - len(rows)
    left = [Text(f"and {more} more; --all shows them", style=MUTED)] if more else []
    return [title, table(columns, rows, width), *left]


def _has_cars(each: ScoredTable) -> bool:
    return any(row.car_number for row in each.rows)


def _names(row: ScoredRow | Chance) -> Cell:
    """A crew as a report writes it; a single name may be a maker's, and stays."""
    return crew_line(row.names)


def _points(row: ScoredRow) -> Cell:
    if row.at_least:
        return Text(f"≥{row.points}", style=WARNING)
    return Text(f"{row.points}", style="bold")


def changes(answer: StandingsChanges) -> RenderableType:
    """What a round changed, table by table, in words."""
    parts: list[RenderableType] = [Text(answer.heading(), style="bold")]
    for title, said in answer.changes.items():
        parts += ["", Text(title, style="bold"), *(Text(f"  {line}") for line in said)]
    return stack(*parts)


def title(answer: TitleChances, width: int) -> RenderableType:
    """Who can still win, exactly, and what they need."""
    parts: list[RenderableType] = []
    for each in answer.titles:
        left = f"{each.rounds_left} rounds left, {plain_points(each.points_left)} points to win"
        parts += [
            Text(each.title, style="bold"),
            Text(left, style=MUTED),
            _chances(each, width),
            "",
        ]
    return stack(*parts)


def _chances(each: TitleArithmetic, width: int) -> RenderableType:
    def can(row: Chance) -> Cell:
        if row.is_champion:
            return Text("champion", style="bold")
        return Text("yes" if row.can_win else "no", style="" if row.can_win else MUTED)

    columns = [
        Column("No", 4, lambda row: row.car_number or ""),
        Column("", 44, _names, 0, "left"),
        Column("Points", 6, lambda row: str(plain_points(row.points))),
        Column("Behind", 6, lambda row: str(plain_points(row.behind))),
        Column("Can win", 8, can, 0, "left"),
        Column("Needs", 60, lambda row: Text(row.needs, style=MUTED), 2, "left"),
    ]
    return table(columns, [row for row in each.chances if row.can_win] or each.chances[:3], width)


def ledger(answer: DriveTimes, name: str, width: int) -> RenderableType:
    """Who has driven how long, who still must, and by when; alarms first."""
    columns = [
        Column("No", 4, words.number_of),
        Column("Driver", 22, _driver, 0, "left"),
        Column("Rating", 8, lambda row: Text(row.rating or "?", style=MUTED), 2, "left"),
        Column("Total", 8, lambda row: words.clock(row.total_ms)),
        Column("Share", 5, lambda row: f"{row.share:.0%}", 2),
        Column("In a row", 8, lambda row: words.clock(row.continuous_ms or None), 3),
        Column("Owed", 8, lambda row: _owed(row.owed_ms)),
        Column("In by", 8, lambda row: words.clock(row.latest_in_ms), 1),
        Column("May still", 9, lambda row: words.clock(row.left_ms), 1),
    ]
    if any(row.owed_to_score_ms is not None for row in answer.rows):
        columns.append(Column("To score", 8, lambda row: _owed(row.owed_to_score_ms), 4))
    heading = Text(f"{name}  {format_clock(answer.at_ms)}  drive time", style="bold")
    return stack(
        heading,
        *(_alarm(alarm) for alarm in answer.alarms[:20]),
        *(_barred(finding) for finding in answer.crews_not_allowed),
        "",
        table(columns, answer.rows, width),
        "",
        *(Text(finding.message, style=MUTED) for finding in answer.findings),
    )


def _driver(row: LedgerRow) -> Cell:
    text = Text(words.short_name(row.driver))
    if row.at_wheel:
        text.append(" ●", style="bold")
    return text


def _owed(ms: int | None) -> Cell:
    if ms is None:
        return Text("?", style=MUTED)
    return Text(words.clock(ms), style=WARNING) if ms else Text("done", style=MUTED)


def _barred(finding: Finding) -> Text:
    return Text(f"! #{finding.car_number}: {finding.message}", style=WARNING)


def _alarm(alarm: Alarm) -> Text:
    style = ERROR if alarm.kind in BREACHES else WARNING
    said = alarm.words if alarm.confirmed else f"{alarm.words} (limit not confirmed)"
    return Text(f"! {said}", style=style)
