"""The cards of the whole field in one screen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rich.console import RenderableType
from rich.text import Text

from dryline.answers.call import WordedAction
from dryline.answers.cards import CarCards, Cards
from dryline.answers.quantities import Difference
from dryline.answers.words import lower
from dryline.domain.clock_text import format_clock
from dryline.present.terminal import words
from dryline.present.terminal.advice_screen import is_clear
from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.theme import MUTED
from dryline.present.terminal.timing_screen import stack


def cards(answer: Cards, name: str, width: int) -> RenderableType:
    """Per class and car: the next stop, and what it does if neutralised now or if it rains."""
    head = f"{name}  {format_clock(answer.at_ms)} of {format_clock(answer.length_ms)}  cards"
    parts: list[RenderableType] = [
        Text(head + ("  simulated" if answer.simulated else ""), style="bold")
    ]
    if not answer.cars:
        parts.append(Text("No car is on the track."))
    for car_class in dict.fromkeys(car.car_class for car in answer.cars):
        rows = [car for car in answer.cars if car.car_class == car_class]
        parts += ["", words.car_class(car_class), table(_columns(rows), rows, width)]
    spent = f"{answer.replicates:,} futures for each card, seed {answer.seed}; ~ is close."
    parts += ["", Text(spent, style=MUTED)]
    return stack(*parts)


def _columns(rows: list[CarCards]) -> list[Column]:
    def cell(of: Callable[[CarCards], str | Text]) -> Callable[[CarCards], str | Text]:
        return of

    kinds = {card.kind: card.short_name for car in rows for card in car.neutralised_now}
    rain = any(car.rain for car in rows)
    return [
        Column("No", 4, cell(words.number_of)),
        Column("Stops", 5, cell(lambda car: f"{car.stops_left.p50:.0f}")),
        Column("Window", 9, cell(_window), 1),
        *(
            Column(short, 13, partial(_neutralised, kind=kind), 0, "left")
            for kind, short in kinds.items()
        ),
        *([Column("Rain", 21, cell(_rain), 1, "left")] if rain else []),
    ]


def _window(car: CarCards) -> str:
    window = car.window
    return "–" if window.closes_lap is None else f"{window.opens_lap}-{window.closes_lap}"


def _neutralised(car: CarCards, *, kind: str) -> str:
    found = next((card for card in car.neutralised_now if card.kind == kind), None)
    return "–" if found is None else _least(found.call, found.margin)


def _rain(car: CarCards) -> str:
    """By sector where the calls differ."""
    said = [(card.sector, _least(card.call, card.margin)) for card in car.rain]
    if len({what for _, what in said}) == 1:
        return said[0][1]
    return ", ".join(f"S{sector} {what}" for sector, what in said)


def _least(call: WordedAction, margin: Difference) -> str:
    what = lower(call.words.headline)
    return what if margin.known is None or is_clear(margin) else f"{what} ~"
