"""A table becomes records and comes back the same; every record explains itself."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import polars as pl
import pytest

from dryline.answers.answer import Answer
from dryline.answers.facts import FactualClassification
from dryline.answers.meanings import meanings_of
from dryline.answers.race import Findings
from dryline.answers.verification import Misplaced, Verification
from dryline.domain.finding import Finding, Severity
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.engine.questions import (
    AskGaps,
    AskLaps,
    AskNeutralisations,
    AskRace,
    AskStints,
    AskStops,
    Question,
    ask,
)
from dryline.race.race import Race
from dryline.rules.embedded import embedded_event
from tests.made_up.field import crossings

RACE = Race(
    RaceInfo(name="made up", series="wec", length=RaceLength(ms=3_600_000)), crossings(cars=6)
)
TABLES: list[tuple[Question[Answer], Callable[[Race], pl.DataFrame]]] = [
    (AskLaps(), lambda race: race.laps),
    (AskStints(), lambda race: race.stints),
    (AskStops(), lambda race: race.stops),
    (AskNeutralisations(), lambda race: race.neutralisations),
    (AskGaps(car_number=RACE.cars[0]), lambda race: race.gaps(race.cars[0])),
    (AskRace(), lambda race: race.at(race.end).table),
]


@pytest.mark.parametrize(("question", "table"), TABLES, ids=lambda each: type(each).__name__)
def test_the_frame_of_an_answer_is_the_table_that_it_was_made_from(
    question: Question[Answer], table: Callable[[Race], pl.DataFrame]
) -> None:
    wanted = table(RACE)
    frame = ask(RACE.moment(), question).frame()
    assert wanted.height > 0
    assert frame.select(wanted.columns).equals(wanted)
    assert frame.select(wanted.columns).schema == wanted.schema


def test_the_rows_of_a_car_or_a_class_alone() -> None:
    laps = ask(RACE.moment(), AskLaps(car_number=RACE.cars[1])).laps
    assert {lap.car_number for lap in laps} == {RACE.cars[1]}
    some = ask(RACE.moment(), AskStints(car_class=RACE.classes[0])).stints
    assert {stint.car_class for stint in some} == {RACE.classes[0]}


def test_the_latest_gap_of_every_other_car_is_told_from_the_front() -> None:
    answer = ask(RACE.moment(), AskGaps(car_number=RACE.cars[0]))
    last = {gap.car_number: gap.lap for gap in sorted(answer.gaps, key=lambda gap: gap.lap)}
    assert {gap.car_number: gap.lap for gap in answer.latest} == last
    assert [gap.gap_ms for gap in answer.latest] == sorted(gap.gap_ms for gap in answer.latest)


def test_remarks_and_differences_are_tables_too() -> None:
    odd = Finding(kind="odd", severity=Severity.NOTE, message="odd", lap=3)
    frame = Findings(race="made up", findings=(odd,)).frame()
    assert frame.select("kind", "severity", "lap", "rows").rows() == [("odd", "note", 3, 1)]
    misplaced = Misplaced(car_number="7", rebuilt=2, official=1, reason="unexplained")
    compared = Verification(
        race="made up", starters=2, agree=1, differences=(misplaced,), laps_disagree=()
    )
    assert compared.frame().rows() == [("7", 2, 1, "unexplained")]
    assert compared.heading() == "made up: 1 of 2 places agree"


def test_a_classification_from_facts_has_a_row_for_every_place_known_or_not() -> None:
    facts = embedded_event("imola-2024")
    frame = FactualClassification.of(facts, facts.official).frame()
    assert frame.height == len(facts.official)
    assert frame["car_number"].null_count() == 6
    assert frame["drivers"].to_list()[0] == list(facts.official[0].drivers)


@pytest.mark.parametrize("record", [FactualClassification, Findings, Verification])
def test_a_record_that_no_question_names_explains_itself(record: type[msgspec.Struct]) -> None:
    assert all(each.text for each in meanings_of(record).values())
