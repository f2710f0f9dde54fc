"""An official-looking classification, and the comparison with the official one."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from dryline.answers.classification import Classification, Place
from dryline.domain.clock_text import format_ms
from dryline.present.terminal import words
from dryline.present.terminal.columns import Cell, Column, table
from dryline.present.terminal.theme import MUTED
from dryline.present.terminal.timing_screen import (
    STATUS_STYLES,
    context_line,
    next_commands,
    stack,
)


def screen(
    answer: Classification,
    flag: str,
    decisions: int,
    width: int,
    argument: str = "RACE",
) -> RenderableType:
    """Places, crews' cars, laps, times and gaps, in the columns of an official sheet.

    ``decisions`` is how many of the stewards' are applied.
    """
    raced = answer.session_kind.is_race
    note = "on the road" if raced else "by best lap"
    if decisions:
        note = f"with {decisions} stewards' decisions"
    columns = [
        Column("Pos", 3, lambda row: str(row.position)),
        Column("PIC", 3, words.place_in_class),
        Column("No", 4, words.number_of),
        Column("Class", 14, words.class_of, 1, "left"),
        Column("Team", 30, lambda row: row.team, 1, "left"),
        Column("Laps", 4, lambda row: str(row.laps)),
        Column("Time", 13, lambda row: words.lap_time(row.elapsed_ms, MUTED), 2),
        Column("Gap", 11, _gap),
        Column("Best", 9, lambda row: words.lap_time(row.best_lap_ms, MUTED), 3),
        Column("Status", 12, _status, 1, "left"),
    ]
    if not raced:
        best = Column("Best", 9, lambda row: words.lap_time(row.best_lap_ms))
        columns = [*columns[:5], best, columns[7], columns[5], columns[9]]
    return stack(
        context_line(
            words.marked(answer.race, simulated=answer.simulated), answer.at_ms, flag, note
        ),
        "",
        table(columns, answer.rows, width),
        "",
        next_commands(
            f"dryline verify {argument} --results FILE",
            f"dryline {'stints' if raced else 'session'} {argument}",
        ),
    )


def _gap(row: Place) -> Cell:
    if row.gap.laps:
        return Text("1 lap" if row.gap.laps == 1 else f"{row.gap.laps} laps", style=MUTED)
    return "" if row.gap.ms is None else f"+{format_ms(row.gap.ms)}"


def _status(row: Place) -> Cell:
    return Text(row.status.replace("_", " "), style=STATUS_STYLES.get(row.status, ""))
