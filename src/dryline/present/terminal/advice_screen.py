"""The call in one screen, in the words of the pit wall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from dryline.domain.clock_text import format_clock
from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.screens import Row
from dryline.present.terminal.theme import MUTED
from dryline.present.terminal.timing_screen import stack

SHOWN = 6
_COUNTS = {2: "two", 4: "four"}
CLEAR = 2.0
"""A margin below so many standard errors is called too close."""
NUMBERS = ("now", "next lap", "in 2 laps", "in 3 laps")
TYRES = {"slick": "slicks", "wet": "wets", "inter": "intermediates", "keep": "tyres kept"}
FUEL = {"full": "fuel to the top", "to_the_end": "fuel to the flag", "none": "no fuel"}
KINDS = {
    "fcy": "full course yellow",
    "vsc": "virtual safety car",
    "safety_car": "safety car",
    "red": "red flag",
}
EVIDENCE = {
    "A": "A, measured in this race",
    "B": "B, measured in other races",
    "C": "C, assumed where nothing was measured",
}


def advice(answer: Mapping[str, Any], name: str, width: int) -> RenderableType:
    """The call, its margin, where it leads, what flips it, and what is not known."""
    head = (
        f"{name}  {format_clock(answer['at_ms'])} of {format_clock(answer['length_ms'])}  "
        f"#{answer['car_number']} {answer['car_class']}, lap {answer['range']['lap']}"
    )
    parts: list[RenderableType] = [
        Text(head + ("  simulated" if answer["simulated"] else ""), style=MUTED),
        Text(f"{said(answer['call'], answer['range']['lap'])}.", style="bold"),
        Text(_margin(answer)),
    ]
    parts += [Text(line) for line in (_other(answer), _waiting(answer), _rejoin(answer)) if line]
    parts += [Text(f"Flips if {f['condition']} (now {f['now']:.0%}).") for f in answer["flips_if"]]
    rows: list[Row] = list(answer["candidates"])[:SHOWN]
    parts += ["", table(_columns(answer), rows, width)]
    if answer["neutralised_now"]:
        parts += ["", Text("Neutralised now", style="bold")]
        parts += [Text(_card(card, answer["range"]["lap"])) for card in answer["neutralised_now"]]
    parts += ["", Text(f"Evidence: {EVIDENCE[answer['evidence']]}. {_spent(answer)}", style=MUTED)]
    parts += [Text(f"Not known: {line}.", style=MUTED) for line in answer["cannot_tell"]]
    return stack(*parts)


def said(call: Mapping[str, Any], lap: int) -> str:
    """A call in words: ``Box now: wets, fuel to the top``."""
    if call["action"] == "box":
        work = f"{_tyres(call['tyres'])}, {FUEL[call['fuel']]}"
        return f"Box {_when(call['lap'] - lap)}: {work}"
    if call["action"] == "save":
        return "Stay out and save: the flag without another stop"
    if call["until"] == "lane_opens":
        return "Stay out now, and box as soon as the pit lane opens"
    if call["until"] == "flag":
        return "Stay out: no further stop is needed"
    if call["until"] == "range_end":
        return f"Stay out: to the end of the range, about lap {call['until_lap']}"
    return f"Stay out: no stop before lap {call['until_lap']}, then as the track and the range ask"


def _tyres(tyres: Mapping[str, Any]) -> str:
    kind = TYRES[tyres["kind"]]
    return kind if tyres["count"] is None else f"{_COUNTS[tyres['count']]} {kind}"


def _when(ahead: int) -> str:
    return NUMBERS[ahead] if 0 <= ahead < len(NUMBERS) else f"in {ahead} laps"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _found(answer: Mapping[str, Any], key: str | None) -> Mapping[str, Any] | None:
    return next((each for each in answer["candidates"] if each["key"] == key), None)


def _margin(answer: Mapping[str, Any]) -> str:
    margin, seconds = answer["margin"], answer["margin_s"]
    second = _found(answer, margin["runner_up"])
    if second is None:
        return "There is no other call to make."
    than = _lower(said(second, answer["range"]["lap"]))
    size = _size(margin["value"], margin["se"], margin["unit"])
    if margin["unit"] != "s" and seconds["value"] is not None:
        size += f", {seconds['value']:+.1f} s (se {seconds['se']:.1f}) on the road"
    if abs(margin["value"]) < CLEAR * margin["se"] or margin["value"] <= 0:
        return f"Too close to call against the runner-up, {than}: {size}."
    return f"{size} better than the runner-up, {than}."


def _size(value: float, se: float, unit: str) -> str:
    if unit.startswith("probability"):
        return f"{100 * value:.1f} points (se {100 * se:.1f}) of the {unit}"
    digits = 1 if unit == "s" else 2
    return f"{value:.{digits}f} {unit} (se {se:.{digits}f})"


def _other(answer: Mapping[str, Any]) -> str:
    """The best call of another kind, where the runner-up is only another lap."""
    call = answer["call"]
    kind = (call["action"], call["tyres"])
    other = next(
        (each for each in answer["candidates"] if (each["action"], each["tyres"]) != kind), None
    )
    if other is None or other["key"] == answer["margin"]["runner_up"]:
        return ""
    gap = other["behind_call"]
    size = _size(gap["value"], gap["se"], answer["margin"]["unit"])
    return f"Against that of another kind, {_lower(said(other, answer['range']['lap']))}: {size}."


def _waiting(answer: Mapping[str, Any]) -> str:
    wait = answer["value_of_waiting"]
    if wait["value"] is None:
        return ""
    if abs(wait["value"]) < CLEAR * wait["se"]:
        return f"Waiting a lap: no difference to be told, {_signed(wait)}."
    what = "gains" if wait["value"] > 0 else "costs"
    return f"Waiting a lap {what} {_size(abs(wait['value']), wait['se'], wait['unit'])}."


def _signed(wait: Mapping[str, Any]) -> str:
    return f"{wait['value']:+.2f} {wait['unit']} (se {wait['se']:.2f})"


def _rejoin(answer: Mapping[str, Any]) -> str:
    found = answer["rejoin"]
    if found is None:
        return ""
    places = found["full"]["p_position_in_class"]
    best = max(range(len(places)), key=lambda at: places[at])
    return (
        f"Boxing now: out at {format_clock(found['out_ms']['p50'])}, P{best + 1} in class "
        f"({places[best]:.0%}), between {_who(found['ghost']['ahead'])} and "
        f"{_who(found['ghost']['behind'])} of those who stay out."
    )


def _who(pairs: list[dict[str, Any]]) -> str:
    if not pairs:
        return "nobody"
    first = pairs[0]
    name = "nobody" if first["car_number"] is None else f"#{first['car_number']}"
    return f"{name} ({first['p']:.0%})"


def _columns(answer: Mapping[str, Any]) -> list[Column]:
    lap, unit = answer["range"]["lap"], answer["margin"]["unit"]
    digits = 1 if unit == "s" else 2
    heading = {"class places": "Place", "s": "Seconds", "points": "Points"}.get(unit, "P")

    def behind(row: Row) -> str:
        gap = row["behind_call"]
        return f"{gap['value']:.{digits}f} ± {gap['se']:.{digits}f}"

    def behind_s(row: Row) -> str:
        gap = row["behind_call_s"]
        return f"{gap['value']:.1f} ± {gap['se']:.1f}"

    return [
        Column("Call", 44, lambda row: _lower(said(row, lap)), 0, "left"),
        Column(heading, 7, lambda row: f"{row['value']:.{digits}f}"),
        Column("Behind", 13, behind),
        Column("Seconds", 14, behind_s, 1),
        Column("Futures", 7, lambda row: str(row["replicates"]), 2),
    ]


def _card(card: Mapping[str, Any], lap: int) -> str:
    lane = card["pit_lane"].replace("_", " ")
    margin = card["margin"]
    sure = "" if margin["value"] >= CLEAR * margin["se"] > 0 else ", close"
    return f"  {KINDS[card['kind']]}: pit lane {lane}; {_lower(said(card['call'], lap))}{sure}"


def _spent(answer: Mapping[str, Any]) -> str:
    most: int = max(each["replicates"] for each in answer["candidates"])
    return f"{most:,} futures for the closest; stopped: {answer['stopped']}; seed {answer['seed']}."
