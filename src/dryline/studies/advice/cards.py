"""Neutralisation cards against the field: what was done, and what those who did so gained.

At the start of every full course yellow, virtual safety car and safety car the card of that kind
is drawn from what was known the moment before, for a few cars of each class. A car and a match in
the same situation of which one stopped and the other stayed out show what stopping was worth.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import polars as pl

from dryline.domain.instant import Instant
from dryline.engine.championship import known_book
from dryline.model.race_priors import Priors
from dryline.race.race import Race
from dryline.rules.book import RuleBook
from dryline.strategy.cards import Card, lane_now, neutralised_now
from dryline.strategy.utility import Utility
from dryline.studies.advice.field import Field, field_at
from dryline.studies.advice.hindsight import Hindsight
from dryline.studies.matched_cars import CarRun, alike, gained
from dryline.studies.stops_owed import StopPrice, laps_since_stop, owed_s, stop_prices

Row = dict[str, Any]
KINDS = ("fcy", "vsc", "safety_car")
LAPS_AFTER, FEWEST_AFTER = 10, 3
"""Laps after green at which the outcome is read, fewer where the race is neutralised again."""
ALIKE = 0.015
"""Whole classes do the same, so that a match may differ this much; its dry pace is taken out."""
WORTHS = ("box_worth_s", "box_worth_least_s", "box_worth_places", "box_worth_final")
SAME_FUEL = 0.25
"""Matches differ by no more than this share of the range since their last stop."""
SAME_PLACE_LAPS = 1.0
JUST_STOPPED_MS = 180_000.0
MISHAP_S = 90.0
"""A pair that parts by more met something else: a repair, a puncture, a penalty."""
LONG_LANE = 1.6
"""So many times a routine green stop in the lane is a repair."""
REPLICATES = 128


@dataclass(frozen=True)
class PastNeutralisation:
    """One neutralisation."""

    kind: str
    start_ms: int
    end_ms: int
    source: str


def periods_of(race: Race) -> list[PastNeutralisation]:
    """The neutralisations that have a card and an end, by time."""
    rows = race.neutralisations.filter(
        pl.col("kind").is_in(KINDS) & pl.col("end_ms").is_not_null()
    ).sort("start_ms")
    columns = ("kind", "start_ms", "end_ms", "source")
    return [PastNeutralisation(*row) for row in rows.select(columns).iter_rows()]


def card_rows(
    name: str, race: Race, length_ms: int, priors: Priors, seed: int, replicates: int = REPLICATES
) -> list[Row]:
    """A row per neutralisation and car asked; those without a match have no gain."""
    book = known_book(race)
    if book is None:
        return []
    seen = Hindsight.of(race)
    prices = stop_prices(race.laps, race.stops, race.stints)
    out: list[Row] = []
    for period in periods_of(race):
        at = period.start_ms - 1
        if at <= 0 or at >= length_ms or seen.halted(at - 1.0, at):
            continue
        field = field_at(race, Instant(at), length_ms, priors)
        for car in _asked(field):
            car_class = field.fit.classes[field.class_index(car)]
            card = _card(field, book, period, car, car_class, seed, replicates)
            if card is None:
                continue
            out.append(
                {
                    "part": "card", "race": name, "kind": period.kind, "source": period.source,
                    "start_ms": period.start_ms, "end_ms": period.end_ms,
                    "car_class": car_class, "car_number": car, **_said(card),
                    **_did(seen, field, period, car, car_class),
                    **_gained(
                        seen, field, period, car, car_class, prices.get(car_class), length_ms
                    ),
                }
            )  # fmt: skip
    return out


def _asked(field: Field) -> list[str]:
    """Of each class the leader, the third, and the car nearest the end of its range."""
    running: dict[str, list[str]] = {}
    for state in field.known.at(field.at).cars:
        if state.car_number in field.fit.cars and field.running(state.car_number):
            running.setdefault(state.car_class, []).append(state.car_number)
    out: list[str] = []
    for cars in running.values():
        lowest = min(cars, key=lambda car: field.situation(car, may_stop=True).fuel_laps)
        out += dict.fromkeys([*cars[:1], *cars[2:3], lowest])
    return out


def _card(
    field: Field,
    book: RuleBook,
    period: PastNeutralisation,
    car: str,
    car_class: str,
    seed: int,
    replicates: int,
) -> Card | None:
    only = {
        name: rule
        for name, rule in book.text.neutralisations.items()
        if name.partition("@")[0] == period.kind
    }
    text = msgspec.structs.replace(book.text, neutralisations=only)
    lane = lane_now(field.moment, book, car_class, field.known.neutralisations)
    cards = neutralised_now(
        field.moment, msgspec.structs.replace(book, text=text), field.futures(car, seed=seed),
        field.situation(car, lane.may_stop), Utility(), lap_ms=field.lap_ms(car),
        replicates=replicates, seed=seed, threads=1,
    )  # fmt: skip
    return next((card for card in cards if card.kind == period.kind), None)


def _said(card: Card) -> Row:
    boxes = card.call.action == "box" or card.call.until == "lane_opens"
    return {
        "call": card.call.key,
        "says_box": boxes,
        "pit_lane": card.lane.state.value,
        "illegal": card.call.action == "box" and not card.lane.may_stop,
        "margin": None if card.margin is None else card.margin.value,
        "se": None if card.margin is None else card.margin.se,
    }


def _stopped(seen: Hindsight, period: PastNeutralisation, car: str) -> bool:
    """Under it, or on the lap after: a lane that stays shut to the end opens with the green."""
    run = seen.runs[car]
    return bool(run.stopped_between(period.start_ms, period.end_ms + np.nanmedian(run.lap_ms)))


def _did(
    seen: Hindsight, field: Field, period: PastNeutralisation, car: str, car_class: str
) -> Row:
    """What the car did, and what its class did."""
    others = [
        _stopped(seen, period, other)
        for other in field.fit.cars
        if field.fit.classes[field.class_index(other)] == car_class and field.running(other)
    ]
    since = laps_since_stop(seen.runs[car], float(field.at.ms))
    now = field.situation(car, may_stop=True)
    return {
        "used": round(1.0 - min(1.0, now.fuel_laps / max(1.0, now.range_laps)), 3),
        "stops_to_go": round(max(0.0, now.laps_to_go - now.fuel_laps) / now.range_laps, 2),
        "boxed": _stopped(seen, period, car),
        "class_boxed": float(np.mean(others)),
        "laps_since_stop": round(since, 1) if math.isfinite(since) else None,
    }


def _gained(
    seen: Hindsight,
    field: Field,
    period: PastNeutralisation,
    car: str,
    car_class: str,
    price: StopPrice | None,
    length_ms: int,
) -> Row:
    """What stopping was worth over staying out, over the matches: median seconds, mean places."""
    none: Row = {
        "matches": 0,
        "box_worth_s": None,
        "box_worth_places": None,
        "box_worth_final": None,
    }
    end = _read_at(seen, period, car, length_ms)
    if price is None or end is None:
        return none
    worth, least, places, final = [], [], [], []
    boxed = _stopped(seen, period, car)
    for other in _matches(seen, field, car, car_class, price):
        if _stopped(seen, period, other) == boxed:
            continue
        found = _worth(seen, field, (car, other), price, end, length_ms)
        if found is None:
            continue
        sign = 1.0 if boxed else -1.0
        road, owed = found
        worth.append(sign * (road + owed))
        least.append(sign * (road + price.green_share * owed))
        by_then, at_last = (
            _places(seen, car, car_class, field.at.ms, ms)
            - _places(seen, other, car_class, field.at.ms, ms)
            for ms in (end, math.inf)
        )
        places.append(sign * by_then)
        final.append(sign * at_last)
    if not worth:
        return none
    return {
        "matches": len(worth),
        "box_worth_s": float(np.median(worth)),
        "box_worth_least_s": float(np.median(least)),
        "box_worth_places": float(np.mean(places)),
        "box_worth_final": float(np.mean(final)),
        "read_at_ms": int(end),
    }


def _read_at(seen: Hindsight, period: PastNeutralisation, car: str, length_ms: int) -> float | None:
    """Ten laps after green, or when the race is neutralised again, or its end."""
    lap_ms = float(np.nanmedian(seen.runs[car].lap_ms))
    end = min(period.end_ms + LAPS_AFTER * lap_ms, seen.next_halt(period.end_ms), float(length_ms))
    return end if end - period.end_ms >= FEWEST_AFTER * lap_ms else None


def _matches(
    seen: Hindsight, field: Field, car: str, car_class: str, price: StopPrice
) -> Iterator[str]:
    """Cars alike, near on the road, with as many laps since their stop."""
    at = float(field.at.ms)
    mine = seen.runs[car]
    if mine.stopped_between(at - JUST_STOPPED_MS, at):
        return
    for other in field.fit.cars:
        if other == car or field.fit.classes[field.class_index(other)] != car_class:
            continue
        theirs = seen.runs[other]
        fuel = abs(laps_since_stop(mine, at) - laps_since_stop(theirs, at)) / price.range_laps
        if not field.running(other) or not fuel <= SAME_FUEL:
            continue
        if not abs(mine.at(at) - theirs.at(at)) <= SAME_PLACE_LAPS:
            continue
        slower = alike(seen.paces, seen.runs, (car, other), at, ALIKE)
        if math.isfinite(slower) and not theirs.stopped_between(at - JUST_STOPPED_MS, at):
            yield other


def _worth(
    seen: Hindsight,
    field: Field,
    cars: tuple[str, str],
    price: StopPrice,
    end: float,
    length_ms: int,
) -> tuple[float, float] | None:
    """What the first gained on the second by then: on the road, and in stops still owed."""
    at = float(field.at.ms)
    one, two = (seen.runs[car] for car in cars)
    slower = alike(seen.paces, seen.runs, cars, at, ALIKE)
    gain = gained(one, two, at, end, slower, lane=False)
    lap_ms = field.lap_ms(cars[0])
    longest = max(_longest_lane(run, at, end) for run in (one, two))
    if gain is None or longest > LONG_LANE * price.lane_s:
        return None
    owed = [
        owed_s(run, price, end, length_ms, lap_ms) - owed_s(run, price, at, length_ms, lap_ms)
        for run in (one, two)
    ]
    total = gain.seconds + owed[1] - owed[0]
    if not math.isfinite(total) or abs(total) > MISHAP_S:
        return None
    return gain.seconds, owed[1] - owed[0]


def _longest_lane(run: CarRun, begin: float, end: float) -> float:
    """The longest stop between two instants, in seconds; infinite where one is not stated."""
    times = [run.stops[lap] for lap in run.stopped_between(begin, end)]
    return max((t / 1000.0 if math.isfinite(t) else math.inf for t in times), default=0.0)


def _places(seen: Hindsight, car: str, car_class: str, begin: float, end: float) -> float:
    """Class places that a car gained between two instants; the end may be that of the race."""
    entries = seen.race.entries
    rivals = [
        run
        for other, run in seen.runs.items()
        if other != car and entries[other].car_class == car_class
    ]
    mine = seen.runs[car]

    def ahead(ms: float) -> int:
        own = _so_far(mine, ms)
        return sum(_so_far(run, ms) > own for run in rivals)

    return float(ahead(begin) - ahead(end))


def _so_far(run: CarRun, ms: float) -> tuple[float, float]:
    """What the order is by: laps, and at the end of a car's race the earlier last crossing."""
    last = float(run.times[-1])
    return (run.at(ms), 0.0) if ms < last else (float(run.progress[-1]), -last)
