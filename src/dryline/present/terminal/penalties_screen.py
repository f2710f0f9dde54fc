"""Penalties for people."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from dryline.answers.penalties import LaneStop, Penalties
from dryline.domain.clock_text import format_clock
from dryline.present.terminal import words
from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.theme import ERROR, MUTED, WARNING
from dryline.present.terminal.timing_screen import stack
from dryline.rules.lane_exceptions import LaneException
from dryline.rules.penalties import Pending

LIKELY = {
    LaneException.BEFORE_THE_FLAG: "in before the flag",
    LaneException.EMERGENCY: "an emergency service",
    LaneException.OPENED_UNSEEN: "just opened: others followed",
    LaneException.UNEXPLAINED: "not explained",
}


def screen(answer: Penalties, name: str, width: int) -> RenderableType:
    """Decisions in words, penalties still to be served, and what the timing shows."""
    columns = [
        Column("At", 8, lambda row: words.clock(row.at_ms)),
        Column("No", 4, lambda row: row.car_number),
        Column("Lap", 4, lambda row: str(row.lap or "")),
        Column("Sure", 5, lambda row: f"{row.confidence:.0%}"),
        Column("What", max(30, width - 30), lambda row: row.words, 0, "left"),
    ]
    return stack(
        Text(f"{name}  {format_clock(answer.at_ms)}  penalties", style="bold"),
        *(Text(f"  {line}") for line in answer.changed),
        *(_owed(each) for each in answer.pending),
        "",
        table(columns, answer.candidates, width)
        if answer.candidates
        else Text("Nothing in the timing looks like a penalty.", style=MUTED),
        *_lane(answer.lane, width),
        "",
        Text(f"{answer.unseen[0].upper()}{answer.unseen[1:]}.", style=MUTED),
    )


def _lane(stops: tuple[LaneStop, ...], width: int) -> list[RenderableType]:
    columns = [
        Column("At", 8, lambda row: words.clock(row.in_ms)),
        Column("No", 4, lambda row: row.car_number),
        Column("Lap", 4, lambda row: str(row.lap)),
        Column("Flag for", 8, lambda row: words.clock(row.since_ms), 1),
        Column("In the lane", 11, lambda row: words.clock(row.pit_lane_ms), 2),
        Column("Likely", 32, lambda row: LIKELY[row.because], 0, "left"),
    ]
    heading = Text("Stops through a lane that was not open by the rules", style="bold")
    return ["", heading, table(columns, stops, width)] if stops else []


def _owed(each: Pending) -> Text:
    left = "laps to serve it: unknown" if each.laps_left is None else f"{each.laps_left} laps left"
    text = f"  #{each.car_number} owes a {each.kind.replace('_', ' ')} ({left})"
    return Text(text, style=ERROR if each.overdue else WARNING)
