"""The classification: on the road, and as the stewards' decisions leave it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from dryline.answers.classification import COLUMNS, Classification
from dryline.domain.decision import Decision
from dryline.domain.errors import NotKnown
from dryline.domain.finding import Finding
from dryline.engine.log_order import as_stated
from dryline.engine.questions import Aid, AskClassification
from dryline.engine.timing import only
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.rules.book import RuleBook, rule_book
from dryline.rules.decisions import apply_decisions
from dryline.rules.not_classified import without_the_not_classified


def answer_classification(moment: Moment, question: AskClassification, _: Aid) -> Classification:
    """The order at a moment, of all or of one class.

    Raises:
        BadDecision: where a decision names a car that did not start, or contradicts another.
    """
    table, remarks = classify(moment, question.decisions, on_the_road=question.on_the_road)
    rows = only(moment.race, table, None, question.car_class)
    return Classification.of(moment, rows, (*moment.race.findings, *remarks))


def classify(
    moment: Moment, decisions: Sequence[Decision] = (), *, on_the_road: bool = False
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """The order at a moment, with the stewards' decisions applied.

    Order: laps, then the earlier crossing; once the race is won, those who are not classified by
    the season's rules stand behind all others, and at the end the order is that of the log where
    the source states one, unless it is asked for as it was ``on_the_road``.
    Columns: ``COLUMNS``; ``elapsed_ms`` is the car's last crossing plus the time the stewards
    added.

    Raises:
        BadDecision: where a decision names a car that did not start, or contradicts another.
    """
    race = moment.race
    table = race.at(moment.at).table.select(COLUMNS)
    book = _rule_book(race)
    remarks: tuple[Finding, ...] = ()
    if not on_the_road and race.stated is not None and moment.at >= race.end:
        table = as_stated(table, race.stated, is_race=race.is_race)
    elif not on_the_road and book is not None:
        table, remarks = _classified(moment, table, book)
    if not decisions:
        return table, remarks
    decided, findings = apply_decisions(table, decisions, rulebook=book, entries=race.entries)
    return _with_gaps(decided), (*remarks, *findings)


def _classified(
    moment: Moment, table: pl.DataFrame, book: RuleBook
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    race = moment.race
    if race.finish is None or race.finish > moment.at or not race.is_race:
        return table, ()
    facts = race.car_facts()
    return without_the_not_classified(
        table,
        book.text.classified,
        _last_laps_ms(race),
        finish_ms=race.finish.ms,
        at_ms=min(moment.at, race.end).ms,
        typical_laps_ms={car.car_number: car.typical_lap_ms for car in facts},
    )


def _last_laps_ms(race: Race) -> dict[str, int]:
    """Each car's last lap, of one that left the pits on it from the exit on."""
    driven = pl.col("lap_time_ms") - pl.col("pit_lane_ms").fill_null(0)
    last = race.laps.group_by("car_number").agg(driven.last())
    return dict(last.drop_nulls().iter_rows())


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
