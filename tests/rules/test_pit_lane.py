"""The pit lane at an instant: by race control's word, the season's rule, and stops seen."""

from __future__ import annotations

import polars as pl
import pytest

from dryline.domain.event import RaceControlMessage
from dryline.domain.flag import Flag
from dryline.domain.instant import Instant
from dryline.domain.tables import NEUTRALISATIONS, STOPS
from dryline.rules.book import Override, rule_book
from dryline.rules.pit_lane import LaneState, PitLane, pit_lane_state, stops_and_the_lane

MINUTE = 60_000
START = 60 * MINUTE
WEC, IMSA = rule_book("wec", 2024), rule_book("imsa", 2024)


def period(kind: str, minutes: float = 20, *, confidence: float = 1.0) -> pl.DataFrame:
    row = (kind, START, START + round(minutes * MINUTE), "flag", confidence, None)
    return pl.DataFrame([row], schema=NEUTRALISATIONS, orient="row")


def stops(*rows: tuple[str, str, float]) -> pl.DataFrame:
    """Stops from (number, class, minutes after the neutralisation began)."""
    cells = [
        {"car_number": n, "car_class": c, "in_ms": START + round(m * MINUTE), "lap": 30}
        for n, c, m in rows
    ]
    return pl.DataFrame(cells, schema=STOPS)


def said(kind: str, minute: float, **more: object) -> RaceControlMessage:
    at = Instant(START + round(minute * MINUTE))
    return RaceControlMessage(happened_at=at, known_at=at, kind=kind, **more)  # type: ignore[arg-type]


def lane(
    kind: str, minute: float, car_class: str = "HYPERCAR", book: object = WEC, **more: object
) -> PitLane:
    at = Instant(START + round(minute * MINUTE))
    return pit_lane_state(book, period(kind), (), car_class, at, **more)  # type: ignore[arg-type]


def test_the_lane_is_open_under_green() -> None:
    before = pit_lane_state(WEC, period("fcy"), (), "LMGT3", Instant(START - 1))
    after = pit_lane_state(WEC, period("fcy"), (), "LMGT3", Instant(START + 20 * MINUTE))
    assert before.state is after.state is LaneState.OPEN


def test_a_wec_full_course_yellow_lets_emergencies_in_only() -> None:
    found = lane("fcy", 1)
    assert found.state is LaneState.EMERGENCY_ONLY
    assert not found.may_stop
    assert "5 s of fuel" in found.why


def test_a_virtual_safety_car_leaves_the_lane_open() -> None:
    assert lane("vsc", 1).may_stop


def test_a_wec_safety_car_closes_the_lane_for_three_laps() -> None:
    laps = [START + round(3.3 * MINUTE * lap) for lap in range(1, 6)]
    early = lane("safety_car", 8, leader_crossings_ms=laps)
    late = lane("safety_car", 10, leader_crossings_ms=laps)
    assert early.state is LaneState.CLOSED
    assert early.opens_at == Instant(START + 9 * MINUTE)
    assert late.state is LaneState.OPEN


def test_without_the_leaders_laps_the_usual_minutes_hold() -> None:
    assert lane("safety_car", 8.9).state is LaneState.CLOSED
    assert lane("safety_car", 9.1).state is LaneState.OPEN


def test_at_le_mans_the_exit_is_held_red() -> None:
    found = lane("safety_car", 1, event="wec/2024/le-mans-24h")
    assert found.state is LaneState.EXIT_RED


def test_a_red_flag_closes_the_lane() -> None:
    assert lane("red", 5).state is LaneState.CLOSED


def test_imsa_opens_to_prototypes_before_gt() -> None:
    gtp = lane("fcy", 8, "GTP", IMSA)
    gtd = lane("fcy", 8, "GTD", IMSA)
    assert gtp.state is LaneState.OPEN
    assert gtd.state is LaneState.CLOSED
    assert gtd.opens_at is not None


def test_stops_of_prototypes_do_not_open_the_lane_to_gt() -> None:
    seen = stops(("1", "GTP", 4.0), ("2", "LMP2", 4.2), ("3", "GTP", 4.3))
    assert lane("fcy", 5, "LMP2", IMSA, stops=seen).state is LaneState.OPEN
    assert lane("fcy", 5, "GTD", IMSA, stops=seen).state is LaneState.CLOSED


def test_stops_of_gt_show_that_the_lane_is_open_to_all() -> None:
    seen = stops(("1", "GTD", 6.0), ("2", "GTDPRO", 6.2))
    assert lane("fcy", 6.5, "GTP", IMSA, stops=seen).state is LaneState.OPEN


def test_one_stop_or_one_made_as_the_flag_fell_shows_nothing() -> None:
    assert lane("fcy", 5, "GTP", IMSA, stops=stops(("1", "GTP", 4.0))).state is LaneState.CLOSED
    early = stops(("1", "GTP", 0.2), ("2", "GTP", 0.4), ("3", "GTP", 0.5))
    assert lane("fcy", 5, "GTP", IMSA, stops=early).state is LaneState.CLOSED


def test_stops_after_the_instant_are_not_looked_at() -> None:
    later = stops(("1", "GTP", 5.5), ("2", "GTP", 5.6), ("3", "GTP", 5.7))
    assert lane("fcy", 5, "GTP", IMSA, stops=later) == lane("fcy", 5, "GTP", IMSA)


def test_the_end_of_a_neutralisation_is_not_known_before_it_comes() -> None:
    open_ended = period("fcy").with_columns(pl.lit(None, pl.Int64).alias("end_ms"))
    at = Instant(START + MINUTE)
    assert pit_lane_state(WEC, open_ended, (), "LMGT3", at) == lane("fcy", 1, "LMGT3")


def test_race_control_comes_first() -> None:
    at = Instant(START + 2 * MINUTE)
    opened = [said("pit_lane_open", 1.5)]
    found = pit_lane_state(IMSA, period("fcy"), opened, "GTD", at)
    assert found.state is LaneState.OPEN
    assert found.confidence > 0.9
    closed = [said("pit_lane_closed", 0.5)]
    assert pit_lane_state(WEC, period("vsc"), closed, "LMGT3", at).state is LaneState.CLOSED


def test_a_message_for_one_class_holds_for_that_class_only() -> None:
    at = Instant(START + 2 * MINUTE)
    opened = [said("pit_lane_open", 1.5, car_class="GTP")]
    assert pit_lane_state(IMSA, period("fcy"), opened, "GTP", at).state is LaneState.OPEN
    assert pit_lane_state(IMSA, period("fcy"), opened, "GTD", at).state is LaneState.CLOSED


def test_a_message_that_is_not_known_yet_is_not_heard() -> None:
    at = Instant(START + 2 * MINUTE)
    assert not pit_lane_state(IMSA, period("fcy"), [said("pit_lane_open", 2.5)], "GTD", at).may_stop


def test_a_closed_lane_opens_again_with_the_green_flag() -> None:
    at = Instant(START + 40 * MINUTE)
    talk = [said("pit_lane_closed", 1), said("flag", 20, flag=Flag.GREEN)]
    assert pit_lane_state(WEC, period("fcy"), talk, "LMGT3", at).state is LaneState.OPEN


def test_a_rule_that_nobody_knows_is_unknown_and_no_stop_is_proposed() -> None:
    found = pit_lane_state(
        rule_book("wec", 2021), period("safety_car"), (), "LMP2", Instant(START + MINUTE)
    )
    assert found.state is LaneState.UNKNOWN
    assert not found.may_stop
    assert "not known for this season (WEC 2021)" in found.why


def test_the_users_rule_replaces_the_shipped_one() -> None:
    book = rule_book("wec", 2024, Override("m", '[neutralisations.fcy]\nentry = "open"\n'))
    assert lane("fcy", 1, book=book).state is LaneState.OPEN


def test_a_doubtful_neutralisation_makes_the_answer_doubtful() -> None:
    at = Instant(START + MINUTE)
    sure = pit_lane_state(WEC, period("vsc"), (), "LMGT3", at)
    unsure = pit_lane_state(WEC, period("vsc", confidence=0.5), (), "LMGT3", at)
    assert unsure.confidence == pytest.approx(sure.confidence / 2)


def test_each_stop_is_judged_as_it_came_in() -> None:
    judged = stops_and_the_lane(
        WEC, period("fcy"), (), stops(("7", "HYPERCAR", -5), ("8", "HYPERCAR", 3))
    )
    assert judged["lane"].to_list() == ["open", "emergency_only"]
