"""Penalties of a race: what was decided, what is owed, what the timing shows by itself."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import polars as pl

from dryline.domain.decision import Decision
from dryline.engine.championship import book_of, ledger
from dryline.engine.classify import classify
from dryline.race.moment import Moment
from dryline.rules.classifications import three_classifications
from dryline.rules.penalties import (
    UNSEEN,
    Candidate,
    Pending,
    penalty_candidates,
    pending_penalties,
)


class Penalties(msgspec.Struct, frozen=True):
    """Everything about penalties at an instant.

    ``changed`` says in words what the decisions change, from the road to the final
    classification. ``unseen`` says what timing cannot show.
    """

    at_ms: int
    pending: tuple[Pending, ...]
    candidates: tuple[Candidate, ...]
    changed: tuple[str, ...]
    unseen: str

    def table(self) -> pl.DataFrame:
        """The candidates as a table, one row each."""
        schema = {
            "kind": pl.String, "car_number": pl.String, "at_ms": pl.Int64, "lap": pl.Int64,
            "driver": pl.String, "confidence": pl.Float64, "words": pl.String,
        }  # fmt: skip
        rows = [{name: getattr(each, name) for name in schema} for each in self.candidates]
        return pl.DataFrame(rows, schema=schema, orient="row")


def penalties_of(
    moment: Moment, decisions: Sequence[Decision] = (), rules: Path | None = None
) -> Penalties:
    """Penalties as known at a moment.

    Raises:
        NotKnown: where no rule book covers the race's season.
        BadDecision: where a decision cannot be applied.
    """
    race, at = moment.race, moment.at
    book = book_of(race, rules)
    road, _ = classify(moment)
    orders = three_classifications(road, decisions, rulebook=book, entries=race.entries)
    return Penalties(
        at_ms=at.ms,
        pending=tuple(pending_penalties(book, decisions, race.messages, race.laps, race.stops, at)),
        candidates=tuple(penalty_candidates(book, race.stops, ledger=ledger(moment, rules))),
        changed=tuple(orders.changes("on_the_road", "final")),
        unseen=UNSEEN,
    )
