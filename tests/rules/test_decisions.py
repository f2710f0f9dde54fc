"""The stewards' decisions applied to an order."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.domain.decision import Decision, DecisionKind
from dryline.domain.entry import Driver, Entry
from dryline.domain.errors import BadDecision
from dryline.rules.book import Override, rule_book
from dryline.rules.decisions import apply_decisions
from dryline.rules.not_classified import NOT_CLASSIFIED

from .orders import order

FIELD = order(
    [
        ("7", "HYPERCAR", 205, 21_600_000),
        ("6", "HYPERCAR", 205, 21_602_081),
        ("5", "HYPERCAR", 205, 21_625_000),
        ("20", "HYPERCAR", 204, 21_601_000),
        ("31", "LMGT3", 187, 21_610_000),
        ("46", "LMGT3", 187, 21_632_838),
        ("007", "LMGT3", 186, 21_600_500),
        ("99", "HYPERCAR", 0, None),
    ]
)


def decision(number: str, kind: str, **more: object) -> Decision:
    return Decision(car_number=number, kind=DecisionKind(kind), **more)  # type: ignore[arg-type]


def numbers(*decisions: Decision) -> list[str]:
    return apply_decisions(FIELD, decisions)[0]["car_number"].to_list()


def test_five_seconds_leave_the_second_car_second_and_seven_behind() -> None:
    frame, findings = apply_decisions(FIELD, [decision("6", "time_penalty", seconds=5.0)])
    first, second = frame.row(0, named=True), frame.row(1, named=True)
    assert second["car_number"] == "6"
    assert second["elapsed_ms"] - first["elapsed_ms"] == 7081
    assert second["penalty_ms"] == 5000
    assert not findings


def test_a_time_penalty_moves_a_car_behind_those_of_its_lap_only() -> None:
    assert numbers(decision("7", "time_penalty", seconds=90.0))[:4] == ["6", "5", "7", "20"]


def test_time_penalties_on_one_car_add_up() -> None:
    twice = [decision("7", "time_penalty", seconds=1.5) for _ in range(2)]
    assert numbers(*twice)[:2] == ["6", "7"]


def test_two_penalised_cars_keep_their_order_by_added_time() -> None:
    assert numbers(
        decision("7", "time_penalty", seconds=60.0), decision("6", "time_penalty", seconds=50.0)
    )[:3] == ["5", "6", "7"]


def test_a_time_credit_moves_a_car_up() -> None:
    assert numbers(decision("6", "time_penalty", seconds=-3.0))[:2] == ["6", "7"]


def test_a_lap_taken_away_ranks_the_car_among_those_a_lap_down() -> None:
    assert numbers(decision("7", "laps", laps=1))[:4] == ["6", "5", "7", "20"]


@given(
    laps=st.integers(0, 150),
    seconds=st.floats(1, 9000),
    first_out=st.integers(1, 6),
    data=st.data(),
)
def test_a_penalty_moves_no_classified_car_behind_one_that_is_not(
    laps: int, seconds: float, first_out: int, data: st.DataObject
) -> None:
    """Even where the cars that are not classified have more laps than it is left with."""
    status = ["finished"] * first_out + [NOT_CLASSIFIED] * (len(FIELD) - first_out)
    field = FIELD.with_columns(status=pl.Series(status))
    number = data.draw(st.sampled_from(FIELD["car_number"].to_list()[:6]))
    taken = [decision(number, "time_penalty", seconds=seconds)]
    taken += [decision(number, "laps", laps=laps)] if laps else []
    decided, _ = apply_decisions(field, taken)
    assert decided["status"].to_list() == status


def test_a_disqualified_car_is_last_and_says_so() -> None:
    frame, _ = apply_decisions(FIELD, [decision("7", "disqualified")])
    last = frame.row(-1, named=True)
    assert (last["car_number"], last["status"], last["position"]) == ("7", "disqualified", 8)
    assert frame["car_number"][0] == "6"


def test_a_car_placed_at_a_position_stands_there_and_the_others_close_up() -> None:
    assert numbers(decision("7", "placed_at", position=3))[:4] == ["6", "5", "7", "20"]


def test_the_back_of_the_class_is_behind_its_last_car() -> None:
    frame, _ = apply_decisions(FIELD, [decision("31", "back_of_class")])
    gt = frame.filter(frame["car_class"] == "LMGT3")
    assert gt["car_number"].to_list() == ["46", "007", "31"]
    assert gt["position_in_class"].to_list() == [1, 2, 3]


def test_places_in_class_follow_the_new_order() -> None:
    frame, _ = apply_decisions(FIELD, [decision("46", "placed_at", position=1)])
    assert frame.row(0, named=True)["position_in_class"] == 1
    assert frame.filter(frame["car_number"] == "31")["position_in_class"].item() == 2


def test_a_reprimand_and_a_served_drive_through_change_nothing() -> None:
    frame, findings = apply_decisions(
        FIELD, [decision("7", "reprimand"), decision("6", "drive_through", lap=40)]
    )
    assert frame["car_number"].to_list() == FIELD["car_number"].to_list()
    assert not findings


def test_an_unserved_drive_through_is_converted_by_the_rule_book() -> None:
    unserved = decision("7", "drive_through", served=False)
    frame, findings = apply_decisions(FIELD, [unserved], rulebook=rule_book("wec", 2024))
    assert frame["car_number"][2] == "7"
    assert frame["penalty_ms"][2] == 35_000
    assert not findings


def test_an_unserved_penalty_without_a_known_conversion_is_said_to_be_unknown() -> None:
    unserved = decision("7", "stop_and_go", seconds=60.0, served=False)
    frame, findings = apply_decisions(FIELD, [unserved], rulebook=rule_book("wec", 2024))
    assert frame["car_number"][0] == "7"
    assert "not known for this season" in findings[0].message
    mine = Override("mine.toml", "[penalties]\nstop_and_go_unserved_extra_s = 30\n")
    frame, findings = apply_decisions(FIELD, [unserved], rulebook=rule_book("wec", 2024, mine))
    assert frame.filter(frame["car_number"] == "7")["penalty_ms"].item() == 90_000
    assert not findings


def test_applying_nothing_changes_nothing() -> None:
    frame, _ = apply_decisions(FIELD, [])
    assert frame.select(FIELD.columns).equals(FIELD)


def test_decisions_of_another_race_are_left_out() -> None:
    other = decision("7", "disqualified", race="wec/2024/spa")
    frame, _ = apply_decisions(FIELD, [other], race="wec/2024/imola")
    assert frame["car_number"][0] == "7"


def refused(*decisions: Decision, **more: object) -> str:
    with pytest.raises(BadDecision) as error:
        apply_decisions(FIELD, decisions, **more)  # type: ignore[arg-type]
    assert "\n" not in str(error.value)
    assert error.value.remedy
    return str(error.value)


def test_an_unknown_car_is_refused_with_its_line() -> None:
    words = refused(decision("777", "reprimand", file="decisions.csv", line=4))
    assert words.startswith("decisions.csv, line 4: car 777 is not in this race")


def test_a_car_number_is_text_and_the_near_one_is_named() -> None:
    assert "did you mean 7?" in refused(decision("07", "reprimand"))


def test_an_unknown_driver_is_refused() -> None:
    entries = {"7": Entry("7", "HYPERCAR", "T", drivers=(Driver("Kamui Kobayashi"),))}
    guilty = decision("7", "reprimand", driver="Mike Rockenfeller", line=2)
    words = refused(guilty, entries=entries)
    assert "line 2: Mike Rockenfeller is not a driver of car 7" in words
    apply_decisions(FIELD, [decision("7", "reprimand", driver="Kamui KOBAYASHI")], entries=entries)


@pytest.mark.parametrize(
    "penalty",
    [
        {"kind": "time_penalty", "seconds": 5.0},
        {"kind": "laps", "laps": 1},
        {"kind": "placed_at", "position": 3},
        {"kind": "back_of_class"},
        {"kind": "drive_through"},
    ],
)
def test_a_penalty_for_a_car_that_did_not_start_is_refused(penalty: dict[str, object]) -> None:
    assert "car 99 did not start" in refused(decision("99", **penalty, line=3))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "pair",
    [
        (decision("7", "disqualified"), decision("7", "placed_at", position=2, line=3)),
        (decision("7", "placed_at", position=5), decision("7", "placed_at", position=2, line=3)),
        (decision("7", "back_of_class"), decision("7", "disqualified", line=3)),
    ],
)
def test_contradictory_decisions_on_one_car_are_refused(pair: tuple[Decision, Decision]) -> None:
    assert "line 3: car 7 cannot be both" in refused(*pair)


def test_two_cars_cannot_be_placed_at_one_position() -> None:
    first = decision("7", "placed_at", position=4, line=2)
    second = decision("6", "placed_at", position=4, line=3)
    assert "line 3: cars 7 and 6 cannot both be placed at 4" in refused(first, second)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (decision("7", "time_penalty"), "needs seconds"),
        (decision("7", "laps"), "needs laps"),
        (decision("7", "placed_at"), "position from 1 to 8"),
        (decision("7", "placed_at", position=40), "position from 1 to 8"),
    ],
)
def test_a_decision_without_its_value_is_refused(bad: Decision, words: str) -> None:
    assert words in refused(bad)


def test_more_laps_than_a_car_has_driven_cannot_be_taken_away() -> None:
    order = pl.DataFrame(
        {
            "position": [1], "position_in_class": [1], "car_number": ["7"], "car_class": ["GTP"],
            "laps": [20], "elapsed_ms": [1_000_000], "status": ["finished"],
        }
    )  # fmt: skip
    taken = Decision(car_number="7", kind=DecisionKind.LAPS, laps=500, line=2)
    with pytest.raises(BadDecision, match="has not driven the 500 laps"):
        apply_decisions(order, [taken])
