"""The report of the embedded race: every claim of the federation's own report is in it."""

from __future__ import annotations

import re

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.analysis.claims.of_event import event_claims, event_tables
from dryline.analysis.claims.tables import Tables
from dryline.domain.clock_text import format_ms
from dryline.engine.reporting import Told, report_of_event, traced
from dryline.present.names import crew, person
from dryline.present.report.page import html, markdown
from dryline.present.report.prose import say_all
from dryline.rules.embedded import EmbeddedEvent, embedded_event

EVENT = embedded_event("imola-2024")

WANTED: dict[str, tuple[str, tuple[str, ...]]] = {
    "A01": ("won", ("#7", "Toyota Gazoo Racing", "Toyota GR010 HYBRID", "won")),
    "A02": ("event", ("6 Hours of Imola", "round two", "2024 FIA World Endurance Championship")),
    "A03": ("flag-driver-first", ("Kamui Kobayashi", "#7", "at the flag")),
    "A04": ("flag-driver-second", ("Kévin Estre", "#6", "Porsche 963", "at the flag")),
    "A05": ("margin", ("2.081 seconds", "7.081 seconds", "On the road")),
    "A06": ("rain-starts", ("sector 3", "3:30", "wet and others dry")),
    "A07": ("wets-lap-135", ("#7, #8 and #6", "wets", "lap 135")),
    "A08": (
        "lead-hypercar-drivers",
        ("#6", "keep the lead", "FIA Hypercar World Endurance Drivers' Championship",
         "56 points", "38 before, +18", "Qatar winner"),
    ),
    "A09": ("hypercar-place-3", ("#5", "third", "Campbell", "Makowiecki", "Christensen")),
    "A10": ("grid-one-two-three", ("Ferrari", "one-two-three", "#50, #83 and #51")),
    "A11": (
        "late-tyre-call",
        ("#50, #51 and #83", "slicks", "four laps longer", "more than one minute",
         "down the order"),
    ),
    "A12": ("recovered-50", ("#50", "recovered to fourth", "Fuoco", "Molina", "Nielsen")),
    "A13": ("pass-44", ("Fuoco", "Hartley", "#8", "Tamburello", "last lap")),
    "A14": ("lmgt3-won", ("#31 Team WRT", "BMW M4", "Farfus", "Leung", "Gelael")),
    "A15": ("first-win-lmgt3", ("BMW", "first", "round one of 2024 only", "cannot say")),
    "A16": ("lmgt3-place-2", ("#46", "second", "Martin", "Al Harthy", "Rossi")),
    "A17": ("penalty-46-1", ("#46", "drive-through", "speeding", "virtual safety car")),
    "A18": ("lmgt3-place-3", ("#92", "Manthey PureRxcing", "third", "Sturm", "Malykhin",
                              "Bachler")),
    "A19": (
        "lead-lmgt3-drivers",
        ("#92", "extend it from 11 to 17", "FIA Endurance Trophy for LMGT3 Drivers", "54 points"),
    ),
}  # fmt: skip
ALSO = {
    "A06": "declared-wet", "A07": "wets-lap-139", "A16": "lmgt3-one-two", "A18": "pole-lmgt3",
}  # fmt: skip


@pytest.fixture(scope="module")
def told() -> Told:
    return report_of_event(EVENT, tell=lambda _: None)


@pytest.mark.parametrize("claim", EVENT.claims, ids=lambda claim: claim.id)
def test_the_report_holds_every_claim_of_the_federations_own(claim, told: Told) -> None:  # type: ignore[no-untyped-def]
    name, needles = WANTED[claim.id]
    sentences = {each.claim.id: each for each in told.sentences}
    for needle in needles:
        assert needle in sentences[name].text
    assert any(ground.rows for ground in sentences[name].claim.grounds)
    page = html(told.report)
    for wanted in (name, ALSO.get(claim.id, name)):
        assert f'data-claim="{wanted}"' in page
        assert f"<!-- claim: {wanted} -->" in markdown(told.report)


def test_what_is_simulated_is_marked_and_only_that(told: Told) -> None:
    page = html(told.report)
    for each in told.sentences:
        if each.claim.kind != "what_if":
            assert each.claim.certainty.value != "simulated"
    spans = re.findall(r'data-claim="what-if[^"]*">((?:(?!data-claim).)*)', page, re.S)
    assert spans
    assert all('<em class="mark">simulated</em>' in text for text in spans)
    assert page.count('<em class="mark">simulated</em>') == len(spans)


def test_every_sentence_on_the_page_has_a_claim_in_the_trace(told: Told) -> None:
    ids = {each["id"] for each in traced(told.sentences)["claims"]}
    shown = set(re.findall(r'data-claim="([^"]+)"', html(told.report)))
    assert shown
    assert shown <= ids
    for each in traced(told.sentences)["claims"]:
        assert any(ground["rows"] and ground["query"] for ground in each["grounds"])


def test_every_sentence_said_is_somewhere_on_the_page(told: Told) -> None:
    shown = set(re.findall(r'data-claim="([^"]+)"', html(told.report)))
    assert {each.claim.id for each in told.sentences} == shown


def texts(tables: Tables) -> dict[str, tuple[str, object]]:
    return {
        each.claim.id: (each.text, each.claim.grounds) for each in say_all(event_claims(tables))
    }


TABLES = event_tables(EVENT)
BEFORE = texts(TABLES)
CELLS = [
    (name, column, row)
    for name in ("classification", "grid", "decisions", "drivers", "timeline", "standings_after",
                 "standings_before", "road")
    for column, kind in TABLES.frames[name].schema.items()
    if kind in (pl.String, pl.Int64, pl.Float64)
    for row in range(TABLES.frames[name].height)
    if TABLES.frames[name][column][row] is not None
]  # fmt: skip


def _cited(value: object, text: str) -> bool:
    """Whether a sentence plainly shows this value."""
    if isinstance(value, str):
        return len(value) > 3 and any(way in text for way in (value, person(value), crew(value)))
    return isinstance(value, int) and value >= 1000 and format_ms(value) in text


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.sampled_from(CELLS))
def test_a_sentence_changes_with_the_fact_it_rests_on_and_with_no_other(
    cell: tuple[str, str, int],
) -> None:
    name, column, row = cell
    frame = TABLES.frames[name]
    value = frame[column][row]
    other = f"{value}x" if isinstance(value, str) else value + 61_007
    here = pl.int_range(pl.len()) == row
    changed = frame.with_columns(
        pl.when(here).then(pl.lit(other, frame.schema[column])).otherwise(column).alias(column)
    )
    after = texts(TABLES.replaced(name, changed))
    for key, (text, grounds) in BEFORE.items():
        if key not in after:
            continue
        if after[key][1] == grounds:
            assert after[key][0] == text, f"{key} rests on more than its grounds"
        elif _cited(value, text):
            assert after[key][0] != text, f"{key} does not follow {name}.{column}"


def _with(event: EmbeddedEvent, **fields: object) -> EmbeddedEvent:
    return msgspec.structs.replace(event, **fields)


def test_five_seconds_more_for_the_second_car_are_five_more_in_its_sentence() -> None:
    decisions = tuple(
        msgspec.structs.replace(each, seconds=10.0) if each.car_number == "6" else each
        for each in EVENT.decisions
    )
    after = texts(event_tables(_with(EVENT, decisions=decisions)))
    assert "10 seconds" in after["penalty-6-1"][0]
    assert {key for key in BEFORE if after[key][0] != BEFORE[key][0]} == {"penalty-6-1"}


def test_without_the_timeline_nothing_is_said_of_what_it_held() -> None:
    after = texts(event_tables(_with(EVENT, timeline=())))
    gone = set(BEFORE) - set(after)
    assert {"late-tyre-call", "pass-44", "rain-starts", "flag-driver-first"} <= gone
    assert "won" in after
