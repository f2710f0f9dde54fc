"""Order, gaps and states at an instant."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dryline.domain.errors import UnknownCar
from dryline.domain.instant import Duration, Instant
from dryline.domain.race_info import RaceInfo, RaceLength
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.race.race import Race
from dryline.race.status import Status, status_at
from tests.made_up.field import crossings

INFO = RaceInfo(name="made up", series="wec")


@pytest.fixture(scope="module")
def race() -> Race:
    return Race(INFO, crossings(cars=8, hours=1.0))


def test_the_order_is_laps_then_the_earlier_crossing(race: Race) -> None:
    for moment in ("0:10:00", "0:31:00", "0:59:00"):
        seen = race.at(moment)
        keys = [(-car.laps, car.last_seen.ms if car.last_seen else 0) for car in seen.cars]
        assert keys == sorted(keys)
        assert [car.position for car in seen.cars] == list(range(1, len(seen.cars) + 1))


def test_a_lapped_car_has_a_gap_in_seconds_too(race: Race) -> None:
    last = race.at(race.end).cars[-1]
    leader = race.at(race.end).cars[0]
    assert last.gap.laps > 0
    assert last.gap.time is not None
    same_lap = race.laps.filter(pl.col("lap") == last.laps)
    when = dict(same_lap.select("car_number", "elapsed_ms").iter_rows())
    assert last.gap.time == Duration(when[last.car_number] - when[leader.car_number])


def test_the_interval_is_the_gap_to_the_car_ahead_and_adds_up_on_one_lap(race: Race) -> None:
    cars = [car for car in race.at("0:20:00").cars if car.gap.laps == 0]
    total = Duration(0)
    for car in cars[1:]:
        assert car.interval.time is not None
        total = total + car.interval.time
        assert car.gap.time == total


def test_position_at_a_crossing_is_the_place_in_the_snapshot_of_that_instant(race: Race) -> None:
    for row in race.laps.sample(40, seed=3).iter_rows(named=True):
        car = race.at(Instant(row["elapsed_ms"]))[row["car_number"]]
        assert (car.position, car.position_in_class) == (row["position"], row["position_in_class"])


def test_an_unknown_car_is_refused_and_the_cars_are_named(race: Race) -> None:
    with pytest.raises(UnknownCar, match=r"no car '999'.*Cars: 7, 8"):
        race.gaps("999")


def test_007_is_not_7(race: Race) -> None:
    assert race.at(race.end)["007"].car_class == "LMGT3"
    assert race.at(race.end)["7"].car_class == "HYPERCAR"


def test_gaps_to_a_car_are_positive_behind_it(race: Race) -> None:
    final = race.at(race.end)
    leader, second = final.cars[0], final.cars[1]
    gap = race.gaps(leader.car_number).filter(pl.col("car_number") == second.car_number)
    assert gap.sort("lap")["gap_ms"][-1] > 0
    back = race.gaps(second.car_number).filter(pl.col("car_number") == leader.car_number)
    assert back.sort("lap")["gap_ms"][-1] == -gap.sort("lap")["gap_ms"][-1]


def test_the_flag_ends_the_race_for_everybody_who_takes_it(race: Race) -> None:
    final = race.at(race.end)
    assert {car.status for car in final.cars} == {Status.FINISHED}
    assert race.finish == final.cars[0].last_seen


def test_without_flags_the_finish_follows_from_the_length() -> None:
    frame = crossings(cars=4, hours=0.5, flags=False)
    assert Race(INFO, frame).finish is None
    timed = Race(RaceInfo(name="x", length=RaceLength(ms=1_800_000)), frame)
    assert timed.finish is not None
    first = timed.laps.filter((pl.col("position") == 1) & (pl.col("elapsed_ms") >= 1_800_000))[
        "elapsed_ms"
    ].min()
    assert timed.finish.ms == first
    by_laps = Race(RaceInfo(name="x", length=RaceLength(laps=10)), frame)
    assert by_laps.finish is not None
    assert by_laps.finish.ms == frame.filter(pl.col("lap") == 10)["elapsed_ms"].min()


@pytest.mark.parametrize(
    ("state", "facts"),
    [
        (Status.RUNNING, {}),
        (Status.IN_PIT, {"last_in_pit": True}),
        (Status.GARAGE, {"last_in_pit": True, "at_ms": 2_000_000}),
        (Status.RETIRED, {"at_ms": 2_000_000}),
        (Status.RUNNING, {"at_ms": 2_000_000, "red_now": True}),
        (Status.FINISHED, {"took_flag": True}),
        (Status.FINISHED, {"finish_ms": 900_000}),
        (Status.RETIRED, {"finish_ms": 1_050_000, "at_ms": 2_000_000}),
    ],
)
def test_a_cars_state_is_read_from_when_it_was_seen(state: Status, facts: dict[str, int]) -> None:
    usual = {
        "at_ms": 1_100_000, "last_ms": 1_000_000, "last_in_pit": False, "took_flag": False,
        "typical_lap_ms": 100_000.0, "finish_ms": None,
    }  # fmt: skip
    given = {**usual, **facts}
    assert status_at(given.pop("at_ms"), **given) is state  # type: ignore[arg-type]


@pytest.mark.needs_data
def test_le_mans_2024_was_won_by_50_and_led_as_the_file_says(data: Path) -> None:
    name = "wec/2024/le_mans_24h.csv"
    race = Race(INFO, parse_laps((data / name).read_bytes(), name).crossings)
    final = race.at(race.end)
    assert final.order[:3] == ["50", "7", "51"]
    assert str(final["7"].gap) == "+14.221"
    assert final["50"].laps == 311
    assert race.at("3:00:00").order[:3] == ["83", "5", "8"]
    assert "24:06:24" in repr(race)
