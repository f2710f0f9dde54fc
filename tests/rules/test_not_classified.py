"""Who is not classified, at each limit and beside it, and where they then stand."""

from __future__ import annotations

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.rules.book import rule_book
from dryline.rules.not_classified import NOT_CLASSIFIED, without_the_not_classified
from dryline.rules.schema import Classified, Stated

FINISH_MS, END_MS = 21_600_000, 21_900_000
LAP_MS = 100_000


def stated(value: object) -> Stated:  # type: ignore[type-arg]
    return Stated(value=value, source="made up", confidence=1.0)


RULE = Classified(
    min_share_of_distance=stated(0.7),
    of=stated("overall_winner"),
    must_take_the_flag=stated(value=True),
    longest_last_lap_s=stated(360),
)


def order(*cars: tuple[str, str, int, int]) -> pl.DataFrame:
    """Cars as (number, class, laps, last crossing), in any order."""
    rows = sorted(cars, key=lambda car: (-car[2], car[3]))
    seen: dict[str, int] = {}
    places = []
    for _, car_class, _, _ in rows:
        seen[car_class] = seen.get(car_class, 0) + 1
        places.append(seen[car_class])
    return pl.DataFrame(
        {
            "position": range(1, len(rows) + 1),
            "position_in_class": places,
            "car_number": [car[0] for car in rows],
            "car_class": [car[1] for car in rows],
            "laps": [car[2] for car in rows],
            "elapsed_ms": [car[3] for car in rows],
            "status": ["finished"] * len(rows),
        },
        schema_overrides={"position": pl.Int32, "position_in_class": pl.Int32, "laps": pl.Int32},
    )


def judged(
    table: pl.DataFrame,
    rule: Classified = RULE,
    last: dict[str, int] | None = None,
    at_ms: int = END_MS,
) -> dict[str, str]:
    placed, findings = without_the_not_classified(
        table,
        rule,
        last or {},
        finish_ms=FINISH_MS,
        at_ms=at_ms,
        typical_laps_ms=dict.fromkeys(table["car_number"], LAP_MS),
    )
    assert placed["position"].to_list() == list(range(1, len(table) + 1))
    assert sorted(placed["car_number"]) == sorted(table["car_number"])
    out = placed.filter(pl.col("status") == NOT_CLASSIFIED)["car_number"].to_list()
    assert out == placed["car_number"].to_list()[len(table) - len(out) :]
    flagged = placed[len(table) - len(out) :]["elapsed_ms"] >= FINISH_MS
    assert flagged.to_list() == sorted(flagged, reverse=True)  # took the flag, then retired
    assert [found.car_number for found in findings] == [
        car for car in table["car_number"] if car in out
    ]
    return {str(found.car_number): found.message for found in findings}


WINNER = ("1", "LMP1", 200, FINISH_MS)


@pytest.mark.parametrize(("laps", "out"), [(140, False), (139, True)])
def test_the_share_of_the_winners_distance(laps: int, out: bool) -> None:
    assert ("7" in judged(order(WINNER, ("7", "GT", laps, FINISH_MS + 1)))) == out


@pytest.mark.parametrize(("at", "out"), [(FINISH_MS, False), (FINISH_MS - 1, True)])
def test_who_crosses_at_the_finish_takes_the_flag(at: int, out: bool) -> None:
    assert ("7" in judged(order(WINNER, ("7", "GT", 190, at)))) == out


@pytest.mark.parametrize(("last", "out"), [(360_000, False), (360_001, True)])
def test_a_last_lap_may_take_six_minutes(last: int, out: bool) -> None:
    assert ("7" in judged(order(WINNER, ("7", "GT", 190, FINISH_MS + 5)), last={"7": last})) == out


@pytest.mark.parametrize(("from_h", "out"), [(6, True), (6.01, False)])
def test_the_last_lap_is_limited_in_long_races_only(from_h: float, out: bool) -> None:
    rule = msgspec.structs.replace(RULE, last_lap_limited_from_h=stated(from_h))
    table = order(WINNER, ("7", "GT", 190, FINISH_MS + 5))
    assert ("7" in judged(table, rule, {"7": 360_001})) == out


def test_who_took_the_flag_has_not_retired() -> None:
    table = order(WINNER, ("7", "GT", 135, FINISH_MS // 2), ("8", "GT", 90, FINISH_MS + 5))
    placed, _ = without_the_not_classified(
        table, RULE, {}, finish_ms=FINISH_MS, at_ms=END_MS, typical_laps_ms={"7": 1.0, "8": 1.0}
    )
    assert placed["car_number"].to_list() == ["1", "8", "7"]
    assert placed["position_in_class"].to_list() == [1, 1, 2]


@pytest.mark.parametrize(("unseen_ms", "out"), [(150_000, False), (150_001, True)])
def test_who_may_still_come_is_not_judged(unseen_ms: int, out: bool) -> None:
    table = order(WINNER, ("7", "GT", 100, FINISH_MS - 50_000))
    assert ("7" in judged(table, at_ms=FINISH_MS - 50_000 + unseen_ms)) == out


def test_of_the_class_winner_where_the_rules_say_so() -> None:
    cars = (WINNER, ("7", "GT", 139, FINISH_MS + 1), ("8", "GT", 97, FINISH_MS + 1))
    assert set(judged(order(*cars))) == {"7", "8"}
    of_class = Classified(min_share_of_distance=stated(0.7), of=stated("class_winner"))
    assert set(judged(order(*cars), of_class)) == {"8"}
    assert set(judged(order(*cars, ("9", "GT", 98, FINISH_MS + 1)), of_class)) == {"8"}


@given(
    cars=st.lists(
        st.tuples(st.sampled_from(["A", "B"]), st.integers(1, 200), st.integers(0, END_MS)),
        min_size=1,
        max_size=12,
    )
)
def test_where_no_rule_is_known_nothing_changes(cars: list[tuple[str, int, int]]) -> None:
    table = order(*((str(number), *car) for number, car in enumerate(cars)))
    assert not judged(table, Classified())
    judged(table)


@pytest.mark.parametrize("year", range(2012, 2027))
def test_every_season_of_the_wec_says_who_is_classified(year: int) -> None:
    rule = rule_book("wec", year).text.classified
    assert rule.min_share_of_distance is not None
    assert rule.must_take_the_flag is not None
