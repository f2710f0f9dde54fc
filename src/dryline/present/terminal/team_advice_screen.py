"""The joint call for a team's cars in one screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.console import RenderableType
from rich.text import Text

from dryline.answers.advice import Advice
from dryline.answers.team_advice import CarAction, JointCandidate, TeamAdvice
from dryline.answers.words import lower, size
from dryline.domain.clock_text import format_clock
from dryline.present.terminal.advice_screen import CLEAR, give_or_take
from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.theme import MUTED
from dryline.present.terminal.timing_screen import stack

SHOWN = 6


def team_advice(answer: TeamAdvice, name: str, width: int) -> RenderableType:
    """What each car does, whether they split, the margin, and what a double stack costs."""
    head = f"{name}  {format_clock(answer.at_ms)} of {format_clock(answer.length_ms)}"
    tail = "  simulated" if answer.simulated else ""
    parts: list[RenderableType] = [Text(f"{head}  {answer.team}{tail}", style=MUTED)]
    parts += [
        Text(f"#{each.car_number}: {lower(each.words.exact)}.", style="bold")
        for each in answer.call
    ]
    if answer.split:
        parts.append(Text("The cars split: each covers the other's miss."))
    parts += [Text(_margin(answer)), Text(_split(answer)), Text(_stack_price(answer))]
    rows = answer.candidates[:SHOWN]
    parts += ["", table(_columns(answer.margin.unit), rows, width), ""]
    parts += [Text(f"Alone: {_alone(each)}", style=MUTED) for each in answer.cars]
    parts += [Text(f"{line}.", style=MUTED) for line in answer.not_on_track]
    most = max(each.replicates for each in answer.candidates)
    spent = f"{most:,} futures for the closest; stopped: {answer.stopped}; seed {answer.seed}."
    parts.append(Text(spent, style=MUTED))
    return stack(*(part for part in parts if not (isinstance(part, Text) and not part.plain)))


def _words(cars: Iterable[CarAction]) -> str:
    return "; ".join(f"#{each.car_number} {lower(each.words.short)}" for each in cars)


def _margin(answer: TeamAdvice) -> str:
    margin, seconds = answer.margin.known, answer.margin_s.known
    key, unit = answer.margin.runner_up, answer.margin.unit
    second = next((each for each in answer.candidates if each.key == key), None)
    if second is None or margin is None:
        return "There is no other call to make."
    words = size(*margin, unit)
    if unit != "s" and seconds is not None:
        words += f", {seconds[0]:+.1f} s (se {seconds[1]:.1f}) together"
    than = _words(second.cars)
    if margin[0] < CLEAR * margin[1]:
        return f"Too close to call against the runner-up, {than}: {words}."
    return f"{words} better than the runner-up, {than}."


def _split(answer: TeamAdvice) -> str:
    """The best split where the call is none, and the other way round."""
    other = next((each for each in answer.candidates if each.split != answer.split), None)
    gap = None if other is None else other.behind_call.known
    if other is None or gap is None:
        return ""
    what = "Not splitting" if answer.split else "Splitting"
    best = f"the better car would be P{other.best_place.value:.1f}"
    call = f"P{answer.candidates[0].best_place.value:.1f}"
    behind = size(*gap, answer.margin.unit)
    return f"{what} ({_words(other.cars)}): {behind} behind; {best}, now {call}."


def _stack_price(answer: TeamAdvice) -> str:
    stacked = answer.double_stack
    waits = None if stacked is None else stacked.waits_s.known
    costs = None if stacked is None else stacked.costs.known
    if stacked is None or waits is None or costs is None:
        return ""
    return (
        f"Both in on this lap and in one box: {waits[0]:.1f} s (se {waits[1]:.1f}) lost, "
        f"{size(*costs, stacked.costs.unit)}."
    )


def _alone(each: Advice) -> str:
    return f"#{each.car_number} {lower(each.call.words.exact)}; evidence {each.evidence}"


def _columns(unit: str) -> list[Column]:
    digits = 1 if unit == "s" else 2

    def cell(of: Callable[[JointCandidate], str]) -> Callable[[JointCandidate], str]:
        return of

    return [
        Column("Calls", 52, cell(lambda row: _words(row.cars)), 0, "left"),
        Column("Places", 10, cell(lambda row: " + ".join(f"{e.place:.1f}" for e in row.cars))),
        Column("Behind", 13, cell(lambda row: give_or_take(row.behind_call, digits))),
        Column("Seconds", 13, cell(lambda row: give_or_take(row.behind_call_s, 1)), 1),
    ]
