"""An official-looking classification, and the comparison with the official one."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from rich.console import RenderableType
from rich.text import Text

from dryline.domain.clock_text import format_ms
from dryline.domain.decision import Decision
from dryline.domain.instant import Instant
from dryline.present.terminal import words
from dryline.present.terminal.columns import Cell, Column, table
from dryline.present.terminal.screens import Row
from dryline.present.terminal.theme import MUTED
from dryline.present.terminal.timing_screen import (
    STATUS_STYLES,
    context_line,
    next_commands,
    stack,
)
from dryline.race.race import Race


def screen(
    race: Race,
    frame: pl.DataFrame,
    at: Instant,
    decisions: Sequence[Decision],
    width: int,
    argument: str = "RACE",
) -> RenderableType:
    """Places, crews' cars, laps, times and gaps, in the columns of an official sheet."""
    flag = race.at(at).flag
    note = "on the road" if not decisions else f"with {len(decisions)} stewards' decisions"
    columns = [
        Column("Pos", 3, lambda row: str(row["position"])),
        Column("PIC", 3, lambda row: Text(str(row["position_in_class"]), style=MUTED)),
        Column("No", 4, lambda row: words.car_number(row["car_number"], row["car_class"])),
        Column("Class", 10, lambda row: words.car_class(row["car_class"]), 1, "left"),
        Column("Team", 30, lambda row: row["team"], 1, "left"),
        Column("Laps", 4, lambda row: str(row["laps"])),
        Column("Time", 13, lambda row: words.lap_time(row["elapsed_ms"], MUTED), 2),
        Column("Gap", 11, _gap),
        Column("Best", 9, lambda row: words.lap_time(row["best_lap_ms"], MUTED), 3),
        Column("Status", 12, _status, 1, "left"),
    ]
    return stack(
        context_line(words.race_name(race.info), at.ms, flag, note),
        "",
        table(columns, frame.to_dicts(), width),
        "",
        next_commands(f"dryline verify {argument} --results FILE", f"dryline stints {argument}"),
    )


def _gap(row: Row) -> Cell:
    if row["gap_laps"]:
        return Text("1 lap" if row["gap_laps"] == 1 else f"{row['gap_laps']} laps", style=MUTED)
    return "" if row["gap_ms"] is None else f"+{format_ms(row['gap_ms'])}"


def _status(row: Row) -> Cell:
    return Text(row["status"].replace("_", " "), style=STATUS_STYLES.get(row["status"], ""))
