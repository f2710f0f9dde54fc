"""Neutralised now: what the car does then, by kind, with the pit lane as the rule book says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from dryline.domain.instant import Instant
from dryline.kernels import race_columns as col
from dryline.race.moment import Moment
from dryline.rules.book import RuleBook
from dryline.rules.pit_lane import LaneState, PitLane, pit_lane_state
from dryline.sim.params import RaceParams, SimState
from dryline.strategy.candidates import Candidate, Situation, candidates, core
from dryline.strategy.evaluate import PairedDifference, rank
from dryline.strategy.futures import Futures
from dryline.strategy.plain_rule import by_rule
from dryline.strategy.utility import Utility

CLOSED_MS = 1.0e12
SILENT_LAPS = 1.5
"""Without a crossing for so many usual laps under a neutralisation, a race may be stopped."""
KIND = {"fcy": col.FCY, "vsc": col.VSC, "safety_car": col.SAFETY_CAR, "red": col.RED}


@dataclass(frozen=True)
class Card:
    """If this kind of neutralisation began now: the lane, the call, its margin over the next.

    ``margin`` is None where the plain rule makes the call and nothing is simulated for it.
    """

    kind: str
    lane: PitLane
    call: Candidate
    margin: PairedDifference | None
    unit: str


def lane_now(moment: Moment, book: RuleBook | None, car_class: str, frame: pl.DataFrame) -> PitLane:
    """The pit lane for a class under the neutralisations of ``frame``.

    Without a rule book it is known only under green.

    Where nobody has crossed the line for long under a neutralisation, the race may be stopped:
    then the lane is not known either.
    """
    race, at = moment.race, moment.at
    running = frame.filter(
        (pl.col("start_ms") <= at.ms)
        & (pl.col("end_ms").is_null() | (pl.col("end_ms") > at.ms))
        & (pl.col("kind") != "slow_zone")
    )
    if not running.is_empty() and _is_silent(moment):
        why = "nobody has crossed the line for long: the race may be stopped"
        return PitLane(LaneState.UNKNOWN, None, 0.0, why)
    if book is not None:
        return pit_lane_state(
            book, frame, race.messages, car_class, at, event=race.info.event, stops=race.stops
        )
    if running.is_empty():
        return PitLane(LaneState.OPEN, None, 0.9, "the track is green")
    return PitLane(LaneState.UNKNOWN, None, 0.0, "no rule book covers this race")


def _is_silent(moment: Moment) -> bool:
    laps, at = moment.race.laps, moment.at
    usual_ms, last_ms = laps["lap_time_ms"].median(), laps["elapsed_ms"].max()
    if not isinstance(usual_ms, int | float) or not isinstance(last_ms, int):
        return False
    return at.ms - last_ms > SILENT_LAPS * usual_ms


def with_lane(params: RaceParams, kind: int, k: int, start_ms: float, lane: PitLane) -> RaceParams:
    """The parameters with the entry under ``kind`` as the rule book says, for class ``k``."""
    opens = params.opens.copy()
    if lane.may_stop:
        opens[kind, k] = 0.0
    elif lane.opens_at is not None:
        opens[kind, k] = max(float(opens[kind, k]), lane.opens_at.ms - start_ms)
    else:
        opens[kind, k] = CLOSED_MS
    return replace(params, opens=opens)


def neutralised_now(
    moment: Moment,
    book: RuleBook | None,
    futures: Futures,
    now: Situation,
    utility: Utility,
    *,
    lap_ms: float,
    replicates: int,
    seed: int,
    threads: int,
    out_of_time: Callable[[], bool] = lambda: False,
) -> tuple[Card, ...]:
    """A card for each kind that the series knows; none while the race is neutralised already.

    Those that ``out_of_time`` leaves no time for are left out.
    """
    known, at = futures.state.known, moment.at
    if book is None or bool((known[:, 1] < 0.0).any()):
        return ()
    names = {name.partition("@")[0] for name in book.text.neutralisations}
    k = int(futures.params.car[futures.car, col.CAR_CLASS])
    car_class = futures.classes[k]
    out = []
    for kind in (name for name in KIND if name in names):
        if out_of_time():
            break
        frame = with_period(moment.race.neutralisations, kind, at)
        lane = lane_now(moment, book, car_class, frame)
        there = replace(
            futures,
            params=with_lane(futures.params, KIND[kind], k, float(at.ms), lane),
            state=begun(futures.state, kind, at),
        )
        asked = asked_under(replace(now, may_stop=lane.may_stop))
        if not now.tyres_in_question:
            call = card_by_rule(now, asked, kind, lane, last_chance_ms(now, at, lap_ms))
            out.append(Card(kind, lane, call, None, utility.unit))
            continue
        found = rank(there, asked, utility, replicates=replicates, seed=seed, threads=threads)
        second = found.runner_up
        margin = PairedDifference(0.0, 0.0) if second is None else found.margin(found.call, second)
        out.append(Card(kind, lane, found.call, margin, utility.unit))
    return tuple(out)


def card_by_rule(
    now: Situation, asked: Sequence[Candidate], kind: str, lane: PitLane, until_ms: float
) -> Candidate:
    """What the plain rule does under a kind of neutralisation with the lane as it then is."""
    return by_rule(now, tuple(asked), yellow=kind != "red" and lane.opens_by(until_ms))[0]


def last_chance_ms(now: Situation, at: Instant, lap_ms: float) -> float:
    """When the car begins its last lap: a lane that opens later is of no use to it."""
    return at.ms + (now.laps_to_go - 1.0) * lap_ms


def asked_under(now: Situation) -> Sequence[Candidate]:
    """Stay, or box now; through a closed entry only ``box when it opens``.

    That one stands first: where the crew's own policy would do the same, the card says it.
    """
    now = replace(now, gap_unknown=False)  # nobody drives a flying lap then
    asked = [each for each in core(candidates(now)) if each.laps_ahead in (None, 0)]
    return sorted(asked, key=lambda each: each.until != "lane_opens")


def begun(state: SimState, kind: str, at: Instant) -> SimState:
    """The state with a neutralisation of that kind that begins at ``at``."""
    row = np.array([[float(at.ms), -1.0, float(KIND[kind])]])
    return replace(state, known=np.concatenate([state.known, row]))


def with_period(frame: pl.DataFrame, kind: str, at: Instant) -> pl.DataFrame:
    """The neutralisations with one more that begins at ``at``."""
    row = dict.fromkeys(frame.columns) | {
        "kind": kind, "start_ms": at.ms, "confidence": 1.0,
    }  # fmt: skip
    return pl.concat([frame, pl.DataFrame([row], schema=frame.schema)])
