"""Penalties seen in the timing, and those still to be served."""

from __future__ import annotations

import polars as pl

from dryline.domain.decision import Decision, DecisionKind
from dryline.domain.event import RaceControlMessage
from dryline.domain.instant import Instant
from dryline.domain.tables import STOPS
from dryline.rules.book import Override, rule_book
from dryline.rules.penalties import UNSEEN, penalty_candidates, pending_penalties

MINUTE = 60_000
BOOK = rule_book("wec", 2024)


def stops(*rows: tuple[str, int, int, bool]) -> pl.DataFrame:
    """Stops from (number, lap, lane time in ms, driver change), two minutes a lap."""
    cells = [
        {
            "car_number": number,
            "car_class": "HYPERCAR",
            "lap": lap,
            "in_ms": lap * 2 * MINUTE,
            "pit_lane_ms": lane,
            "driver_in": "Ada",
            "driver_change": change,
        }
        for number, lap, lane, change in rows
    ]
    return pl.DataFrame(cells, schema=STOPS)


USUAL = [(str(car), lap, 78_000 + 500 * car, True) for car in range(1, 6) for lap in (30, 60)]
LAPS = pl.DataFrame(
    {
        "car_number": ["7"] * 40,
        "lap": list(range(1, 41)),
        "elapsed_ms": [lap * 2 * MINUTE for lap in range(1, 41)],
    }
)


def test_a_passage_without_a_stop_is_a_drive_through() -> None:
    found = penalty_candidates(BOOK, stops(*USUAL, ("7", 41, 33_200, False)))
    assert [(each.kind, each.car_number, each.lap) for each in found] == [
        ("drive_through_served", "7", 41)
    ]


def test_one_odd_quick_time_does_not_hide_the_drive_throughs() -> None:
    odd = stops(
        *USUAL, ("8", 20, 18_600, False), ("7", 41, 33_200, False), ("9", 44, 33_400, False)
    )
    found = penalty_candidates(BOOK, odd)
    assert {each.car_number for each in found} == {"7", "8", "9"}


def test_ordinary_stops_are_no_candidates() -> None:
    assert penalty_candidates(BOOK, stops(*USUAL)) == []


def test_a_stop_below_an_imposed_minimum_is_named() -> None:
    book = rule_book("wec", 2024, Override("m", "[pit]\nminimum_lane_s = 75\n"))
    found = penalty_candidates(
        book, stops(*USUAL, ("7", 41, 33_200, False), ("8", 42, 70_000, True))
    )
    short = [each for each in found if each.kind == "stop_too_short"]
    assert [each.car_number for each in short] == ["8"]


def test_pit_lane_speeding_is_said_to_be_unseen() -> None:
    assert "pit-lane speeding" in UNSEEN


def given(lap: int) -> Decision:
    return Decision(car_number="7", kind=DecisionKind.DRIVE_THROUGH, lap=lap, reason="contact")


def test_a_penalty_is_pending_until_it_is_served() -> None:
    book = rule_book("wec", 2024, Override("m", "[penalties]\nlaps_to_serve = 3\n"))
    served = stops(*USUAL, ("7", 12, 33_200, False))

    def waiting(lap: int, table: pl.DataFrame) -> list[int | None]:
        at = Instant(lap * 2 * MINUTE)
        found = pending_penalties(book, [given(10)], [], LAPS, table, at)
        return [each.laps_left for each in found]

    assert waiting(9, served) == [], "not given yet"
    assert waiting(11, served) == [2]
    assert waiting(12, served) == [], "served"
    assert waiting(13, stops(*USUAL)) == [0]
    late = pending_penalties(book, [given(10)], [], LAPS, stops(*USUAL), Instant(40 * MINUTE))
    assert late[0].overdue


def test_laps_to_serve_that_nobody_knows_stay_unknown() -> None:
    found = pending_penalties(BOOK, [given(10)], [], LAPS, stops(*USUAL), Instant(24 * MINUTE))
    assert found[0].laps_left is None
    assert not found[0].overdue


def test_a_penalty_that_race_control_announced_is_followed_from_that_lap() -> None:
    at = Instant(21 * MINUTE)
    message = RaceControlMessage(
        happened_at=at,
        known_at=at,
        kind="penalty",
        penalty="drive-through",
        car_number="7",
        laps_to_serve=3,
        text="track limits",
    )
    found = pending_penalties(BOOK, [], [message], LAPS, stops(*USUAL), Instant(25 * MINUTE))
    assert [(each.given_lap, each.laps_left) for each in found] == [(10, 1)]
    assert not pending_penalties(BOOK, [], [message], LAPS, stops(*USUAL), Instant(20 * MINUTE))
