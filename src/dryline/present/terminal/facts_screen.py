"""The embedded event for people: grid, classification on the road and official, decisions."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.text import Text

from dryline.answers.facts import FactualClassification, FactualPlace
from dryline.domain.clock_text import format_clock, format_ms
from dryline.domain.decision import Decision
from dryline.domain.language import language
from dryline.domain.series import Series
from dryline.present.terminal import words
from dryline.present.terminal.columns import Cell, Column, table
from dryline.present.terminal.theme import MUTED, WARNING
from dryline.present.terminal.timing_screen import next_commands, stack
from dryline.rules.embedded import EmbeddedEvent, GridRow

FACTS_NOTE = "facts with sources; no lap-by-lap timing of this race is public"


def event(facts: EmbeddedEvent, width: int, *, commands: bool = True) -> RenderableType:
    """Grid, then the official classification, then what the stewards decided."""
    return stack(
        _heading(facts),
        Text(_counts(facts), style=MUTED),
        "",
        Text("Front of the grid, by class", style="bold"),
        _grid(facts, width),
        "",
        Text("Classification, official", style="bold"),
        _classification(FactualClassification.of(facts, facts.official).rows, width),
        "",
        *_decided(facts),
        *(_next() if commands else ()),
    )


def _next() -> list[RenderableType]:
    return [
        "",
        next_commands(
            "dryline classification imola-2024 --on-the-road",
            "dryline show imola-2024 --json",
        ),
    ]


def classification(
    facts: EmbeddedEvent, rows: Sequence[FactualPlace], width: int, *, on_the_road: bool
) -> RenderableType:
    """One classification alone."""
    which = "on the road, before the stewards" if on_the_road else "official"
    return stack(
        _heading(facts),
        Text(f"Classification, {which}", style="bold"),
        _classification(rows, width),
        "",
        next_commands("dryline show imola-2024", "dryline standings wec/2024 --after 2"),
    )


def _heading(facts: EmbeddedEvent) -> Text:
    line, series = Text(facts.info.name, style="bold"), Series.of(facts.info.series).full_name
    line.append(
        f"  round {facts.round} of the {facts.info.year} {series}, {facts.circuit}",
    )
    line.append(f"  ({FACTS_NOTE})", style=MUTED)
    return line


def _counts(facts: EmbeddedEvent) -> str:
    counts = facts.neutralisation_counts
    length = facts.info.length
    scheduled = format_clock(length.ms) if length and length.ms else "unknown"
    return (
        f"{len(facts.entry_facts)} entries, scheduled {scheduled}, winner on "
        f"{facts.winner_laps} laps; {counts['fcy']} {language().flag('fcy')}s, "
        f"{counts['safety_car']} {language().flag('safety_car')}s"
    )


def _grid(facts: EmbeddedEvent, width: int) -> RenderableType:
    front = [row for row in facts.grid if row.position_in_class <= 3]

    def time(row: GridRow) -> Cell:
        return words.lap_time(row.hyperpole_ms or row.qualifying_ms)

    columns = [
        Column("Grid", 4, lambda row: str(row.position)),
        Column("PIC", 3, words.place_in_class),
        Column("No", 4, words.number_of),
        Column("Class", 10, words.class_of, 1, "left"),
        Column("Qualified by", 24, lambda row: row.qualifying_driver, 0, "left"),
        Column("Time", 9, time),
    ]
    return table(columns, front, width)


def _classification(rows: Sequence[FactualPlace], width: int) -> RenderableType:
    def gap(row: FactualPlace) -> Cell:
        if row.gap.ms is not None:
            return "" if row.gap.ms == 0 else f"+{format_ms(row.gap.ms)}"
        return Text("" if row.gap_text == "0" else row.gap_text.partition(" (")[0], style=MUTED)

    def crew(row: FactualPlace) -> Cell:
        return Text(" / ".join(name.split()[-1] for name in row.drivers), style=MUTED)

    columns = [
        Column("Pos", 3, lambda row: str(row.position or "–")),
        Column("PIC", 3, lambda row: Text(str(row.position_in_class or "–"), style=MUTED)),
        Column("No", 4, words.number_of),
        Column("Class", 10, words.class_of, 2, "left"),
        Column("Team", 26, lambda row: row.team or Text("not published", style=MUTED), 0, "left"),
        Column("Crew", 32, crew, 3, "left"),
        Column("Laps", 4, lambda row: str(row.laps or "")),
        Column("Gap", 10, gap),
        Column("Status", 14, _status, 1, "left"),
    ]
    return table(columns, rows, width)


def _status(row: FactualPlace) -> Cell:
    return Text(row.status if row.status != "classified" else "", style=WARNING)


def _decided(facts: EmbeddedEvent) -> list[RenderableType]:
    lines: list[RenderableType] = [Text("What the stewards decided", style="bold")]
    lines += [_decision(decision) for decision in facts.decisions]
    road = next(row for row in facts.on_the_road if row.position == 2)
    final = next(row for row in facts.official if row.position == 2)
    if road.gap_text != final.gap_text:
        gaps = f"{road.gap_text} s on the road, {final.gap_text} s in the result"
        lines.append(Text(f"  #{final.car_number} was {gaps}."))
    return lines


def _decision(decision: Decision) -> Text:
    line = Text(f"  #{decision.car_number:<4}", style="bold")
    seconds = f" {decision.seconds:g} s" if decision.seconds else ""
    line.append(f"{decision.kind.replace('_', ' ')}{seconds}", style=WARNING)
    line.append(f"  {decision.reason}", style=MUTED)
    return line
