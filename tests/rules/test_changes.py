"""Differences between classifications and tables, in words."""

from __future__ import annotations

from dryline.domain.decision import Decision, DecisionKind
from dryline.rules.book import rule_book
from dryline.rules.changes import classification_changes, standings_changes
from dryline.rules.classifications import three_classifications
from dryline.rules.decisions import apply_decisions
from dryline.rules.standings import championship_table

from .orders import finish, order, race

FIELD = order(
    [
        ("7", "HYPERCAR", 205, 21_600_000),
        ("6", "HYPERCAR", 205, 21_602_081),
        ("5", "HYPERCAR", 205, 21_625_000),
        ("31", "LMGT3", 187, 21_610_000),
    ]
)
BOOK = rule_book("wec", 2024)


def changes(*decisions: Decision) -> list[str]:
    return classification_changes(FIELD, apply_decisions(FIELD, decisions)[0])


def test_a_penalty_that_costs_no_place_is_told_with_its_time() -> None:
    six = Decision(car_number="6", kind=DecisionKind.TIME_PENALTY, seconds=5)
    assert changes(six) == ["#6 keeps 2nd, 2nd in HYPERCAR: +5.000 s"]


def test_those_who_gain_are_told_after_the_one_who_lost() -> None:
    winner = Decision(car_number="7", kind=DecisionKind.TIME_PENALTY, seconds=90)
    lines = changes(winner)
    assert lines[0] == (
        "#7 is 1st, 1st in HYPERCAR on the road, "
        "3rd, 3rd in HYPERCAR in the final classification: +1:30.000"
    )
    assert [line.split()[0] for line in lines[1:]] == ["#6", "#5"]


def test_a_relegation_without_time_is_called_the_stewards_placing() -> None:
    placed = Decision(car_number="7", kind=DecisionKind.PLACED_AT, position=3)
    assert changes(placed)[0].endswith("placed there by the stewards")


def test_a_disqualification_and_lost_laps_are_told() -> None:
    lines = changes(
        Decision(car_number="7", kind=DecisionKind.DISQUALIFIED),
        Decision(car_number="31", kind=DecisionKind.LAPS, laps=2),
    )
    assert any("#7" in line and "disqualified" in line for line in lines)
    assert any("#31" in line and "-2 laps" in line for line in lines)


def test_equal_classifications_differ_in_nothing() -> None:
    assert classification_changes(FIELD, FIELD) == []


def test_a_car_in_one_classification_only_is_named() -> None:
    shorter = FIELD.head(3)
    assert classification_changes(FIELD, shorter) == ["#31 is missing in the final classification"]
    assert "appears only" in classification_changes(shorter, FIELD)[0]


def test_a_new_leader_takes_the_lead_from_the_old_one() -> None:
    table = BOOK.text.tables[0]
    one = race(finish("1", 1), finish("2", 2), number=1)
    two = race(finish("2", 1), finish("3", 2), number=2)
    before = championship_table(BOOK, table, [one])
    after = championship_table(BOOK, table, [one, two])
    lines = standings_changes(before, after)
    assert lines[0].startswith("#2 takes the lead of the")
    assert "from #1: 43 points, 18 ahead" in lines[0]
    assert "#1 down from 1st to 2nd without scoring" in lines
    assert "#3 enters with 18 points (3rd)" in lines


def test_the_three_classifications_differ_by_what_was_decided_when() -> None:
    during = Decision(car_number="6", kind=DecisionKind.TIME_PENALTY, seconds=30, lap=190)
    after = Decision(car_number="7", kind=DecisionKind.DISQUALIFIED)
    found = three_classifications(FIELD, [during, after])
    assert found.on_the_road["car_number"].to_list() == ["7", "6", "5", "31"]
    assert found.provisional["car_number"].to_list() == ["7", "5", "6", "31"]
    assert found.final["car_number"].to_list() == ["5", "6", "31", "7"]
    lines = found.changes("provisional", "final")
    assert any(
        "#7 is 1st" in line and "in the provisional classification" in line for line in lines
    )
    assert found.changes("final", "final") == []
