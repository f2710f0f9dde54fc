from __future__ import annotations

import numpy as np
from scipy import stats

from dryline.kernels.random import car_key, normal, replicate_key, uniform


def _key(seed: int, replicate: int, car: int) -> np.uint64:
    return np.uint64(car_key(np.uint64(replicate_key(seed, replicate)), car))


def _draws(draw: object, n: int = 20000) -> np.ndarray:
    key = _key(3, 7, 11)
    return np.array([draw(key, lap, 2) for lap in range(n)])  # type: ignore[operator]


def test_a_draw_is_a_function_of_its_key_and_counter() -> None:
    key = _key(1, 2, 3)
    assert uniform(key, 5, 4) == uniform(key, 5, 4)


def test_any_part_of_the_key_changes_the_draw() -> None:
    draws = {
        uniform(_key(seed, replicate, car), lap, stream)
        for seed, replicate, car, lap, stream in [
            (1, 1, 1, 1, 1), (2, 1, 1, 1, 1), (1, 2, 1, 1, 1), (1, 1, 2, 1, 1), (1, 1, 1, 2, 1),
            (1, 1, 1, 1, 2),
        ]
    }  # fmt: skip
    assert len(draws) == 6


def test_uniform_draws_are_uniform() -> None:
    assert stats.kstest(_draws(uniform), "uniform").pvalue > 0.001


def test_normal_draws_are_normal_in_their_body() -> None:
    draws = _draws(normal)
    assert stats.kstest(draws, "norm").pvalue > 0.001
    assert abs(draws.std() - 1.0) < 0.02


def test_neighbouring_laps_cars_replicates_and_streams_are_unrelated() -> None:
    n = 4000
    keys = [_key(1, r, 0) for r in range(n)]
    others = [_key(1, r, 1) for r in range(n)]
    here = np.array([uniform(k, 1, 0) for k in keys])
    for there in (
        [uniform(k, 2, 0) for k in keys],
        [uniform(k, 1, 1) for k in keys],
        [uniform(k, 1, 0) for k in others],
        list(np.roll(here, 1)),
    ):
        assert abs(np.corrcoef(here, there)[0, 1]) < 0.06
