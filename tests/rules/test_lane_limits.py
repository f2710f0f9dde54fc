"""The pit lane at the edges of its rules: the instant it opens, and which stops show it."""

from __future__ import annotations

import polars as pl
import pytest

from dryline.domain.event import RaceControlMessage
from dryline.domain.flag import Flag
from dryline.domain.instant import Instant
from dryline.domain.tables import NEUTRALISATIONS, STOPS
from dryline.rules.book import rule_book
from dryline.rules.lane_exceptions import lane_exceptions
from dryline.rules.pit_lane import LaneState, PitLane, pit_lane_state

MINUTE = 60_000
START = 60 * MINUTE
END = START + 30 * MINUTE
WEC, IMSA = rule_book("wec", 2024), rule_book("imsa", 2024)


def periods(*rows: tuple[str, int, int | None]) -> pl.DataFrame:
    full = [(kind, start, end, "flag", 1.0, None) for kind, start, end in rows]
    return pl.DataFrame(full, schema=NEUTRALISATIONS, orient="row")


def lane(kind: str, at_ms: int, *, book: object = WEC, **more: object) -> PitLane:
    """The lane for a Hypercar or GTP, so many ms after the neutralisation began."""
    car_class = "HYPERCAR" if book is WEC else "GTP"
    said = more.pop("said", ())
    table = more.pop("table", periods((kind, START, END)))
    return pit_lane_state(book, table, said, car_class, Instant(START + at_ms), **more)  # type: ignore[arg-type]


def stops(*rows: tuple[str, int]) -> pl.DataFrame:
    cells = [
        {"car_number": n, "car_class": "GTP", "in_ms": START + ms, "lap": 30} for n, ms in rows
    ]
    return pl.DataFrame(cells, schema=STOPS)


def said(kind: str, at_ms: int, **more: object) -> RaceControlMessage:
    at = Instant(START + at_ms)
    return RaceControlMessage(happened_at=at, known_at=at, kind=kind, **more)  # type: ignore[arg-type]


def test_the_rule_of_a_neutralisation_holds_from_its_first_instant_to_its_last() -> None:
    assert lane("fcy", -1).state is LaneState.OPEN
    assert lane("fcy", 0).state is LaneState.EMERGENCY_ONLY
    assert lane("fcy", 30 * MINUTE - 1).state is LaneState.EMERGENCY_ONLY
    assert lane("fcy", 30 * MINUTE).state is LaneState.OPEN


def test_the_lane_opens_as_the_leader_completes_his_third_lap() -> None:
    laps = [START + lap * 3 * MINUTE for lap in range(1, 4)]
    before = lane("safety_car", 9 * MINUTE - 1, leader_crossings_ms=laps)
    assert before.state is LaneState.CLOSED
    assert lane("safety_car", 9 * MINUTE, leader_crossings_ms=laps).state is LaneState.OPEN


def test_the_crossing_at_which_the_safety_car_came_out_is_no_lap_behind_it() -> None:
    laps = [START, START + 3 * MINUTE, START + 6 * MINUTE]
    assert lane("safety_car", 8 * MINUTE, leader_crossings_ms=laps).state is LaneState.CLOSED


def test_the_usual_nine_minutes_hold_to_the_millisecond() -> None:
    assert lane("safety_car", 9 * MINUTE - 1).state is LaneState.CLOSED
    assert lane("safety_car", 9 * MINUTE).state is LaneState.OPEN


def opened(first: int, second: int, *, now: int = 5 * MINUTE) -> bool:
    """Whether two stops at these instants show that the lane is open."""
    seen = stops(("1", first), ("2", second))
    return lane("fcy", now, book=IMSA, stops=seen).state is LaneState.OPEN


def test_only_stops_from_two_and_a_half_minutes_on_show_an_open_lane() -> None:
    assert opened(150_000, 150_000)
    assert not opened(149_999, 150_000), "the first may have been in the lane before the flag"


def test_a_stop_counts_once_it_has_been_seen() -> None:
    now = 4 * MINUTE
    assert opened(now - 2, now - 1, now=now)
    assert not opened(now - 2, now, now=now), "a stop is not its own proof"


def test_a_lane_seen_open_is_less_sure_than_one_that_race_control_opened() -> None:
    seen = lane("fcy", 5 * MINUTE, book=IMSA, stops=stops(("1", 180_000), ("2", 190_000)))
    told = lane("fcy", 5 * MINUTE, book=IMSA, said=[said("pit_lane_open", 180_000)])
    assert 0.5 < seen.confidence < told.confidence < 1


def test_of_two_periods_at_once_the_graver_holds_and_of_equal_ones_the_later() -> None:
    both = periods(("vsc", START, END), ("red", START + MINUTE, END))
    assert lane("", 2 * MINUTE, table=both).state is LaneState.CLOSED
    laps = [START + lap * 3 * MINUTE for lap in range(1, 5)]
    again = periods(("safety_car", START, END), ("safety_car", START + 5 * MINUTE, END))
    found = lane("", 10 * MINUTE, table=again, leader_crossings_ms=laps)
    assert found.state is LaneState.CLOSED, "three laps count from the second safety car"


def test_a_message_holds_from_the_instant_at_which_it_is_known() -> None:
    closed = [said("pit_lane_closed", MINUTE)]
    assert lane("vsc", MINUTE - 1, said=closed).may_stop
    assert not lane("vsc", MINUTE, said=closed).may_stop


def test_of_two_messages_of_one_instant_the_last_holds() -> None:
    talk = [said("pit_lane_closed", MINUTE), said("pit_lane_open", MINUTE)]
    assert lane("fcy", 2 * MINUTE, said=talk).state is LaneState.OPEN
    assert lane("fcy", 2 * MINUTE, said=talk[::-1]).state is LaneState.CLOSED


def test_what_was_said_before_a_neutralisation_does_not_hold_in_it() -> None:
    assert lane("fcy", MINUTE, said=[said("pit_lane_open", 0)]).state is LaneState.OPEN
    before = lane("fcy", MINUTE, said=[said("pit_lane_open", -1)])
    assert before.state is LaneState.EMERGENCY_ONLY


def test_a_green_flag_opens_the_lane_that_was_closed_before_it() -> None:
    none = periods()
    for green, state in ((MINUTE, LaneState.CLOSED), (MINUTE + 1, LaneState.OPEN)):
        talk = [said("pit_lane_closed", MINUTE), said("flag", green, flag=Flag.GREEN)]
        assert lane("", 2 * MINUTE, said=talk, table=none).state is state
    talk = [said("pit_lane_closed", MINUTE), said("flag", 2 * MINUTE, flag=Flag.GREEN)]
    assert lane("", 2 * MINUTE, said=talk, table=none).state is LaneState.OPEN
    assert lane("", 2 * MINUTE - 1, said=talk, table=none).state is LaneState.CLOSED


Judged = tuple[str, int, int, int | None]
"""A stop while the lane was closed: number, ms into the neutralisation, lap, lane time."""


def because(*rows: Judged, lane_state: str = "closed") -> str:
    """Why the first of these stops was made."""
    judged = pl.DataFrame(
        [
            {"car_number": n, "in_ms": START + ms, "lap": lap, "pit_lane_ms": lane_ms}
            for n, ms, lap, lane_ms in rows
        ],
        schema={
            "car_number": pl.String, "in_ms": pl.Int64, "lap": pl.Int32, "pit_lane_ms": pl.Int64,
        },
    ).with_columns(lane=pl.lit(lane_state))  # fmt: skip
    return str(lane_exceptions(judged, periods(("safety_car", START, END)))["because"][0])


ROUTINE = 90_000


def test_within_a_minute_of_the_flag_a_car_may_have_been_in_the_lane_already() -> None:
    assert because(("7", 59_999, 30, ROUTINE)) == "before_the_flag"
    assert because(("7", 60_000, 30, ROUTINE)) == "unexplained"
    assert because(("7", 0, 30, ROUTINE)) == "before_the_flag"


def test_under_green_nothing_counts_from_a_flag() -> None:
    judged = {"car_number": ["7"], "in_ms": [END], "lap": [30], "pit_lane_ms": [ROUTINE]}
    found = lane_exceptions(
        pl.DataFrame(judged).with_columns(lane=pl.lit("closed")),
        periods(("safety_car", START, END), ("slow_zone", START, None)),
    )
    assert found["since_ms"].to_list() == [None]


@pytest.mark.parametrize(
    ("lane_ms", "why"),
    [
        (59_999, "emergency"),
        (60_000, "unexplained"),
        (180_000, "unexplained"),
        (180_001, "emergency"),
        (None, "emergency"),
    ],
)
def test_a_splash_and_a_repair_are_emergencies(lane_ms: int | None, why: str) -> None:
    assert because(("7", 300_000, 30, lane_ms)) == why


@pytest.mark.parametrize(
    ("lap", "why"), [(30, "unexplained"), (31, "emergency"), (34, "emergency"), (35, "unexplained")]
)
def test_a_car_that_stops_again_within_four_laps_had_an_emergency(lap: int, why: str) -> None:
    assert because(("7", 300_000, 30, ROUTINE), ("7", 900_000, lap, ROUTINE)) == why


@pytest.mark.parametrize(
    ("later_ms", "why"),
    [
        (0, "unexplained"),
        (1, "opened_unseen"),
        (120_000, "opened_unseen"),
        (120_001, "unexplained"),
    ],
)
def test_others_within_two_minutes_show_that_the_lane_had_opened(later_ms: int, why: str) -> None:
    pair = [("7", 300_000, 30, ROUTINE), ("8", 300_000 + later_ms, 30, ROUTINE)]
    assert because(*pair) == why
    assert because(*pair, lane_state="emergency_only") == "unexplained"
