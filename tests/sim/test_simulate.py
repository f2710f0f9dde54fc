from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dryline.kernels import race_columns as col
from dryline.sim.outcomes import Outcomes
from dryline.sim.params import CLASS_COLUMNS, FieldPlans, PlannedStop, Rain, row
from dryline.sim.simulate import simulate, simulate_path
from tests.made_up.simulated import a_race

SHOWER = Rain(given=np.vstack([np.zeros((15, 3)), np.full((25, 3), 0.8), np.zeros((60, 3))]))


def _same(a: Outcomes, b: Outcomes) -> bool:
    return all(
        np.array_equal(getattr(a, name), getattr(b, name))
        for name in ("laps", "finish_ms", "stops", "retired", "race")
    )


def test_any_number_of_threads_gives_the_same_bits() -> None:
    params, state = a_race(rain=SHOWER)
    one = simulate(params, state, seed=5, replicates=600, threads=1)
    assert _same(one, simulate(params, state, seed=5, replicates=600, threads=3))


def test_the_first_replicates_are_the_same_however_many_follow() -> None:
    params, state = a_race(rain=SHOWER)
    few = simulate(params, state, seed=5, replicates=40)
    many = simulate(params, state, seed=5, replicates=300)
    assert np.array_equal(few.finish_ms, many.finish_ms[:40])


def test_a_run_can_be_split_anywhere() -> None:
    params, state = a_race()
    whole = simulate(params, state, seed=9, replicates=50)
    tail = simulate(params, state, seed=9, replicates=20, first=30)
    assert np.array_equal(whole.finish_ms[30:], tail.finish_ms)


def test_another_seed_gives_another_race() -> None:
    params, state = a_race()
    one = simulate(params, state, seed=1, replicates=5)
    assert not np.array_equal(
        one.finish_ms, simulate(params, state, seed=2, replicates=5).finish_ms
    )


def test_equal_cars_in_one_place_on_the_grid_have_equal_chances() -> None:
    params, state = a_race(fast=6, slow=0, spread=0.0)
    swapped = replace(state, cars=state.cars[::-1].copy())
    wins = simulate(params, state, seed=3, replicates=3000).class_positions() == 1
    others = simulate(params, swapped, seed=3, replicates=3000).class_positions() == 1
    assert np.all(np.abs(wins.mean(axis=0) - others.mean(axis=0)[::-1]) < 0.035)


def test_the_quicker_car_finishes_ahead_more_often() -> None:
    params, state = a_race(spread=0.02)
    place = simulate(params, state, seed=3, replicates=300).class_positions().mean(axis=0)
    assert place[0] + 1.0 < place[5]


def test_shared_luck_sharpens_the_difference_of_two_plans() -> None:
    params, state = a_race(fast=8, slow=8)
    early = FieldPlans.none(16).with_car(2, [PlannedStop(lap=12)])
    late = FieldPlans.none(16).with_car(2, [PlannedStop(lap=16)])
    a = simulate(params, state, early, seed=1, replicates=600)
    b = simulate(params, state, late, seed=1, replicates=600)
    other = simulate(params, state, late, seed=2, replicates=600)

    def time(out: Outcomes) -> np.ndarray:
        return out.finish_ms[:, 2] - 94000.0 * out.laps[:, 2]

    fair = (a.retired[:, 2] + b.retired[:, 2] + other.retired[:, 2]) == 0
    paired = np.var((time(a) - time(b))[fair])
    assert paired < 0.5 * np.var((time(a) - time(other))[fair])


def test_the_flag_falls_at_the_leaders_first_crossing_after_the_time() -> None:
    params, state = a_race(retire_per_h=0.0, trouble_per_h=0.0)
    out = simulate(params, state, seed=4, replicates=200)
    flag = out.race[:, 0]
    assert np.all(flag >= params.length_ms)
    winner = out.order()[:, 0]
    assert np.array_equal(out.finish_ms[np.arange(200), winner], flag)
    assert np.all(out.finish_ms >= flag[:, None])


def test_a_race_over_laps_ends_when_the_leader_has_run_them() -> None:
    params, state = a_race(retire_per_h=0.0)
    out = simulate(replace(params, length_ms=1.0e15, laps=25.0), state, seed=4, replicates=50)
    assert np.all(out.laps.max(axis=1) == 25)


def test_nobody_enters_a_closed_lane() -> None:
    params, state = a_race(hours=3.0, rate=3.0)
    state = replace(state, known=np.array([[1.2e6, 2.2e6, col.FCY]]))
    for replicate in range(5):
        _, path = simulate_path(params, state, seed=2, replicate=replicate)
        pits = path[path[:, col.PATH_IN_PIT] > 0]
        end = pits[:, col.PATH_T_MS]
        entry = end - 0.3 * pits[:, col.PATH_LAP_MS]
        assert not np.any((entry > 1.2e6) & (end < 2.2e6))


def test_a_safety_car_closes_the_field_up() -> None:
    params, state = a_race(
        fast=10, slow=0, hours=1.5, spread=0.03, rate=0.0, retire_per_h=0.0, trouble_per_h=0.0
    )
    held = replace(state, known=np.array([[3.0e6, 4.2e6, col.SAFETY_CAR]]))

    def gap_after(start: object) -> float:
        _, path = simulate_path(
            params, start, FieldPlans.of(10, {}, dict.fromkeys(range(10), 99)), seed=1
        )  # type: ignore[arg-type]
        late = path[(path[:, col.PATH_T_MS] > 4.25e6) & (path[:, col.PATH_T_MS] < 4.4e6)]
        return float(np.ptp(late[:, col.PATH_T_MS]))

    _, path = simulate_path(params, held, seed=1)
    last = path[(path[:, col.PATH_T_MS] < 4.2e6) & (path[:, col.PATH_FLAG] == col.SAFETY_CAR)]
    gaps = np.diff(np.sort(last[last[:, col.PATH_LAP_MS] > 150000.0][-8:, col.PATH_T_MS]))
    assert np.median(gaps) < 4000.0
    assert gap_after(held) > 0.0


def test_team_mates_in_one_box_wait_for_each_other() -> None:
    params, state = a_race(fast=2, slow=0, rate=0.0, retire_per_h=0.0, trouble_per_h=0.0)
    stops = {0: [PlannedStop(lap=10)], 1: [PlannedStop(lap=10)]}
    plans = FieldPlans.of(2, stops)
    apart = simulate(params, state, plans, seed=1, replicates=200)
    shared = params.car.copy()
    shared[:, col.CAR_BOX] = 0.0
    queue = simulate(replace(params, car=shared), state, plans, seed=1, replicates=200)
    lost = 94000.0 * (apart.laps - queue.laps) + queue.finish_ms - apart.finish_ms
    assert lost.max(axis=1).mean() > 15000.0


def test_a_dry_race_sees_no_wet_tyre_and_a_wet_one_does() -> None:
    for rain, expected in ((Rain(), False), (SHOWER, True)):
        params, state = a_race(rain=rain)
        _, path = simulate_path(params, state, seed=1)
        assert bool((path[:, col.PATH_TYRE] > 0).any()) is expected


def test_tyres_change_at_stops_only() -> None:
    params, state = a_race(rain=SHOWER)
    _, path = simulate_path(params, state, seed=6)
    for c in range(params.cars):
        mine = path[path[:, col.PATH_CAR] == c]
        changed = np.flatnonzero(np.diff(mine[:, col.PATH_TYRE]) != 0)
        assert np.all(mine[changed, col.PATH_IN_PIT] > 0)


def test_wets_wait_until_the_track_is_declared_wet() -> None:
    params, state = a_race(rain=replace(SHOWER, declared=2.0))
    _, path = simulate_path(params, state, seed=1)
    assert not (path[:, col.PATH_TYRE] > 0).any()


def test_a_driver_never_exceeds_the_drive_time_allowed_by_more_than_a_stint() -> None:
    params, state = a_race(hours=4.0)
    params.most[:, 0] = 3.6e6
    _, path = simulate_path(params, state, seed=1)
    stint_ms = 21 * 125000.0
    for c in range(params.cars):
        mine = path[(path[:, col.PATH_CAR] == c) & (path[:, col.PATH_DRIVER] == 0)]
        assert mine[:, col.PATH_LAP_MS].sum() < 3.6e6 + stint_ms


def test_the_path_tells_the_same_race_as_the_outcome() -> None:
    params, state = a_race(rain=SHOWER)
    out, path = simulate_path(params, state, seed=8, replicate=3)
    assert np.array_equal(
        out.finish_ms[0], simulate(params, state, seed=8, replicates=4).finish_ms[3]
    )
    for c in range(params.cars):
        mine = path[path[:, col.PATH_CAR] == c]
        assert len(mine) == out.laps[0, c]
        assert mine[-1, col.PATH_T_MS] == out.finish_ms[0, c]


def test_a_planned_stop_is_made_on_its_lap() -> None:
    params, state = a_race(rate=0.0, trouble_per_h=0.0, retire_per_h=0.0)
    plans = FieldPlans.none(12).with_car(4, [PlannedStop(lap=7, standing_ms=20000.0)])
    _, path = simulate_path(params, state, plans, seed=1)
    mine = path[path[:, col.PATH_CAR] == 4]
    assert mine[mine[:, col.PATH_IN_PIT] > 0][0, col.PATH_LAP] == 7


def test_one_car_and_a_class_of_one_are_raced() -> None:
    params, state = a_race(fast=1, slow=0)
    assert simulate(params, state, seed=1, replicates=20).positions().max() == 1
    params, state = a_race(fast=1, slow=3)
    assert simulate(params, state, seed=1, replicates=20).class_positions()[:, 0].max() == 1


def test_a_race_past_its_time_ends_on_the_lap_under_way() -> None:
    params, state = a_race()
    late = state.cars.copy()
    late[:, col.STATE_LAPS], late[:, col.STATE_LAST_MS] = 37.0, 3.65e6
    out = simulate(params, replace(state, cars=late, now_ms=3.66e6), seed=1, replicates=20)
    assert np.all(out.laps - 37 <= 2)


def test_a_car_out_of_the_race_stays_out() -> None:
    params, state = a_race()
    state.cars[3, col.STATE_OUT] = 1.0
    out = simulate(params, state, seed=1, replicates=20)
    assert np.all(out.retired[:, 3] == 1)


def test_an_unknown_column_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="top_speed"):
        row(CLASS_COLUMNS, {"top_speed": 1.0})
