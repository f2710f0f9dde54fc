"""Pace for people: the model's estimate with its interval, beside the customary measures."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from dryline.answers.pace import COMPARED, PaceRow, Paces
from dryline.domain.clock_text import format_ms
from dryline.present.terminal import words
from dryline.present.terminal.columns import Cell, Column, table
from dryline.present.terminal.theme import MUTED

REFUSAL_WORDS = {
    "used": "used",
    "lap_one": "first laps",
    "in_lap": "in-laps",
    "out_lap": "out-laps",
    "neutralised": "neutralised",
    "restart": "restart laps",
    "no_time": "without a time",
    "slow": "slow (traffic, mistakes)",
    "wet": "wet",
}


def paces(answer: Paces, width: int) -> RenderableType:
    """One row per car, driver or stint, quickest first in its class."""
    from dryline.present.terminal.timing_screen import stack

    told = COMPARED[answer.by]

    def interval(row: PaceRow) -> Cell:
        half = (row.hi_ms - row.lo_ms) / 2000
        return Text(f"± {half:.2f}", style=MUTED)

    columns = [
        Column("No", 4, words.number_of),
        Column("Class", 9, words.class_of, 1, "left"),
        *([Column(answer.stint_word, 5, lambda row: str(row.stint), 0)] if "stint" in told else []),
        *(
            [Column("Driver", 20, lambda row: words.short_name(row.driver), 0, "left")]
            if "driver" in told
            else []
        ),
        Column("Pace", 9, lambda row: words.lap_time(row.pace_ms, "bold")),
        Column("80 %", 8, interval),
        Column("To best", 8, lambda row: f"+{format_ms(row.behind_ms)}", 1),
        Column("Best 20 %", 9, lambda row: words.lap_time(row.best_fifth_ms), 2),
        Column("3 of 5", 9, lambda row: words.lap_time(row.recent_ms), 3),
        Column("Laps", 4, lambda row: Text(str(row.laps_used), style=MUTED), 1),
    ]
    counts = ", ".join(
        f"{laps} {REFUSAL_WORDS.get(verdict, verdict.replace('_', ' '))}"
        for verdict, laps in answer.laps.items()
    )
    return stack(
        table(columns, answer.rows, width), "", Text(f"Laps: {counts or 'none'}.", style=MUTED)
    )
