from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dryline.kernels.random import (
    GOLDEN,
    car_key,
    mix,
    normal,
    normal_of,
    replicate_key,
    uniform,
)


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


def test_the_scrambler_is_splitmix64s() -> None:
    """Its first two numbers from seed 0, as published."""
    assert mix(np.uint64(GOLDEN)) == 0xE220A8397B1DCDAF
    assert mix(np.uint64(2 * int(GOLDEN) % 2**64)) == 0x6E789E6AA1B965F4


@pytest.mark.parametrize(
    ("share", "number"),
    [
        (0.0, -4.2),
        (0.5, 0.0),
        (0.25, stats.norm.ppf(0.25)),
        (0.5 + 0.75 / 4096, 0.75 * stats.norm.ppf(0.5 + 1 / 4096)),  # between two of the table
        (0.5 / 4096, 0.5 * (-4.2 + stats.norm.ppf(1 / 4096))),  # in the short far tail
    ],
)
def test_a_normal_number_is_read_from_the_table_and_between_its_steps(
    share: float, number: float
) -> None:
    assert normal_of(np.uint64(int(share * 2**64))) == pytest.approx(number, abs=1e-12)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(0, 2**24 - 1), st.integers(0, 15))
def test_no_draw_is_nought_or_one_or_beyond_the_table(key: int, lap: int, stream: int) -> None:
    assert 0.0 < uniform(np.uint64(key), lap, stream) < 1.0
    assert -4.2 <= normal(np.uint64(key), lap, stream) <= 4.2


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_a_greater_word_is_no_smaller_number(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert normal_of(np.uint64(low)) <= normal_of(np.uint64(high))
