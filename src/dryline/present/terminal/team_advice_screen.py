"""The joint call for a team's cars in one screen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from dryline.domain.clock_text import format_clock
from dryline.present.terminal.advice_screen import CLEAR, lower, said, size
from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.screens import Row
from dryline.present.terminal.theme import MUTED
from dryline.present.terminal.timing_screen import stack

SHOWN = 6


def team_advice(answer: Mapping[str, Any], name: str, width: int) -> RenderableType:
    """What each car does, whether they split, the margin, and what a double stack costs."""
    laps = {each["car_number"]: each["range"]["lap"] for each in answer["cars"]}
    head = f"{name}  {format_clock(answer['at_ms'])} of {format_clock(answer['length_ms'])}"
    tail = "  simulated" if answer["simulated"] else ""
    parts: list[RenderableType] = [Text(f"{head}  {answer['team']}{tail}", style=MUTED)]
    parts += [
        Text(f"#{each['car_number']}: {lower(said(each, laps[each['car_number']]))}.", style="bold")
        for each in answer["call"]
    ]
    if answer["split"]:
        parts.append(Text("The cars split: each covers the other's miss."))
    parts += [Text(_margin(answer, laps)), Text(_split(answer, laps)), Text(_stack_price(answer))]
    rows: list[Row] = list(answer["candidates"])[:SHOWN]
    parts += ["", table(_columns(laps, answer["margin"]["unit"]), rows, width), ""]
    parts += [Text(f"Alone: {_alone(each)}", style=MUTED) for each in answer["cars"]]
    parts += [Text(f"{line}.", style=MUTED) for line in answer["not_on_track"]]
    most = max(each["replicates"] for each in answer["candidates"])
    spent = (
        f"{most:,} futures for the closest; stopped: {answer['stopped']}; seed {answer['seed']}."
    )
    parts.append(Text(spent, style=MUTED))
    return stack(*(part for part in parts if not (isinstance(part, Text) and not part.plain)))


def _words(cars: list[dict[str, Any]], laps: Mapping[str, int]) -> str:
    return "; ".join(
        f"#{each['car_number']} {lower(said(each, laps[each['car_number']], short=True))}"
        for each in cars
    )


def _margin(answer: Mapping[str, Any], laps: Mapping[str, int]) -> str:
    margin, seconds = answer["margin"], answer["margin_s"]
    second = next((e for e in answer["candidates"] if e["key"] == margin["runner_up"]), None)
    if second is None:
        return "There is no other call to make."
    words = size(margin["value"], margin["se"], margin["unit"])
    if margin["unit"] != "s" and seconds["value"] is not None:
        words += f", {seconds['value']:+.1f} s (se {seconds['se']:.1f}) together"
    than = _words(second["cars"], laps)
    if margin["value"] < CLEAR * margin["se"]:
        return f"Too close to call against the runner-up, {than}: {words}."
    return f"{words} better than the runner-up, {than}."


def _split(answer: Mapping[str, Any], laps: Mapping[str, int]) -> str:
    """The best split where the call is none, and the other way round."""
    other = next(
        (each for each in answer["candidates"] if each["split"] != answer["split"]), None
    )  # fmt: skip
    if other is None:
        return ""
    what = "Not splitting" if answer["split"] else "Splitting"
    gap = size(other["behind_call"]["value"], other["behind_call"]["se"], answer["margin"]["unit"])
    best = f"the better car would be P{other['best_place']['value']:.1f}"
    call = f"P{answer['candidates'][0]['best_place']['value']:.1f}"
    return f"{what} ({_words(other['cars'], laps)}): {gap} behind; {best}, now {call}."


def _stack_price(answer: Mapping[str, Any]) -> str:
    stacked = answer["double_stack"]
    if stacked is None:
        return ""
    waits, costs = stacked["waits_s"], stacked["costs"]
    return (
        f"Both in on this lap and in one box: {waits['value']:.1f} s (se {waits['se']:.1f}) lost, "
        f"{size(costs['value'], costs['se'], costs['unit'])}."
    )


def _alone(each: Mapping[str, Any]) -> str:
    call = lower(said(each["call"], each["range"]["lap"]))
    return f"#{each['car_number']} {call}; evidence {each['evidence']}"


def _columns(laps: Mapping[str, int], unit: str) -> list[Column]:
    digits = 1 if unit == "s" else 2

    def behind(row: Row) -> str:
        gap = row["behind_call"]
        return f"{gap['value']:.{digits}f} ± {gap['se']:.{digits}f}"

    def behind_s(row: Row) -> str:
        gap = row["behind_call_s"]
        return f"{gap['value']:.1f} ± {gap['se']:.1f}"

    def places(row: Row) -> str:
        return " + ".join(f"{each['place']:.1f}" for each in row["cars"])

    return [
        Column("Calls", 52, lambda row: _words(row["cars"], laps), 0, "left"),
        Column("Places", 10, places),
        Column("Behind", 13, behind),
        Column("Seconds", 13, behind_s, 1),
    ]
