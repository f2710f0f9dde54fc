"""The words for what decided a race: penalties seen, long stops, slow laps, luck, defences."""

from __future__ import annotations

from dryline.present.names import car, listed, person, safe, the_class
from dryline.present.report.prose_race import KINDS, gap
from dryline.present.report.template import V, Words
from dryline.present.report.words import clock, count, nth, seconds, span, tenths

LED_SHARE, PODIUM = 0.1, 3


def _who(v: V) -> str:
    """Car and team, with the laps that it led where they are a tenth and more."""
    name = car(v["car_number"], v["team"])
    if not v["led"] or v["led"] < LED_SHARE * v["of_laps"]:
        return name
    where = "" if v["position"] == v["position_in_class"] else f" in {the_class(v['car_class'])}"
    return f"{name}, which led {v['led']:,} of {v['of_laps']:,} laps{where},"


def _lost(v: V) -> str:
    """At what cost it most: that this was more than its loss, or where it finished."""
    place = v["position_in_class"]
    if place is None or v["ms"] < v["most_ms"]:
        return ""
    if not v["class_gap_laps"] and 0 < v["gap_ms"] < v["ms"]:
        return f", more than the {seconds(v['gap_ms'])} that it was behind at the flag"
    if place <= PODIUM:
        return ""
    behind = "" if v["gap_ms"] < 0 else f", {gap(v['class_gap_laps'], v['gap_ms'])} behind"
    return f"; it finished {nth(place)}{behind}"


def _penalty(v: V) -> str:
    visits = v["visits"]
    *before, last = [f"on lap {row['lap']}, at {clock(row['at_ms'])}" for row in visits]
    laps = f"{', '.join(before)}, and {last}" if before else last
    if len(visits) == 1:
        told = f"probably a penalty: {tenths(v['lane_ms'])} in the lane, {tenths(v['ms'])} lost"
        return f"{_who(v)} drove through the pit lane without a stop {laps}, {told}{_lost(v)}."
    lost = sum(row["ms"] for row in visits)
    return (
        f"{_who(v)} drove through the pit lane without a stop {laps}, probably penalties: "
        f"{tenths(lost)} lost in all{_lost({**v, 'ms': lost})}."
    )


def _stop(v: V) -> str:
    took = v["usual_ms"] + v["ms"]
    inside = "spent" if v["lane_ms"] is not None else "lost about"
    return (
        f"At its stop on lap {v['lap']}, at {clock(v['at_ms'])}, {_who(v)} {inside} {span(took)} "
        f"in the pit lane, {span(v['ms'])} more than is usual in {the_class(v['car_class'])}"
        f"{_lost(v)}."
    )


def _slow(v: V) -> str:
    laps = (
        f"on lap {v['lap']}"
        if v["last_lap"] == v["lap"]
        else f"on laps {v['lap']} to {v['last_lap']}"
    )
    return (
        f"{_who(v)} lost {tenths(v['ms'])} outside the pits {laps}, from {clock(v['at_ms'])} on"
        f"{_lost(v)}."
    )


def _out(v: V) -> str:
    where = "in the pits" if v["in_pit"] else "on the track"
    driver = f" with {person(v['driver'])} driving" if v["driver"] else ""
    place = "" if v["was"] is None else f", when it was {nth(v['was'])} in its class"
    return (
        f"{_who(v)} did not take the flag: it was last seen {where}{driver} at the end of lap "
        f"{v['lap']}, at {clock(v['at_ms'])}{place}."
    )


def _gained(v: V) -> str:
    each = [f"{tenths(row['ms'])} on {car(row['car_number'])}" for row in v["lost"]]
    return f"{car(v['against'])} gained {listed(each)}"


def _neutralised(v: V) -> str:
    kind = KINDS.get(v["under"], safe(v["under"]))
    return (
        f"Across the {kind} from {clock(v['at_ms'])} to {clock(v['end_ms'])} {_gained(v)}, not "
        "counting stops."
    )


def _weather(v: V) -> str:
    return (
        f"In the wet spell that the lap times show from {clock(v['at_ms'])} to "
        f"{clock(v['end_ms'])} {_gained(v)}."
    )


def _defence(v: V) -> str:
    last = f"the last {v['laps']} laps" if not v["whole"] else f"more than {v['laps']} laps"
    within = "" if v["car_class"] is None else f" in {the_class(v['car_class'])}"
    return (
        f"{car(v['car_number'])} held {car(v['other'])} off to win{within}: over {last} they "
        f"crossed the line no more than {seconds(v['most_ms'])} apart."
    )


def _seen(v: V) -> str:
    cost = "" if v["cost_ms"] is None else f", which cost it about {tenths(v['cost_ms'])}"
    return (
        f"{car(v['car_number'], v['team'])}, {nth(v['position_in_class'])} in "
        f"{the_class(v['car_class'])} at the end, drove through the pit lane without a stop on lap "
        f"{v['lap']}, at {clock(v['at_ms'])}: {tenths(v['lane_ms'])} in the lane, probably a "
        f"penalty{cost}."
    )


def _how_many(v: V) -> str:
    return (
        f"The timing shows {count(v['visits'], 'drive')} through the pit lane without a stop under "
        f"green, by {count(v['cars'], 'car')}: probably penalties, which no source read here names."
    )


COSTS: dict[str, tuple[Words, ...]] = {
    "cost_penalty": (_penalty,),
    "cost_stop": (_stop,),
    "cost_slow": (_slow,),
    "cost_out": (_out,),
    "cost_neutralised": (_neutralised,),
    "cost_weather": (_weather,),
    "defence": (_defence,),
    "seen_penalty": (_seen,),
    "penalties_seen": (_how_many,),
}
