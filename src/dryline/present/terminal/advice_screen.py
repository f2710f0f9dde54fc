"""The call in one screen, in the words of the pit wall."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from dryline.domain.clock_text import format_clock
from dryline.present.names import class_label
from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.screens import Row
from dryline.present.terminal.theme import MUTED
from dryline.present.terminal.timing_screen import stack

SHOWN = 6
FLIPS, RIVALS = 3, 8
_COUNTS = {0: "no", 2: "two", 4: "four"}
CLEAR = 2.0
"""A margin below so many standard errors is called too close."""
NUMBERS = ("now", "next lap", "in 2 laps", "in 3 laps")
TYRES = {"slick": "slicks", "wet": "wets", "inter": "intermediates", "keep": "tyres kept"}
FUEL = {
    "full": "fuel to the top",
    "to_the_end": "fuel to the flag",
    "splash": "a splash of fuel",
    "none": "no fuel",
}
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
    lap = answer["range"]["lap"]
    head = (
        f"{name}  {format_clock(answer['at_ms'])} of {format_clock(answer['length_ms'])}  "
        f"#{answer['car_number']} {class_label(answer['car_class'])}, lap {lap}"
    )
    parts: list[RenderableType] = [
        Text(head + ("  simulated" if answer["simulated"] else ""), style=MUTED),
        Text(f"{said(answer['call'], lap)}.", style="bold"),
        Text(_margin(answer)),
    ]
    parts += [Text(line) for line in (_other(answer), _waiting(answer), _rejoin(answer)) if line]
    parts += [Text(f"Flips if {_flip(each, answer)}.") for each in answer["flips_if"][:FLIPS]]
    parts += [Text(f"Against the rules: {line}.") for line in answer["against_rules"]]
    rows: list[Row] = list(answer["candidates"])[:SHOWN]
    parts += ["", table(_columns(answer), rows, width), ""]
    parts += [_named("Neutralised now", _cards(answer)), _named("If it rains", _rain(answer))]
    parts += [_named("To the flag", _ahead(answer)), _named("Stops left", _rivals(answer))]
    parts += [_named("Seen", _seen(answer))]
    parts += [
        Text(f"Evidence: {EVIDENCE[answer['evidence']]}. {_spent(answer)}", style=MUTED),
        Text(f"Not known: {'; '.join(answer['cannot_tell'])}.", style=MUTED),
    ]
    return stack(*(part for part in parts if not (isinstance(part, Text) and not part.plain)))


def said(call: Mapping[str, Any], lap: int, *, short: bool = False) -> str:
    """A call in words: ``Box now: four wets, energy to 64 %, Molina stays``; or less of it."""
    if call["action"] == "box":
        work = ", ".join(_work(call) if not short else _work(call)[:1])
        return f"Box {_when(call['lap'] - lap)}: {work}"
    if call["action"] == "save":
        how = "" if not call.get("save_pct") else f" {call['save_pct']:.0f} % a lap"
        what = "the flag without another stop" if call["until"] == "flag" else "one stop fewer"
        return f"Stay out and save{how}" + ("" if short else f": {what}")
    if call["until"] == "driver_due":
        return f"{STAYS['driver_due']}, lap {call['until_lap']}"
    tyres = "" if call["tyres"] is None else f": {_tyres(call['tyres'])}"
    if short:
        return STAYS_SHORT[call["until"]] + tyres
    if call["until"] == "range_end":
        return f"Stay out: to the end of the range, about lap {call['until_lap']}"
    if call["until"] == "policy":
        return f"Stay out: no stop before lap {call['until_lap']}, then as track and range ask"
    return STAYS[call["until"]] + tyres


STAYS = {
    "lane_opens": "Stay out now, box as soon as the pit lane opens",
    "wave_by": "Stay out for the wave-by, then box",
    "flag": "Stay out: no further stop is needed",
    "driver_due": "Stay out until the driver must change",
}
STAYS_SHORT = {
    "lane_opens": "Box when the lane opens",
    "wave_by": "Box after the wave-by",
    "flag": "Stay out",
    "driver_due": "Stay out until the driver must change",
    "range_end": "Stay out",
    "policy": "Stay out",
}


def _brief(call: Mapping[str, Any], lap: int) -> str:
    """A call as a line of the table."""
    fuel = f", {FUEL[call['fuel']]}" if call["action"] == "box" else ""
    who = "" if call["driver"] is None else f", {call['driver'].split()[-1].title()}"
    return said(call, lap, short=True) + fuel + (who if call["action"] == "box" else "")


def _work(call: Mapping[str, Any]) -> list[str]:
    """What is done at the stop: tyres, fuel or energy, hose, driver."""
    fuel = FUEL[call["fuel"]]
    if call.get("energy_pct") is not None and call["fuel"] != "none":
        fuel = f"energy to {call['energy_pct']:.0f} %"
    if call.get("hose_s"):
        fuel += f" ({call['hose_s']:.0f} s of hose)"
    work = [_tyres(call["tyres"]), fuel]
    if call["driver"] is not None:
        verb = "gets in" if call["driver_changes"] else "stays"
        work.append(f"{call['driver'].split()[-1].title()} {verb}")
    return work


def _tyres(tyres: Mapping[str, Any]) -> str:
    kind = TYRES[tyres["kind"]]
    if tyres["kind"] == "keep" or tyres["count"] is None:
        return kind
    return f"{_COUNTS[tyres['count']]} {kind}"


def _when(ahead: int) -> str:
    return NUMBERS[ahead] if 0 <= ahead < len(NUMBERS) else f"in {ahead} laps"


def lower(text: str) -> str:
    """A sentence as it goes on after another's beginning."""
    return text[:1].lower() + text[1:]


def _named(name: str, what: str) -> Text:
    """A line that begins with what it is about; empty where there is nothing to say."""
    return Text.assemble((f"{name}: ", "bold"), what) if what else Text("")


def _flip(flip: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """A condition, its probability, and what is done then."""
    lap = answer["range"]["lap"]
    other = _found(answer, flip["instead"])
    instead = "" if other is None else f": then {lower(said(other, lap, short=True))}"
    return f"{flip['condition']} (now {flip['now']:.0%}){instead}"


def _found(answer: Mapping[str, Any], key: str | None) -> Mapping[str, Any] | None:
    return next((each for each in answer["candidates"] if each["key"] == key), None)


def _margin(answer: Mapping[str, Any]) -> str:
    margin, seconds = answer["margin"], answer["margin_s"]
    second = _found(answer, margin["runner_up"])
    if second is None:
        return "There is no other call to make."
    than = lower(said(second, answer["range"]["lap"]))
    words, road = size(margin["value"], margin["se"], margin["unit"]), ""
    if margin["unit"] != "s" and seconds["value"] is not None:
        road = f"; {seconds['value']:+.1f} s (se {seconds['se']:.1f}) on the road"
    if abs(margin["value"]) < CLEAR * margin["se"] or margin["value"] <= 0:
        return f"Too close to call against the runner-up, {than}: {words}{road}."
    return f"{words} better than the runner-up, {than}{road}."


def size(value: float, se: float, unit: str) -> str:
    """A difference with its standard error, in words."""
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
    words = size(gap["value"], gap["se"], answer["margin"]["unit"])
    what = lower(said(other, answer["range"]["lap"], short=True))
    if not _is_clear(gap):
        return f"Too close to call against the best of another kind, {what}: {words}."
    return f"Over the best of another kind, {what}: {words}."


def _waiting(answer: Mapping[str, Any]) -> str:
    wait = answer["value_of_waiting"]
    if wait["value"] is None:
        return ""
    if abs(wait["value"]) < CLEAR * wait["se"]:
        return f"Waiting a lap: no difference to be told, {_signed(wait)}."
    what = "gains" if wait["value"] > 0 else "costs"
    return f"Waiting a lap {what} {size(abs(wait['value']), wait['se'], wait['unit'])}."


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
        Column("Call", 46, lambda row: lower(_brief(row, lap)), 0, "left"),
        Column(heading, 7, lambda row: f"{row['value']:.{digits}f}"),
        Column("Behind", 13, behind),
        Column("Seconds", 14, behind_s, 1),
        Column("Futures", 7, lambda row: str(row["replicates"]), 2),
    ]


def _cards(answer: Mapping[str, Any]) -> str:
    return "; ".join(_card(card, answer["range"]["lap"]) for card in answer["neutralised_now"])


def _card(card: Mapping[str, Any], lap: int) -> str:
    lane = card["pit_lane"].replace("_", " ")
    sure = "" if _is_clear(card["margin"]) else ", close"
    call = lower(said(card["call"], lap, short=True))
    return f"{KINDS[card['kind']]} (lane {lane}) {call}{sure}"


def _rain(answer: Mapping[str, Any]) -> str:
    lap = answer["range"]["lap"]
    return "; ".join(
        f"in sector {card['sector']} {lower(said(card['call'], lap, short=True))}"
        + ("" if _is_clear(card["margin"]) else ", close")
        for card in answer["cards"]["rain"]
    )


def _is_clear(margin: Mapping[str, Any]) -> bool:
    return bool(margin["value"] >= CLEAR * margin["se"] > 0)


def _ahead(answer: Mapping[str, Any]) -> str:
    """The window of the next stop, and how likely a lap more than planned is."""
    cards = answer["cards"]
    out, window = [], cards["window"]
    if window is not None and window["closes_lap"] is not None:
        laps = f"lap {window['opens_lap']} to {window['closes_lap']} (± {window['sd_laps']:.1f})"
        out.append(f"pit window {laps}")
    elif window is not None:
        out.append("no further stop for fuel")
    if cards["planned_laps"] is not None:
        more = f"{cards['p_one_more_lap']:.0%}"
        out.append(f"{cards['planned_laps']} laps in all, one more with {more}")
    return "; ".join(out)


def _rivals(answer: Mapping[str, Any]) -> str:
    cars = answer["cards"]["cars"][:RIVALS]
    return ", ".join(
        f"#{each['car_number']} {each['stops_left']['p50']:.0f}"
        + (
            ""
            if each["window"]["closes_lap"] is None
            else f" (by lap {each['window']['closes_lap']})"
        )
        for each in cars
    )


def _seen(answer: Mapping[str, Any]) -> str:
    """What the team said that is in force."""
    return "; ".join(
        f"{each['text']} ({each['author']}, {format_clock(each['at_ms'])})"
        for each in answer["team"]
        if each["kind"] not in ("note", "accept", "reject", "release")
    )


def _spent(answer: Mapping[str, Any]) -> str:
    most: int = max(each["replicates"] for each in answer["candidates"])
    return f"{most:,} futures for the closest; stopped: {answer['stopped']}; seed {answer['seed']}."
