"""Whether a call follows the plan for the rest of the race, and if not, why."""

from __future__ import annotations

from dryline.answers.advice import Advice
from dryline.answers.replan import Replanned
from dryline.domain.language import language

UNDER_GREEN = "the track is green"


def plan_and_call(plan: Replanned, advice: Advice) -> str:
    """In words; empty where they are about different cars or the plan's stop has gone."""
    if plan.car_number != advice.car_number:
        return ""
    now, call = advice.range.lap, advice.call
    stop = next((each for each in plan.stops if each.lap >= now), None)
    if stop is None:
        return "" if plan.stops or call.lap is not None else _say("no_stop")
    if call.lap == stop.lap:
        return _say("as_planned", lap=stop.lap)
    if call.lap is not None:
        return _say("sooner" if call.lap < stop.lap else "later", lap=stop.lap, why=_why(advice))
    if call.until_lap is not None and call.until_lap < stop.lap:
        return _say("beyond", lap=stop.lap, until=call.until_lap)
    return _say("to_come", lap=stop.lap)


def _why(advice: Advice) -> str:
    """What makes a call depart from the plan: the lane, the tyres, or the tank."""
    if advice.track.wet and advice.made_by == "comparison":
        return _say("tyres")
    if advice.pit_lane.why != UNDER_GREEN:
        return advice.pit_lane.why
    return _say("tank", lap=int(advice.range.lap + advice.range.fuel_laps) - 1)


def _say(key: str, **places: object) -> str:
    return language().say("plan_and_call", key, **places)
