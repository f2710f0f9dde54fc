"""The words for claims from an event's facts: grid, passes, rain, tyre calls, championship."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from dryline.domain.clock_text import format_ms
from dryline.domain.series import Series, every_series
from dryline.present.names import car, cars, crew, listed, person, safe, the_class
from dryline.present.report.prose_race import KINDS, machine
from dryline.present.report.words import clock, count, nth, times

V = dict[str, Any]
_ROUNDS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def _event(v: V) -> str:
    series = safe(Series.of(v["series"]).full_name)
    return (
        f"The {safe(v['name'])} was round {_round(v['round'])} of the {v['year']} {series}, run "
        f"at the {safe(v['circuit'])} with {count(v['cars'], 'car')}."
    )


def _round(number: int) -> str:
    return _ROUNDS[number] if 0 < number < len(_ROUNDS) else str(number)


def _pole(v: V) -> str:
    lap = "" if v["time_ms"] is None else f" in {format_ms(v['time_ms'])}"
    return (
        f"{person(v['driver'])} put {car(v['car_number'], v['team'])} on pole in "
        f"{the_class(v['car_class'])}{lap}."
    )


def _grid_sweep(v: V) -> str:
    return f"{safe(v['manufacturer'])} qualified one-two-three, with {cars(v['cars'])}."


def _pass(v: V) -> str:
    when = "on the last lap" if v["race_time"] == "last lap" else f"at {_about(v)}"
    lap = "" if v["lap"] is None else f" (lap {v['lap']})"
    place = "" if v["for_position"] is None else f" for {nth(v['for_position'])} place"
    return (
        f"{person(v['who']['driver'])} (#{safe(v['who']['car_number'])}) passed "
        f"{person(v['whom']['driver'])} (#{safe(v['whom']['car_number'])}) at {safe(v['place'])} "
        f"{when}{lap}{place}."
    )


def _recovered(v: V) -> str:
    return (
        f"{car(v['car_number'], v['team'])} recovered to {nth(v['position'])} with "
        f"{crew(v['crew'])}, taking that place on the last lap."
    )


def _rain_starts(v: V) -> str:
    where = "" if v["sector"] is None else f", mostly in sector {v['sector']} ({safe(v['places'])})"
    parts = "" if v["sector"] is None else ", so that parts of the track were wet and others dry"
    return f"The rain came at {_about(v)}{where}{parts}."


def _declared_wet(v: V) -> str:
    return f"Race control declared the track wet at {_about(v)}."


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


def _fastest_said(v: V) -> str:
    return (
        f"{person(v['driver'])} set the fastest lap of the race in "
        f"{car(v['car_number'], v['team'])}: {safe(v['time'])} on lap {v['lap']}."
    )


def _reported(v: V) -> str:
    return f"{_when(v)}, in the words of the sources: “{safe(v['detail']).replace('->', '→')}”."


def _when(v: V) -> str:
    return f"At {_about(v)} ({safe(v['event'])})"


def _unclassified(v: V) -> str:
    return (
        f"{car(v['car_number'], v['team'])} ({the_class(v['car_class'])}) has no place in the "
        f"classification: {safe(v['status'])}."
    )


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


def _limit_simulated(v: V) -> str:
    return (
        f"All {v['laps']:,} laps of this race are simulated: every figure of this report is "
        "that of one simulated running."
    )


def _limit_no_flags(v: V) -> str:
    return (
        f"None of its {v['laps']:,} laps carries a flag state: neutralisations are inferred from "
        "the pace of the field."
    )


def _limit_no_finish(v: V) -> str:
    return (
        "When the flag fell cannot be told from the laps: where this report says that a car won "
        f"or finished, it is by the order at the last crossing, at {clock(v['end_ms'])}."
    )


def _limit_no_decisions(v: V) -> str:
    return (
        f"The {v['cars']} cars stand in the order on the road: no stewards' decision was given to "
        "this report."
    )


def _limit_no_season(v: V) -> str:
    return (
        f"Of the season around this race of {v['cars']} cars no standings ship: championship "
        "consequences are left out."
    )


def _limit_no_track(v: V) -> str:
    return f"The track was not estimated from its {v['laps']:,} laps: weather is left out."


def _limit_no_laps(v: V) -> str:
    return (
        f"No lap-by-lap timing of the {v['laps']} laps is public: the report is made from facts "
        "with sources, and leaves out what needs laps."
    )


EVENT: dict[str, tuple[Callable[[V], str], ...]] = {
    "event": (_event,),
    "pole": (_pole,),
    "grid_sweep": (_grid_sweep,),
    "pass": (_pass,),
    "recovered": (_recovered,),
    "rain_starts": (_rain_starts,),
    "declared_wet": (_declared_wet,),
    "wets": (_wets,),
    "late_call": (_late_call,),
    "what_if": (_what_if,),
    "led_by": (_led_by,),
    "neutralisation_counts": (_neutralisation_counts,),
    "fastest_lap_said": (_fastest_said,),
    "reported": (_reported,),
    "unclassified": (_unclassified,),
    "points_lead": (_points_lead,),
    "first_win": (_first_win,),
    "limit_simulated": (_limit_simulated,),
    "limit_no_flags": (_limit_no_flags,),
    "limit_no_finish": (_limit_no_finish,),
    "limit_no_decisions": (_limit_no_decisions,),
    "limit_no_season": (_limit_no_season,),
    "limit_no_track": (_limit_no_track,),
    "limit_no_laps": (_limit_no_laps,),
}
