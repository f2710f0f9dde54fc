"""The parts of advice: which calls are offered, what they are worth, how they are ranked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from dryline.domain.errors import BadOption
from dryline.sim.outcomes import Outcomes
from dryline.sim.params import RaceParams, Rain, SimState
from dryline.strategy.candidates import LATEST, Candidate, Situation, candidates
from dryline.strategy.evaluate import STOPPED, Ranking, mean_se, rank
from dryline.strategy.futures import Futures
from dryline.strategy.utility import SimulatedFinishes, Utility
from tests.made_up.simulated import a_race

MID = Situation(
    lap=40, fuel_laps=18.0, range_laps=30.0, laps_to_go=90.0, may_stop=True,
    tyres=("usual",),
)  # fmt: skip


def futures(**changes: float) -> Futures:
    params, state = a_race(**changes)  # type: ignore[arg-type]
    return _of(params, state)


def _of(params: RaceParams, state: SimState, car: int = 2) -> Futures:
    names = tuple(str(c) for c in range(params.cars))
    return Futures(params, state, ("HYPERCAR", "LMGT3"), names, car, None, False, 1)


@given(
    fuel=some.floats(1, 40),
    togo=some.floats(1, 300),
    may_stop=some.booleans(),
    tyres=some.sampled_from([("usual",), ("slick", "wet"), ("wet", "slick"), ("wet",)]),
    held=some.sampled_from(["slick", "wet", "inter"]),
)
def test_no_stop_is_ever_offered_through_a_closed_entry_or_beyond_the_range(
    fuel: float, togo: float, may_stop: bool, tyres: tuple[str, ...], held: str
) -> None:  # fmt: skip
    now = Situation(40, fuel, 30.0, togo, may_stop, tyres, held)
    found = candidates(now)
    assert found
    assert len({each.key for each in found}) == len(found)
    for each in found:
        if each.action == "box":
            assert each.laps_ahead is not None
            assert 0 <= each.laps_ahead <= LATEST
            assert each.laps_ahead <= max(0.0, fuel - 1.0)
            assert may_stop


def test_a_car_that_reaches_the_flag_may_stay_to_it_and_one_on_its_last_lap_may_not_box() -> None:
    reaches = candidates(replace(MID, laps_to_go=15.0))
    assert reaches[0].until == "flag"
    assert [each.action for each in candidates(replace(MID, laps_to_go=1.0))] == ["stay"]


def test_a_stop_that_saving_may_spare_is_offered_as_saving() -> None:
    found = candidates(replace(MID, laps_to_go=19.2))
    assert "save" in [each.action for each in found]
    assert "save" not in [each.action for each in candidates(MID)]


def test_without_fuel_for_another_lap_staying_out_is_no_choice() -> None:
    found = candidates(replace(MID, fuel_laps=1.4))
    assert {each.action for each in found} == {"box"}
    assert {each.laps_ahead for each in found} == {0}


def test_tyres_are_a_question_in_the_wet_only() -> None:
    dry = candidates(MID)
    wet = candidates(replace(MID, tyres=("slick", "wet")))
    assert {each.tyres for each in dry if each.action == "box"} == {"usual"}
    assert {each.tyres for each in wet if each.action == "box"} == {"slick", "wet", "keep"}
    assert any(each.fuel == "none" and each.tyres == "wet" for each in wet)


def test_a_utility_knows_its_unit_and_refuses_what_it_does_not_know() -> None:
    finish = SimulatedFinishes(
        np.array([1.0, 3.0, 7.0]), np.array([0.0, 5.0, 9.0]), np.array([0, 0, 1]) > 0
    )
    assert Utility("win").of(finish).tolist() == [1, 0, 0]
    assert Utility("podium").of(finish).tolist() == [1, 1, 0]
    assert Utility("position").of(finish).tolist() == [-1, -3, -7]
    assert Utility("points", (25.0, 18.0, 15.0)).of(finish).tolist() == [25, 15, 0]
    with pytest.raises(BadOption, match="--utility"):
        Utility("glory")


def test_a_finish_counts_places_in_class_and_a_lap_more_as_its_time() -> None:
    out = Outcomes(
        laps=np.array([[10, 11, 10, 10]], np.int32),
        finish_ms=np.array([[1000.0e3, 1010.0e3, 990.0e3, 900.0e3]]),
        stops=np.zeros((1, 4), np.int32),
        retired=np.zeros((1, 4), np.int8),
        race=np.zeros((1, 4)),
        car_class=np.array([0, 0, 0, 1]),
    )
    places = [SimulatedFinishes.of(out, car, 90.0e3).place[0] for car in range(4)]
    assert places == [3, 1, 2, 1]
    seconds = [SimulatedFinishes.of(out, car, 90.0e3).seconds[0] for car in range(3)]
    assert seconds[0] - seconds[1] == pytest.approx(80.0)


def test_a_standard_error_counts_the_blocks_that_share_a_future() -> None:
    values = np.repeat(np.random.default_rng(1).normal(size=50), 8)
    alone, shared = mean_se(values, 1), mean_se(values, 8)
    assert shared.value == pytest.approx(alone.value)
    assert shared.se == pytest.approx(alone.se * 8**0.5, rel=0.05)
    holed = values.copy()
    holed[::3] = np.nan
    assert np.isfinite(mean_se(holed, 8).se)


def ranked(there: Futures, replicates: int = 256, **more: object) -> Ranking:
    now = replace(MID, lap=1, fuel_laps=20.0, laps_to_go=38.0)
    return rank(
        there, candidates(now), Utility("seconds"), replicates=replicates, seed=5, **more  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_ranking_is_the_same_for_any_number_of_threads_and_the_same_seed() -> None:
    there = futures()
    one, again, two = ranked(there), ranked(there), ranked(there, threads=2)
    for other in (again, two):
        assert [each.key for each in other.order] == [each.key for each in one.order]
        for key, finish in one.finishes.items():
            assert np.array_equal(other.finishes[key].seconds, finish.seconds)


def test_common_luck_makes_a_difference_far_surer_than_its_parts() -> None:
    found = ranked(futures(retire_per_h=0.0))
    call, second = found.call, found.runner_up
    assert second is not None
    gap = found.margin(call, second)
    apart = (found.worth(call).se ** 2 + found.worth(second).se ** 2) ** 0.5
    assert gap.se < 0.6 * apart


def test_more_replicates_never_change_a_clear_ranking_beyond_its_error() -> None:
    there = futures()
    few, many = ranked(there, 128), ranked(there, 512)
    for each in few.order[1:]:
        was = few.margin(few.order[0], each)
        now = many.margin(few.order[0], each)
        assert abs(was.value - now.value) <= 4.0 * (was.se**2 + now.se**2) ** 0.5


def test_the_comparison_says_why_it_stopped() -> None:
    there = futures()
    assert ranked(there, 64, out_of_time=lambda: True).stopped == STOPPED[1]
    assert ranked(there, 512, out_of_time=lambda: True).stopped == STOPPED[2]
    assert ranked(there, 512).stopped in STOPPED[:2]


def _level_field() -> tuple[RaceParams, SimState]:
    params, state = a_race(6, 2, spread=0.0, retire_per_h=0.0, trouble_per_h=0.0)
    cars = state.cars.copy()
    cars[:6, 1] = cars[0, 1]
    return params, replace(state, cars=cars)


def test_cars_alike_in_everything_get_advice_alike() -> None:
    params, state = _level_field()
    now = replace(MID, lap=1, fuel_laps=20.0, laps_to_go=38.0)
    asked = candidates(now)
    pair = [
        rank(_of(params, state, car), asked, Utility("seconds"), replicates=256, seed=car)
        for car in (1, 4)
    ]
    call = pair[0].call
    for each in asked:
        if each.key == call.key:
            continue
        one, other = (found.margin_s(call, each) for found in pair)
        assert abs(one.value - other.value) <= 4.0 * (one.se**2 + other.se**2) ** 0.5


def test_on_a_soaked_track_wets_beat_slicks_and_on_a_dry_one_they_lose() -> None:
    stops = [Candidate(f"box+0:{kind}", "box", 1, kind, "full", 0) for kind in ("slick", "wet")]
    soaked = Rain(given=np.full((200, 3), 0.8), gain_per_min=0.2, dry_per_min=0.02)
    for rain, best in ((soaked, "wet"), (Rain(), "slick")):
        params, state = a_race(rain=rain)
        particles = np.array([[0.7, 0.7, 0.7, 0.0]]) if rain is soaked else state.particles
        there = _of(params, replace(state, particles=particles))
        found = rank(there, stops, Utility("seconds"), replicates=128, seed=3)
        assert found.call.tyres == best
        gap = found.margin(found.order[0], found.order[1])
        assert gap.value > 3.0 * gap.se
