"""The call in one screen, in the words of the pit wall."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import RenderableType
from rich.text import Text

from dryline.answers.advice import Advice
from dryline.answers.call import ComparedCall
from dryline.answers.cards import NeutralisedNow
from dryline.answers.quantities import Difference, Neighbour
from dryline.answers.words import lower, size
from dryline.domain.clock_text import format_clock
from dryline.domain.language import language
from dryline.present.names import class_label
from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.theme import MUTED
from dryline.present.terminal.timing_screen import stack
from dryline.strategy.candidates import SURE_P
from dryline.strategy.flips import Flip

SHOWN = 6
FLIPS, RIVALS = 3, 8
LEAST_P = 0.005
"""Below it reaching the flag is no question."""
CLEAR = 2.0
"""A margin below so many standard errors is called too close."""


def advice(answer: Advice, name: str, width: int) -> RenderableType:
    """The call, its margin, where it leads, what flips it, and what is not known."""
    head = (
        f"{name}  {format_clock(answer.at_ms)} of {format_clock(answer.length_ms)}  "
        f"#{answer.car_number} {class_label(answer.car_class)}, lap {answer.range.lap}"
    )
    parts: list[RenderableType] = [
        Text(head + ("  simulated" if answer.simulated else ""), style=MUTED),
        Text(f"{answer.call.words.exact}.", style="bold"),
        Text(_margin(answer)),
    ]
    lines = (_waiting(answer), _first_lap(answer), _rejoin(answer))
    parts += [Text(line) for line in lines if line]
    shown = (*answer.flips_if[:-1][: FLIPS - 1], *answer.flips_if[-1:])
    parts += [Text(f"Flips if {_flip(each, answer)}.") for each in shown]
    parts += [Text(f"Against the rules: {line}.") for line in answer.against_rules]
    parts += [Text(f"Not used: {line}.") for line in answer.not_used]
    parts += ["", table(_columns(answer), answer.candidates[:SHOWN], width), ""]
    parts += [_named("Neutralised now", _cards(answer)), _named("If it rains", _rain(answer))]
    parts += [_named("To the flag", _ahead(answer)), _named("Stops left", _rivals(answer))]
    parts += [_named("Seen", _seen(answer))]
    parts += [
        Text(f"Evidence: {_evidence(answer)}. {_spent(answer)}", style=MUTED),
        Text(f"Not known: {'; '.join(answer.cannot_tell)}.", style=MUTED),
    ]
    return stack(*(part for part in parts if not (isinstance(part, Text) and not part.plain)))


def _named(name: str, what: str) -> Text:
    """A line that begins with what it is about; empty where there is nothing to say."""
    return Text.assemble((f"{name}: ", "bold"), what) if what else Text("")


def _flip(flip: Flip, answer: Advice) -> str:
    """A condition, its probability, and what is done then."""
    other = answer.candidate(flip.instead)
    instead = (
        ""
        if other is None or other.key == answer.call.key
        else f": then {lower(other.words.short)}"
    )
    return f"{flip.condition} (now {flip.now:.0%}){instead}"


def _margin(answer: Advice) -> str:
    words = answer.margin_words
    return f"{words[:1].upper()}{words[1:]}."


def _waiting(answer: Advice) -> str:
    wait, unit = answer.value_of_waiting.known, answer.value_of_waiting.unit
    if wait is None:
        return ""
    value, se = wait
    if abs(value) < CLEAR * se:
        return f"Waiting a lap, simulated: no difference, {value:+.2f} {unit} (se {se:.2f})."
    what = "gains" if value > 0 else "costs"
    return f"Waiting a lap, simulated, {what} {size(abs(value), se, unit)}."


def _first_lap(answer: Advice) -> str:
    words = "" if answer.first_lap is None else answer.first_lap.words
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _rejoin(answer: Advice) -> str:
    found = answer.rejoin
    if found is None:
        return ""
    place = found.full.position
    return (
        f"Boxing now: out at {format_clock(found.out_ms.p50)}, P{place} in class "
        f"({found.full.p_position_in_class[place - 1]:.0%}), between {_who(found.ghost.ahead)} and "
        f"{_who(found.ghost.behind)} of those who stay out."
    )


def _who(pairs: tuple[Neighbour, ...]) -> str:
    if not pairs:
        return "nobody"
    first = pairs[0]
    name = "nobody" if first.car_number is None else f"#{first.car_number}"
    return f"{name} ({first.p:.0%})"


def _columns(answer: Advice) -> list[Column]:
    unit = answer.margin.unit
    digits = 1 if unit == "s" else 2
    heading = {"class places": "Place", "s": "Seconds", "points": "Points"}.get(unit, "P")

    def cell(of: Callable[[ComparedCall], str]) -> Callable[[ComparedCall], str]:
        return of

    return [
        Column("Call", 46, cell(lambda row: lower(row.words.brief)), 0, "left"),
        Column(heading, 7, cell(lambda row: f"{row.value:.{digits}f}")),
        Column("Behind", 13, cell(lambda row: give_or_take(row.behind_call, digits))),
        Column("Seconds", 14, cell(lambda row: give_or_take(row.behind_call_s, 1)), 1),
        Column("Futures", 7, cell(lambda row: str(row.replicates)), 2),
    ]


def give_or_take(gap: Difference, digits: int) -> str:
    """A difference and its standard error: ``0.31 ± 0.05``."""
    value, se = gap.known or (0.0, 0.0)
    return f"{value:.{digits}f} ± {se:.{digits}f}"


def _cards(answer: Advice) -> str:
    return "; ".join(_card(card) for card in answer.neutralised_now)


def _card(card: NeutralisedNow) -> str:
    lane = card.pit_lane.replace("_", " ")
    sure = "" if card.margin.known is None or is_clear(card.margin) else ", close"
    return f"{card.name} (lane {lane}) {lower(card.call.words.short)}{sure}{_price(card)}"


def _price(card: NeutralisedNow) -> str:
    """What a stop then costs, where that has been measured and the call is to make one."""
    stops = card.call.action == "box" or card.call.until == "lane_opens"
    if not stops or card.stop_s is None or card.green_stop_s is None:
        return ""
    return f", about {card.stop_s:.0f} s for {card.green_stop_s:.0f} s under green"


def _rain(answer: Advice) -> str:
    return "; ".join(
        f"in sector {card.sector} {lower(card.call.words.short)}"
        + ("" if is_clear(card.margin) else ", close")
        for card in answer.cards.rain
    )


def is_clear(margin: Difference) -> bool:
    """Whether a margin is more than luck may make of it."""
    return margin.known is not None and margin.known[0] >= CLEAR * margin.known[1] > 0


def _ahead(answer: Advice) -> str:
    """The window of the next stop, and how likely a lap more than planned is."""
    cards = answer.cards
    out, window = [], cards.window
    if window is not None and window.closes_lap is not None:
        to = "" if window.opens_lap == window.closes_lap else f" to {window.closes_lap}"
        out.append(f"pit window lap {window.opens_lap}{to} (± {window.sd_laps:.1f})")
    elif window is not None:
        out.append("no further stop for fuel")
    out += _tank(answer)
    if cards.planned_laps is not None and cards.p_one_more_lap is not None:
        out.append(f"{cards.planned_laps} laps in all, one more with {cards.p_one_more_lap:.0%}")
    return "; ".join(out)


def _tank(answer: Advice) -> list[str]:
    """How surely the tank reaches the flag, where that is a question, and what makes it sure."""
    held = answer.range
    if not LEAST_P < held.p_reach <= SURE_P:
        return []
    out = [f"the tank reaches the flag with {held.p_reach:.0%}"]
    if held.save_pct is not None:
        out.append(f"surely with {held.save_pct:.0f} % saved a lap")
    if held.splash_s is not None:
        out.append(f"a splash costs {held.splash_s:.0f} s")
    return [", ".join(out)]


def _rivals(answer: Advice) -> str:
    return ", ".join(
        f"#{each.car_number} {each.stops_left.p50:.0f}"
        + ("" if each.window.closes_lap is None else f" (by lap {each.window.closes_lap})")
        for each in answer.cards.cars[:RIVALS]
    )


def _seen(answer: Advice) -> str:
    """What the team said that is in force."""
    return "; ".join(
        f"{each.text} ({each.author}, {format_clock(each.at_ms)})"
        for each in answer.team
        if each.kind not in ("note", "accept", "reject", "release")
    )


def _evidence(answer: Advice) -> str:
    return f"{answer.evidence}, {language().say('evidence', answer.evidence)}"


def _spent(answer: Advice) -> str:
    most = max(each.replicates for each in answer.candidates)
    return f"{most:,} futures for the closest; stopped: {answer.stopped}; seed {answer.seed}."
