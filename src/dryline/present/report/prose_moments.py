"""The words for moments of a race: passes, tyres, the forecast, points."""

from __future__ import annotations

from collections.abc import Callable

from dryline.present.names import car, cars, listed, person, safe, the_class
from dryline.present.report.template import V, Words
from dryline.present.report.words import clock, count, nth, span, tenths


def _road_pass(v: V) -> str:
    what = (
        f"for the lead of {the_class(v['car_class'])}"
        if v["place"] == 1
        else f"for {nth(v['place'])} in {the_class(v['car_class'])}, which it kept,"
    )
    return (
        f"{_at_the_wheel(v, 'driver', 'car_number')} passed "
        f"{_at_the_wheel(v, 'other_driver', 'other')} {what} on lap {v['lap']} at "
        f"{clock(v['at_ms'])}, in sector {v['sector']}."
    )


def _road_pass_b(v: V) -> str:
    what = (
        f"the lead of {the_class(v['car_class'])} went"
        if v["place"] == 1
        else f"{nth(v['place'])} place in {the_class(v['car_class'])} went for good"
    )
    return (
        f"On lap {v['lap']}, at {clock(v['at_ms'])}, {what} from "
        f"{_at_the_wheel(v, 'other_driver', 'other')} to "
        f"{_at_the_wheel(v, 'driver', 'car_number')}, in sector {v['sector']}."
    )


def _at_the_wheel(v: V, driver: str, number: str) -> str:
    plate = car(v[number])
    return plate if not v[driver] else f"{person(v[driver])} ({plate})"


def _how_many(v: V) -> str:
    if v["cars"] == v["of"]:
        return f"all {count(v['cars'], 'car')}"
    return f"{count(v['cars'], '', '').strip()} of the {count(v['of'], 'car')}"


def _when(v: V) -> str:
    start, end = clock(v["start_ms"]), clock(v["end_ms"])
    return f"between {start} and {end}" if v["end_ms"] > v["start_ms"] else f"at {start}"


def _first(v: V) -> str:
    return "" if len(v["first"]) > 3 else f", {cars(v['first'])} first"


def _placed(v: V) -> str:
    front = [f"{car(row['car_number'])} at {clock(row['at_ms'])}" for row in v["front"]]
    return f"; of those who ended in its first three, {listed(front)}" if front else ""


def _tyre_late(v: V) -> str:
    verb = "lost" if v["lost_ms"] > 0 else "gained"
    side = "to" if v["lost_ms"] > 0 else "on"
    return (
        f"{car(v['car_number'])} changed to {v['tyre']}s {span(v['late_ms'])} after the first of "
        f"{the_class(v['car_class'])}, and in {count(v['laps'], 'lap')} until then {verb} "
        f"{tenths(abs(v['lost_ms']))} {side} those already on them."
    )


def _worm(v: V) -> str:
    name, winner = the_class(v["car_class"]), car(v["winner"])
    road = f"{winner}, first on the road," if v["on_the_road"] else winner
    low = f"{v['low']:.0%}, at {clock(v['low_ms'])}"
    if v["always"]:
        return (
            f"In every forecast made with what was known at the time {road} was the favourite to "
            f"win {name}; its chance was lowest with {low}."
        )
    if v["favourite_from_ms"] is None:
        return (
            f"The last forecast before the flag had {car(v['last_other'])} to win {name}, and not "
            f"{road.rstrip(',')}, whose chance had been as low as {low}."
        )
    return (
        f"By what was known at the time {road} was the favourite to win {name} for good from "
        f"{clock(v['favourite_from_ms'])}; before that it was {car(v['last_other'])}, and the "
        f"chance of {winner} had been as low as {low}."
    )


def _swing(v: V) -> str:
    return (
        f"With that the forecast chance of {car(v['car_number'])} to win "
        f"{the_class(v['car_class'])} went from {v['before']:.0%} to {v['after']:.0%}."
    )


def _paid(v: V) -> str:
    rows = [f"{row['points']:g} to {_scorers(row)}" for row in v["rows"]]
    return (
        f"By the season's rule book the race pays, in the {safe(v['title'])} table and without "
        f"points for pole, {listed(rows)}."
    )


def _scorers(row: V) -> str:
    plate = "" if row["car_number"] is None else f"#{safe(row['car_number'])} "
    return plate + "(" + ", ".join(person(name) for name in row["names"].split(" / ")) + ")"


MOMENT_PARTS: dict[str, Callable[[V], str]] = {
    "how_many": _how_many,
    "between": _when,
    "first_cars": _first,
    "placed": _placed,
}
"""What a sentence may say that is made of several values."""
MOMENTS: dict[str, tuple[Words, ...]] = {
    "road_pass": (_road_pass, _road_pass_b),
    "tyre_wave": (
        "{how_many} in {car_class:class} changed to {tyre}s {between}{first_cars}{placed}.",
        "{between}, {how_many} in {car_class:class} went onto {tyre}s{first_cars}{placed}.",
    ),
    "tyre_late": (_tyre_late,),
    "worm": (_worm,),
    "swing": (_swing,),
    "points_paid": (_paid,),
}
