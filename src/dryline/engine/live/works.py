"""What a live session asks beside the timing: forecast, track, the call, rejoin, what-ifs.

A work is a function of the race as it was known and of the question alone, so that a journal read
again gives the same answers. Nothing is limited by the clock. What the team has typed travels with
the question; the forecast and the track, which everybody may see, know nothing of it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import polars as pl

from dryline.analysis.stops.fuel_range import RangeLeft, range_filtered
from dryline.analysis.stops.priors import stop_priors
from dryline.analysis.track.crossover import tyre_contrasts
from dryline.analysis.track.filter import TrackState
from dryline.analysis.track.model import FULL_WETNESS
from dryline.answers.forecast import CarChances
from dryline.domain.errors import BadOption, InputError
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
from dryline.engine.live.gauge import Reading, read_track
from dryline.engine.live.session import Prompt, Routine, Session
from dryline.engine.live.state import Ask, SessionState
from dryline.engine.live.workers import Lanes, ProcessWorkers, Work, Workers
from dryline.engine.questions import Aid, AskAdvice, AskForecast, AskRejoin, AskWhatIf, ask
from dryline.engine.warming import warm_up
from dryline.engine.what_ifs import read_change
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.race.team_evidence import TEAM_SOURCE, in_force

FORECAST, TRACK, ADVISE, REJOIN, WHAT_IF = "forecast", "track", "advise", "rejoin", "what_if"
FORECAST_EVERY_MS = 120_000
FORECAST_REPLICATES, ADVICE_REPLICATES, REJOIN_REPLICATES = 512, 256, 500
NO_FACTS = frozenset({"accept", "reject", "release", "note", "our_car", HEARD})
"""Inputs that say nothing about the race."""
LANE_WORDS = frozenset(
    {"flag", "vsc", "pit_lane_open", "pit_lane_closed", "track_declared_wet", "track_declared_dry"}
)
_LOG = logging.getLogger(__name__)
TREND_MS = 180_000
MOVED = 0.1
_FLAG = list(CROSSINGS).index("flag")


def forecast_work(race: Race, given: Ask) -> dict[str, Any]:
    """How the race may end, for everybody: the chances of every car, rounded."""
    moment = race.moment(Instant(given.as_of_ms)).for_all()
    asked = AskForecast(replicates=FORECAST_REPLICATES, seed=given.seed)
    found = ask(moment, asked, Aid(track=read_track(moment).estimate))
    return {
        "length_ms": found.length_ms,
        "replicates": found.replicates,
        "cars": {car.car_number: _chances(car) for car in found.cars},
    }


def _chances(car: CarChances) -> dict[str, Any]:
    return {
        "car_class": car.car_class,
        "p_win_class": round(car.p_win_class, 4),
        "p_win": round(car.p_win, 4),
        "p_podium_class": round(car.p_podium_class, 4),
        "p_retire": round(car.p_retire, 4),
        "laps": msgspec.to_builtins(car.laps),
        "stops_left": msgspec.to_builtins(car.stops_left),
    }


def track_work(race: Race, given: Ask) -> dict[str, Any]:
    """The track, the tyres and the ranges as everybody may know them."""
    moment = race.moment(Instant(given.as_of_ms)).for_all()
    reading = read_track(moment)
    state = reading.estimate.last
    sample = reading.estimate.samples.row(-1, named=True)
    return {
        "words": reading.estimate.words,
        "wetness": [round(sample[f"w{k}"], 3) for k in (1, 2, 3)],
        "sd": [round(sample[f"sd{k}"], 3) for k in (1, 2, 3)],
        "p_wet": [round(float(p), 3) for p in state.p_wet],
        "p_rain": [round(float(p), 3) for p in state.p_rain],
        "trend": _trend(reading),
        "classes": {
            each.car_class: {
                "wet_minus_slick_ms": round(each.wet_minus_slick_ms),
                "sd_ms": round(each.sd_ms),
                "p_wet_faster": round(each.p_wet_faster, 3),
            }
            for each in tyre_contrasts(state)
        },
        "tyres": {car: [round(p, 3), seen] for car, (p, seen) in state.tyres.items()},
        "stints": [
            [each.car, each.stop_ms, round(each.p_wet, 2)]
            for each in reading.segments
            if each.p_wet >= MOVED
        ],
        "ranges": _ranges(moment),
    }


def _trend(reading: Reading) -> list[str]:
    """Per sector ``raining``, ``wetting``, ``drying`` or ``steady``, over three minutes."""
    now = reading.recent[-1]
    before = [s for s in reading.recent if s.at_ms <= now.at_ms - TREND_MS]
    return [_sector_trend(now, before[-1] if before else now, k) for k in range(3)]


def _sector_trend(now: TrackState, before: TrackState, k: int) -> str:
    if now.p_rain[k] > 0.5 and now.p_wet[k] > 0.5:
        return "raining"
    change = float(now.level[k] - before.level[k]) / FULL_WETNESS
    if abs(change) < MOVED / 2:
        return "steady"
    return "wetting" if change > 0 else "drying"


def _ranges(moment: Moment) -> dict[str, list[float]]:
    """Per car the laps it can still go, their spread, and the lap that it was on."""
    known = moment.race.laps
    left = range_filtered(known, moment.at_ms, stop_priors().range)
    laps = dict(known.group_by("car_number").agg(pl.col("lap").max()).iter_rows())
    return {car: [*_left(each), laps[car]] for car, each in left.items()}


def _left(each: RangeLeft) -> tuple[float, float]:
    spread = (each.p90_laps - each.p10_laps) / 2.563  # of a normal distribution's quantiles
    return round(each.p50_laps, 2), round(spread, 2)


def advise_work(race: Race, given: Ask) -> dict[str, Any]:
    """The call for our car with its cards and where it would come out, as ``dryline advise``."""
    car, moment = _asked_by(race, given)
    asked = AskAdvice(car_number=car, replicates=ADVICE_REPLICATES, seed=given.seed)
    return ask(moment, asked, Aid(track=read_track(moment, TEAM_SOURCE).estimate)).to_dict()


def rejoin_work(race: Race, given: Ask) -> dict[str, Any]:
    """Where any car comes out if it boxes on the lap it is on."""
    moment = race.moment(Instant(given.as_of_ms))
    car = given.arguments["car_number"]
    asked = AskRejoin(car_number=car, replicates=REJOIN_REPLICATES, seed=given.seed)
    return ask(moment, asked).to_dict()


def what_if_work(race: Race, given: Ask) -> dict[str, Any]:
    """What a change would do to our car and to the top of its class."""
    car, moment = _asked_by(race, given)
    change = given.arguments["question"]
    aid = Aid(track=read_track(moment, TEAM_SOURCE).estimate)
    try:
        asked = AskWhatIf(car_number=car, change=read_change(change), seed=given.seed)
        return ask(moment, asked, aid).to_dict()
    except InputError as error:
        return {"question": change, "error": str(error)}


WORKS: Mapping[str, Work] = {
    FORECAST: forecast_work,
    TRACK: track_work,
    ADVISE: advise_work,
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


def _lane_words(state: SessionState) -> int:
    """How often race control has spoken of what bears on a stop."""
    return sum(
        isinstance(said, RaceControlMessage) and said.kind in LANE_WORDS
        for said in state.race.messages
    )


ROUTINES: Sequence[Prompt] = (
    EachChangeForUs(),
    EachLapOfTheLeader(),
    Routine(FORECAST, FORECAST_EVERY_MS),
)
"""What a pit wall asks by itself, the urgent first."""


def pit_wall_workers() -> Workers:
    """A process for the team's questions and one for everybody's, both warmed up."""
    urgent = ProcessWorkers(1, latest_only=(ADVISE, REJOIN), prepare=warm)
    slow = ProcessWorkers(1, latest_only=(FORECAST, TRACK), prepare=warm)
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


def ask_what_if(session: Session, asked: Mapping[str, Any]) -> int:
    """Ask what a change would do to our car; the question's number.

    Raises:
        BadOption: where the question is none, or nobody has said which car is ours.
    """
    read_change(asked)
    return session.ask(WHAT_IF, {**_ours(session.state), "question": dict(asked)})


def ask_rejoin(session: Session, car_number: str) -> int:
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
