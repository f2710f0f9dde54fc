"""The page of a practice or a qualifying: its own words, every sentence from its rows."""

from __future__ import annotations

import re
from typing import Any

import polars as pl
import pytest

import dryline
from dryline.domain.clock_text import format_ms
from dryline.domain.decision import Decision, DecisionKind
from dryline.domain.errors import BadDecision
from dryline.domain.finding import LAP_TAKEN_AWAY, Finding, Severity
from dryline.domain.race_info import RaceInfo
from dryline.domain.session_kind import SessionKind
from dryline.engine.questions import AskSession, ask
from dryline.engine.reporting import Told, report_of_race
from dryline.present.names import session_title
from dryline.present.report.page import html, markdown
from dryline.present.report.prose import WORDS
from dryline.race.race import Race
from tests.conftest import SESSIONS
from tests.made_up.practice import practised

OF_RACES = re.compile(
    r"\b(race|races|wins?|won|winner|weather|wet|rain|dry|pit stops?|stops|lead(er)?)\b", re.I
)
TIMED = [kind for kind in SessionKind if not kind.is_race]


def made(kind: SessionKind, *, gone: bool = False, **how: Any) -> Race:
    """A made-up session; with ``gone`` all laps were taken away by which the fastest was first."""
    rows = practised(**{"cars": 8, "hours": 0.6, **how})
    race = Race(RaceInfo(name="made up", session_kind=kind), rows)
    if not gone:
        return race
    order = race.at(race.end).cars
    second = next(car for car in order[1:] if car.car_class == order[0].car_class)
    assert second.best_lap is not None
    quicker = rows.filter(
        (pl.col("car_number") == order[0].car_number)
        & (pl.col("lap_time_ms") <= second.best_lap.ms)
    )
    found = (
        Finding(
            kind=LAP_TAKEN_AWAY, severity=Severity.NOTE, message="", file="",
            car_number=order[0].car_number, lap=lap,
        )
        for lap in quicker["lap"]
    )  # fmt: skip
    return Race(race.info, rows, findings=tuple(found))


def told(race: Race, *, charts: bool = False) -> Told:
    return report_of_race(race, charts=charts, tell=lambda _: None)


def sentence(page: Told, kind: str) -> str:
    return next(each.text for each in page.sentences if each.claim.kind == kind)


@pytest.mark.parametrize("kind", TIMED)
def test_nothing_on_the_page_is_the_word_of_a_race(kind: SessionKind) -> None:
    page = told(made(kind, gone=True))
    text = markdown(page.report)
    assert OF_RACES.search(text) is None, OF_RACES.search(text)
    assert ("Long runs" in text) == (kind is not SessionKind.QUALIFYING)
    assert ("improved last" in text) <= (kind is SessionKind.QUALIFYING)


def test_the_fastest_of_every_class_stands_at_the_head_with_the_margin() -> None:
    race = made(SessionKind.PRACTICE)
    page = told(race)
    order = race.at(race.end).cars
    first = order[0]
    assert first.best_lap is not None
    assert page.report.headline.endswith(f"fastest in {format_ms(first.best_lap.ms)}")
    assert f"#{first.car_number}" in page.report.headline
    for name in race.classes:
        own = [car for car in order if car.car_class == name]
        said = next(
            each.text
            for each in page.report.story
            if each.claim.kind == "session_fastest" and each.claim.car_class == name
        )
        assert own[0].best_lap is not None
        assert own[1].best_lap is not None
        assert said.startswith(f"#{own[0].car_number} ")
        assert format_ms(own[0].best_lap.ms) in said
        assert f"{format_ms(own[1].best_lap.ms - own[0].best_lap.ms)} seconds ahead" in said


def test_a_lap_that_was_taken_away_is_told_with_the_place_that_it_cost() -> None:
    race = made(SessionKind.QUALIFYING, gone=True)
    gone = race.laps.filter(
        pl.format("{} {}", "car_number", "lap").is_in([f"{c} {n}" for c, n in race.taken_away])
    )
    car, lap, best_ms = gone.sort("lap_time_ms").select("car_number", "lap", "lap_time_ms").row(0)
    text = sentence(told(race), "session_gone")
    told_of = f"The {format_ms(best_ms)} of #{car} on lap {lap} was taken away"
    assert text.startswith(f"{told_of}: it would have been first")


def test_every_query_gives_its_rows_again_and_every_kind_has_words() -> None:
    for kind in TIMED:
        page = told(made(kind, gone=True, seed=3))
        for each in page.sentences:
            assert each.claim.kind in WORDS
            for ground in each.claim.grounds:
                assert ground.rows
                assert page.tables.ask(ground.query) == ground, each.claim.id


def test_a_session_without_a_time_says_so() -> None:
    rows = practised(cars=3, hours=0.3).filter(pl.col("lap") == 1)
    page = told(Race(RaceInfo(name="made up", session_kind=SessionKind.PRACTICE), rows))
    assert page.report.headline == "made up: nobody set a time"
    assert sentence(page, "session_untimed").endswith("set no time that counts.")


def test_names_cannot_become_markup() -> None:
    rows = practised(cars=4).with_columns(
        team=pl.lit("<script>alert(1)</script>"), driver=pl.lit("a|b`c*_ <b>D</b>")
    )
    race = Race(RaceInfo(name="<i>x</i>", session_kind=SessionKind.PRACTICE), rows)
    page = html(told(race, charts=True).report)
    for tag in ("<script>", "<b>D", "<i>x"):
        assert tag not in page
    assert "|b`" not in markdown(told(race).report)


def test_decisions_change_no_session_but_a_race() -> None:
    race = made(SessionKind.PRACTICE)
    decided = (Decision(car_number="7", kind=DecisionKind.REPRIMAND, reason=""),)
    with pytest.raises(BadDecision, match="is a practice: decisions change races"):
        report_of_race(race, decided, tell=lambda _: None)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("08-mid-ohio practice 1", "Mid-Ohio, practice 1"),
        (
            "05-sebring-international-raceway qualifying",
            "Sebring, qualifying",
        ),
        ("made up", "made up"),
        ("Free Practice 1", "Free Practice 1"),
    ],
)
def test_a_session_is_called_by_its_place_and_its_name(name: str, title: str) -> None:
    assert session_title(name) == title


@pytest.mark.needs_data
@pytest.mark.parametrize(
    ("file", "words"),
    [
        (
            "202403151250-qualifying-laps.csv",
            ["1:48.038 of \\#10 on lap 5 was taken away: it would have been first in GTP",
             "LMP2 from 0:27:11", "0.147 seconds ahead of \\#01", "two red flags"],
        ),
        (
            "202403141005-practice-1-laps.csv",
            ["best sectors of \\#01 add up to 1:48.172", "one red flag (5 minutes 14 seconds)",
             "\\#14 VasserSullivan was fastest in GTDPRO", "## Long runs"],
        ),
    ],
)  # fmt: skip
def test_the_pages_of_sebring_2024_tell_what_happened(file: str, words: list[str]) -> None:
    assert SESSIONS is not None
    page = markdown(told(dryline.open_race(next(SESSIONS.rglob(file)))).report)
    for each in words:
        assert each in page
    assert OF_RACES.search(re.sub(r"[A-Z]\w+ Racing|Race\w+", "", page)) is None


@pytest.mark.parametrize("unknown", [None, ""])
def test_what_the_source_does_not_know_is_left_out(unknown: str | None) -> None:
    """No class, no driver, no team, no sectors, no time in the pits."""
    rows = practised(cars=4, hours=0.6, lanes=False).with_columns(
        car_class=pl.lit("", pl.String),
        driver=pl.lit(unknown, pl.String),
        team=pl.lit(unknown, pl.String),
        **{name: pl.lit(None, pl.Int64) for name in ("s1_ms", "s2_ms", "s3_ms")},
    )
    race = Race(RaceInfo(name="made up", session_kind=SessionKind.TEST), rows)
    page = told(race, charts=True)
    assert "session_theory" not in {each.claim.kind for each in page.sentences}
    text = markdown(page.report)
    assert "None" not in text
    assert "the class without a name" in text
    answer = ask(race.moment(), AskSession())
    assert {car.theoretical_ms for car in answer.cars} == {None}
    assert {car.on_track_share for car in answer.cars} == {None}
    assert not answer.lost
