"""The words for claims from an event's facts: grid, passes, rain, tyre calls, championship."""

from __future__ import annotations

import re
from collections.abc import Callable

from dryline.domain.clock_text import format_ms
from dryline.domain.series import Series, every_series
from dryline.present.names import cars, listed, person, safe, the_class
from dryline.present.report.prose_race import KINDS, machine
from dryline.present.report.template import V, Words
from dryline.present.report.words import count, nth, times

_ROUNDS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def _round(number: int) -> str:
    return _ROUNDS[number] if 0 < number < len(_ROUNDS) else str(number)


def _pass(v: V) -> str:
    when = "on the last lap" if v["race_time"] == "last lap" else f"at {_about(v)}"
    lap = "" if v["lap"] is None else f" (lap {v['lap']})"
    place = "" if v["for_position"] is None else f" for {nth(v['for_position'])} place"
    return (
        f"{person(v['who']['driver'])} (#{safe(v['who']['car_number'])}) passed "
        f"{person(v['whom']['driver'])} (#{safe(v['whom']['car_number'])}) at {safe(v['place'])} "
        f"{when}{lap}{place}."
    )


def _rain_starts(v: V) -> str:
    where = "" if v["sector"] is None else f", mostly in sector {v['sector']} ({safe(v['places'])})"
    parts = "" if v["sector"] is None else ", so that parts of the track were wet and others dry"
    return f"The rain came at {_about(v)}{where}{parts}."


def _about(v: V) -> str:
    return times(v["race_time"])


def _wets(v: V) -> str:
    verb = "stopped" if len(v["cars"]) > 1 else "stopped alone"
    return f"{cars(v['cars'])} {verb} for wets on lap {v['lap']}, at {_about(v)}."


def _late_call(v: V) -> str:
    placed = [
        f"#{safe(row['car_number'])} {nth(row['position'])}"
        for row in v["placed"]
        if row["position"] is not None
    ]
    makes = {row["manufacturer"] for row in v["placed"]}
    whose = f"all {safe(makes.pop())}s, " if len(makes) == 1 else ""
    return (
        f"The tyre call in the rain moved most: {cars(v['cars'])}, "
        f"{whose}stayed on slicks until lap {v['lap']}, "
        f"{count(v['lap'] - v['early_lap'], 'lap')} longer than {cars(v['early_cars'])}; they "
        f"lost {times(v['per_lap'])} seconds a lap, {_minutes(v['lost'])} to #{safe(v['to'])}, "
        f"dropped down the order{_had_led(v)} and finished {listed(placed)}."
    )


def _minutes(text: str) -> str:
    return re.sub(r"\b1 min\b", "one minute", safe(text))


def _had_led(v: V) -> str:
    if not v["led"]:
        return ""
    return f" (#{safe(v['led'][0])} first and #{safe(v['led'][1])} second at {times(v['led_at'])})"


def _what_if(v: V) -> str:
    return (
        f"Raced again {v['replicates']:,} times from the facts with one change "
        f"(“{safe(v['text'])}”), #{safe(v['car_number'])} wins {the_class(v['car_class'])} in "
        f"{v['p_win_class']:.0%} of the races instead of {v['p_win_class_as_made']:.0%}, "
        f"{abs(v['seconds']):.0f} ± {v['seconds_se']:.1f} seconds "
        f"{'better' if v['seconds'] > 0 else 'worse'} off on average."
    )


def _led_by(v: V) -> str:
    each = [f"#{safe(row['car_number'])} {row['laps_led']}" for row in v["cars"]]
    return (
        f"By {_about(v)} {safe(v['manufacturer'])} had led {v['led']} of {v['of']} laps: "
        f"{listed(each)}."
    )


def _neutralisation_counts(v: V) -> str:
    return (
        f"The sources count {count(v['fcy'], KINDS['fcy'])} and "
        f"{count(v['safety_car'], KINDS['safety_car'])} in the whole race."
    )


def _reported(v: V) -> str:
    return f"{_when(v)}, in the words of the sources: “{safe(v['detail']).replace('->', '→')}”."


def _when(v: V) -> str:
    return f"At {_about(v)} ({safe(v['event'])})"


def _points_lead(v: V) -> str:
    single = " / " not in v["names"]
    had = "" if v["had"] is None else f" ({v['had']} before, {v['points'] - v['had']:+d})"
    if v["kept"]:
        moved = f"keep{'s' if single else ''} the lead of the {_title(v)}"
        moved += f" and {_extends(v, single)}"
    else:
        moved = f"take{'s' if single else ''} the lead of the {_title(v)} from "
        moved += _names(v["earlier_leader"])
    next_one = v["chaser"]
    verb = "are" if " / " in next_one["names"] else "is"
    note = f" ({safe(v['note'])})" if v["note"] else ""
    return (
        f"{_who(v)}{note} {moved}, with {count(v['points'], 'point')}{had}; next, {v['lead']} "
        f"behind, {verb} {_names(next_one['names'])} on {next_one['points']}."
    )


def _title(v: V) -> str:
    known = (each.championships.get(v["title"]) for each in every_series())
    return next((safe(name) for name in known if name), f"{safe(v['title'])} table")


def _names(text: str) -> str:
    return listed([safe(name) for name in text.split(" / ")])


def _who(v: V) -> str:
    names = _names(v["names"])
    if v["car_number"] is None or "#" in names:
        return names
    return (
        f"#{safe(v['car_number'])}'s {names}"
        if " / " in v["names"]
        else (f"{names} (#{safe(v['car_number'])})")
    )


def _extends(v: V, single: bool) -> str:
    now, was, end = v["lead"], v["earlier_lead"], "s" if single else ""
    if now > was:
        return f"extend{end} it from {was} to {now}"
    if now < was:
        return f"see{end} it shrink from {was} to {now}"
    return f"hold{end} it at {now}"


def _first_win(v: V) -> str:
    led = [
        f"{safe(row['championship'])} #{safe(row['car_number'])} ({safe(row['manufacturer'])}, "
        f"{row['points']} points)"
        for row in v["earlier"]
    ]
    return (
        f"For {safe(v['manufacturer'])}, the {safe(v['car_class'])} win of {machine(v)} is its "
        f"first in any class of the {v['year']} season: the leaders after round "
        f"{_round(v['round'] - 1)} were {listed(led)}; the data reach back to round one of "
        f"{v['year']} only, and whether it is the make's first ever they cannot say."
    )


def _in_time(v: V) -> str:
    return "" if v["time_ms"] is None else f" in {format_ms(v['time_ms'])}"


EVENT_PARTS: dict[str, Callable[[V], str]] = {
    "round_in_words": lambda v: _round(v["round"]),
    "full_series": lambda v: safe(Series.of(v["series"]).full_name),
    "in_time": _in_time,
}
"""What a sentence may say that is made of several values, or of more than them."""
EVENT: dict[str, tuple[Words, ...]] = {
    "event": (
        "The {name:safe} was round {round_in_words} of the {year} {full_series}, run at the "
        "{circuit:safe} with {cars:count car}.",
    ),
    "pole": ("{driver:person} put {the_car} on pole in {car_class:class}{in_time}.",),
    "grid_sweep": ("{manufacturer:safe} qualified one-two-three, with {cars:cars}.",),
    "pass": (_pass,),
    "recovered": (
        "{the_car} recovered to {position:nth} with {crew:crew}, taking that place on the last "
        "lap.",
    ),
    "rain_starts": (_rain_starts,),
    "declared_wet": ("Race control declared the track wet at {race_time:times}.",),
    "wets": (_wets,),
    "late_call": (_late_call,),
    "what_if": (_what_if,),
    "led_by": (_led_by,),
    "neutralisation_counts": (_neutralisation_counts,),
    "fastest_lap_said": (
        "{driver:person} set the fastest lap of the race in {the_car}: {time:safe} on lap {lap}.",
    ),
    "reported": (_reported,),
    "unclassified": (
        "{the_car} ({car_class:class}) has no place in the classification: {status:safe}.",
    ),
    "points_lead": (_points_lead,),
    "first_win": (_first_win,),
    "limit_simulated": (
        "All {laps:,} laps of this race are simulated: every figure of this report is that of "
        "one simulated running.",
    ),
    "limit_no_flags": (
        "None of its {laps:,} laps carries a flag state: neutralisations are inferred from the "
        "pace of the field.",
    ),
    "limit_no_finish": (
        "When the flag fell cannot be told from the laps: where this report says that a car "
        "won or finished, it is by the order at the last crossing, at {end_ms:clock}.",
    ),
    "limit_no_decisions": (
        "No stewards' decision was given to this report: its {cars} cars stand in the order on the "
        "road.",
    ),
    "limit_no_season": (
        "The championship is left out: no table of its season is at hand for these {cars} cars.",
    ),
    "limit_no_track": ("The track was not estimated from its {laps:,} laps: weather is left out.",),
    "limit_no_laps": (
        "No lap-by-lap timing of the {laps} laps is public: the report is made from facts with "
        "sources, and leaves out what needs laps.",
    ),
}
