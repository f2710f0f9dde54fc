"""Crews, tyres and the pass-around."""

from __future__ import annotations

import polars as pl
import pytest

from dryline.domain.entry import Driver, Entry, Rating
from dryline.domain.event import RaceControlMessage
from dryline.domain.instant import Instant
from dryline.rules.book import rule_book
from dryline.rules.crews import crew_findings
from dryline.rules.drive_time import drive_time_ledger
from dryline.rules.embedded import embedded_event
from dryline.rules.pass_around import pass_around
from dryline.rules.tyre_rules import tyres_allowed

WEC, IMSA = rule_book("wec", 2024), rule_book("imsa", 2024)
B, S, G, P = Rating.BRONZE, Rating.SILVER, Rating.GOLD, Rating.PLATINUM


def entry(car_class: str, *ratings: Rating | None) -> Entry:
    crew = tuple(Driver(f"D{n}", rating) for n, rating in enumerate(ratings))
    return Entry("31", car_class, "Team", drivers=crew)


@pytest.mark.parametrize("crew", [(B, G), (B, B, P), (B, S, G), (S, B, S), (B, None, None)])
def test_an_lmgt3_crew_with_its_bronze_is_allowed(crew: tuple[Rating | None, ...]) -> None:
    assert crew_findings(WEC, [entry("LMGT3", *crew)]) == []


@pytest.mark.parametrize("crew", [(S, G), (B, G, G), (S, S, S), (B,)])
def test_an_lmgt3_crew_without_enough_amateurs_is_found(crew: tuple[Rating, ...]) -> None:
    assert "not one of those allowed" in crew_findings(WEC, [entry("LMGT3", *crew)])[0].message


def test_a_crew_of_which_no_rating_is_stated_is_let_pass() -> None:
    assert crew_findings(WEC, [entry("LMGT3", None)]) == []


def test_a_bronze_driver_in_a_hypercar_is_found() -> None:
    assert "barred" in crew_findings(WEC, [entry("HYPERCAR", P, B)])[0].message


def test_every_crew_of_imola_2024_keeps_the_rules() -> None:
    assert crew_findings(WEC, embedded_event("imola-2024").entries.values()) == []


def test_a_season_without_crew_rules_finds_nothing() -> None:
    assert crew_findings(IMSA, [entry("GTD", S, G)]) == []


def test_a_driver_below_the_minimum_time_owes_the_rest_to_score() -> None:
    laps = pl.DataFrame(
        {
            "car_number": ["1"] * 3,
            "car_class": ["HYPERCAR"] * 3,
            "driver": ["A 1", "A 1", "B 1"],
            "lap_time_ms": [2_400_000, 2_400_000, 2_400_000],
            "elapsed_ms": [2_400_000, 4_800_000, 7_200_000],
            "pit_lane_ms": pl.Series([None, None, None], dtype=pl.Int64),
        }
    )
    ledger = drive_time_ledger(WEC, laps, {}, instant=Instant(7_200_000), length_ms=21_600_000)
    assert [row.owed_to_score_ms for row in ledger.rows] == [0, 1_200_000]
    unknown = drive_time_ledger(IMSA, laps, {}, instant=Instant(7_200_000), length_ms=21_600_000)
    assert {row.owed_to_score_ms for row in unknown.rows} == {None}


def said(kind: str, ms: int) -> RaceControlMessage:
    return RaceControlMessage(happened_at=Instant(ms), known_at=Instant(ms), kind=kind)


def test_wec_wets_wait_for_the_declaration() -> None:
    declared = [said("track_declared_wet", 1000)]
    assert tyres_allowed(WEC, declared, Instant(999))["wet"].allowed is False
    after = tyres_allowed(WEC, declared, Instant(1000))
    assert after["wet"].allowed is True
    assert after["slick"].allowed is True
    dry_again = [*declared, said("track_declared_dry", 2000)]
    assert tyres_allowed(WEC, dry_again, Instant(2000))["wet"].allowed is False


def test_neither_series_has_intermediates_and_imsas_wets_are_not_known() -> None:
    for book in (WEC, IMSA):
        assert tyres_allowed(book, [], Instant(0))["inter"].allowed is False
    wet = tyres_allowed(IMSA, [], Instant(0))["wet"]
    assert wet.allowed is None
    assert "not known for this season" in wet.why


def queue(*cars: tuple[str, str, int, int]) -> pl.DataFrame:
    """Last crossings: number, class, laps, seconds; laps of 180 s behind the safety car."""
    rows = [(n, c, lap, s * 1000, 180_000) for n, c, lap, s in cars]
    names = ("car_number", "car_class", "lap", "elapsed_ms", "lap_time_ms")
    return pl.DataFrame(rows, schema=names, orient="row")


def test_lapped_cars_ahead_of_their_class_leader_may_be_eligible() -> None:
    crossings = queue(
        ("20", "HYPERCAR", 98, 1000),
        ("46", "LMGT3", 90, 1002),
        ("7", "HYPERCAR", 100, 1004),
        ("31", "LMGT3", 91, 1006),
        ("6", "HYPERCAR", 100, 1008),
        ("92", "LMGT3", 90, 1010),
    )
    found = {car.car_number: car for car in pass_around(WEC, crossings, Instant(1_020_000))}
    assert [number for number, car in found.items() if car.eligible] == ["20", "46"]
    assert found["20"].place_in_queue == 1
    assert "eligible?" in found["20"].why
    assert found["92"].why == "queued behind #31"
    assert 0 < found["20"].confidence < 0.9


def test_the_queue_begins_behind_the_widest_gap() -> None:
    crossings = queue(
        ("6", "HYPERCAR", 101, 1004), ("5", "HYPERCAR", 101, 1006), ("7", "HYPERCAR", 101, 1100),
        ("46", "LMGT3", 90, 1102),
    )  # fmt: skip
    order = [car.car_number for car in pass_around(WEC, crossings, Instant(1_110_000))]
    assert order == ["7", "46", "6", "5"]


def test_a_season_without_the_procedure_says_so() -> None:
    found = pass_around(rule_book("wec", 2021), queue(("7", "LMP2", 3, 900)), Instant(1_000_000))
    assert found[0].eligible is None
    assert "not known for this season" in found[0].why
