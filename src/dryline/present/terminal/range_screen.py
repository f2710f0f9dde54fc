"""Ranges for people: what is used, what is left, and the minutes until the tank is empty."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from dryline.answers.ranges import Ranges
from dryline.present.terminal import words
from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.theme import MUTED
from dryline.present.terminal.timing_screen import stack


def screen(answer: Ranges, width: int) -> RenderableType:
    """One row per car, in running order."""
    columns = [
        Column("No", 4, words.number_of),
        Column("Class", 10, words.class_of, 2, "left"),
        Column("Used", 6, lambda car: f"{car.load_laps:.1f}"),
        Column("Range", 12, lambda car: f"{car.range_laps:.1f} ± {car.range_sd_laps:.1f}", 1),
        Column("Laps left", 9, lambda car: f"{car.left.p50:.1f}"),
        Column("8 in 10", 13, lambda car: f"{car.left.p10:.1f} to {car.left.p90:.1f}"),
        Column("Minutes", 7, lambda car: f"{car.left_minutes:.0f}"),
    ]
    note = "Laps at racing speed; learnt from the stints of the class, and from other races."
    return stack(table(columns, answer.cars, width), "", Text(note, style=MUTED))
