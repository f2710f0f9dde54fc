"""The queue behind the safety car for people."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from dryline.answers.queue import SafetyCarQueue
from dryline.domain.clock_text import format_clock
from dryline.present.terminal import words
from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.theme import MUTED, WARNING
from dryline.present.terminal.timing_screen import stack
from dryline.rules.pass_around import PassAround


def screen(answer: SafetyCarQueue, name: str, width: int) -> RenderableType:
    """The cars in order on the road, and which may ask whether they may pass."""
    since = answer.since_ms
    state = (
        "if the safety car came now" if since is None else f"safety car since {words.clock(since)}"
    )

    def why(row: PassAround) -> Text:
        return Text(row.why, style=WARNING if row.eligible else MUTED)

    columns = [
        Column("Queue", 5, lambda row: str(row.place_in_queue)),
        Column("No", 4, words.number_of),
        Column("Laps down", 9, lambda row: str(row.laps_behind_class_leader or "")),
        Column("Pass-around", max(30, width - 30), why, 0, "left"),
    ]
    heading = Text(f"{name}  {format_clock(answer.at_ms)}  {state}", style="bold")
    if not answer.rows:
        return stack(heading, Text("No car has been seen on the track of late.", style=MUTED))
    unsure = (
        f"The procedure is {answer.rows[0].confidence:.0%} sure; the team judges its own "
        "eligibility, and a wrong one costs laps."
    )
    return stack(heading, "", table(columns, answer.rows, width), "", Text(unsure, style=MUTED))
