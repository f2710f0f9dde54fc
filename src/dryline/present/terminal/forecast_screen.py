"""Forecasts for people: probabilities as bars with their figures, and how sure the draws are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich.console import RenderableType
from rich.text import Text

from dryline.answers.forecast import CarChances, Forecast, Ranks, Rejoin
from dryline.answers.quantities import Neighbour, Quantiles
from dryline.domain.clock_text import format_clock, format_ms
from dryline.present.terminal import words
from dryline.present.terminal.columns import Cell, Column, table
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
    answer: Forecast, places: Mapping[str, int], name: str, width: int, top: int | None
) -> RenderableType:
    """Per class the cars most likely to win; ``places`` is the order in class now."""
    parts: list[RenderableType] = [
        Text(
            f"{name}  {format_clock(answer.at_ms)} of {format_clock(answer.length_ms)}  forecast",
            style="bold",
        ),
        Text(
            f"{answer.replicates:,} replicates, seed {answer.seed}; "
            "a probability of 50 % is drawn to within "
            f"± {100 * 1.96 * (0.25 / answer.replicates) ** 0.5:.1f} points",
            style=MUTED,
        ),
    ]
    for car_class in dict.fromkeys(car.car_class for car in answer.cars):
        rows = [car for car in answer.cars if car.car_class == car_class]
        rows.sort(key=lambda car: (-car.p_win_class, car.expected_position_in_class))
        shown = rows if top is None else rows[:top]
        more = len(rows) - len(shown)
        parts += ["", words.car_class(car_class), table(_columns(places), shown, width)]
        parts += [Text(f"and {more} more; --all shows them", style=MUTED)] if more else []
    return stack(*parts)


def _columns(places: Mapping[str, int]) -> list[Column]:
    def cell(of: Callable[[CarChances], Cell]) -> Callable[[CarChances], Cell]:
        return of

    return [
        Column("No", 4, cell(words.number_of)),
        Column("PIC now", 7, cell(lambda car: str(places.get(car.car_number, "–")))),
        Column("Wins class", 16, cell(lambda car: bar(car.p_win_class)), 0, "left"),
        Column("Podium", 6, cell(lambda car: f"{car.p_podium_class:.0%}")),
        Column("Expected", 8, cell(lambda car: f"P{car.expected_position_in_class:.1f}"), 1),
        Column("Wins", 5, cell(lambda car: f"{car.p_win:.0%}"), 2),
        Column("Retires", 7, cell(lambda car: f"{car.p_retire:.0%}"), 2),
        Column("Laps", 14, cell(lambda car: between(car.laps)), 2),
        Column("Stops left", 14, cell(lambda car: between(car.stops_left)), 2),
    ]


def between(found: Quantiles) -> str:
    """The middle, and in brackets what eight in ten lie between."""
    if found.p10 == found.p90:
        return f"{found.p50}"
    return f"{found.p50} ({found.p10}-{found.p90})"


def rejoin(answer: Rejoin, name: str, at_ms: int, width: int) -> RenderableType:
    """Box now: out when, at which place, between whom."""
    found = answer.pit_lane_ms
    lane = f"{format_ms(found.p50, places=1)} in the lane ({format_ms(found.p10, places=1)} to "
    lane += f"{format_ms(found.p90, places=1)})"
    return stack(
        Text(f"{name}  {format_clock(at_ms)}  #{answer.car_number}: box now", style="bold"),
        Text(f"Out at {format_clock(answer.out_ms.p50)}, {lane}."),
        "",
        Text(f"Among all of the class, who may stop too: {_places(answer.full)}."),
        Text(f"Among those who stay out: {_places(answer.ghost)}."),
        Text(f"Between {_who(answer.ghost.ahead)} ahead and {_who(answer.ghost.behind)} behind."),
    )


def _places(ranks: Ranks) -> str:
    likely = sorted(enumerate(ranks.p_position_in_class, start=1), key=lambda at: -at[1])
    return ", ".join(f"P{place} {p:.0%}" for place, p in likely[:3] if p >= 0.05)


def _who(neighbours: Sequence[Neighbour]) -> str:
    named = [
        f"{'nobody' if each.car_number is None else '#' + each.car_number} {each.p:.0%}"
        for each in neighbours[:2]
        if each.p >= 0.1
    ]
    return " or ".join(named) or "cannot tell"
