"""What a race pays that was stopped before its time, on each side of every limit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.race_info import RaceLength
from dryline.engine.questions import AskPoints, ask
from dryline.engine.stopped_early import share_paid
from dryline.race.race import Race
from dryline.rules.book import rule_book
from tests.made_up.driving import Car, Lap, crossings_of, race_of

LAP_MS, LENGTH_MS = 600_000, 6 * 3_600_000
FULL_LAPS = LENGTH_MS * 3 // 4 // LAP_MS


def driven(laps: int, *, green: int | None = None, year: int = 2024, **info: object) -> Race:
    """Three cars that see the flag after so many laps, the first ``green`` of them raced."""
    raced = laps if green is None else green
    cars = [
        Car(number, "HYPERCAR", [
            Lap(
                LAP_MS + (place * 1000 if lap == 0 else 0),
                flag="chequered" if lap == laps - 1 else "green" if lap < raced else "safety_car",
            )
            for lap in range(laps)
        ])
        for place, number in enumerate(("7", "8", "50"))
    ]  # fmt: skip
    length = info.pop("length", RaceLength(ms=LENGTH_MS))
    return race_of(crossings_of(cars), year=year, length=length, **info)


def share(race: Race) -> float:
    book = rule_book(race.info.series or "", race.info.year or 0)
    return share_paid(race.moment(), book, LENGTH_MS)[0]


@settings(max_examples=25, deadline=None)
@given(laps=st.integers(3, 40), year=st.sampled_from([2013, 2018, 2022, 2024, 2026]))
def test_half_below_three_quarters_of_the_time(laps: int, year: int) -> None:
    assert share(driven(laps, year=year)) == (0.5 if laps < FULL_LAPS else 1.0)


@pytest.mark.parametrize(("green", "pays"), [(0, 0.0), (1, 0.5), (2, 0.5)])
def test_no_points_without_two_green_laps(green: int, pays: float) -> None:
    """The lap that ends under the flag is raced as well."""
    assert share(driven(10, green=green)) == pays


def test_points_tells_it_and_why() -> None:
    told = ask(driven(10).moment(), AskPoints()).tables[0]
    assert told.rows[0].points == 12.5
    assert any("over after 1:40:00 of 6:00:00: half points" in note for note in told.notes)
    told = ask(driven(36).moment(), AskPoints()).tables[0]
    assert (told.rows[0].points, told.notes) == (25, ())


def test_before_the_flag_and_after_the_distance_all_is_paid() -> None:
    race = driven(10)
    assert share_paid(race.moment("1:00:00"), rule_book("wec", 2024), LENGTH_MS) == (1.0, "")
    distance = driven(10, length=RaceLength(ms=LENGTH_MS, laps=10))
    assert share_paid(distance.moment(), rule_book("wec", 2024), LENGTH_MS) == (1.0, "")


def test_where_the_rule_is_not_known_all_is_shown_and_that_is_said() -> None:
    paid, note = share_paid(driven(10).moment(), rule_book("imsa", 2024), LENGTH_MS)
    assert paid == 1.0
    assert "not known for this season" in note
