"""The classification: on the road, and as the stewards' decisions leave it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from dryline.answers.classification import COLUMNS, Classification
from dryline.domain.decision import Decision
from dryline.domain.errors import NotKnown
from dryline.domain.finding import Finding
from dryline.engine.questions import Aid, AskClassification
from dryline.engine.timing import only
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.rules.book import RuleBook, rule_book
from dryline.rules.decisions import apply_decisions


def answer_classification(moment: Moment, question: AskClassification, _: Aid) -> Classification:
    """The order at a moment, of all or of one class.

    Raises:
        BadDecision: where a decision names a car that did not start, or contradicts another.
    """
    table, remarks = classify(moment, question.decisions)
    rows = only(moment.race, table, None, question.car_class)
    return Classification.of(moment, rows, (*moment.race.findings, *remarks))


def classify(
    moment: Moment, decisions: Sequence[Decision] = ()
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """The order at a moment, with the stewards' decisions applied.

    Order: laps, then the earlier crossing. Columns: ``COLUMNS``; ``elapsed_ms`` is the car's
    last crossing plus the time the stewards added.

    Raises:
        BadDecision: where a decision names a car that did not start, or contradicts another.
    """
    race = moment.race
    table = race.at(moment.at).table.select(COLUMNS)
    if not decisions:
        return table, ()
    decided, findings = apply_decisions(
        table, decisions, rulebook=_rule_book(race), entries=race.entries
    )
    return _with_gaps(decided), tuple(findings)


def _rule_book(race: Race) -> RuleBook | None:
    """The season's regulations, which convert penalties that were not served; if there are any."""
    if race.info.series is None or race.info.year is None:
        return None
    try:
        return rule_book(race.info.series, race.info.year)
    except NotKnown:
        return None


def _with_gaps(table: pl.DataFrame) -> pl.DataFrame:
    """Gaps to the leader again, after the order or the times have changed.

    Cars on the leader's lap have a gap in time; for lapped cars only the laps are kept, because
    an added time has no place on the road.
    """
    leader = table.row(0, named=True)
    laps = pl.lit(leader["laps"], pl.Int32) - pl.col("laps")
    return table.with_columns(
        gap_laps=laps,
        gap_ms=pl.when(pl.col("position") == 1)
        .then(None)
        .when(laps == 0)
        .then(pl.col("elapsed_ms") - leader["elapsed_ms"])
        .otherwise(None),
    )
