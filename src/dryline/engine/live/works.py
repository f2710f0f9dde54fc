"""What a live session asks beside the timing: forecast, track, call, plan, rejoin, what-ifs.

A work is a function of the race as it was known and of the question alone, so that a journal read
again gives the same answers. Nothing is limited by the clock. What the team has typed travels with
the question; the forecast and the track, which everybody may see, know nothing of it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from dryline.answers.advice import Advice
from dryline.answers.forecast import Forecast, Rejoin
from dryline.answers.live_track import LiveTrack
from dryline.answers.replan import Replanned
from dryline.answers.what_if import WhatIf
from dryline.domain.errors import BadOption
from dryline.domain.event import (
    HEARD,
    RaceControlMessage,
    TeamInput,
    decode_event,
    encode_event,
)
from dryline.domain.flag import NEUTRALISED
from dryline.domain.instant import Instant
from dryline.domain.tables import CROSSINGS
from dryline.engine.live.gauge import read_track
from dryline.engine.live.session import LiveSession, Prompt, Routine
from dryline.engine.live.state import Ask, SessionState
from dryline.engine.live.workers import Lanes, ProcessWorkers, Work, Workers
from dryline.engine.questions import (
    Aid,
    AskAdvice,
    AskForecast,
    AskLiveTrack,
    AskRejoin,
    AskReplan,
    AskWhatIf,
    ask,
)
from dryline.engine.solver_words import solver_words_aside
from dryline.engine.warming import warm_up
from dryline.engine.what_ifs import read_change
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.race.team_evidence import TEAM_SOURCE, in_force

FORECAST, TRACK, ADVISE, REJOIN, WHAT_IF = "forecast", "track", "advise", "rejoin", "what_if"
PLAN = "plan"
FORECAST_EVERY_MS = 120_000
FORECAST_REPLICATES, ADVICE_REPLICATES, REJOIN_REPLICATES = 512, 256, 500
NO_FACTS = frozenset({"accept", "reject", "release", "note", "our_car", HEARD})
"""Inputs that say nothing about the race."""
LANE_WORDS = frozenset(
    {"flag", "vsc", "pit_lane_open", "pit_lane_closed", "track_declared_wet", "track_declared_dry"}
)
_LOG = logging.getLogger(__name__)
_FLAG = list(CROSSINGS).index("flag")


def forecast_work(race: Race, given: Ask) -> Forecast:
    """How the race may end, for everybody; how long it took to say so is not kept."""
    moment = race.moment(Instant(given.as_of_ms)).for_all()
    asked = AskForecast(replicates=FORECAST_REPLICATES, seed=given.seed)
    found = ask(moment, asked, Aid(track=read_track(moment).estimate))
    return replace(found, elapsed_s=0.0)


def track_work(race: Race, given: Ask) -> LiveTrack:
    """The track, the tyres and the ranges as everybody may know them."""
    return ask(race.moment(Instant(given.as_of_ms)), AskLiveTrack(seed=given.seed))


def advise_work(race: Race, given: Ask) -> Advice:
    """The call for our car with its cards and where it would come out, as ``dryline advise``."""
    car, moment = _asked_by(race, given)
    asked = AskAdvice(car_number=car, replicates=ADVICE_REPLICATES, seed=given.seed)
    return ask(moment, asked, Aid(track=read_track(moment, TEAM_SOURCE).estimate))


def plan_work(race: Race, given: Ask) -> Replanned:
    """The rest of the race for our car, as ``dryline plan --car``."""
    car, moment = _asked_by(race, given)
    aid = Aid(track=read_track(moment, TEAM_SOURCE).estimate)
    with solver_words_aside():
        return ask(moment, AskReplan(car_number=car), aid)


def rejoin_work(race: Race, given: Ask) -> Rejoin:
    """Where any car comes out if it boxes on the lap it is on."""
    moment = race.moment(Instant(given.as_of_ms))
    car = given.arguments["car_number"]
    return ask(moment, AskRejoin(car_number=car, replicates=REJOIN_REPLICATES, seed=given.seed))


def what_if_work(race: Race, given: Ask) -> WhatIf:
    """What a change would do to our car and to the top of its class."""
    car, moment = _asked_by(race, given)
    change = read_change(given.arguments["question"])
    aid = Aid(track=read_track(moment, TEAM_SOURCE).estimate)
    return ask(moment, AskWhatIf(car_number=car, change=change, seed=given.seed), aid)


WORKS: Mapping[str, Work] = {
    FORECAST: forecast_work,
    TRACK: track_work,
    ADVISE: advise_work,
    PLAN: plan_work,
    REJOIN: rejoin_work,
    WHAT_IF: what_if_work,
}
"""Who answers each kind of question."""


@dataclass(frozen=True, slots=True)
class EachLapOfTheLeader:
    """Asks a question whenever somebody completes a lap that nobody had completed before.

    Where laps are long it is asked between them too, after ``at_most_ms``.
    """

    kind: str = TRACK
    at_most_ms: int = 120_000

    def due(self, state: SessionState) -> Mapping[str, Any] | None:
        """The lap that was completed first, where it is new or it was long ago."""
        lap = max((car.lap for car in state.race.cars.values()), default=0)
        last = state.questions.get(self.kind)
        if last is None:
            return {"lap": lap} if lap else None
        is_new = last.arguments.get("lap", 0) < lap
        is_long = state.race.now.ms - last.as_of_ms >= self.at_most_ms
        return {"lap": lap} if is_new or is_long else None


@dataclass(frozen=True, slots=True)
class EachChangeForUs:
    """Asks about our car: each lap that it completes, each fact typed, each flag and word of
    race control that bears on a stop.
    """

    kind: str = ADVISE

    def due(self, state: SessionState) -> Mapping[str, Any] | None:
        """What the call now depends on, where that is not what was asked about last."""
        car, race = our_car(state), state.race
        if car is None or car not in race.cars:
            return None
        last = state.questions.get(self.kind)
        before = {} if last is None else last.arguments
        now = {
            "lap": race.cars[car].lap,
            "flag": _held(state),
            "heard": [len(race.team), len(race.messages)],
        }
        if {**before, **now, "car_number": car} == before:
            return None
        now |= {**team_arguments(state, car), "words": _lane_words(state)}
        is_same = {**now, "heard": None} == {**before, "heard": None}
        return None if is_same else now


@dataclass(frozen=True, slots=True)
class EachTurnForUs:
    """Asks about our car's rest of the race: each fact typed, each stop, each flag, some laps."""

    kind: str = PLAN
    every_laps: int = 5

    def due(self, state: SessionState) -> Mapping[str, Any] | None:
        """What the plan now depends on, where that is not what was asked about last."""
        car, race = our_car(state), state.race
        if car is None or car not in race.cars:
            return None
        last = state.questions.get(self.kind)
        before = {} if last is None else last.arguments
        now = {
            "laps": race.cars[car].lap // self.every_laps,
            "stop": [race.cars[car].stint, race.cars[car].in_pit],
            "flag": _held(state),
            **team_arguments(state, car),
        }
        return None if now == before else now


def _lane_words(state: SessionState) -> int:
    """How often race control has spoken of what bears on a stop."""
    return sum(
        isinstance(said, RaceControlMessage) and said.kind in LANE_WORDS
        for said in state.race.messages
    )


ROUTINES: Sequence[Prompt] = (
    EachChangeForUs(),
    EachTurnForUs(),
    EachLapOfTheLeader(),
    Routine(FORECAST, FORECAST_EVERY_MS),
)
"""What a pit wall asks by itself, the urgent first."""


def pit_wall_workers() -> Workers:
    """A process for the team's questions and one for everybody's, both warmed up."""
    urgent = ProcessWorkers(1, latest_only=(ADVISE, REJOIN), prepare=warm)
    slow = ProcessWorkers(1, latest_only=(FORECAST, TRACK, PLAN), prepare=warm)
    return Lanes({ADVISE: urgent, WHAT_IF: urgent, REJOIN: urgent}, slow)


def warm() -> None:
    """Use every kernel once, so that the first question need not wait for its compiling."""
    try:
        for _ in warm_up():
            pass
    except Exception:  # a worker that could not warm up can still answer
        _LOG.exception("the kernels could not be warmed up")


def our_car(state: SessionState) -> str | None:
    """Which car is ours, as somebody has typed last; ``None`` where nobody has."""
    said = [entry.car_number for entry in in_force(state.race.team) if entry.kind == "our_car"]
    return said[-1] if said else None


def team_arguments(state: SessionState, car_number: str) -> dict[str, Any]:
    """What a question of the team carries: the car, and the facts typed so far."""
    said = [entry for entry in in_force(state.race.team) if entry.kind not in NO_FACTS]
    return {"car_number": car_number, "said": [encode_event(entry).decode() for entry in said]}


def ask_what_if(session: LiveSession, asked: Mapping[str, Any]) -> int:
    """Ask what a change would do to our car; the question's number.

    Raises:
        BadOption: where the question is none, or nobody has said which car is ours.
    """
    read_change(asked)
    return session.ask(WHAT_IF, {**_ours(session.state), "question": dict(asked)})


def ask_rejoin(session: LiveSession, car_number: str) -> int:
    """Ask where a car comes out if it boxes now; the question's number."""
    return session.ask(REJOIN, {"car_number": car_number})


def _ours(state: SessionState) -> dict[str, Any]:
    car = our_car(state)
    if car is None:
        raise BadOption("nobody has said which car is ours", remedy="Type: our car 50.")
    return team_arguments(state, car)


def _asked_by(race: Race, given: Ask) -> tuple[str, Moment]:
    """The car that asks, and the moment in its team's eyes."""
    car = given.arguments["car_number"]
    lines = given.arguments.get("said", ())
    said = [event for line in lines if isinstance(event := decode_event(line), TeamInput)]
    return car, race.moment(Instant(given.as_of_ms), said).of_car(car)


def _held(state: SessionState) -> str | None:
    """The neutralisation that the last crossing was made under."""
    flag = state.race.rows[-1][_FLAG] if len(state.race.rows) else None
    return flag if flag in NEUTRALISED else None
