"""Joint pace: what was put into a made-up race is found again, and the interval says how well."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.analysis.pace.joint import JointPriors, Turns, joint_pace

QUARTERS, CARS, PER_CAR = 24, 6, 3


def _turns(
    seed: int, effects: np.ndarray | None = None, noise: float = 1.0
) -> tuple[Turns, np.ndarray]:
    """A race of two classes of six cars, three drivers each taking their quarters in turn, drawn
    from the priors; the amateurs, first of every crew, drive the first third. ``effects`` (36,)
    replaces the drawn worth of the drivers, which is returned.
    """
    random, p = np.random.default_rng(seed), JointPriors()
    cars = 2 * CARS
    car_class = np.repeat([0, 1], CARS)
    true = p.driver_sd * random.standard_normal(cars * PER_CAR) if effects is None else effects
    own = p.car_sd * random.standard_normal(cars)
    quarter = p.quarter_sd * random.standard_normal(QUARTERS)
    beside = p.class_quarter_sd * random.standard_normal((2, QUARTERS))
    car, at = (x.ravel() for x in np.meshgrid(np.arange(cars), np.arange(QUARTERS), indexing="ij"))
    driver = car * PER_CAR + at * PER_CAR // QUARTERS
    laps = random.integers(3, 9, len(car)).astype(float)
    sd = noise * np.sqrt(p.turn_sd**2 + p.lap_sd**2 / laps)
    log_s = np.array([4.5, 4.7])[car_class[car]] + quarter[at] + beside[car_class[car], at]
    log_s = log_s + own[car] + true[driver] + sd * random.standard_normal(len(car))
    turns = Turns(log_s, laps, at, car, driver, car_class, np.repeat(car_class, PER_CAR))
    return turns, true


def _centred(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    return values - np.array([values[groups == g].mean() for g in groups])


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_drivers_lie_within_their_intervals_and_no_wider_ones_are_claimed(seed: int) -> None:
    turns, true = _turns(seed)
    found = joint_pace(turns)
    missed = found.drivers - _centred(true, turns.driver_class)
    free = len(true) - 2  # each class is centred
    whole = missed @ np.linalg.pinv(found.driver_covariance, rcond=1e-8) @ missed
    assert 0.3 * free < whole < 2.2 * free
    sd = np.sqrt(np.diag(found.driver_covariance))
    assert np.mean(np.abs(missed) < 2.576 * sd) > 0.85
    assert np.all(sd < JointPriors().driver_sd)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_amateurs_who_drive_together_are_not_level_with_the_professionals_after_them(
    seed: int,
) -> None:
    effects = np.tile([0.012, 0.0, -0.006], 2 * CARS)
    effects[CARS * PER_CAR :] = 0.0  # the other class has only one kind, and shows the track
    turns, _ = _turns(seed, effects, noise=0.5)
    found = joint_pace(turns).drivers[: CARS * PER_CAR].reshape(CARS, PER_CAR).mean(axis=0)
    assert found[0] - found[2] > 0.005

    naive = np.zeros((PER_CAR, CARS))
    for at in range(QUARTERS):
        here = (turns.quarter == at) & (turns.car < CARS)
        against = turns.log_s[here] - np.median(turns.log_s[here])
        naive[at * PER_CAR // QUARTERS] += against * PER_CAR / QUARTERS
    assert abs(naive[0].mean() - naive[2].mean()) < 0.002


def test_before_any_lap_a_driver_is_what_was_believed_of_him() -> None:
    turns, _ = _turns(1)
    nobody = np.zeros(0, dtype=np.int64)
    empty = replace(
        turns, log_s=np.zeros(0), laps=np.zeros(0), quarter=nobody, car=nobody, driver=nobody
    )
    believed = np.linspace(-0.01, 0.01, 36)
    found = joint_pace(empty, believed, np.full(36, 0.005))
    assert found.drivers == pytest.approx(_centred(believed, turns.driver_class))
    assert found.cars == pytest.approx(np.zeros(12))


def test_what_was_believed_gives_way_to_laps() -> None:
    turns, true = _turns(2, noise=0.3)
    wrong = np.where(np.arange(36) == 4, 0.02, true)
    few = turns.quarter < 11  # driver 4 has driven for three quarters of an hour
    early = replace(
        turns, log_s=turns.log_s[few], laps=turns.laps[few], quarter=turns.quarter[few],
        car=turns.car[few], driver=turns.driver[few],
    )  # fmt: skip
    sd = np.full(36, 0.004)
    misses = [abs(joint_pace(t, wrong, sd).drivers[4] - true[4]) for t in (early, turns)]
    assert misses[1] < misses[0] < 0.02
