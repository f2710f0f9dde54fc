"""After Imola 2024 every published total comes out of the shipped results."""

from __future__ import annotations

import pytest

from dryline.domain.errors import BadOption, NotKnown
from dryline.rules.changes import keeps_the_lead, lead_of, standings_changes
from dryline.rules.embedded import StandingRow, embedded_event
from dryline.rules.season import if_it_ended, shipped_season, standings
from dryline.rules.standings import StandingsTable

from .orders import order

DRIVERS = "FIA Hypercar World Endurance Drivers' Championship"
MAKES = "FIA Hypercar World Endurance Manufacturers' Championship"
CUP = "FIA World Cup for Hypercar Teams"
GT_DRIVERS = "FIA Endurance Trophy for LMGT3 Drivers"
GT_TEAMS = "FIA Endurance Trophy for LMGT3 Teams"
PUBLISHED_AS = {
    "Hypercar Drivers": DRIVERS,
    "Hypercar Manufacturers": MAKES,
    "World Cup Hypercar Teams": CUP,
    "LMGT3 Drivers": GT_DRIVERS,
    "LMGT3 Teams": GT_TEAMS,
}


def tables(after: int) -> dict[str, StandingsTable]:
    return {table.title: table for table in standings(shipped_season("wec/2024"), after)}


def published() -> list[tuple[int, StandingRow]]:
    event = embedded_event("imola-2024")
    return [
        *((1, row) for row in event.standings_before),
        *((2, row) for row in event.standings_after),
    ]


def test_the_five_tables_bear_the_federations_titles() -> None:
    assert list(tables(2)) == [DRIVERS, MAKES, CUP, GT_DRIVERS, GT_TEAMS]


@pytest.mark.parametrize(
    ("after", "row"),
    published(),
    ids=lambda value: (
        f"{value.championship}-{value.car_number or value.names[0]}"
        if isinstance(value, StandingRow)
        else f"after-{value}"
    ),
)
def test_every_published_total_is_reproduced(after: int, row: StandingRow) -> None:
    table = tables(after)[PUBLISHED_AS[row.championship]]
    ours = table.row_of(row.car_number or row.names[0])
    assert ours is not None
    if row.at_least:
        assert ours.at_least
        assert ours.points >= row.points
    else:
        assert ours.points == row.points
    if row.position is not None and row.points > 0:
        assert ours.position == row.position


def test_the_hypercar_top_ten_of_drivers_is_the_published_one() -> None:
    top = [(row.car_number, row.points) for row in tables(2)[DRIVERS].rows[:10]]
    assert top == [
        ("6", 56), ("7", 40), ("5", 39), ("12", 27), ("50", 25),
        ("83", 22), ("8", 16), ("20", 10), ("35", 9), ("51", 6),
    ]  # fmt: skip


def test_the_makes_are_the_published_nine() -> None:
    assert [row.points for row in tables(2)[MAKES].rows] == [57, 48, 31, 17, 15, 4, 3, 2, 0]


def test_equal_points_are_settled_by_wins() -> None:
    rows = tables(2)[GT_DRIVERS].rows
    assert [(row.car_number, row.points, row.wins) for row in rows[:3]] == [
        ("92", 54, 1), ("31", 37, 1), ("27", 37, 0),
    ]  # fmt: skip
    assert [row.points for row in rows[:5]] == [54, 37, 37, 36, 24]


def test_the_pole_of_a_works_car_counts_for_its_make() -> None:
    assert tables(2)[MAKES].row_of("Ferrari").by_round[2] == 13  # type: ignore[union-attr]
    assert tables(1)[MAKES].row_of("Porsche").by_round[1] == 39  # type: ignore[union-attr]


def test_a_driver_who_was_replaced_keeps_his_points_and_his_replacement_has_none() -> None:
    table = tables(2)[DRIVERS]
    row = table.row_of("Ferdinand Habsburg")
    assert row is not None
    assert row.points == 9
    assert {"Paul-Loup Chatin", "Charles Milesi"} <= set(row.names)
    gounon = table.row_of("Jules Gounon")
    assert gounon is not None
    assert gounon.points == 0


def test_privateers_are_taken_out_and_a_second_works_car_keeps_its_rank() -> None:
    table = tables(2)[MAKES]
    assert table.row_of("Peugeot").by_round[2] == 4  # type: ignore[union-attr]
    assert table.row_of("Lamborghini").by_round[2] == 1  # type: ignore[union-attr]


def test_the_privateers_cup_is_ranked_among_itself() -> None:
    rows = [(row.car_number, row.points) for row in tables(2)[CUP].rows]
    assert rows == [("12", 53), ("83", 52), ("99", 23), ("38", 18)]


def test_the_qatar_winners_keep_the_lead() -> None:
    before, after = tables(1)[DRIVERS], tables(2)[DRIVERS]
    assert keeps_the_lead(before, after)
    first = standings_changes(before, after)[0]
    assert first.startswith("#6 keeps the lead")
    assert "56 points" in first


def test_number_92_extends_its_lead() -> None:
    before, after = tables(1)[GT_DRIVERS], tables(2)[GT_DRIVERS]
    assert (lead_of(before), lead_of(after)) == (11, 17)
    first = standings_changes(before, after)[0]
    assert first.startswith("#92 keeps the lead")
    assert "extends it from 11 to 17" in first


def test_a_total_that_an_unknown_place_may_raise_says_so() -> None:
    table = tables(2)[GT_DRIVERS]
    assert table.row_of("81").at_least  # type: ignore[union-attr]
    assert not table.row_of("92").at_least  # type: ignore[union-attr]
    assert any("not found" in note for note in table.notes)


def test_if_imola_had_ended_with_ferrari_ahead_the_points_would_be_others() -> None:
    season = shipped_season("wec/2024")
    running = order(
        [
            ("50", "HYPERCAR", 138, 14_400_000),
            ("51", "HYPERCAR", 138, 14_401_000),
            ("7", "HYPERCAR", 138, 14_402_000),
            ("92", "LMGT3", 126, 14_400_500),
            ("15", "HYPERCAR", 90, 14_400_800),
        ]
    )
    found = {table.title: table for table in if_it_ended(season, running, round_number=2)}
    assert found[DRIVERS].row_of("50").points == 12 + 25 + 1  # type: ignore[union-attr]
    assert found[DRIVERS].row_of("7").points == 15 + 15  # type: ignore[union-attr]
    assert found[DRIVERS].row_of("15").points == 0, "below 70 % of the distance"  # type: ignore[union-attr]
    assert found[GT_DRIVERS].row_of("92").points == 38 + 25 + 1  # type: ignore[union-attr]


def test_the_event_of_a_round_is_that_round_and_a_length_chooses_the_scale() -> None:
    season = shipped_season("wec/2024")
    running = order([("7", "HYPERCAR", 100, 1), ("6", "HYPERCAR", 100, 2)])
    imola = if_it_ended(season, running, event="imola-2024")[0]
    assert imola.row_of("7").by_round == {1: 15, 2: 25}  # type: ignore[union-attr]
    le_mans = if_it_ended(season, running, hours=24)[0]
    assert le_mans.row_of("7").by_round == {1: 15, 2: 25, 3: 50}  # type: ignore[union-attr]


def test_a_car_that_is_not_of_the_season_is_an_invisible_guest() -> None:
    season = shipped_season("wec/2024")
    running = order([("311", "HYPERCAR", 100, 1), ("7", "HYPERCAR", 100, 2)])
    found = {table.title: table for table in if_it_ended(season, running)}
    assert found[DRIVERS].row_of("7").by_round[3] == 25  # type: ignore[union-attr]
    assert found[DRIVERS].row_of("311") is None


def test_tables_after_a_race_without_a_result_are_not_known() -> None:
    season = shipped_season("wec/2024")
    with pytest.raises(NotKnown, match=r"round 5 \(6 Hours of São Paulo\) has no result"):
        standings(season, 5)
    with pytest.raises(BadOption, match="no round 12"):
        standings(season, 12)
    with pytest.raises(NotKnown, match="round 3 has no result yet"):
        if_it_ended(season, order([("7", "HYPERCAR", 1, 1)]), round_number=5)


def test_a_season_that_is_not_shipped_is_named() -> None:
    with pytest.raises(NotKnown, match="wec/1999"):
        shipped_season("wec/1999")
