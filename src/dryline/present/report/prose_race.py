"""The words for claims about a race: result, lead, pits, neutralisations, cars."""

from __future__ import annotations

from collections.abc import Callable

from dryline.domain.clock_text import format_ms
from dryline.domain.language import language
from dryline.present.names import car, cars, crew, listed, person, safe, the_class, won_race
from dryline.present.report.template import V, Words, told
from dryline.present.report.words import clock, count, nth, seconds, span, times

FEW_LEFT, FEW_NAMED = 5, 3
DOUBTED = 0.1
"""A wet start that is less likely is not printed."""
KINDS = language().tables["flags"]


def machine(v: V) -> str:
    """``#7 Toyota Gazoo Racing``, with the car's model where it is known."""
    model = v.get("vehicle")
    return car(v["car_number"], v.get("team")) + (f" ({safe(model)})" if model else "")


def gap(laps: int | None, ms: int | None, text: str | None = None) -> str:
    """A gap in words: seconds, laps, or the text that a source gives."""
    if laps:
        return count(laps, "lap")
    if ms is not None:
        return seconds(ms)
    return f"{safe(text).lstrip('+')} seconds as published" if text else "an unknown gap"


def _within(v: V) -> str:
    return "" if v.get("car_class") is None else f" in {the_class(v['car_class'])}"


def _won(v: V) -> str:
    made = str(v.get("manufacturer") or "")
    told = "" if not made or made.casefold() in safe(v["team"]).casefold() else f" {safe(made)}"
    laps = "" if v["laps"] is None else f" after {v['laps']:,} laps"
    if not _crew_of(v):
        with_a = f", with {_a(made)}," if told else ""
        return f"{machine(v)} won {won_race(v['race'])}{_road(v)}{with_a}{laps}{_ahead(v)}."
    return (
        f"{crew(v['crew'])} won {won_race(v['race'])}{_road(v)} in the {machine(v)}{told}"
        f"{laps}{_ahead(v)}."
    )


def _ahead(v: V) -> str:
    """By how much it won, where the second is known."""
    second = v.get("second")
    if second is None:
        return ""
    behind = gap(second["gap_laps"], second["gap_ms"], second["gap_text"])
    if behind == "an unknown gap":
        return ""
    return f", {behind} ahead of {car(second['car_number'], second['team'])}{_by(second)}"


def _by(v: V) -> str:
    return f" ({crew(v['crew'])})" if _crew_of(v) else ""


def _crew_of(v: V) -> list[str]:
    return [name for name in str(v.get("crew") or "").split(" / ") if name.strip()]


def _by_crew(v: V) -> str:
    """The crew behind a colon, where the source names it."""
    return f": {crew(v['crew'])}" if _crew_of(v) else ""


def _with_crew(v: V) -> str:
    return f", with {crew(v['crew'])}" if _crew_of(v) else ""


def _a(noun: object) -> str:
    text = safe(noun)
    return f"{'an' if text[:1].upper() in 'AEIO' and text else 'a'} {text}"


def _road(v: V) -> str:
    """Where the official result places a winner elsewhere, that it won on the road."""
    if v.get("official") is None:
        return ""
    return f" on the road (the official result has it {nth(v['official'])} overall)"


def _flag_driver(v: V) -> str:
    at = "" if v.get("lap") is None else f", on lap {v['lap']}"
    if v.get("race_time"):
        at = f", the last driver whom the sources name in it ({times(v['race_time'])})"
    model = f" ({safe(v['vehicle'])})" if v.get("vehicle") else ""
    which = "winning" if v["place"] == 1 else "second-placed"
    return f"{person(v['driver'])} drove the {which} {car(v['car_number'])}{model} at the flag{at}."


def _official_differs(v: V) -> str:
    differ = [
        f"#{safe(row['car_number'])} {nth(row['official'])} instead of {nth(row['position'])}"
        for row in sorted(v["differ"], key=lambda row: -abs(row["official"] - row["position"]))[:3]
    ]
    rest = len(v["differ"]) - len(differ)
    more = f", and {count(rest, 'other car')} differently too" if rest > 0 else ""
    return (
        f"The official result places {listed(differ)}{more}: this report tells the order that the "
        "timing and the decisions given to it make."
    )


def _alone(v: V) -> str:
    return (
        f"{machine(v)} was {nth(v['position'])} overall{_laps(v)}, the only car in "
        f"{the_class(v['car_class'])}{_by_crew(v)}."
    )


def _unless_alone(text: str) -> Callable[[V], str]:
    return lambda v: _alone(v) if v["cars"] == 1 else told(text, v, RACE_PARTS)


def _laps(v: V) -> str:
    return "" if v["laps"] is None else f" on {v['laps']:,} laps"


def _class_place(v: V) -> str:
    behind = gap(v["class_gap_laps"], v["class_gap_ms"], v["gap_text"])
    overall = v["position"] == v["position_in_class"]
    scope = "overall" if overall else f"in {the_class(v['car_class'])}"
    known = "" if behind == "an unknown gap" else f", {behind} behind #{safe(v['winner'])}"
    return f"{machine(v)} was {nth(v['position_in_class'])} {scope}{known}{_with_crew(v)}."


def _laps_led(v: V) -> str:
    most, *others = v["led"]
    then = "".join(f" and {car(row['car_number'])} {row['laps_led']:,}" for row in others[:1])
    return (
        f"The lead{_within(v)} changed {_times(v['changes'])} at the line among "
        f"{count(v['leaders'], 'car')}; {car(most['car_number'])} led {most['laps_led']:,} of "
        f"{v['laps']:,} laps{then}."
    )


def _order_at(v: V) -> str:
    one, two, three = (car(row["car_number"], row["team"]) for row in v["cars"])
    at = f"At half distance, after lap {v['lap']}," if v["half"] else "At the end of the first lap"
    return f"{at} {one} led {two} by {seconds(v['ahead_ms'])}, with {three} third."


def _next_places(v: V) -> str:
    four, five = v["cars"]
    return (
        f"{car(four['car_number'], four['team'])} finished fourth{_within(v)}, {_behind(four)} "
        f"behind the winner, ahead of {car(five['car_number'], five['team'])}, {_behind(five)} "
        "behind."
    )


def _behind(v: V) -> str:
    return gap(v["class_gap_laps"], v["class_gap_ms"])


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, count(number, "time"))


def _lead_for_good(v: V) -> str:
    old = car(v["from_car"])
    driver = f", {person(v['driver'])} driving," if v.get("driver") else ""
    where = {
        "pits": f"when {old} stopped{_under(v)}",
        "neutralised": f"ahead of {old}{_under(v)}",
        "gone": f"after {old}, which did not complete that lap",
        "road": f"passing {old} on the road" + (f" in sector {v['sector']}" if v["sector"] else ""),
    }[v["how"]]
    mine = car(v["car_number"], v.get("team"))
    return (
        f"{mine}{driver} took the lead{_within(v)} for good {_on_lap(v)}, at "
        f"{clock(v['at_ms'])}, {where}."
    )


def _on_lap(v: V) -> str:
    """The lap, and how many were left where they were few."""
    left = None if v.get("laps") is None else v["laps"] - v["lap"]
    if left is None or left > FEW_LEFT:
        return f"on lap {v['lap']}"
    if left <= 0:
        return f"on the last lap, {v['lap']}"
    return f"on lap {v['lap']}, with {count(left, 'lap')} to go"


def _under(v: V) -> str:
    under = v.get("under")
    return "" if under in (None, "green") else f" under the {KINDS.get(under, safe(under))}"


def _pit_balance(v: V) -> str:
    one, two = v["first"], v["second"]
    diff = (round(one["pit_ms"] / 1000) - round(two["pit_ms"] / 1000)) * 1000
    mine, other = car(one["car_number"]), car(two["car_number"])
    stops = count(one["stops"], "stop")
    if not diff and one["stops"] == two["stops"]:
        both = f"{mine} and {other} spent {span(one['pit_ms'])} each in the pit lane"
        return f"{both} over {stops}{_apart(v)}."
    over = "over as many" if one["stops"] == two["stops"] else f"over {count(two['stops'], 'stop')}"
    side = "more" if diff > 0 else "less"
    than = f"{span(abs(diff))} {side} than" if diff else "as long as"
    return (
        f"{mine} spent {span(one['pit_ms'])} in the pit lane over {stops}, {than} {other} "
        f"{over}{_apart(v)}."
    )


def _apart(v: V) -> str:
    """The visits to the lane that are no ordinary stop, and are not in the sums."""
    visits = []
    for key, why in (
        ("red", "under the red flag"),
        ("odd", "of over an hour or without an in-lap"),
    ):
        each = [
            f"{count(row[key], 'visit')} of {car(row['car_number'])}"
            for row in (v["first"], v["second"])
            if row[key]
        ]
        if each:
            visits.append(f"{listed(each)} {why}")
    return f" (not counted: {'; '.join(visits)})" if visits else ""


def _neutralisations(v: V) -> str:
    parts = [
        f"{count(row['periods'], KINDS.get(row['kind'], safe(row['kind'])))} ({_length(row)})"
        for row in v["counts"]
    ]
    return f"The race saw {listed(parts)}."


def _length(row: V) -> str:
    if row["total_ms"] is None:
        return "still on at the end"
    inside = row.get("graver_ms") or 0
    return span(row["total_ms"]) + (f", {span(inside)} of it under a red flag" if inside else "")


def _stopped_under(v: V) -> str:
    end = "the end" if v["end_ms"] is None else clock(v["end_ms"])
    kind = KINDS.get(v["kind"], safe(v["kind"]))
    read = "" if v["source"] == "flag" else f" ({safe(v['source'])}, {v['confidence']:.0%} sure)"
    return (
        f"Under the {kind} from {clock(v['start_ms'])} to {end}{read}, {cars(v['stopped'])} "
        f"stopped; of the first five in the classification, {cars(v['stayed'])} did not."
    )


def _penalty(v: V) -> str:
    who, kind = car(v["car_number"], v["team"]), v["kind"]
    now = "not placed" if v["final"] is None else nth(v["final"])
    if v["derived"] and kind in ("placed_at", "back_of_class"):
        moved = "stayed" if v["road"] == v["final"] else f"{nth(v['road'])} on the road, is"
        if v["road"] == v["final"]:
            return (
                f"{who} is {now} overall, on the road and in the official result, which places it "
                "behind cars that it beat."
            )
        return f"{who}, {moved} {now} overall in the official result."
    what = _decided(v)
    why = "" if v["derived"] or not v["reason"] else _why(v["reason"])
    text = f"{who}: {what}{why}" + ("" if v["served"] else ", not served by the flag")
    if v["road"] is None or kind in ("drive_through", "stop_and_go", "reprimand"):
        return f"{text}; it is {now} overall in the classification."
    if v["road"] == v["final"]:
        return f"{text}; it is {now} overall on the road and in the classification."
    return f"{text}; {nth(v['road'])} overall on the road, it is {now} in the classification."


def _why(reason: str) -> str:
    return f" for {safe(reason).replace('; served', ', served')}"


def _decided(v: V) -> str:
    return {
        "time_penalty": f"{_number(v['seconds'])} seconds were added to its time",
        "laps": f"{count(int(v['laps'] or 0), 'lap')} were taken away",
        "disqualified": "it was disqualified",
        "placed_at": f"the stewards placed it {nth(int(v['position'] or 0))}",
        "back_of_class": "it was put to the back of its class",
        "drive_through": "a drive-through",
        "stop_and_go": "a stop and go" + _of_seconds(v["seconds"]),
        "reprimand": "a reprimand",
    }.get(v["kind"], safe(v["kind"]).replace("_", " "))


def _of_seconds(value: float | None) -> str:
    return "" if value is None else f" of {_number(value)} seconds"


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:g}"


def _last_seen(v: V) -> str:
    where = "in the pits" if v["in_pit"] else "on the track"
    return (
        f"{car(v['car_number'], v['team'])} ({the_class(v['car_class'])}) did not take the flag: "
        f"its last crossing, {where}{_driving(v)}, ended lap {v['lap']} at "
        f"{clock(v['elapsed_ms'])}."
    )


def _last_seen_b(v: V) -> str:
    where = "stopping in the pits" if v["in_pit"] else "on the track"
    return (
        f"{car(v['car_number'], v['team'])} ({the_class(v['car_class'])}) was last seen {where} at "
        f"{clock(v['elapsed_ms'])}, at the end of lap {v['lap']}{_driving(v)}; it did not take the "
        "flag."
    )


def _recovery(v: V) -> str:
    end = "won it" if v["position_in_class"] == 1 else f"finished {nth(v['position_in_class'])}"
    return (
        f"{car(v['car_number'], v['team'])} was {nth(v['place'])} in {the_class(v['car_class'])} "
        f"after lap {v['lap']}, and {end}."
    )


def _recovery_b(v: V) -> str:
    end = "win" if v["position_in_class"] == 1 else nth(v["position_in_class"])
    return (
        f"From {nth(v['place'])} in {the_class(v['car_class'])} at the end of lap {v['lap']} "
        f"{car(v['car_number'], v['team'])} came through to {end}."
    )


def _driving(v: V) -> str:
    return f" with {person(v['driver'])} driving" if v["driver"] else ""


def _fastest_lap(v: V) -> str:
    by = f"{person(v['driver'])}'s " if v["driver"] else ""
    return (
        f"The fastest lap {_of_whom(v)} was {by}{format_ms(v['lap_time_ms'])} in "
        f"{car(v['car_number'], v['team'])} on lap {v['lap']}."
    )


def _missing_others(v: V) -> str:
    others = v["cars"]
    told = cars(others) if len(others) <= FEW_NAMED else count(len(others), "other car")
    return f"Nor did {told} take the flag."


def _read(v: V) -> str:
    return "in the light of the whole race" if v["hindsight"] else "as they came"


def _dry(v: V) -> str:
    told = f"The lap times, {_read(v)}, show no wet spell"
    if v["doubt"] is None or v["doubt"] < DOUBTED:
        return f"{told}."
    return (
        f"{told}, but no dry lap times of this circuit are known: that it was wet from the start "
        f"cannot be ruled out ({v['doubt']:.0%})."
    )


def _wet(v: V) -> str:
    spells = [f"{clock(row['start_ms'])} to {clock(row['end_ms'])}" for row in v["spells"]]
    if v["to_the_end"]:
        spells[-1] = f"{clock(v['spells'][-1]['start_ms'])} to the end"
    which = "one wet spell" if v["count"] == 1 else count(v["count"], "wet spell")
    longest = "the longest " if len(spells) < v["count"] else ""
    return (
        f"The lap times, {_read(v)}, show {which}, in which a sector was more likely wet than "
        f"not, {span(v['total_ms'])} in all: {longest}{listed(spells)}."
    )


def _of_whom(v: V) -> str:
    return "of the race" if v["only_class"] else f"of {the_class(v['car_class'])}"


RACE_PARTS: dict[str, Callable[[V], str]] = {
    "the_car": lambda v: car(v["car_number"], v["team"]),
    "machine": machine,
    "behind": lambda v: gap(v["gap_laps"], v["gap_ms"], v["gap_text"]),
    "behind_on_the_road": lambda v: gap(None, v["road_ms"]),
    "in_the_class": _within,
    "of_whom": _of_whom,
    "on_laps": _laps,
    "on_the_road": _road,
    "by_crew": _by_crew,
    "with_crew": _with_crew,
}
"""What a sentence may say that is made of several values."""
RACE: dict[str, tuple[Words, ...]] = {
    "won": (_won,),
    "flag_driver": (_flag_driver,),
    "official_differs": (_official_differs,),
    "official_agrees": (
        "The official result agrees in the place of every one of its {cars} cars.",
    ),
    "margin": ("{machine} finished second, {behind} behind #{winner:safe}{by_crew}.",),
    "margin_two": (
        "On the road {machine} was {behind_on_the_road} behind #{winner:safe} at the flag; "
        "with the stewards' decisions the margin is {behind}.",
    ),
    "class_won": (
        _unless_alone(
            "{machine} won {car_class:class}{on_the_road}, a class of {cars:count car}{with_crew}; "
            "it was {position:nth} overall{on_laps}."
        ),
        _unless_alone(
            "In {car_class:class}, of {cars:count car}, the win{on_the_road} went to {machine}, "
            "{position:nth} overall{on_laps}{by_crew}."
        ),
    ),
    "class_place": (_class_place,),
    "one_two": (
        "It was a one-two for {manufacturer:safe} in {car_class:class}: #{first:safe} ahead of "
        "#{second:safe}.",
    ),
    "laps_led": (_laps_led,),
    "lead_for_good": (_lead_for_good,),
    "order_at": (_order_at,),
    "next_places": (_next_places,),
    "most_gained": (
        "No car won more places than {the_car}: from {place:nth} at the end of the first lap to "
        "{position_in_class:nth}.",
    ),
    "led_throughout": (
        "{car_number:car} led{in_the_class} at the end of every one of {laps:,} laps.",
    ),
    "pit_balance": (_pit_balance,),
    "neutralisations": (_neutralisations,),
    "no_neutralisation": (
        "No neutralisation shows in its {laps:,} laps, {flagged:,} with a flag state.",
    ),
    "stopped_under": (_stopped_under,),
    "penalty": (_penalty,),
    "fastest_lap": (_fastest_lap,),
    "recovery": (_recovery, _recovery_b),
    "last_seen": (_last_seen, _last_seen_b),
    "missing_others": (_missing_others,),
    "track_dry": (_dry,),
    "track_wet": (_wet,),
}
