"""The demonstration: facts first, then what was simulated, marked as such."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from dryline.domain.clock_text import format_clock
from dryline.present.terminal import facts_screen, words
from dryline.present.terminal.columns import Cell, Column, table
from dryline.present.terminal.forecast_screen import bar
from dryline.present.terminal.theme import GOOD, MUTED, WARNING
from dryline.present.terminal.timing_screen import next_commands, stack
from dryline.race.race import Race
from dryline.rules.embedded import EmbeddedEvent
from dryline.strategy.replayed import Replayed


def screen(
    facts: EmbeddedEvent, running: Race, replay: Replayed, out: Path | None, width: int
) -> RenderableType:
    """The whole demonstration."""
    return stack(
        facts_screen.event(facts, width, commands=False),
        "",
        _mark(
            f"SIMULATED: raced {replay.replicates:,} times from "
            f"{format_clock(replay.from_ms)}, seed {replay.seed}"
        ),
        Text("Who wins with the calls as they were made", style="bold"),
        _winners(replay, width),
        "",
        Text("What other calls and other weather would have changed", style="bold"),
        Text(
            "The same luck with and without; seconds: gained on the best other car of the class.",
            style=MUTED,
        ),
        _what_ifs(replay, width),
        "",
        _mark(f"SIMULATED: one running, seed {replay.seed}, beside what is known"),
        _known(facts, running, width),
        "",
        *(() if out is None else (Text(f"One simulated running is in {out}."),)),
        next_commands(
            "dryline show imola-2024 --at 4:00:00",
            "dryline track imola-2024 --at 4:00:00",
            "dryline forecast imola-2024 --at 3:53:00",
        ),
    )


def _mark(text: str) -> Text:
    return Text(text, style=f"bold {WARNING}")


def _winners(replay: Replayed, width: int) -> RenderableType:
    cars = [car for car, p in replay.p_win_class.items() if p >= 0.01]
    order = list(dict.fromkeys(replay.classes.values()))
    cars.sort(key=lambda car: (order.index(replay.classes[car]), -replay.p_win_class[car]))
    columns = [
        Column("No", 4, lambda car: words.car_number(car, replay.classes[car])),
        Column("Class", 9, lambda car: words.car_class(replay.classes[car]), 0, "left"),
        Column("Wins class", 16, lambda car: bar(replay.p_win_class[car]), 0, "left"),
        Column("Wins", 5, lambda car: f"{replay.p_win[car]:.0%}"),
    ]
    return table(columns, cars, width)


def _what_ifs(replay: Replayed, width: int) -> RenderableType:
    rows = [(each, swing) for each in replay.what_ifs for swing in _telling_swings(each.swings)]

    def seconds(row: Any) -> Cell:
        swing = row[1]
        style = GOOD if swing.seconds > 2 * swing.seconds_se else ""
        if swing.seconds < -2 * swing.seconds_se:
            style = WARNING
        return Text(f"{swing.seconds:+.1f} ± {1.96 * swing.seconds_se:.1f}", style=style)

    def points(row: Any) -> Cell:
        return f"{row[1].points:+.2f} ± {1.96 * row[1].points_se:.2f}"

    def wins(row: Any) -> Cell:
        return f"{row[1].p_win_class_as_made:.0%} > {row[1].p_win_class:.0%}"

    columns = [
        Column("What if", 46, lambda row: row[0].text, 0, "left"),
        Column("No", 4, lambda row: words.car_number(row[1].car_number, "")),
        Column("Seconds", 14, seconds),
        Column("Points", 13, points, 1),
        Column("Wins class", 11, wins),
    ]
    return table(columns, rows, width)


def _telling_swings(swings: tuple[Any, ...]) -> list[Any]:
    """The few cars for which a what-if matters most; all of them where they are few."""
    if len(swings) <= 4:
        return list(swings)
    return sorted(swings, key=lambda swing: -abs(swing.p_win_class - swing.p_win_class_as_made))[:4]


def _known(facts: EmbeddedEvent, running: Race, width: int) -> RenderableType:
    final = running.at(running.end)
    known = {row.car_number: row for row in facts.on_the_road if row.car_number}
    cars = [car for car in final.cars if car.position_in_class <= 5]

    def fact(row: Any, name: str) -> str:
        found = known.get(row.car_number)
        value = None if found is None else getattr(found, name)
        return "?" if value is None else str(value)

    columns = [
        Column("No", 4, words.number_of),
        Column("Class", 9, words.class_of, 0, "left"),
        Column("PIC simulated", 13, lambda row: str(row.position_in_class)),
        Column("known", 5, lambda row: Text(fact(row, "position_in_class"), style=MUTED)),
        Column("Laps simulated", 14, lambda row: str(row.laps)),
        Column("known", 5, lambda row: Text(fact(row, "laps"), style=MUTED)),
        Column("Gap simulated", 13, lambda row: words.gap(row.class_gap)),
        Column("Gap known", 9, lambda row: Text(fact(row, "gap_text"), style=MUTED)),
    ]
    return table(columns, cars, width)
