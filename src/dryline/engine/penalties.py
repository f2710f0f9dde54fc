"""Penalties of a race: what was decided, what is owed, what the timing shows by itself."""

from __future__ import annotations

from dryline.answers.penalties import LaneStop, Penalties
from dryline.answers.rows import rows_of
from dryline.engine.championship import book_of, ledger
from dryline.engine.classify import classify
from dryline.engine.questions import Aid, AskPenalties
from dryline.race.moment import Moment
from dryline.rules.book import RuleBook
from dryline.rules.classifications import three_classifications
from dryline.rules.lane_exceptions import lane_exceptions
from dryline.rules.penalties import UNSEEN, penalty_candidates, pending_penalties
from dryline.rules.pit_lane import stops_and_the_lane


def answer_penalties(moment: Moment, question: AskPenalties, _: Aid) -> Penalties:
    """Penalties as known at a moment.

    Raises:
        NotKnown: where no rule book covers the race's season.
        BadDecision: where a decision cannot be applied.
    """
    race, given = moment.race, question.decisions
    book = book_of(race, question.rules)
    road, _findings = classify(moment)
    orders = three_classifications(road, given, rulebook=book, entries=race.entries)
    driven = ledger(moment, question.rules)
    return Penalties(
        race=race.info.name,
        simulated=race.info.simulated,
        at_ms=moment.at_ms,
        pending=tuple(
            pending_penalties(book, given, race.messages, race.laps, race.stops, moment.at)
        ),
        candidates=tuple(penalty_candidates(book, race.stops, ledger=driven)),
        changed=tuple(orders.changes("on_the_road", "final")),
        unseen=UNSEEN,
        lane=_through_a_closed_lane(moment, book),
    )


def _through_a_closed_lane(moment: Moment, book: RuleBook) -> tuple[LaneStop, ...]:
    race = moment.race
    judged = stops_and_the_lane(
        book, race.neutralisations, race.messages, race.stops, event=race.info.event
    )
    found = lane_exceptions(judged, race.neutralisations).sort("in_ms", "car_number")
    return rows_of(LaneStop, found.select(LaneStop.__struct_fields__))
