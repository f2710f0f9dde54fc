"""No stop through a closed entry: what was offered, held against the lane as it turned out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dryline.domain.instant import Instant
from dryline.domain.tyre_kind import WET
from dryline.engine.championship import known_book
from dryline.race.neutralisation_overlap import flag_at
from dryline.race.race import Race
from dryline.rules.book import RuleBook
from dryline.rules.pit_lane import pit_lane_state
from dryline.strategy.candidates import Situation, candidates
from dryline.strategy.cards import lane_now
from dryline.studies.advice.cards import PastNeutralisation, periods_of

Row = dict[str, Any]
INTO_MIN = (0, 1, 2, 4, 7, 10, 15, 25)
"""Minutes into a neutralisation at which the offers are held against the lane."""
SITUATIONS = (
    Situation(30, 12.0, 30.0, 60.0, True, ("usual",)),
    Situation(30, 1.5, 30.0, 60.0, True, ("usual",)),
    Situation(30, 12.0, 30.0, 60.0, True, ("slick", "wet")),
    Situation(30, 12.0, 30.0, 9.0, True, ("wet", "slick"), held=WET),
)


def lane_rows(name: str, race: Race) -> list[Row]:
    """Every archived neutralisation: stops offered while the lane was closed, class by class.

    What is offered comes from the rows known at the instant; whether the lane was closed, from the
    whole race.
    """
    book = known_book(race)
    if book is None:
        return []
    out: list[Row] = []
    for period in periods_of(race):
        row: Row = {
            "part": "lane", "race": name, "kind": period.kind, "source": period.source,
            "start_ms": period.start_ms, "asked": 0, "closed": 0, "offered_closed": 0,
            "offered_before_seen": 0,
        }  # fmt: skip
        for minutes in INTO_MIN:
            at = Instant(period.start_ms + minutes * 60_000)
            if at.ms < period.end_ms:
                _ask(race, book, period, at, row)
        out.append(row)
    return out


def _ask(race: Race, book: RuleBook, period: PastNeutralisation, at: Instant, row: Row) -> None:
    moment = race.moment(at)
    known = moment.race
    seen = flag_at(known.neutralisations, at.ms) == flag_at(race.neutralisations, at.ms)
    for car_class in sorted({entry.car_class for entry in race.entries.values()}):
        truth = pit_lane_state(
            book, race.neutralisations, race.messages, car_class, at, event=race.info.event,
            stops=race.stops,
        )  # fmt: skip
        lane = lane_now(moment, book, car_class, known.neutralisations)
        offers = _offers(lane.may_stop)
        row["asked"] += 1
        row["closed"] += not truth.may_stop
        if not truth.may_stop and offers:
            row["offered_closed" if seen else "offered_before_seen"] += 1


def _offers(may_stop: bool) -> int:
    """Stops offered in any situation: on a dry track, on a wet one, early and late in a stint."""
    asked = [replace(each, may_stop=may_stop) for each in SITUATIONS]
    return sum(c.action == "box" for now in asked for c in candidates(now))
