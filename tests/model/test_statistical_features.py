"""What is read of a race at an instant: right on made-up races, and blind to the future."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.model.crew.history import pool_crews, race_crews
from dryline.model.crew.to_come import crew_columns
from dryline.model.crew.wheel import wheel_of
from dryline.model.designs import car_design, pair_design, pairs
from dryline.model.features import ClassState, class_states
from dryline.model.ratings import NO_RATINGS, pool, race_ratings, rating_columns
from dryline.model.running import Running, running_at
from tests.made_up.steady import steady_race

RACE = steady_race({"GTP": ["1", "02", "3", "4"], "GTD": ["7", "007", "9"]})


WHOLE = wheel_of(running_at(RACE, 10**9), 7200.0)
TAUGHT = pool_crews([race_crews("another", WHOLE, "imsa", 2023)])


def _states(crossings: pl.DataFrame, at_s: float, length_s: float = 7200.0) -> list[ClassState]:
    return class_states(running_at(crossings, round(at_s * 1000)), length_s)


def _designs(running: Running) -> list[np.ndarray]:
    out = []
    crews = crew_columns(wheel_of(running, 7200.0), TAUGHT, "imsa", 2024)
    for state in class_states(running, 7200.0):
        ratings, crew = rating_columns(state, NO_RATINGS, "imsa", 2024), crews[state.car_class]
        out += [car_design(state, ratings, crew), pair_design(state, ratings, crew, "imsa"), crew]
    return out


@settings(max_examples=15, deadline=None)
@given(at_s=st.integers(60, 7000), seed=st.integers(0, 1000))
def test_nothing_after_the_instant_changes_what_is_read(at_s: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    later = pl.col("elapsed_ms") > at_s * 1000
    noise = pl.Series(random.integers(1, 400_000, RACE.height))
    spoiled = RACE.with_columns(
        lap_time_ms=pl.when(later).then(noise).otherwise(pl.col("lap_time_ms")),
        elapsed_ms=pl.when(later).then(at_s * 1000 + noise).otherwise(pl.col("elapsed_ms")),
        flag=pl.when(later).then(pl.lit("red")).otherwise(pl.col("flag")),
        in_pit=pl.when(later).then(True).otherwise(pl.col("in_pit")),
        driver=pl.when(later).then(pl.lit("Somebody Else")).otherwise(pl.col("driver")),
    )
    cut = RACE.filter(~later)
    for other in (spoiled, cut):
        designs = [_designs(running_at(race, at_s * 1000)) for race in (RACE, other)]
        for a, b in zip(*designs, strict=True):
            assert np.array_equal(a, b)


def test_the_gap_is_the_time_since_the_leader_did_the_same_lap() -> None:
    state = next(s for s in _states(RACE, 1500) if s.car_class == "GTP")
    known = RACE.filter(pl.col("elapsed_ms") <= 1_500_000)
    last = known.filter(pl.col("car_number") == state.cars[1]).tail(1)
    lead = known.filter((pl.col("car_number") == state.cars[0]) & (pl.col("lap") == last["lap"][0]))
    expected = (last["elapsed_ms"][0] - lead["elapsed_ms"][0]) / 1000
    assert state.gap_s[0] == 0.0
    assert state.gap_s[1] == pytest.approx(expected)


def test_a_car_laps_down_is_behind_by_whole_laps_at_green_pace() -> None:
    race = steady_race({"GTP": ["1", "2"]}, fcy_s=None, stint_laps=None)
    slow = race.filter((pl.col("car_number") == "1") | (pl.col("lap") <= 20))
    (state,) = _states(slow, 2800)
    assert state.gap_s[1] > 8 * state.lap_s
    assert state.away_s[1] > 7 * state.lap_s


def test_faster_cars_have_the_lower_pace_and_car_numbers_stay_text() -> None:
    state = next(s for s in _states(RACE, 5000) if s.car_class == "GTP")
    assert set(state.cars) == {"1", "02", "3", "4"}
    by_car = dict(zip(state.cars, state.pace_long, strict=True))
    assert by_car["1"] < by_car["3"] < by_car["4"]


def test_fuel_runs_down_with_laps_and_is_full_after_a_stop() -> None:
    race = steady_race({"GTP": ["1", "2"]}, fcy_s=None)
    before = next(iter(_states(race, 90 * 24)))
    after = next(iter(_states(race, 90 * 25 + 5)))
    assert before.fuel_s.max() < 0.45 * before.range_s
    assert after.fuel_s.max() == after.range_s
    assert after.in_pit.any()


def test_a_neutralisation_that_lasts_is_seen_and_its_laps_are_not_pace() -> None:
    running = running_at(RACE, 2_300_000)
    assert running.neutralised_now
    assert not running_at(RACE, 4_000_000).neutralised_now
    for car in running_at(RACE, 7_200_000).cars:
        assert not (car.clean & car.slow).any()


def test_without_flags_slow_laps_tell_of_the_neutralisation() -> None:
    bare = RACE.with_columns(flag=pl.lit(None, dtype=pl.String))
    assert running_at(bare, 2_400_000).neutralised_now
    assert not running_at(bare, 4_000_000).neutralised_now


def test_pairs_turn_their_sign_when_the_cars_change_places() -> None:
    state = next(s for s in _states(RACE, 5000) if s.car_class == "GTD")
    ratings = rating_columns(state, NO_RATINGS, "imsa", None)
    ahead, behind = pairs(state.size)
    assert (ahead < behind).all()
    gap = pair_design(state, ratings, np.zeros((state.size, 6)), "imsa")[:, 0]
    assert (gap >= 0).all()
    assert gap.max() > 0


def test_a_starter_that_never_crossed_is_last_and_without_laps() -> None:
    running = running_at(RACE, 3_000_000, {"99": "GTD", "7": "GTD"})
    state = next(s for s in class_states(running, 7200.0) if s.car_class == "GTD")
    assert state.cars[-1] == "99"
    assert state.laps[-1] == 0
    assert all(np.isfinite(d).all() for d in _designs(running))


def test_a_team_that_won_elsewhere_is_rated_ahead_and_leaving_out_forgets_it() -> None:
    whole = running_at(RACE, 10**9)
    shown = [race_ratings("a", whole, "imsa", 2024), race_ratings("b", whole, "imsa", 2023)]
    state = next(s for s in _states(RACE, 3000) if s.car_class == "GTP")
    table = dict(
        zip(state.cars, rating_columns(state, pool(shown), "imsa", 2024)[:, 1], strict=True)
    )
    assert table["1"] < table["02"] < table["4"]
    one = rating_columns(state, pool(shown, leave_out="b"), "imsa", 2024)
    only = rating_columns(state, pool(shown[:1]), "imsa", 2024)
    assert np.array_equal(one, only)
