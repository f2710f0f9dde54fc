"""Generate and recover: what the simulator is told can be measured again in what it makes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from dryline.kernels import race_columns as col
from dryline.kernels.race_state import Surface
from dryline.kernels.race_weather import fill_wetness
from dryline.kernels.random import replicate_key
from dryline.sim.params import RaceParams, Rain, SimState
from dryline.sim.simulate import simulate_path
from tests.made_up.simulated import a_race

Floats = NDArray[np.float64]
STILL = {
    "noise": 0.0, "slow_p": 0.0, "stint_sd": 0.0, "retire_per_h": 0.0, "trouble_per_h": 0.0,
    "early": 0.0, "driver_p": 0.0,
}  # fmt: skip


def _endless(fast: int, slow: int, **changes: float) -> tuple[RaceParams, SimState]:
    """Cars that need not stop, without neutralisations and without doubt about their paces."""
    params, state = a_race(fast, slow, hours=2.0, rate=0.0, spread=0.0, **{**STILL, **changes})
    car, cars = params.car.copy(), state.cars.copy()
    car[:, col.CAR_RANGE], car[:, col.CAR_RANGE_SD] = 1.0e4, 0.0
    cars[:, col.STATE_FUEL] = 1.0e4
    return replace(params, car=car, chol=np.zeros_like(params.chol)), replace(state, cars=cars)


def _log(path: Floats, car: int) -> Floats:
    return path[path[:, col.PATH_CAR] == car]


def _attempts(pass_ms: float, advantage_ms: float, replicates: int) -> list[tuple[float, bool]]:
    """Each lap on which the car behind would have come past: by how much, and whether it did."""
    params, state = _endless(2, 0, pass_ms=pass_ms)
    pace = params.pace.copy()
    pace[0, :] = advantage_ms / params.cls[0, col.CLASS_BASE_MS]
    params = replace(params, pace=pace)
    found = []
    for replicate in range(replicates):
        _, path = simulate_path(params, state, seed=3, replicate=replicate)
        ahead, behind = (_log(path, c)[:, col.PATH_T_MS] for c in (0, 1))
        for lap in range(1, min(len(ahead), len(behind))):
            gap = behind[lap - 1] - ahead[lap - 1]
            if gap < 0.0:
                break
            if advantage_ms > gap:
                found.append((advantage_ms - gap, bool(behind[lap] < ahead[lap])))
    return found


@pytest.mark.parametrize("pass_ms", [1500.0, 3500.0, 6000.0])
def test_the_rate_of_passing_that_goes_in_comes_out(pass_ms: float) -> None:
    rows = _attempts(pass_ms, 1400.0, 400)
    by = np.array([x for x, _ in rows])
    did = np.array([passed for _, passed in rows])

    def surprise(log_scale: float) -> float:
        p = 1.0 - np.exp(-by / np.exp(log_scale))
        return float(-np.log(np.where(did, p, 1.0 - p)).sum())

    told = float(np.exp(minimize_scalar(surprise, bounds=(5.0, 11.0), method="bounded").x))
    assert did.sum() > 100
    error = 1.0 / np.sqrt(did.sum())
    assert told == pytest.approx(pass_ms, rel=3.5 * error)


def test_the_price_of_a_slower_car_that_goes_in_comes_out() -> None:
    params, state = _endless(1, 1)
    lost, met = 0.0, 0
    for replicate in range(40):
        _, path = simulate_path(params, state, seed=5, replicate=replicate)
        fast, slow = _log(path, 0), _log(path, 1)
        lost += float((fast[1:, col.PATH_LAP_MS] - 94000.0).sum())
        at = np.searchsorted(slow[:, col.PATH_T_MS], fast[[0, -1], col.PATH_T_MS])
        met += (len(fast) - 1) - int(at[1] - at[0])
    assert met > 200
    assert lost / met == pytest.approx(params.cost[0, 1], rel=0.08)


def test_the_rate_and_the_price_of_penalties_that_go_in_come_out() -> None:
    rate = 0.4
    params, state = _endless(4, 4, penalty_per_h=rate)
    far = replace(params, cost=np.zeros((2, 2)))
    served, hours, lost = 0, 0.0, []
    for replicate in range(60):
        _, path = simulate_path(far, state, seed=7, replicate=replicate)
        for c in range(8):
            log = _log(path, c)
            at = np.flatnonzero(log[:-1, col.PATH_IN_PIT])
            served += len(at)
            hours += float(log[:, col.PATH_GREEN_MS].sum()) / 3.6e6
            base = 94000.0 if c < 4 else 105000.0
            lost.extend(log[at, col.PATH_LAP_MS] + log[at + 1, col.PATH_LAP_MS] - 2.0 * base)
    assert served / hours == pytest.approx(rate, abs=4.0 * np.sqrt(rate / hours))
    assert np.median(lost) == pytest.approx(params.cls[0, col.CLASS_TRANSIT_MS], rel=0.03)


def test_showers_and_drying_that_go_in_come_out_of_the_wetness() -> None:
    onset, end, gain, drying = 0.8, 3.0, 0.2, 0.05
    rain = Rain(
        gain_per_min=gain, dry_per_min=drying, dry_log_sd=0.0, reach_spread=0.0,
        rates=np.array([[0.0, onset, 0.0], [end, 0.0, 0.0], [0.0, 0.0, 0.0]]),
    )  # fmt: skip
    starts = dry_min = rain_min = 0
    rates: list[float] = []
    for replicate in range(150):
        wet = _wetness(rain, replicate)
        before, after = wet[:-1], wet[1:]
        fell = (after - before * (1.0 - drying) + 0.001 * (before > 0.0)) / (1.0 - before)
        raining = fell > 1.0e-6 + 0.001 * (after == 0.0)
        falling = ~raining & (after > 0.0)
        rates.extend(-(after - before + 0.001)[falling] / before[falling])
        starts += int((raining[1:] & ~raining[:-1]).sum())
        rain_min += int(raining[:-1].sum())
        dry_min += int((~raining[:-1]).sum())
    assert starts > 500
    assert 60.0 * starts / dry_min == pytest.approx(onset, rel=0.12)
    assert rain_min / starts == pytest.approx(60.0 / end, rel=0.12)
    assert np.median(rates) == pytest.approx(drying, rel=0.01)


def _wetness(rain: Rain, replicate: int, minutes: int = 600) -> Floats:
    surface = Surface(np.zeros((minutes, 3)), np.zeros(minutes, np.int8))
    key = np.uint64(replicate_key(11, replicate))
    fill_wetness(rain.tables(np.zeros((1, 4))), 0, 0, surface, key)
    return surface.wet[:, 0]


def test_nobody_holds_station_behind_a_car_that_stands_somewhere() -> None:
    params, state = _endless(5, 0)
    car = params.car.copy()
    car[4, col.CAR_WAIT_MS] = 3.0e6
    cars = state.cars.copy()
    cars[:, col.STATE_LAPS] = 20.0
    cars[:, col.STATE_LAST_MS] += 1.9e6
    known = np.array([[1.8e6, -1.0, float(col.SAFETY_CAR)]])
    silent = replace(params, car=car)
    behind = replace(state, now_ms=1.91e6, cars=cars, known=known)
    for replicate in range(20):
        outcome, _ = simulate_path(silent, behind, seed=9, replicate=replicate)
        assert np.ptp(outcome.laps[0, :4]) <= 1


def test_the_gaps_of_the_queue_that_go_in_come_out_within_and_between_classes() -> None:
    params, state = _endless(6, 6)
    neu = params.neu.copy()
    neu[col.SAFETY_CAR, [col.NEU_GAP_MS, col.NEU_SPLIT, col.NEU_WAVE_MS]] = 1000.0, 0.8, 0.0
    held = replace(state, known=np.array([[6.0e5, 3.6e6, float(col.SAFETY_CAR)]]))
    _, path = simulate_path(replace(params, neu=neu), held, seed=4)
    late = path[(path[:, col.PATH_T_MS] > 3.0e6) & (path[:, col.PATH_T_MS] < 3.5e6)]
    late = late[np.argsort(late[:, col.PATH_T_MS])]
    gaps, fast = np.diff(late[:, col.PATH_T_MS]), late[:, col.PATH_CAR] < 6
    nose_to_tail = gaps < 5000.0
    own = gaps[nose_to_tail & (fast[1:] == fast[:-1])]
    other = gaps[nose_to_tail & (fast[1:] != fast[:-1])]
    assert len(own) >= 8
    assert len(other) >= 2
    assert np.allclose(own, 1000.0, atol=2.0)
    assert np.allclose(other, 200.0, atol=2.0)
