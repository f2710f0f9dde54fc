"""Who is ahead, when the race is won, and when a car is given up: at each limit, and beside it."""

from __future__ import annotations

import pytest

from dryline.domain.errors import BadOption
from dryline.domain.flag import Flag
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.race.finish import finish_ms
from dryline.race.fold import fold
from dryline.race.race import Race
from dryline.race.status import Status, status_at
from tests.made_up.by_hand import crossed
from tests.made_up.field import events

INFO = RaceInfo(name="made up")
HOUR = 3_600_000


def won_at(*leader: int, length: RaceLength | None = None) -> int | None:
    """The finish of a race whose leader crosses at these instants, ten laps and more done."""
    rows = [("7", lap, at) for lap, at in enumerate(leader, 10)]
    return finish_ms(crossed(*rows), length or RaceLength(ms=HOUR))


def test_cars_level_to_the_millisecond_stand_in_the_order_of_their_crossings() -> None:
    rows = crossed(("9", 1, 100_000), ("8", 1, 101_000), ("9", 2, 200_000), ("8", 2, 200_000))
    race = Race(INFO, rows)
    assert race.at(race.end).order == ["9", "8"]
    assert race.laps["position"].to_list() == [1, 2, 1, 2]


def test_a_tie_is_broken_alike_by_the_table_and_by_the_fold() -> None:
    rows = crossed(("9", 1, 90_000), ("10", 1, 95_000), ("10", 2, 180_000), ("9", 2, 180_000))
    race = fold(INFO, events(rows)).race()
    assert race.at("0:03:00").order == Race(INFO, rows).at("0:03:00").order == ["10", "9"]


def test_more_laps_go_before_an_earlier_crossing() -> None:
    race = Race(INFO, crossed(("8", 1, 90_000), ("9", 1, 91_000), ("9", 2, 181_000)))
    assert race.at(race.end).order == ["9", "8"]


def test_the_leader_wins_with_the_first_crossing_at_or_after_time() -> None:
    assert won_at(HOUR - 90_000, HOUR - 1, HOUR + 89_999) == HOUR + 89_999
    assert won_at(HOUR - 90_000, HOUR, HOUR + 90_000) == HOUR
    assert won_at(HOUR - 90_000, HOUR + 1) == HOUR + 1
    assert won_at(HOUR - 90_000, HOUR - 1) is None


def test_a_lapped_car_that_crosses_after_time_does_not_end_the_race() -> None:
    rows = crossed(("7", 20, HOUR - 10_000), ("8", 20, HOUR + 1), ("7", 21, HOUR + 80_000))
    assert finish_ms(rows, RaceLength(ms=HOUR)) == HOUR + 80_000


def test_a_race_over_laps_is_won_by_the_first_to_complete_them() -> None:
    assert won_at(900_000, 1_000_000, 1_100_000, length=RaceLength(laps=11)) == 1_000_000
    assert won_at(900_000, 1_000_000, length=RaceLength(laps=12)) is None


def test_of_time_and_laps_the_first_to_be_reached_ends_the_race() -> None:
    assert won_at(900_000, HOUR, length=RaceLength(ms=HOUR, laps=10)) == 900_000
    assert won_at(900_000, HOUR, HOUR + 1, length=RaceLength(ms=HOUR, laps=12)) == HOUR


def test_where_flags_are_coded_only_the_chequered_one_ends_the_race() -> None:
    green = crossed(("7", 20, HOUR + 1), flag=["green"])
    assert finish_ms(green, RaceLength(ms=HOUR)) is None
    shown = crossed(("7", 20, HOUR + 1), ("8", 19, HOUR + 2), flag=["chequered", "chequered"])
    assert finish_ms(shown, None) == HOUR + 1


def state(unseen_ms: int, **facts: object) -> Status:
    """The state of a car of laps of 100 s that was last seen so long ago, after an hour."""
    usual: dict[str, object] = {
        "last_ms": HOUR, "last_in_pit": False, "took_flag": False, "typical_lap_ms": 100_000.0,
        "finish_ms": None,
    }  # fmt: skip
    return status_at(HOUR + unseen_ms, **{**usual, **facts})  # type: ignore[arg-type]


def test_ten_minutes_in_the_lane_are_a_stop_and_more_are_the_garage() -> None:
    assert state(600_000, last_in_pit=True) is Status.IN_PIT
    assert state(600_001, last_in_pit=True) is Status.GARAGE


@pytest.mark.parametrize(
    ("lap_ms", "most_ms"), [(100_000.0, 600_000), (200_000.0, 800_000), (None, 2_400_000)]
)
def test_a_car_is_given_up_after_ten_minutes_or_four_of_its_laps(
    lap_ms: float | None, most_ms: int
) -> None:
    assert state(most_ms, typical_lap_ms=lap_ms) is Status.RUNNING
    assert state(most_ms + 1, typical_lap_ms=lap_ms) is Status.RETIRED


def test_who_crosses_with_the_winner_or_later_has_finished() -> None:
    assert state(10, finish_ms=HOUR) is Status.FINISHED
    assert state(10, finish_ms=HOUR + 1) is Status.RUNNING


def test_who_does_not_come_round_within_two_laps_of_the_finish_has_not_finished() -> None:
    finish = HOUR + 50_000
    assert state(249_999, finish_ms=finish) is Status.RUNNING
    assert state(250_000, finish_ms=finish) is Status.RETIRED


def test_the_flag_is_chequered_from_the_finish_on() -> None:
    rows = crossed(*(("7", lap, HOUR - 90_000 + lap * 90_000) for lap in range(1, 3)))
    race = Race(RaceInfo(name="made up", length=RaceLength(ms=HOUR)), rows)
    assert race.at(Instant(HOUR - 1)).flag is Flag.GREEN
    assert race.at(Instant(HOUR)).flag is Flag.CHEQUERED


def test_the_start_itself_can_be_asked_for_and_nothing_before_it() -> None:
    race = Race(INFO, crossed(("7", 1, 90_000)))
    assert race.at("0:00:00").order == []
    with pytest.raises(BadOption, match="before the start"):
        race.at("-0:00:01")
