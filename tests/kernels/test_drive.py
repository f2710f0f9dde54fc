"""One lap of one car, trouble on it, and how cars come into the race."""

from __future__ import annotations

import numpy as np
import pytest

from dryline.kernels import race_columns as col
from dryline.kernels.race_state import G_HEAD, G_LEAD_LAPS, G_LEADER, G_LEADER_MS, G_TAIL
from dryline.kernels.random import car_key, normal, uniform
from tests.kernels import called
from tests.kernels.a_grid import KEY, a_control, a_race, neutralised, wetted


def _lap(w: dict[str, float] | None = None, *, wet: float = 0.0, **cls: float) -> float:
    """A lap's time as a share of the driver's pace."""
    race, run = a_race(0, **cls)
    run.cars[0, col.W_AGE] = run.cars[0, col.W_STINT_LAPS] = 9.0
    for name, value in (w or {}).items():
        run.cars[0, getattr(col, f"W_{name.upper()}")] = value
    if wet:
        wetted(run, wet)
    return float(called.green_lap(0, 0, 0.0, race.field.cls, run, KEY)) / 100_000.0


def test_a_lap_takes_the_drivers_pace() -> None:
    assert _lap() == 1.0
    race, run = a_race(0)
    run.pace[0], run.cars[0, col.W_DRIVER] = [100_000.0, 98_000.0], 1.0
    assert called.green_lap(0, 0, 0.0, race.field.cls, run, KEY) == 98_000.0


def test_pace_falls_with_the_stint_and_with_tyres_that_are_older() -> None:
    assert _lap(slope=0.001) == pytest.approx(1.009)
    assert _lap({"age": 19.0}, slope=0.001, wear=0.0002) == pytest.approx(1.011)
    assert _lap({"stint": -0.004}) == pytest.approx(0.996)


@pytest.mark.parametrize(
    ("laps", "loss"), [(0, 0.0), (1, 0.02), (2, 0.005), (4, 0.005), (5, 0.0), (6, 0.0)]
)
def test_tyres_warm_over_the_first_flying_lap_and_three_more(laps: float, loss: float) -> None:
    warm = _lap({"stint_laps": laps, "age": laps}, warm_2=0.02, warm_3=0.005)
    assert warm == pytest.approx(1.0 + loss)


def test_noise_remembers_the_lap_before() -> None:
    z = normal(KEY, 1, col.S_LAP)
    noise = 0.6 * 2.0 + 0.8 * z
    assert _lap({"noise": 2.0}, noise=0.01, noise_rho=0.6) == pytest.approx(1.0 + 0.01 * noise)


def test_some_laps_are_slow() -> None:
    u = uniform(KEY, 1, col.S_TAIL)
    assert _lap(slow_p=u, slow_mean=0.05) == 1.0
    p = min(1.0, 2.0 * u)
    assert _lap(slow_p=p, slow_mean=0.05) == pytest.approx(1.0 - 0.05 * np.log(u / p))


@pytest.mark.parametrize(("age", "cold"), [(0.0, 0.1 * 0.4), (1.0, 0.0)])
def test_water_costs_slicks_and_cold_ones_more(age: float, cold: float) -> None:
    assert _lap({"age": age, "stint_laps": 0.0}, wet=0.4, cold=0.1) == pytest.approx(
        1.0 + 0.5 * 0.16 + cold
    )


def test_wets_are_slow_on_a_dry_track() -> None:
    assert _lap({"tyre": 1.0}) == pytest.approx(1.06)


def test_on_a_dry_lap_no_sector_loses_to_water() -> None:
    race, run = a_race(0)
    run.losses[:] = 1.0
    called.green_lap(0, 0, 0.0, race.field.cls, run, KEY)
    assert run.losses.tolist() == [0.0, 0.0, 0.0]


U = uniform(KEY, 1, col.S_INCIDENT)


@pytest.mark.parametrize(
    ("retire", "trouble", "penalty", "lost", "owed"),
    [
        (U - 1e-9, 0.0, 0.0, 0.0, 0.0),
        (U + 1e-9, 0.0, 0.0, -1.0, 0.0),
        (0.3 * U, 0.7 * U - 1e-9, 0.0, 0.0, 0.0),
        (0.3 * U, 0.7 * U + 1e-9, 0.0, np.exp(9.0), 0.0),
        (0.3 * U, 0.3 * U, 0.4 * U - 1e-9, 0.0, 0.0),
        (0.3 * U, 0.3 * U, 0.4 * U + 1e-9, 0.0, 1.0),
    ],
)
def test_one_draw_says_retirement_trouble_penalty_or_nothing(
    retire: float, trouble: float, penalty: float, lost: float, owed: float
) -> None:
    per_h = {"retire_per_h": retire, "trouble_per_h": trouble, "penalty_per_h": penalty}
    race, run = a_race(0, trouble_mu=9.0, **per_h)
    assert called.incident(0, 0, 3.6e6, race.field, run, KEY) == pytest.approx(lost)
    assert run.cars[0, col.W_PENALTY] == owed


def test_a_car_and_a_race_have_their_own_rates() -> None:
    race, run = a_race(0, car={"retire_x": 2.0}, retire_per_h=0.45 * U)
    assert called.incident(0, 0, 3.6e6, race.field, run, KEY) == 0.0
    run.luck[0] = 1.2
    assert called.incident(0, 0, 3.6e6, race.field, run, KEY) == -1.0


def _run(race: object, run: object, *, t: float = 0.0, leads: bool = False, c: int = 0) -> float:
    called.run_lap(c, t, leads, -1.0, race, run, KEY)
    return float(run.cars[c, col.W_NEXT])  # type: ignore[attr-defined]


def test_a_green_lap_goes_into_the_queue() -> None:
    race, run = a_race(0)
    assert _run(race, run, t=5_000.0) == 105_000.0
    assert run.cars[0, [col.W_START, col.W_BURN, col.W_CRAWL]].tolist() == [5_000.0, 1.0, 0.0]
    assert run.whole[G_TAIL] - run.whole[G_HEAD] == 1.0


def test_a_slow_lap_burns_less() -> None:
    race, run = a_race(0)
    neutralised(run, (0.0, 9e5, col.FCY))
    assert _run(race, run) == 200_000.0
    assert run.cars[0, col.W_BURN] == 0.5
    race, run = a_race(0)
    neutralised(run, (0.0, 100_000.0, col.FCY))
    assert _run(race, run) == 150_000.0
    assert run.cars[0, col.W_BURN] == 0.75


def test_a_lap_in_the_wet_burns_by_its_pace() -> None:
    race, run = a_race(0)
    wetted(run, 0.4)
    end = _run(race, run)
    assert run.cars[0, col.W_BURN] == pytest.approx(100_000.0 / end)


def test_behind_the_safety_car_the_leader_leads_and_the_others_catch_up() -> None:
    race, run = a_race(0, 0)
    neutralised(run, (0.0, 9e5, col.SAFETY_CAR))
    assert _run(race, run, leads=True) == 190_000.0
    assert _run(race, run, t=40_000.0, c=1) == 191_500.0  # holds station
    race, run = a_race(0)
    neutralised(run, (0.0, 9e5, col.SAFETY_CAR))
    assert _run(race, run, t=100_000.0) == 240_000.0


def test_whoever_boxes_nobody_crosses_before_the_safety_car() -> None:
    """The leader takes the lane: the car behind him is at the head, but not faster for it."""
    race, run = a_race(0, 0, stops=((1.0, -1.0, -1.0, -1.0, -1.0),))
    neutralised(run, (500.0, 9e5, col.SAFETY_CAR))
    _run(race, run, t=1_000.0, leads=True)
    run.cars[0, col.W_LANE] = 1.0
    assert _run(race, run, t=3_000.0, c=1) == 191_000.0
    run.whole[G_TAIL] = run.whole[G_HEAD]
    assert _run(race, run, t=192_000.0, c=1) == 381_000.0
    run.whole[G_TAIL] = run.whole[G_HEAD]
    assert _run(race, run, t=600.0, c=1) == 140_600.0  # ahead of it on the road: it catches up


def test_the_leaders_lap_runs_on_green_once_the_safety_car_is_in() -> None:
    race, run = a_race(0)
    neutralised(run, (0.0, 95_000.0, col.SAFETY_CAR))
    assert _run(race, run, leads=True) == 95_000.0 + 50_000.0


def test_under_a_full_course_yellow_nobody_holds_station() -> None:
    race, run = a_race(0, 0, control=a_control())
    neutralised(run, (0.0, 9e5, col.FCY))
    assert _run(race, run) == 200_000.0
    assert _run(race, run, t=100.0, c=1) == 200_100.0


def test_a_car_in_trouble_crawls_and_one_that_retires_is_out() -> None:
    race, run = a_race(0, trouble_per_h=1e6, trouble_mu=10.0)
    assert _run(race, run) == pytest.approx(100_000.0 + np.exp(10.0))
    assert run.cars[0, col.W_CRAWL] == 1.0
    race, run = a_race(0, retire_per_h=1e6)
    _run(race, run)
    assert run.cars[0, col.W_OUT] == 1.0
    assert run.whole[G_TAIL] == 0.0


@pytest.mark.parametrize("now", [99_999.0, 100_000.0])
def test_no_lap_under_way_ends_in_the_past(now: float) -> None:
    race, run = a_race(0)
    called.run_lap(0, 0.0, False, now, race, run, KEY)
    late = now + 1_000.0 * uniform(KEY, 0, col.S_RACE)
    assert run.cars[0, col.W_NEXT] == (100_000.0 if now < 100_000.0 else late)


def test_a_silent_car_stands_somewhere() -> None:
    race, run = a_race(0, car={"wait_ms": 60_000.0}, now_ms=1e6)
    called.start_lap(0, race, run, KEY)
    assert run.cars[0, col.W_NEXT] == 1e6 - 60_000.0 * np.log(uniform(KEY, 1, col.S_GONE))
    assert run.cars[0, col.W_CRAWL] == 1.0


@pytest.mark.parametrize(("now", "release"), [(30_000.0, 40_000.0), (50_000.0, 52_000.0)])
def test_a_car_in_the_lane_is_released_when_it_is_done_but_not_in_the_past(
    now: float, release: float
) -> None:
    race, run = a_race(0, state={"in_lane": 1.0}, now_ms=now)
    run.cars[0, [col.W_LAPS, col.W_FUEL]] = 3.0, 6.0
    called.start_lap(0, race, run, KEY)
    assert run.cars[0, [col.W_NEXT, col.W_LANE, col.W_LAPS]].tolist() == [release, 1.0, 3.0]


def test_cars_start_as_they_are_found() -> None:
    found = {
        "laps": 7.0, "last_ms": 9e5, "tyre": 1.0, "tyre_age": 4.0, "fuel": 11.0, "driver": 1.0,
        "stops": 2.0, "stint_laps": 3.0, "stint_pace": 0.002, "penalty_ms": 5.0,
    }  # fmt: skip
    race, run = a_race(0, state=found, stops=((7.0, 0, 0, 0, 0), (8.0, 0, 0, 0, 0)))
    race.start.drive[0], race.plans.allowed[0] = [1e5, 2e5], 12.0
    run.cars[:] = 77.0
    called.start_cars(race, run, KEY)
    w = run.cars[0]
    assert w[[col.W_LAPS, col.W_LAST, col.W_START]].tolist() == [7.0, 9e5, 9e5]
    assert w[[col.W_TYRE, col.W_AGE, col.W_FUEL, col.W_DRIVER]].tolist() == [1.0, 4.0, 11.0, 1.0]
    assert w[[col.W_STOPS, col.W_STINT_LAPS, col.W_STINT]].tolist() == [2.0, 3.0, 0.002]
    assert w[[col.W_PENALTY, col.W_ALLOWED_LAP, col.W_LANE]].tolist() == [5.0, 12.0, 0.0]
    assert w[col.W_PLAN] == 1.0  # the stop of lap 7 is behind it
    assert run.drive[0].tolist() == [1e5, 2e5]


def test_a_fuller_tank_than_the_cars_range_is_not_believed_and_doubt_moves_both() -> None:
    race, run = a_race(0, car={"range_sd": 0.5}, state={"fuel": 30.0})
    called.start_cars(race, run, KEY)
    full = 20.0 + 0.5 * normal(np.uint64(car_key(KEY, 0)), 1, col.S_RACE)
    assert run.cars[0, col.W_RANGE] == full
    assert run.cars[0, col.W_FUEL] == pytest.approx(full + (full - 20.0))


def test_no_car_goes_less_than_three_laps() -> None:
    race, run = a_race(0, car={"range": 2.9})
    called.start_cars(race, run, KEY)
    assert run.cars[0, col.W_RANGE] == 3.0


def test_drivers_paces_are_drawn_together() -> None:
    race, run = a_race(0)
    race.field.pace[0] = [0.01, 0.02]
    race.field.chol[0] = [[0.003, 9.9], [0.001, 0.002]]
    called.start_cars(race, run, KEY)
    one, two = (normal(np.uint64(car_key(KEY, 0)), d, col.S_PACE) for d in (0, 1))
    assert run.pace[0] == pytest.approx(
        [1e5 * (1.01 + 0.003 * one), 1e5 * (1.02 + 0.001 * one + 0.002 * two)]
    )


@pytest.mark.parametrize(("more", "out"), [(-1e-9, 0.0), (1e-9, 1.0)])
def test_a_silent_car_is_gone_as_often_as_told(more: float, out: float) -> None:
    u = uniform(np.uint64(car_key(KEY, 0)), 0, col.S_GONE)
    race, run = a_race(0, car={"gone_p": u + more})
    called.start_cars(race, run, KEY)
    assert run.cars[0, col.W_OUT] == out


def test_the_leaders_at_the_start_have_most_laps_and_then_crossed_first() -> None:
    race, run = a_race(0, 0, 1, 1)
    race.start.state[:, col.STATE_LAPS] = [5.0, 5.0, 4.0, 5.0]
    race.start.state[:, col.STATE_LAST_MS] = [300.0, 200.0, 100.0, 400.0]
    run.whole[G_LEADER_MS] = 1e15
    called.start_cars(race, run, KEY)
    assert run.lead.tolist() == [[5.0, 1.0], [5.0, 3.0]]
    assert run.whole[[G_LEADER, G_LEAD_LAPS, G_LEADER_MS]].tolist() == [1.0, 5.0, 200.0]
