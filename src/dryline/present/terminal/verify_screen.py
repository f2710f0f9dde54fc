"""The proof: how far the rebuilt order and the official one agree."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.theme import ERROR, GOOD, MUTED, WARNING
from dryline.present.terminal.timing_screen import stack


def screen(verification: dict[str, Any], width: int) -> RenderableType:
    """One line of verdict, then every car that differs and why.

    ``verification`` is the contract's object.
    """
    starters, agree = verification["starters"], verification["agree"]
    differences = verification["differences"]
    style = GOOD if agree == starters else WARNING
    verdict = Text(f"{verification['race']}  ", style="bold")
    verdict.append(f"{agree} of {starters} starters agree with the official order", style=style)
    disagree = verification["laps_disagree"]
    laps = (
        Text("Laps agree for every starter.", style=MUTED)
        if not disagree
        else Text(f"Laps differ for {', '.join(disagree)}.", style=ERROR)
    )
    columns = [
        Column("No", 4, lambda row: row["car_number"]),
        Column("Rebuilt", 7, lambda row: str(row["rebuilt"] or "–")),
        Column("Official", 8, lambda row: str(row["official"] or "–")),
        Column("Why", 60, lambda row: row["reason"], 0, "left"),
    ]
    return stack(
        verdict,
        laps,
        "" if differences else None,
        table(columns, differences, width) if differences else None,
    )
