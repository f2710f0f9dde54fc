"""The words of a debrief: one car against another, every figure signed from the first's side."""

from __future__ import annotations

from dryline.domain.clock_text import format_ms
from dryline.present.names import car, listed, person, safe, the_class
from dryline.present.report.prose_race import KINDS
from dryline.present.report.template import V, Words, moved, signed
from dryline.present.report.words import clock, count, nth, seconds, span, tenths

PARTS = {
    "start": "the first lap",
    "stops_number": "the number of stops",
    "stops_standing": "standing in the pits",
    "stops_around": "in- and out-laps",
    "neutralised": "neutralisations",
    "traffic": "traffic",
    "pace": "pace",
    "weather": "rain and tyres",
    "slow": "slow laps",
    "penalty_served": "penalties served",
    "penalty_added": "time added by the stewards",
    "remainder": "what is left over",
}
"""The headings of the ledger in words."""
SERVICES = {
    "drive_through": "drive-through", "splash": "a splash of fuel", "fuel": "fuel",
    "tyres": "tyres", "fuel_and_tyres": "fuel and tyres", "repair": "repair",
    "unknown": "not told",
}  # fmt: skip


def _gap(v: V) -> str:
    own, other = car(v["car_number"], v["team"]), car(v["against"], v["other_team"])
    place = "" if v["position_in_class"] is None else f", {_place(v)},"
    state = {"retired": " and retired", "garage": " and ended in its garage"}.get(
        v["at_the_end"], ""
    )
    head = f"{own}{place} completed {count(v['laps'], 'lap')}{state}"
    down = v["other_laps"] - v["laps"]
    side = "behind" if v["road_ms"] > 0 else "ahead"
    verb = "finished" if v["at_the_end"] == "finished" else "was"
    if down == 0:
        if not v["road_ms"]:
            return f"{head}, level on the road with {other}{_added(v)}."
        against = f"{side} {'of ' if side == 'ahead' else ''}{other}"
        return f"{head}; on the road it {verb} {seconds(abs(v['road_ms']))} {against}{_added(v)}."
    rest = f"{count(abs(down), 'lap')} {'fewer' if down > 0 else 'more'} than {other}"
    return (
        f"{head}, {rest}; at the end of lap {v['lap']}, the last that both completed, it was "
        f"{seconds(abs(v['road_ms']))} {side}{_added(v)}."
    )


def _place(v: V) -> str:
    return f"{nth(v['position_in_class'])} in {the_class(v['car_class'])}"


def _added(v: V) -> str:
    if not v["added_ms"]:
        return ""
    side = "behind" if v["gap_ms"] > 0 else "ahead"
    return f", and {seconds(abs(v['gap_ms']))} {side} with the time that the stewards added"


def _balance(v: V) -> str:
    lost = [f"{PARTS[row['part']]} ({tenths(row['ms'])})" for row in v["lost"]]
    gained = [f"{PARTS[row['part']]} ({tenths(-row['ms'])})" for row in v["gained"]]
    parts = []
    if lost:
        parts.append(f"it lost most by {listed(lost)}")
    if gained:
        parts.append(f"gained most by {listed(gained)}" if lost else
                     f"it gained most by {listed(gained)}")  # fmt: skip
    text = " and ".join(parts) or "no part of it reaches a second"
    total = seconds(abs(v["gap_ms"]))
    word = "lost to" if v["gap_ms"] > 0 else "gained on"
    return f"Of the {total} {word} #{safe(v['against'])}, {text}."


def _stops(v: V) -> str:
    own, other, parts = v["own"], v["other"], v["parts"]
    told = [
        f"{name} {moved(parts[part])}"
        for part, name in (
            ("stops_number", "passing through the lane"), ("stops_standing", "standing there"),
            ("stops_around", "the in- and out-laps outside of it"),
        ) if parts.get(part)
    ]  # fmt: skip
    tail = f": {listed(told)}" if told else ""
    return (
        f"#{safe(v['car_number'])} made {count(own['stops'], 'stop')} and spent "
        f"{span(own['lane_ms'] or 0)} in the pit lane, {span(own['stood_ms'] or 0)} of it "
        f"standing; #{safe(v['against'])} {count(other['stops'], 'stop')}, "
        f"{span(other['lane_ms'] or 0)} and {span(other['stood_ms'] or 0)}{tail}."
    )


def _hindsight(v: V) -> str:
    text = (
        f"The stop on lap {v['lap']} at {clock(v['in_ms'])} cost {tenths(v['loss_ms'])} against "
        f"staying out{_usual(v)}"
    )
    if v["next_loss_ms"] is None:
        return f"{text}."
    kind, diff = KINDS.get(v["next_kind"], safe(v["next_kind"])), v["loss_ms"] - v["next_loss_ms"]
    verdict = (
        f"{tenths(abs(diff))} {'less' if diff > 0 else 'more'} than this stop"
        if diff else "as much as this stop"
    )  # fmt: skip
    return (
        f"{text}; the {kind} {span(v['next_start_ms'] - v['in_ms'])} later, within the reach of "
        f"its longest stint, cost the {count(v['next_cars'], 'car')} of its class that stopped "
        f"under it a median of {tenths(max(v['next_loss_ms'], 0))}, {verdict}; nobody could know."
    )


def _usual(v: V) -> str:
    if v["class_loss_ms"] is None:
        return ""
    diff = v["loss_ms"] - v["class_loss_ms"]
    if abs(diff) < 500:
        return ", as its class's median stop under green"
    return f", {tenths(abs(diff))} {'more' if diff > 0 else 'less'} than its class's median"


def _call(v: V) -> str:
    when = f"Before the stop on lap {v['lap']}, at {clock(v['at_ms'])},"
    if v["refused"]:
        return f"{when} no advice could be asked: {safe(v['refused'])}."
    if v["advised_lap"] is not None:
        said = f"to stop on lap {v['advised_lap']}" + (f", on {v['tyres']}s" if v["tyres"] else "")
    elif v["until_lap"] is not None:
        said = f"to stay out until about lap {v['until_lap']}"
    else:
        said = "to stay out"
    text = f"{when} the advice was {said}"
    if v["behind"] is None:
        return f"{text}."
    if v["behind"] <= 0:
        return f"{text}, which was done."
    worth = f"{v['behind']:.2f} ± {v['se']:.2f} {safe(v['unit'])}"
    return f"{text}; what was done was thought {worth} worse{_seconds(v)}."


def _seconds(v: V) -> str:
    return "" if v["behind_s"] is None else f" ({v['behind_s']:+.1f} seconds)"


def _period(v: V) -> str:
    kind = KINDS.get(v["kind"], safe(v["kind"]))
    end = "the end" if v["end_ms"] is None else clock(v["end_ms"])
    own, other = v["stopped"], v["other_stopped"]
    both = {
        (True, True): "both stopped under it",
        (True, False): f"#{safe(v['car_number'])} stopped under it, #{safe(v['against'])} did not",
        (False, True): f"#{safe(v['against'])} stopped under it, #{safe(v['car_number'])} did not",
        (False, False): "neither stopped under it",
    }[bool(own), bool(other)]
    return f"The {kind} from {clock(v['start_ms'])} to {end} {moved(v['ms'])}; {both}{_around(v)}."


def _around(v: V) -> str:
    before, after = v["gap_before_ms"], v["gap_after_ms"]
    if before is None or after is None:
        return ""
    return f", and the gap, stops included, went from {signed(before)} to {signed(after)}"


def _pace(v: V) -> str:
    each = [f"{person(row['driver'])} {signed(row['ms'])}" for row in v["drivers"]]
    tail = f" By driver: {listed(each)}." if each else ""
    return (
        f"Free laps, stint against stint on the same laps of the race, {moved(v['ms'])} against "
        f"#{safe(v['against'])}.{tail}"
    )


def _stint(v: V) -> str:
    against = listed([person(name) for name in v["other_drivers"].split(" / ")])
    verb, to = ("lost", "to") if v["ms"] > 0 else ("gained", "on")
    return (
        f"{person(v['driver'])}, laps {v['first_lap']} to {v['last_lap']} at "
        f"{format_ms(v['pace_ms'])}, {verb} {tenths(abs(v['ms']))} {to} {against}."
    )


def _weather(v: V) -> str:
    where = (
        "Laps on which the whole field was slow without a flag"
        if v["start_ms"] is None
        else f"The laps in the wet from {clock(v['start_ms'])} to {clock(v['end_ms'])}"
    )
    return (
        f"{where} took {signed(v['own_ms'])} over the dry pace, {signed(v['other_ms'])} for "
        f"#{safe(v['against'])}: rain, tyres and drivers together {moved(v['ms'])}."
    )


def _tyres(v: V) -> str:
    told = []
    for number in (v["car_number"], v["against"]):
        each = [
            f"{row['tyre']}s after lap {row['lap'] - 1} at {clock(row['at_ms'])}"
            for row in v["changes"]
            if row["car_number"] == number
        ]
        told.append(f"#{safe(number)} {listed(each) if each else 'did not change kinds'}")
    return (
        f"Around the wet spell from {clock(v['start_ms'])} to {clock(v['end_ms'])}: "
        f"{'; '.join(told)}."
    )


def _slow(v: V) -> str:
    each = [f"#{safe(r['car_number'])} lap {r['lap']} ({signed(r['ms'])})" for r in v["laps"]]
    return (
        f"Slow laps without a flag, over 6 % off the car's own quick lap, {moved(v['ms'])}; "
        f"why, timing cannot say: {listed(each)}."
    )


def _remainder(v: V) -> str:
    return (
        f"What no heading explains, the spread of ordinary free laps around their median, "
        f"{moved(v['ms'])} in all."
        if v["ms"]
        else "No heading leaves anything unexplained."
    )


def _borrowed(v: V) -> str:
    laps = sum(row["laps"] for row in v["stints"])
    return (
        f"{count(len(v['stints']), 'stint').capitalize()} of #{safe(v['car_number'])} "
        f"({count(laps, 'lap')}) had fewer than three clean laps: there both cars are held against "
        "one pace, and what differed stands under the other headings."
    )


def _how(v: V) -> str:
    where = (
        "the flag"
        if v["laps"] == v["other_laps"] and v["at_the_end"] == "finished"
        else f"the end of lap {v['lap']}, the last that both completed (laps beyond it are not "
        "turned into seconds),"
    )
    return (
        f"Every millisecond of both cars up to {where} stands under one heading; the parts add up "
        f"to {signed(v['gap_ms'])} exactly."
    )


DEBRIEF: dict[str, tuple[Words, ...]] = {
    "debrief_gap": (_gap,),
    "debrief_balance": (_balance,),
    "debrief_start": ("The start and lap 1 {ms:moved} against #{against:safe}.",),
    "debrief_stops": (_stops,),
    "debrief_hindsight": (_hindsight,),
    "debrief_drive_through": (
        "The visit to the lane on lap {lap} at {in_ms:clock}, {pit_lane_ms:tenths} without "
        "time to stand, looks like a drive-through ({confidence:.0%}); no decision given says "
        "so, and it counts among the stops.",
    ),
    "debrief_called": (
        "Of {asked:count stop} for which the advice could be asked with what was known at the "
        "start of the in-lap, {agreed} came on the lap advised or within a lap of it.",
    ),
    "debrief_call": (_call,),
    "debrief_luck": (
        "{periods:count neutralisation} together {ms:moved} against #{against:safe}, stops in "
        "the lane not counted.",
    ),
    "debrief_period": (_period,),
    "debrief_traffic": (
        "On {own_laps:count clean lap} another car was less than a second ahead of "
        "#{car_number:safe} at the end of a sector, on {other_laps:,} of #{against:safe}'s: "
        "against a free lap of the same stint those laps took {own_ms:signed} and "
        "{other_ms:signed}, so traffic {ms:moved}.",
    ),
    "debrief_pace": (_pace,),
    "debrief_stint": (_stint,),
    "debrief_weather": (_weather,),
    "debrief_tyres": (_tyres,),
    "debrief_slow": (_slow,),
    "debrief_penalty_served": ("Penalties served in the lane {ms:moved} against #{against:safe}.",),
    "debrief_penalty_added": (
        "The stewards added {own_ms:seconds} to #{car_number:safe} and {other_ms:seconds} to "
        "#{against:safe}.",
    ),
    "debrief_laps_taken": (
        "The stewards took {laps_taken:count lap} from #{car_number:safe}; that is no time, "
        "and stands outside the sum.",
    ),
    "debrief_remainder": (_remainder,),
    "debrief_borrowed": (_borrowed,),
    "debrief_how": (_how,),
}
