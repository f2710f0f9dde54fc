"""Advice over a race: of which car, within which budget, and in the contract's words."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from typing import Any

from dryline.analysis.track import TrackEstimate
from dryline.domain.errors import BadOption, NotKnown
from dryline.domain.instant import Instant
from dryline.engine.championship import book_of
from dryline.engine.forecasting import box_now, length_ms, rejoin_object
from dryline.race.race import Race
from dryline.race.status import Status
from dryline.rules.book import RuleBook
from dryline.strategy.call import Advice, Budget, advise
from dryline.strategy.candidates import Candidate
from dryline.strategy.cards import Card
from dryline.strategy.evaluate import Difference
from dryline.strategy.utility import Utility

REPLICATES = 500
MOST_REPLICATES = 100_000
REJOIN_REPLICATES = 1000
CARDS, HURRIED_CARDS = 128, 32
RANKING_SHARE = 0.75
"""Of a time budget; the rest is for the cards and the rejoin."""
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
    race: Race,
    car_number: str,
    at: Instant,
    *,
    replicates: int = REPLICATES,
    seed: int = 1,
    budget_s: float | None = None,
    utility: str = "position",
    threads: int | None = None,
    track: TrackEstimate | None = None,
    tell: Callable[[float], None] = lambda _: None,
) -> Advice:
    """The call for a car at ``at``; ``race`` holds nothing later.

    ``budget_s`` counts from the call on; the answer then depends on the machine's speed.
    ``track`` is the rain gauge's estimate at ``at``, where the caller has it already.

    Raises:
        UnknownCar: where the car is not in the race.
        UnknownLength: where nobody has said how long the race is.
        NotKnown: where the car is not on the track, or the race is over.
        BadOption: for an unknown utility or replicates out of range.
    """
    begun = time.perf_counter()
    if not 1 <= replicates <= MOST_REPLICATES:
        raise BadOption(f"--replicates must be from 1 to {MOST_REPLICATES:,}")
    number = _on_track(race, car_number, at)
    length = length_ms(race)
    if at.ms >= length:
        raise NotKnown(
            f"the race is over by then: {race.info.name} lasts {Instant(length)}",
            remedy="Ask about an earlier instant.",
        )
    book = _book(race)
    spend = Budget(
        replicates=replicates,
        seed=seed,
        threads=(os.cpu_count() or 1) if threads is None else threads,
        card_replicates=CARDS if budget_s is None else HURRIED_CARDS,
        out_of_time=lambda: (
            budget_s is not None and time.perf_counter() - begun >= RANKING_SHARE * budget_s
        ),
        tell=tell,
    )
    return advise(
        race, number, at, length, book, _utility(utility, book, length), spend, track=track
    )


def _on_track(race: Race, car_number: str, at: Instant) -> str:
    number = race.known_car(car_number)
    status = race.at(at)[number].status
    if status in CANNOT:
        what, remedy = CANNOT[status]
        raise NotKnown(f"car {number} {what} at {at}: there is no call to make", remedy=remedy)
    return number


def _book(race: Race) -> RuleBook | None:
    try:
        return book_of(race)
    except NotKnown:
        return None


def _utility(name: str, book: RuleBook | None, length: int) -> Utility:
    if name != "points":
        return Utility(name)
    if book is None:
        raise NotKnown(
            "the points scale of this race is not known",
            remedy="Say --series and --year, or another --utility.",
        )
    return Utility(name, tuple(float(p) for p in book.scale(length / HOUR_MS).points.value))


def rejoin_of(race: Race, advice: Advice, seed: int) -> dict[str, Any] | None:
    """Where the car comes out if it boxes on the lap it is on; None where it may not."""
    if not advice.lane.may_stop:
        return None
    found = box_now(
        race, advice.car_number, Instant(advice.at_ms), replicates=REJOIN_REPLICATES, seed=seed
    )
    return rejoin_object(found)


def advice_object(
    advice: Advice, rejoin: dict[str, Any] | None, *, seed: int, simulated: bool
) -> dict[str, Any]:
    """Advice as the contract words it."""
    ranking, second = advice.ranking, advice.ranking.runner_up
    best, on_wets = ranking.call, advice.situation.on_wets
    return {
        "car_number": advice.car_number,
        "car_class": advice.car_class,
        "at_ms": advice.at_ms,
        "length_ms": advice.length_ms,
        "simulated": simulated,
        "seed": seed,
        "utility": ranking.utility.name,
        "call": action_object(best, on_wets),
        "margin": {
            "over": "runner_up",
            "runner_up": None if second is None else second.key,
            **_difference(None if second is None else ranking.margin(best, second)),
            "unit": ranking.utility.unit,
        },
        "margin_s": _difference(None if second is None else ranking.margin_s(best, second)),
        "candidates": [_candidate(advice, each) for each in ranking.order],
        "stopped": ranking.stopped,
        "flips_if": [
            {
                "condition": flip.condition,
                "threshold": flip.threshold,
                "unit": flip.unit,
                "now": flip.now,
                "instead": flip.instead,
            }
            for flip in advice.flips
        ],
        "value_of_waiting": _waiting(advice),
        "rejoin": rejoin,
        "evidence": advice.evidence,
        "cannot_tell": list(advice.cannot_tell),
        "pit_lane": {"state": advice.lane.state.value, "why": advice.lane.why},
        "track": _track(advice),
        "range": {
            "lap": advice.situation.lap,
            "fuel_laps": round(advice.situation.fuel_laps, 1),
            "laps_to_go": round(advice.situation.laps_to_go, 1),
        },
        "neutralised_now": [_card(card, on_wets) for card in advice.cards],
    }  # fmt: skip


def action_object(which: Candidate, on_wets: bool) -> dict[str, Any]:
    """What is done, as the contract words a call; what nobody told us is null.

    A change between slicks and wets takes four; how many of the same kind is the crew's choice.
    """
    stop = which.action == "box"
    return {
        "key": which.key,
        "action": which.action,
        "lap": which.lap if stop else None,
        "until_lap": which.lap if which.until in ("policy", "range_end") else None,
        "until": which.until,
        "tyres": _tyres(which, on_wets) if stop else None,
        "fuel": which.fuel,
        "energy_pct": None,
        "driver": None,
    }


def _tyres(which: Candidate, on_wets: bool) -> dict[str, Any]:
    held = "wet" if on_wets else "slick"
    kind = held if which.tyres in (None, "usual") else which.tyres
    return {"kind": kind, "count": None if kind == held else 4}


def _difference(of: Difference | None) -> dict[str, float | None]:
    if of is None:
        return {"value": None, "se": None}
    return {"value": of.value, "se": of.se}


def _candidate(advice: Advice, which: Candidate) -> dict[str, Any]:
    ranking = advice.ranking
    worth = ranking.worth(which)
    gap, gap_s = ranking.margin(ranking.call, which), ranking.margin_s(ranking.call, which)
    return {
        **action_object(which, advice.situation.on_wets),
        "value": ranking.utility.shown(worth.value),
        "se": worth.se,
        "behind_call": _difference(gap),
        "behind_call_s": _difference(gap_s),
        "replicates": len(ranking.finishes[which.key].place),
    }


def _waiting(advice: Advice) -> dict[str, Any]:
    return {**_difference(advice.waiting), "unit": advice.ranking.utility.unit}


def _track(advice: Advice) -> dict[str, Any]:
    contrast = advice.contrast
    return {
        "wet": advice.wet,
        "p_rain": advice.p_rain,
        "p_own_wets": advice.p_own_wets,
        "wet_minus_slick_ms": None if contrast is None else round(contrast.wet_minus_slick_ms),
        "sd_ms": None if contrast is None else round(contrast.sd_ms),
        "p_wet_faster": None if contrast is None else contrast.p_wet_faster,
    }


def _card(card: Card, on_wets: bool) -> dict[str, Any]:
    lane = card.lane
    return {
        "kind": card.kind,
        "pit_lane": lane.state.value,
        "why": lane.why,
        "opens_at_ms": None if lane.opens_at is None else lane.opens_at.ms,
        "confidence": lane.confidence,
        "call": action_object(card.call, on_wets),
        "margin": {**_difference(card.margin), "unit": card.unit},
    }
