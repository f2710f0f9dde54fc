"""The shipped facts of Imola 2024."""

from __future__ import annotations

import pytest

from dryline.domain.entry import Rating
from dryline.domain.errors import RaceNotFound
from dryline.rules.embedded import embedded_event


def test_the_second_car_is_two_seconds_behind_on_the_road_and_seven_in_the_result() -> None:
    event = embedded_event("imola-2024")
    on_the_road = {row.car_number: row for row in event.on_the_road}["6"]
    official = {row.car_number: row for row in event.official}["6"]
    assert (on_the_road.position, on_the_road.gap_ms) == (2, 2081)
    assert (official.position, official.gap_ms) == (2, 7081)


def test_a_place_whose_car_is_unknown_has_no_car_number() -> None:
    rows = {row.position: row for row in embedded_event("imola-2024").official}
    assert rows[26].car_number is None
    assert rows[26].position_in_class == 9
    assert rows[1].car_number == "7"


def test_a_gap_quoted_without_thousandths_is_not_made_exact() -> None:
    third = {row.car_number: row for row in embedded_event("imola-2024").official}["5"]
    assert third.gap_ms is None
    assert third.gap_text == "+25"


def test_every_fact_has_sources_that_the_event_lists() -> None:
    event = embedded_event("imola-2024")
    listed = " ".join(source.id for source in event.sources)
    origins = [fact.origin for fact in event.entry_facts] + [row.origin for row in event.grid]
    for origin in origins:
        assert origin.confidence
        assert any(part.split(" ")[0] in listed for part in origin.sources)


def test_thirty_seven_cars_are_entered_and_the_grid_holds_each_once() -> None:
    event = embedded_event("imola-2024")
    assert len(event.entries) == 37
    assert sorted(row.car_number for row in event.grid) == sorted(event.entries)


def test_a_doubtful_rating_is_left_open_and_an_inferred_one_is_noted() -> None:
    facts = {fact.entry.car_number: fact for fact in embedded_event("imola-2024").entry_facts}
    farfus = facts["31"].entry.drivers[2]
    assert farfus.rating is None
    assert facts["31"].rating_notes["Augusto Farfus"] == "Gold/Platinum"
    heriau = facts["55"].entry.drivers[0]
    assert heriau.rating is Rating.BRONZE
    assert "inferred" in facts["55"].rating_notes["François Heriau"]


def test_the_race_is_declared_wet_at_three_forty_two() -> None:
    timeline = embedded_event("imola-2024").timeline
    wet = next(row for row in timeline if row.event == "track declared WET")
    assert wet.at_ms == (3 * 60 + 42) * 60_000


def test_neutralisations_without_a_sourced_end_keep_it_open() -> None:
    event = embedded_event("imola-2024")
    assert event.neutralisation_counts == {"fcy": 7, "safety_car": 2}
    periods = {(row.kind, row.start_ms): row for row in event.neutralisations}
    assert periods["safety_car", 120_000].end_ms == 420_000
    assert periods["fcy", 1_200_000].end_ms is None


def test_an_event_that_is_not_shipped_is_refused() -> None:
    with pytest.raises(RaceNotFound, match="monza-2024"):
        embedded_event("monza-2024")
