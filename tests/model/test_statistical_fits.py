"""Simulate, fit, recover: the regressions and the contest of lasting find what was put in."""

from __future__ import annotations

import numpy as np
import pytest

from dryline.model import attrition
from dryline.model.ridge_choice import (
    Rankings,
    fit_pairwise,
    fit_plackett_luce,
    plackett_luce_parts,
    refit_pairwise,
    refit_plackett_luce,
)

TRUE = np.array([1.2, -0.8, 0.0])


def _rankings(groups: int, seed: int) -> Rankings:
    random = np.random.default_rng(seed)
    designs, places = [], []
    for _ in range(groups):
        x = random.standard_normal((int(random.integers(3, 9)), 3))
        order = np.argsort(-(x @ TRUE + random.gumbel(size=len(x))))
        designs.append(x)
        places.append(np.argsort(order))
    return Rankings.of(designs, places, np.ones(groups))


@pytest.mark.parametrize(("depth", "within"), [(1, 0.25), (3, 0.15)])
def test_plackett_luce_recovers_the_weights_that_made_the_races(depth: int, within: float) -> None:
    found = fit_plackett_luce(_rankings(600, 2), ridge=0.01, depth=depth)
    assert np.abs(found - TRUE).max() < within


def test_its_slope_is_the_derivative_of_its_likelihood() -> None:
    data, b, step = _rankings(30, 3), np.array([0.3, -0.2, 0.5]), 1e-5
    slope = plackett_luce_parts(data, b, 3, 0.7)[1].sum(axis=0)
    for f in range(3):
        up, down = b.copy(), b.copy()
        up[f] += step
        down[f] -= step
        rise = [plackett_luce_parts(data, v, 3, 0.7)[0].sum() for v in (up, down)]
        assert slope[f] == pytest.approx((rise[0] - rise[1]) / (2 * step), rel=1e-4)


def test_leaving_a_race_out_equals_fitting_without_it() -> None:
    data = _rankings(60, 4)
    races = [str(k // 6) for k in range(60)]
    _, without = refit_plackett_luce(data, races, ridge=1.0, depth=3, decay=0.7)
    keep = np.array(races) != "4"
    rest = Rankings(data.x[keep], data.present[keep], data.weight[keep])
    fresh = fit_plackett_luce(rest, ridge=1.0, depth=3, decay=0.7)
    assert without["4"] == pytest.approx(fresh, abs=2e-3)


def test_pairwise_regression_recovers_its_weights_and_leaves_out_exactly() -> None:
    random = np.random.default_rng(6)
    x = random.standard_normal((4000, 3))
    y = 1.0 * (random.random(4000) < 1 / (1 + np.exp(-(x @ TRUE))))
    ridge, weight, races = np.full(3, 0.5), np.ones(4000), np.repeat(["a", "b", "c", "d"], 1000)
    full, without = refit_pairwise(x, y, weight, races, ridge=ridge)
    assert np.abs(full - TRUE).max() < 0.15
    keep = races != "b"
    fresh = fit_pairwise(x[keep], y[keep], weight[keep], ridge=ridge)
    assert without["b"] == pytest.approx(fresh, abs=3e-3)


def test_strengths_come_back_from_the_pairs_they_imply() -> None:
    m = np.array([1.0, 0.4, 0.0, -1.4])
    beats = 1 / (1 + np.exp(-(m[:, None] - m[None, :])))
    assert attrition.strengths(beats) == pytest.approx(m - m.mean(), abs=0.01)


def test_the_winner_by_quadrature_is_the_winner_by_drawing() -> None:
    m = np.array([1.5, 0.5, 0.0, -3.0])
    orders = attrition.draw_orders(m, 40_000, (7, 0))
    drawn = np.bincount(orders[:, 0], minlength=4) / 40_000
    assert attrition.win_probability(m) == pytest.approx(drawn, abs=0.01)


def test_drawn_pairs_follow_bradley_terry() -> None:
    m = np.array([0.8, 0.0])
    orders = attrition.draw_orders(m, 40_000, (8, 0))
    assert np.mean(orders[:, 0] == 0) == pytest.approx(1 / (1 + np.exp(-0.8)), abs=0.01)


def test_fewer_replicates_are_the_first_of_more() -> None:
    m = np.linspace(0, 2, 7)
    few, many = attrition.draw_orders(m, 50, (3, 1)), attrition.draw_orders(m, 500, (3, 1))
    assert (few == many[:50]).all()
    assert not (few == attrition.draw_orders(m, 50, (4, 1))).all()


def test_bending_to_a_winner_keeps_rows_and_columns_at_one() -> None:
    p = attrition.place_probabilities(attrition.draw_orders(np.linspace(1, -1, 5), 400, (1, 0)))
    win = np.array([0.1, 0.2, 0.3, 0.25, 0.15])
    bent = attrition.with_winner(p, win)
    assert bent[:, 0] == pytest.approx(win)
    assert bent.sum(axis=0) == pytest.approx(np.ones(5), abs=1e-6)
    assert bent.sum(axis=1) == pytest.approx(np.ones(5), abs=1e-6)
