"""What a race pays, case by case, on made-up races."""

from __future__ import annotations

import pytest

from dryline.domain.errors import NotKnown
from dryline.rules.book import rule_book
from dryline.rules.scoring import Finish, half_points_share, race_awards
from dryline.rules.season import disqualified, shipped_season, standings, with_result
from dryline.rules.standings import championship_table

from .orders import finish, race

BOOK = rule_book("wec", 2024)
DRIVERS, MAKES, CUP, *_ = BOOK.text.tables


def points(table: object, *results: object) -> dict[str, float]:
    found = championship_table(BOOK, table, results)  # type: ignore[arg-type]
    return {row.car_number or row.names[0]: row.points for row in found.rows}


def test_a_disqualification_after_the_fact_moves_those_behind_up() -> None:
    qatar = race(*(finish(str(n), n) for n in range(1, 5)), hours=10)
    before = points(DRIVERS, qatar)
    after = points(DRIVERS, disqualified(qatar, "2"))
    assert before == {"1": 38, "2": 27, "3": 23, "4": 18}
    assert after == {"1": 38, "3": 27, "4": 23, "2": 0}


def test_a_season_is_recomputed_after_a_disqualification() -> None:
    season = shipped_season("wec/2024")
    imola = disqualified(season.results[1], "6")
    table = standings(with_result(season, imola))[0]
    assert table.row_of("6").points == 38  # type: ignore[union-attr]
    assert table.row_of("5").points == 24 + 18  # type: ignore[union-attr]
    assert table.row_of("2").points == 2  # type: ignore[union-attr]


def test_the_length_of_a_race_chooses_the_scale() -> None:
    winner = finish("1", 1)
    assert [points(DRIVERS, race(winner, hours=hours))["1"] for hours in (6, 8, 10, 24)] == [
        25, 38, 38, 50,
    ]  # fmt: skip


def test_a_guest_keeps_its_place_and_is_invisible_for_points() -> None:
    shared = race(finish("1", 1), finish("2", 2, guest=True), finish("3", 3))
    assert points(DRIVERS, shared) == {"1": 25, "3": 18}


def test_pole_is_paid_to_the_car_its_drivers_and_its_make() -> None:
    result = race(
        finish("1", 1, manufacturer="Porsche"),
        finish("2", 2, manufacturer="Porsche"),
        finish("3", 3, manufacturer="Toyota"),
        pole={"HYPERCAR": "2"},
    )
    assert points(DRIVERS, result) == {"1": 25, "2": 19, "3": 15}
    assert points(MAKES, result) == {"Porsche": 26, "Toyota": 15}


def test_a_privateers_pole_is_not_its_makes() -> None:
    privateer = finish("1", 1, manufacturer="Ferrari", registration="world_cup_team")
    result = race(privateer, finish("2", 2, manufacturer="Ferrari"), pole={"HYPERCAR": "1"})
    assert points(MAKES, result) == {"Ferrari": 25}
    assert points(CUP, result) == {"1": 26}


def test_half_points_are_halves() -> None:
    assert points(DRIVERS, race(finish("1", 1), finish("2", 4), share=0.5)) == {"1": 12.5, "2": 9}


def test_a_race_stopped_early_pays_a_half_or_nothing() -> None:
    hour = 3_600_000
    assert half_points_share(BOOK, 5 * hour, 6 * hour, 100) == 1
    assert half_points_share(BOOK, 4 * hour, 6 * hour, 100) == 0.5
    assert half_points_share(BOOK, hour, 6 * hour, 1) == 0
    with pytest.raises(NotKnown, match="not known for this season"):
        half_points_share(rule_book("imsa", 2024), hour, 6 * hour, 10)


def test_a_car_that_is_not_classified_scores_nothing_and_keeps_nobody_back() -> None:
    result = race(finish("1", 1, status="not_classified"), finish("2", 2))
    assert points(DRIVERS, result) == {"2": 25, "1": 0}


def test_an_unknown_car_holds_its_place() -> None:
    unknown = finish("x", 1, car_number=None, drivers=())
    assert points(DRIVERS, race(unknown, finish("2", 2))) == {"2": 18}


def filled(places: dict[str, int]) -> list[Finish]:
    """The first ten places: the given cars, and a new filler in every other one."""
    taken = {place: number for number, place in places.items()}
    return [finish(taken.get(n, f"{id(places)}{n}"), n) for n in range(1, 11)]


def test_countback_goes_on_to_second_places() -> None:
    results = [
        race(*filled({"1": 1, "2": 2}), number=1),
        race(*filled({"2": 1, "1": 3}), number=2),
        race(*filled({"1": 8, "2": 10}), number=3),
    ]
    rows = championship_table(BOOK, DRIVERS, results).rows
    assert [(row.car_number, row.points) for row in rows if row.points == 44] == [
        ("2", 44), ("1", 44),
    ]  # fmt: skip
    assert {row.position for row in rows if row.points == 44} == {1, 2}


def test_rows_level_to_the_last_place_share_their_position() -> None:
    results = [
        race(finish("1", 1), finish("2", 2), number=1),
        race(finish("2", 1), finish("1", 2), number=2),
    ]
    rows = championship_table(BOOK, DRIVERS, results).rows
    assert [row.position for row in rows] == [1, 1]


def test_a_driver_in_two_cars_of_a_class_counts_once_with_the_better() -> None:
    both = ("Ada", "Ben")
    result = race(finish("1", 2, drivers=both), finish("2", 1, drivers=("Ada", "Cid")))
    awards = {award.name: award.points for award in race_awards(DRIVERS, result, BOOK)}
    assert awards == {"Ada": 25, "Ben": 18, "Cid": 25}


def test_a_race_of_a_length_without_a_scale_is_not_known() -> None:
    with pytest.raises(NotKnown, match="points scale of a race of 15 h"):
        points(DRIVERS, race(finish("1", 1), hours=15))
