"""Scores against values worked out by hand, and calibration checks against drawn truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.model import proper_scores as ps


def test_log_loss_is_minus_the_log_of_what_the_truth_was_given() -> None:
    assert ps.log_loss(np.array([0.25, 0.75]), 0) == pytest.approx(math.log(4))


def test_log_loss_of_the_impossible_is_large_and_finite() -> None:
    assert ps.log_loss(np.array([0.0, 1.0]), 0) == pytest.approx(-math.log(1e-9))


def test_brier_score_by_hand() -> None:
    assert ps.brier(np.array([0.7, 0.2, 0.1]), 0) == pytest.approx(0.09 + 0.04 + 0.01)


def test_brier_leaves_the_forecast_as_it_was() -> None:
    p = np.array([0.7, 0.3])
    ps.brier(p, 0)
    assert p.tolist() == [0.7, 0.3]


def test_a_hit_is_shared_among_ties() -> None:
    assert ps.hit(np.array([0.4, 0.4, 0.2]), 1) == 0.5
    assert ps.hit(np.array([0.5, 0.3, 0.2]), 1) == 0.0


def test_expected_place_error_by_hand() -> None:
    p = np.array([[0.5, 0.5, 0.0], [0.5, 0.0, 0.5], [0.0, 0.5, 0.5]])
    assert ps.expected_place(p).tolist() == [0.5, 1.0, 1.5]
    assert ps.expected_place_error(p, np.array([0, 1, 2])) == pytest.approx((0.5 + 0 + 0.5) / 3)


def test_the_median_place_is_the_first_that_reaches_half() -> None:
    p = np.array([[0.5, 0.5, 0.0], [0.5, 0.0, 0.5], [0.0, 0.45, 0.55]])
    assert ps.median_place(p).tolist() == [0, 0, 2]
    assert ps.median_place_error(p, np.array([0, 2, 2])) == pytest.approx(2 / 3)


def test_rank_probability_score_by_hand() -> None:
    p = np.array([[0.5, 0.25, 0.25]])
    assert ps.rank_probability_score(p, np.array([2])) == pytest.approx(0.25 + 0.5625)


def test_a_certain_and_right_forecast_scores_zero() -> None:
    place = np.array([2, 0, 1])
    assert ps.rank_probability_score(np.eye(3)[place], place) == 0.0
    assert ps.expected_place_error(np.eye(3)[place], place) == 0.0


@given(st.lists(st.floats(0.01, 1.0), min_size=2, max_size=6), st.integers(0, 2**32))
def test_no_forecast_beats_the_truth_in_expected_log_loss(weights: list[float], seed: int) -> None:
    truth = np.array(weights) / sum(weights)
    other = np.random.default_rng(seed).dirichlet(np.ones(len(truth)))
    honest = sum(truth[k] * ps.log_loss(truth, k) for k in range(len(truth)))
    tricky = sum(truth[k] * ps.log_loss(other, k) for k in range(len(truth)))
    assert honest <= tricky + 1e-9


def test_the_pit_of_a_calibrated_forecast_is_uniform_and_its_intervals_cover() -> None:
    random = np.random.default_rng(4)
    pits = []
    for _ in range(400):
        p = random.dirichlet(np.ones(10) * 0.5, size=5)
        place = np.array([random.choice(10, p=row) for row in p])
        pits.append(ps.randomised_pit(p, place, random.random(5)))
    pit = np.concatenate(pits)
    assert np.abs(np.histogram(pit, 5, (0, 1))[0] / len(pit) - 0.2).max() < 0.03
    assert ps.interval_coverage(pit) == pytest.approx(0.8, abs=0.03)


def test_an_overconfident_forecast_covers_too_little() -> None:
    random = np.random.default_rng(5)
    place = random.integers(0, 10, 500)
    narrow = np.zeros((500, 10))
    narrow[:, 4:6] = 0.5
    pit = ps.randomised_pit(narrow, place, random.random(500))
    assert ps.interval_coverage(pit) < 0.4


def test_reliability_puts_forecasts_beside_what_happened() -> None:
    p = np.array([0.05, 0.05, 0.95, 0.95])
    low, high = ps.reliability(p, np.array([False, False, True, False]), bins=10)
    assert (low.count, low.forecast, low.observed) == (2, pytest.approx(0.05), 0.0)
    assert (high.count, high.observed) == (2, 0.5)


def test_a_probability_of_one_falls_into_the_last_bin() -> None:
    (only,) = ps.reliability(np.array([1.0]), np.array([True]))
    assert (only.low, only.high) == (pytest.approx(0.9), 1.0)


def test_a_constant_gain_has_no_width() -> None:
    gain = ps.paired_gain([2.0, 3.0, 4.0], [1.5, 2.5, 3.5], ["a", "a", "b"])
    assert (gain.mean, gain.low, gain.high) == (0.5, 0.5, 0.5)
    assert (gain.races, gain.cases) == (2, 3)


def test_the_bootstrap_is_over_races_not_over_cases() -> None:
    reference = [1.0] * 50 + [0.0] * 50
    model = [0.0] * 100
    by_race = ps.paired_gain(reference, model, ["a"] * 50 + ["b"] * 50)
    by_case = ps.paired_gain(reference, model, [str(k) for k in range(100)])
    assert by_race.high - by_race.low > 3 * (by_case.high - by_case.low)
