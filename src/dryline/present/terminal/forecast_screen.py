"""Forecasts for people: probabilities as bars with their figures, and how sure the draws are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from dryline.domain.clock_text import format_clock, format_ms
from dryline.present.terminal import words
from dryline.present.terminal.columns import Cell, Column, table
from dryline.present.terminal.screens import Row
from dryline.present.terminal.theme import MUTED
from dryline.present.terminal.timing_screen import stack

BAR = 10


def bar(p: float) -> Text:
    """A probability as a bar of ten with its figure."""
    filled = round(p * BAR)
    text = Text("█" * filled, style="#8b97a8")
    text.append(" " * (BAR - filled))
    text.append(f" {p:4.0%}", style="" if p >= 0.005 else MUTED)
    return text


def forecast(
    answer: Mapping[str, Any], places: Mapping[str, int], name: str, width: int, top: int | None
) -> RenderableType:
    """Per class the cars most likely to win; ``places`` is the order in class now."""
    cars: list[Row] = list(answer["cars"])
    parts: list[RenderableType] = [
        Text(
            f"{name}  {format_clock(answer['at_ms'])} of {format_clock(answer['length_ms'])}  "
            "forecast",
            style="bold",
        ),
        Text(
            f"{answer['replicates']:,} replicates, seed {answer['seed']}; "
            "a probability of 50 % is drawn to within "
            f"± {100 * 1.96 * (0.25 / answer['replicates']) ** 0.5:.1f} points",
            style=MUTED,
        ),
    ]
    for car_class in dict.fromkeys(car["car_class"] for car in cars):
        rows = [car for car in cars if car["car_class"] == car_class]
        rows.sort(key=lambda car: (-car["p_win_class"], _expected(car)))
        shown = rows if top is None else rows[:top]
        more = len(rows) - len(shown)
        parts += ["", words.car_class(car_class), table(_columns(places), shown, width)]
        parts += [Text(f"and {more} more; --all shows them", style=MUTED)] if more else []
    return stack(*parts)


def _expected(car: Row) -> float:
    return float(sum((place + 1) * p for place, p in enumerate(car["p_position_in_class"])))


def _columns(places: Mapping[str, int]) -> list[Column]:
    def number(row: Row) -> Cell:
        return words.car_number(row["car_number"], row["car_class"])

    def between(name: str) -> Column:
        def cell(row: Row) -> Cell:
            low, middle, high = (row[name][q] for q in ("p10", "p50", "p90"))
            return f"{middle}" if low == high else f"{middle} ({low}-{high})"

        return Column(name.replace("_", " ").capitalize(), 14, cell, 2)

    return [
        Column("No", 4, number),
        Column("PIC now", 7, lambda row: str(places.get(row["car_number"], "–"))),
        Column("Wins class", 16, lambda row: bar(row["p_win_class"]), 0, "left"),
        Column("Podium", 6, lambda row: f"{row['p_podium_class']:.0%}"),
        Column("Expected", 8, lambda row: f"P{_expected(row):.1f}", 1),
        Column("Wins", 5, lambda row: f"{row['p_win']:.0%}", 2),
        Column("Retires", 7, lambda row: f"{row['p_retire']:.0%}", 2),
        between("laps"),
        between("stops_left"),
    ]


def rejoin(answer: Mapping[str, Any], name: str, at_ms: int, width: int) -> RenderableType:
    """Box now: out when, at which place, between whom."""
    number = answer["car_number"]
    low, middle, high = (answer["pit_lane_ms"][q] for q in ("p10", "p50", "p90"))
    lane = f"{format_ms(middle, places=1)} in the lane ({format_ms(low, places=1)} to "
    lane += f"{format_ms(high, places=1)})"
    return stack(
        Text(f"{name}  {format_clock(at_ms)}  #{number}: box now", style="bold"),
        Text(f"Out at {format_clock(answer['out_ms']['p50'])}, {lane}."),
        "",
        Text(f"Among all of the class, who may stop too: {_places(answer['full'])}."),
        Text(f"Among those who do not stop meanwhile: {_places(answer['ghost'])}."),
        Text(f"Between {_who(answer['ghost']['ahead'])} ahead "
             f"and {_who(answer['ghost']['behind'])} behind."),
    )  # fmt: skip


def _places(ranks: Mapping[str, Any]) -> str:
    likely = sorted(enumerate(ranks["p_position_in_class"], start=1), key=lambda at: -at[1])
    return ", ".join(f"P{place} {p:.0%}" for place, p in likely[:3] if p >= 0.05)


def _who(pairs: list[dict[str, Any]]) -> str:
    named = [
        f"{'nobody' if pair['car_number'] is None else '#' + pair['car_number']} {pair['p']:.0%}"
        for pair in pairs[:2]
        if pair["p"] >= 0.1
    ]
    return " or ".join(named) or "cannot tell"
