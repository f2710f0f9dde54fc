"""The words for claims about practice and qualifying: nobody wins there, somebody is fastest."""

from __future__ import annotations

from dryline.domain.clock_text import format_ms
from dryline.present.names import car, cars, listed, person, safe, the_class
from dryline.present.report.prose_race import KINDS
from dryline.present.report.template import V, Words
from dryline.present.report.words import clock, count, nth, seconds, span


def _fastest(v: V) -> str:
    by = f"{person(v['best_driver'])}, " if v["best_driver"] else ""
    told = (
        f"{car(v['car_number'], v['team'])} was fastest in {the_class(v['car_class'])}: {by}"
        f"{format_ms(v['best_lap_time_ms'])} on lap {v['best_lap']}, {clock(v['best_at_ms'])} into "
        "the session"
    )
    if v["margin_ms"] is None:
        alone = "the only car of the class" if v["cars"] == 1 else "the only one with a time"
        return f"{told}, {alone}."
    if v["margin_ms"] == 0:
        return f"{told}, before {car(v['next'])} did the same."
    return f"{told}, {seconds(v['margin_ms'])} ahead of {car(v['next'])}."


def _theory(v: V) -> str:
    under = v["best_lap_time_ms"] - v["theoretical_ms"]
    beside = f"{seconds(under)} under its best lap" if under else "as quick as its best lap"
    return (
        f"The best sectors of {car(v['car_number'])} add up to {format_ms(v['theoretical_ms'])}, "
        f"{beside}; no other car of {the_class(v['car_class'])} has less."
    )


def _long_run(v: V) -> str:
    by = f" with {person(v['driver'])}" if v["driver"] else ""
    change = ""
    if v["slope_lo_ms"] > 0 or v["slope_hi_ms"] < 0:
        slower = "slower" if v["slope_value_ms"] > 0 else "faster"
        change = f", {seconds(abs(round(v['slope_value_ms'])))} {slower} each lap"
    return (
        f"The quickest long run of {the_class(v['car_class'])} was that of {car(v['car_number'])}"
        f"{by}: {count(v['steady_laps'], 'steady lap')}, {format_ms(v['average_ms'])} on average"
        f"{change}."
    )


def _turns(v: V) -> str:
    parts = [
        f"{listed([the_class(name) for name in part['classes'].split(' / ')])} from "
        f"{clock(part['from_ms'])} to {clock(part['to_ms'])}"
        for part in v["parts"]
    ]
    return f"The classes were out in turn: {listed(parts)}."


def _untimed(v: V) -> str:
    return f"{cars(v['numbers'])} set no time that counts."


def _neutralised(v: V) -> str:
    parts = [
        f"{count(row['periods'], KINDS.get(row['kind'], safe(row['kind'])))} "
        f"({span(row['total_ms'])})"
        for row in v["counts"]
    ]
    return f"The session saw {listed(parts)}."


def _gone(v: V) -> str:
    return (
        f"The {format_ms(v['lap_time_ms'])} of {car(v['car_number'])} on lap {v['lap']} was taken "
        f"away: it would have been {nth(v['would_be'])} in {the_class(v['car_class'])}, where the "
        f"car is {nth(v['position_in_class'])}."
    )


SESSION: dict[str, tuple[Words, ...]] = {
    "session_fastest": (_fastest,),
    "session_improved": (
        "{last_improved:car} improved last in {car_class:class}, at {last_improved_ms:clock}.",
    ),
    "session_theory": (_theory,),
    "session_long_run": (_long_run,),
    "session_gone": (_gone,),
    "session_turns": (_turns,),
    "session_untimed": (_untimed,),
    "session_neutralised": (_neutralised,),
    "session_limits": (
        "What was tried is not in the timing: fuel, settings and how hard a lap was driven. A lap "
        "is steady that is green and within 4 % of the best of its run; five make a long run.",
    ),
}
"""Every kind of claim about such a session, and the words for it."""
