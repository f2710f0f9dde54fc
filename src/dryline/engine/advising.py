"""Advice over a race: of which car, and within which budget."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable

import polars as pl

from dryline.answers.advice import Advice
from dryline.answers.forecast import ComesOut
from dryline.domain.clock_text import format_clock
from dryline.domain.errors import BadOption, NotKnown
from dryline.domain.instant import Instant
from dryline.engine.championship import known_book
from dryline.engine.forecasting import box_now
from dryline.engine.questions import Aid, AskAdvice, AskTeamAdvice
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.race.status import Status
from dryline.rules.book import RuleBook
from dryline.strategy.call import Budget, ReasonedCall, advise
from dryline.strategy.team_said import said_at
from dryline.strategy.utility import Utility

MOST_REPLICATES = 100_000
REJOIN_REPLICATES = 1000
CARDS, HURRIED_CARDS = 128, 32
RANKING_SHARE = 0.75
"""Of a time budget; the rest is for the cards and the rejoin."""
STOPS_TOLD = 4
"""Stops of a class from which the time of one under way is told."""
HURRIED_S = 3.0
"""With a smaller budget the track is read coarsely where nobody hands it in."""
HOUR_MS = 3_600_000
CANNOT = {
    Status.IN_PIT: ("is in the pits", "Ask again once it is back on the track."),
    Status.GARAGE: ("is in its garage", "Ask about a car that is on the track."),
    Status.RETIRED: ("is out of the race", "Ask about a car that is on the track."),
    Status.FINISHED: ("has finished", "Ask about an earlier instant."),
}


def parse_budget(text: str | None) -> float | None:
    """Seconds from ``2s``, ``500ms`` or ``1.5``; None where there is no budget.

    Raises:
        BadOption: where it is no time, or none at all.
    """
    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(ms|s)?", text.strip().lower())
    seconds = 0.0 if found is None else float(found[1]) / (1000 if found[2] == "ms" else 1)
    if seconds <= 0.0:
        raise BadOption(f"--budget {text[:40]!r} is no time", remedy="Write 2s or 500ms.")
    return seconds


def advice_for(
    moment: Moment,
    question: AskAdvice,
    aid: Aid = Aid(),
    *,
    clock: Callable[[], float] = time.perf_counter,
) -> ReasonedCall:
    """The call for a car.

    A budget counts from the call on; the answer then depends on the machine's speed. ``clock``
    counts seconds.

    Raises:
        UnknownCar: where the car is not in the race.
        UnknownLength: where nobody has said how long the race is.
        NotKnown: where the car is not on the track, or the race is over.
        BadOption: for an unknown utility or replicates out of range.
    """
    begun = clock()
    if not 1 <= question.replicates <= MOST_REPLICATES:
        raise BadOption(f"--replicates must be from 1 to {MOST_REPLICATES:,}")
    number = on_track(moment, question.car_number)
    length = length_at(moment)
    book = known_book(moment.race, question.rules)
    spend = budget_of(question, aid, lambda: clock() - begun)
    return advise(
        moment, number, length, book, utility_of(question.utility, book, length), spend,
        track=aid.track, hurried=is_hurried(question.budget_s),
    )  # fmt: skip


def is_hurried(budget_s: float | None) -> bool:
    """Whether reading the track in full would eat the budget."""
    return budget_s is not None and budget_s < HURRIED_S


def budget_of(
    question: AskAdvice | AskTeamAdvice, aid: Aid, spent_s: Callable[[], float]
) -> Budget:
    """The budget of a call; time counts only where there is a limit."""
    budget_s = question.budget_s

    def left() -> float:
        return 1.0 if budget_s is None else 1.0 - spent_s() / budget_s

    return Budget(
        replicates=question.replicates,
        seed=question.seed,
        threads=(os.cpu_count() or 1) if aid.threads is None else aid.threads,
        card_replicates=CARDS if budget_s is None else HURRIED_CARDS,
        out_of_time=lambda: left() <= 1.0 - RANKING_SHARE,
        tell=aid.tell,
        left=left,
    )


def length_at(moment: Moment) -> int:
    """The race's scheduled length, ms.

    Raises:
        UnknownLength: where nobody has said it.
        NotKnown: where the race is over by then.
    """
    length = moment.length_ms
    if moment.at_ms >= length:
        raise NotKnown(
            f"the race is over by then: {moment.race.info.name} lasts {format_clock(length)}",
            remedy="Ask about an earlier instant.",
        )
    return length


def on_track(moment: Moment, car_number: str) -> str:
    """The number of a car that is running.

    Raises:
        UnknownCar: where it is not in the race.
        NotKnown: where it is not on the track, or the team said that it is out.
    """
    race, at = moment.race, moment.at
    number = race.known_car(car_number)
    state = race.at(at)[number]
    out = said_at(moment).own(number).retired
    if out is not None:
        raise NotKnown(
            f"car {number} is out of the race: {out.author} said so at {format_clock(out.at.ms)}",
            remedy=f"Undo input {out.number} if it goes on.",
        )
    if state.status is Status.IN_PIT:
        out_ms = _out_again_ms(race, number)
        if out_ms is None or at.ms < out_ms:
            raise _no_call(number, at, state.status, out_ms)
    elif state.status in CANNOT:
        raise _no_call(number, at, state.status, None)
    return number


def _no_call(number: str, at: Instant, status: Status, out_ms: int | None) -> NotKnown:
    what, remedy = CANNOT[status]
    if out_ms is not None:
        remedy = f"Ask again from about {format_clock(out_ms)}, when it should be out again."
    words = f"car {number} {what} at {format_clock(at.ms)}: there is no call to make"
    return NotKnown(words, remedy=remedy)


def _out_again_ms(race: Race, number: str) -> int | None:
    """When a car that is in the pits should be out, by the stops of its class so far.

    After that it is taken to be on its out-lap: the file shows it only when it crosses the line.
    """
    car_class = race.entries[number].car_class
    stops = race.stops.filter(pl.col("car_class") == car_class)["pit_lane_ms"].drop_nulls()
    entered = race.laps.filter(pl.col("car_number") == number)["elapsed_ms"].to_list()
    if len(stops) < STOPS_TOLD or not entered:
        return None
    usual = sorted(stops.to_list())[len(stops) // 2]
    return int(entered[-1] + usual)


def utility_of(name: str, book: RuleBook | None, length: int) -> Utility:
    """The utility of that name; points need the season's scale."""
    if name != "points":
        return Utility(name)
    if book is None:
        raise NotKnown(
            "the points scale of this race is not known",
            remedy="Say --series and --year, or another --utility.",
        )
    return Utility(name, tuple(float(p) for p in book.scale(length / HOUR_MS).points.value))


def answer_advice(moment: Moment, question: AskAdvice, aid: Aid) -> Advice:
    """The call for a car, and where it would come out."""
    found = advice_for(moment, question, aid)
    return Advice.of(
        found,
        rejoin_of(moment, found, question.seed),
        seed=question.seed,
        simulated=moment.race.info.simulated,
    )


def rejoin_of(moment: Moment, advice: ReasonedCall, seed: int) -> ComesOut | None:
    """Where the car comes out if it boxes on the lap it is on; None where it may not.

    Nor of a car that the file has in the pits still: where it came out is not known either.
    """
    in_pits = moment.race.at(moment.at)[advice.car_number].status is Status.IN_PIT
    if in_pits or not advice.lane.may_stop:
        return None
    found = box_now(moment, advice.car_number, replicates=REJOIN_REPLICATES, seed=seed)
    return ComesOut.found(found)
