"""The proof: how far the rebuilt order and the official one agree."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from dryline.answers.verification import Verification
from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.theme import ERROR, GOOD, MUTED, WARNING
from dryline.present.terminal.timing_screen import stack


def screen(answer: Verification, width: int) -> RenderableType:
    """One line of verdict, then every car that differs and why."""
    differences, disagree = answer.differences, answer.laps_disagree
    style = GOOD if answer.agree == answer.starters else WARNING
    verdict = Text(f"{answer.race}  ", style="bold")
    verdict.append(
        f"{answer.agree} of {answer.starters} starters agree with the official order", style=style
    )
    laps = (
        Text("Laps agree for every starter.", style=MUTED)
        if not disagree
        else Text(f"Laps differ for {', '.join(disagree)}.", style=ERROR)
    )
    columns = [
        Column("No", 4, lambda row: row.car_number),
        Column("Rebuilt", 7, lambda row: str(row.rebuilt or "–")),
        Column("Official", 8, lambda row: str(row.official or "–")),
        Column("Why", 60, lambda row: row.reason, 0, "left"),
    ]
    return stack(
        verdict,
        laps,
        "" if differences else None,
        table(columns, differences, width) if differences else None,
    )
