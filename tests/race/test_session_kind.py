"""A race is told from practice and qualifying by what the clock did, each side of every limit."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.race_info import RaceInfo
from dryline.domain.session_kind import SessionKind
from dryline.race.race import Race
from dryline.race.session_kind import QUALIFYING_MS, WARM_UP_MS, kind_by_clock, timed_kind
from tests.made_up.by_hand import crossed
from tests.made_up.field import crossings
from tests.made_up.practice import practised

SEEDS = st.integers(0, 10_000)


@settings(deadline=None, max_examples=25)
@given(seed=SEEDS, cars=st.integers(2, 16), hours=st.sampled_from([0.6, 1.0, 2.0]))
def test_a_field_that_starts_together_races(seed: int, cars: int, hours: float) -> None:
    assert kind_by_clock(crossings(cars=cars, seed=seed, hours=hours)) is SessionKind.RACE


@settings(deadline=None, max_examples=25)
@given(seed=SEEDS, cars=st.integers(2, 16))
def test_a_field_that_leaves_its_garages_one_by_one_does_not(seed: int, cars: int) -> None:
    rows = practised(cars=cars, seed=seed, within_min=5)
    assert kind_by_clock(rows) is SessionKind.PRACTICE


@settings(deadline=None, max_examples=25)
@given(seed=SEEDS, cars=st.integers(8, 16))
def test_nor_does_one_whose_lane_times_nobody_states(seed: int, cars: int) -> None:
    rows = practised(cars=cars, seed=seed, within_min=30, lanes=False)
    assert kind_by_clock(rows) is SessionKind.PRACTICE
    assert kind_by_clock(practised(cars=cars, seed=seed, within_min=0.1, lanes=False)) is None


@pytest.mark.parametrize(("out", "raced"), [(1, True), (2, True), (3, False)])
def test_half_the_field_may_start_from_the_pit_lane(out: int, raced: bool) -> None:
    rows = crossings(cars=4)
    lane = pl.when((pl.col("lap") == 1) & pl.col("car_number").is_in(["7", "007", "50"][:out]))
    found = kind_by_clock(rows.with_columns(pit_lane_ms=lane.then(30_000).otherwise("pit_lane_ms")))
    assert (found is SessionKind.RACE) == raced


@pytest.mark.parametrize(
    ("last_ms", "drivers", "kind"),
    [
        (QUALIFYING_MS, ("A",), SessionKind.QUALIFYING),
        (QUALIFYING_MS + 1, ("A",), SessionKind.WARM_UP),
        (QUALIFYING_MS, ("A", "B"), SessionKind.WARM_UP),
        (WARM_UP_MS, ("A", "B"), SessionKind.WARM_UP),
        (WARM_UP_MS + 1, ("A", "B"), SessionKind.PRACTICE),
    ],
)
def test_of_the_others_length_and_drivers_tell(
    last_ms: int, drivers: tuple[str, ...], kind: SessionKind
) -> None:
    rows = crossed(*(("7", lap, 0 if lap == 1 else last_ms) for lap in range(1, len(drivers) + 2)))
    named = [drivers[min(at, len(drivers) - 1)] for at in range(len(rows))]
    assert timed_kind(rows.with_columns(driver=pl.Series(named))) is kind


def test_a_part_without_first_laps_tells_nothing() -> None:
    assert kind_by_clock(crossings().filter(pl.col("lap") > 1)) is None


@settings(deadline=None, max_examples=25)
@given(seed=SEEDS, minutes=st.integers(15, 70))
def test_the_best_lap_that_counts_decides_at_every_instant(seed: int, minutes: int) -> None:
    rows = practised(cars=8, seed=seed)
    race = Race(RaceInfo(name="made up", session_kind=SessionKind.PRACTICE), rows)
    out = pl.col("in_pit").shift(1, fill_value=False).over("car_number")
    counted = rows.filter(
        (pl.col("lap") > 1) & ~pl.col("in_pit") & pl.col("pit_lane_ms").is_null() & ~out
    ).filter(pl.col("known_at_ms") <= minutes * 60_000)
    best = dict(counted.group_by("car_number").agg(pl.col("lap_time_ms").min()).iter_rows())
    seen = race.at(f"0:{minutes:02}:00" if minutes < 60 else f"1:{minutes - 60:02}:00")
    times = [best[car.car_number] for car in seen.cars if car.car_number in best]
    assert times == sorted(times)
    assert [car.car_number in best for car in seen.cars] == sorted(
        (car.car_number in best for car in seen.cars), reverse=True
    )
    for car in seen.cars:
        assert (None if car.best_lap is None else car.best_lap.ms) == best.get(car.car_number)
        if car.best_lap is not None:
            assert car.gap.laps == 0
            assert car.position == 1 or car.gap.time is not None
            assert car.position == 1 or car.gap.time.ms == car.best_lap.ms - times[0]
    assert race.laps["position"].null_count() == len(rows)
    assert race.lead_changes.is_empty()


def test_cars_without_a_time_stand_last_by_their_numbers() -> None:
    rows = crossed(("12", 1, 90_000), ("5", 1, 95_000), ("7", 1, 96_000), ("7", 2, 190_000))
    race = Race(RaceInfo(name="made up", session_kind=SessionKind.QUALIFYING), rows)
    assert race.at(race.end).order == ["7", "5", "12"]
