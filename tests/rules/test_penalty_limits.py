"""Penalties at their edges: what counts as a drive-through, and when it is served too late."""

from __future__ import annotations

import polars as pl
import pytest

from dryline.domain.decision import Decision, DecisionKind
from dryline.domain.event import RaceControlMessage
from dryline.domain.instant import Instant
from dryline.domain.tables import STOPS
from dryline.rules.book import Override, rule_book
from dryline.rules.penalties import Pending, penalty_candidates, pending_penalties, transit_ms

MINUTE = 60_000
LAP = 2 * MINUTE
MINE = Override("m", "[pit]\nminimum_lane_s = 75\n[penalties]\nlaps_to_serve = 3\n")
BOOK = rule_book("wec", 2024, MINE)
LAPS = pl.DataFrame(
    {"car_number": ["7"] * 40, "lap": range(1, 41), "elapsed_ms": range(LAP, 41 * LAP, LAP)}
)


def stops(*lane_ms: int, lap: int = 12, numbers: str = "") -> pl.DataFrame:
    """Stops of cars 7, 8, 9 and so on with these lane times, no driver changed, on one lap."""
    names = numbers or "".join(chr(ord("7") + place) for place in range(len(lane_ms)))
    cells = [
        {"car_number": n, "lap": lap, "in_ms": lap * LAP, "pit_lane_ms": ms, "driver_change": False}
        for n, ms in zip(names, lane_ms, strict=True)
    ]
    return pl.DataFrame(cells, schema=STOPS)


def served(*lane_ms: int) -> list[str]:
    """Cars whose stops of these lengths look like a drive-through served."""
    found = penalty_candidates(rule_book("wec", 2024), stops(*lane_ms))
    return [each.car_number for each in found if each.kind == "drive_through_served"]


STOP = 78_000


def test_a_passage_is_a_drive_through_up_to_six_percent_over_the_quickest() -> None:
    assert served(100_000, 106_000, 180_000, 180_000, 180_000) == ["7", "8"]
    assert served(100_000, 106_001, 180_000, 180_000, 180_000) == ["7"]


def test_without_stops_that_take_well_over_a_transit_nothing_is_a_drive_through() -> None:
    assert served(100_000, 101_000, 130_000, 130_000, 130_000) == ["7", "8"]
    assert served(100_000, 101_000, 129_999, 129_999, 129_999) == []


def test_five_stated_times_tell_the_transit_and_four_do_not() -> None:
    assert transit_ms(stops(33_000, *[STOP] * 4)) == 33_000
    assert transit_ms(stops(33_000, *[STOP] * 3)) is None


def test_a_quickest_time_within_three_percent_of_the_next_is_the_transit() -> None:
    usual = [STOP] * 4
    assert transit_ms(stops(100_000, 103_000, 103_000, *[180_000] * 4)) == 100_000
    assert transit_ms(stops(100_000, 103_001, 103_001, *[180_000] * 4)) == 103_001
    assert transit_ms(stops(18_600, 33_200, 33_400, *usual)) == 33_200


def test_an_odd_quickest_time_needs_two_others_that_agree_within_three_percent() -> None:
    usual = [180_000] * 4
    assert transit_ms(stops(50_000, 100_000, 103_000, *usual)) == 100_000
    assert transit_ms(stops(50_000, 100_000, 103_001, *usual)) == 50_000


def test_two_that_agree_are_no_transit_unless_the_usual_stop_is_well_over_them() -> None:
    assert transit_ms(stops(50_000, 100_000, 100_000, *[130_000] * 4)) == 100_000
    assert transit_ms(stops(50_000, 100_000, 100_000, *[129_999] * 4)) == 50_000


def too_short(*lane_ms: int) -> list[str]:
    found = penalty_candidates(BOOK, stops(*lane_ms))
    return [each.car_number for each in found if each.kind == "stop_too_short"]


def test_a_stop_of_just_the_minimum_is_long_enough() -> None:
    assert too_short(33_000, 75_000, *[STOP] * 3) == []
    assert too_short(33_000, 74_999, *[STOP] * 3) == ["8"]


def test_a_drive_through_is_not_a_stop_that_was_too_short() -> None:
    assert too_short(50_000, 53_000, *[STOP] * 3) == []
    assert too_short(50_000, 53_001, *[STOP] * 3) == ["8"]


def test_candidates_of_one_instant_stand_by_car_number() -> None:
    found = penalty_candidates(BOOK, stops(33_000, 33_000, *[STOP] * 3, numbers="95678"))
    assert [each.car_number for each in found] == ["5", "9"]


def test_a_candidate_is_likely_and_never_sure() -> None:
    found = penalty_candidates(BOOK, stops(33_000, *[STOP] * 4))
    assert all(0.5 < each.confidence < 1 for each in found)


def waiting(lap: int, table: pl.DataFrame | None = None, *, at: int | None = None) -> list[Pending]:
    """What is pending so many laps into the race of a drive-through given on lap 10."""
    given = Decision(car_number="7", kind=DecisionKind.DRIVE_THROUGH, lap=10, reason="contact")
    known = stops(*[STOP] * 5) if table is None else table
    return pending_penalties(
        BOOK, [given], [], LAPS, known, Instant(lap * LAP if at is None else at)
    )


def test_a_penalty_waits_from_the_lap_on_which_it_was_given() -> None:
    assert waiting(9) == []
    assert [each.laps_left for each in waiting(10)] == [3]


@pytest.mark.parametrize(("lap", "overdue"), [(13, False), (14, True)])
def test_the_last_lap_to_serve_it_on_is_not_too_late(lap: int, overdue: bool) -> None:
    assert [each.overdue for each in waiting(lap)] == [overdue]


def test_a_passage_on_the_lap_of_the_penalty_itself_does_not_serve_it() -> None:
    for lap, left in ((10, 1), (11, 0)):
        seen = stops(33_000, *[STOP] * 4, lap=lap)
        assert len(waiting(12, seen)) == left


def test_a_penalty_is_served_at_the_instant_of_the_passage() -> None:
    seen = stops(33_000, *[STOP] * 4, lap=12)
    assert len(waiting(12, seen, at=12 * LAP - 1)) == 1
    assert waiting(12, seen) == []


def announced(happened_ms: int, known_ms: int, now_ms: int) -> list[int]:
    """The laps on which penalties count as given that were announced so."""
    said = RaceControlMessage(
        happened_at=Instant(happened_ms), known_at=Instant(known_ms), kind="penalty",
        penalty="stop and go", car_number="7",
    )  # fmt: skip
    none = stops(*[STOP] * 5)
    found = pending_penalties(BOOK, [], [said], LAPS, none, Instant(now_ms))
    return [each.given_lap for each in found]


def test_an_announcement_counts_from_when_it_is_known_and_by_the_laps_done_as_it_happened() -> None:
    assert announced(10 * LAP, 11 * LAP, 11 * LAP) == [10]
    assert announced(10 * LAP - 1, 11 * LAP, 11 * LAP) == [9]
    assert announced(10 * LAP, 11 * LAP, 11 * LAP - 1) == []
