"""Linear algebra has the same last bits whatever number of threads the process gives it."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from dryline.analysis.pace.estimate import pace_smoothed
from dryline.domain.race_info import RaceInfo
from dryline.kernels.one_thread import one_thread
from dryline.race.race import Race
from tests.made_up.field import crossings

MANY = 3
"""Threads that a user's own process may have; OpenBLAS takes more than there are cores."""


def _threads() -> set[int]:
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_the_threads_of_the_process_move_no_bit_of_a_pace_fit() -> None:
    laps = Race(RaceInfo(name="made-up"), crossings(cars=30, hours=6.0)).laps
    found = []
    for threads in (1, MANY):
        with threadpool_limits(threads, "blas"):
            model = pace_smoothed(laps).model
            assert model is not None
            found.append(np.concatenate([model.coefficients, model.covariance.ravel()]))
    assert (found[0] == found[1]).all()


def test_work_has_one_thread_and_the_process_its_own_again() -> None:
    @one_thread
    def inner() -> set[int]:
        return _threads()

    @one_thread
    def outer() -> tuple[set[int], set[int]]:
        return inner(), _threads()

    with threadpool_limits(MANY, "blas"):
        assert outer() == ({1}, {1})
        assert _threads() == {MANY}


def test_what_fails_gives_the_threads_back_too() -> None:
    @one_thread
    def fails() -> None:
        raise ValueError

    with threadpool_limits(MANY, "blas"):
        with pytest.raises(ValueError):
            fails()
        assert _threads() == {MANY}


def test_those_at_once_each_have_one_thread_and_the_process_its_own_again() -> None:
    seen: list[set[int]] = []

    @one_thread
    def looks() -> None:
        seen.extend(_threads() for _ in range(20))

    before = _threads()
    others = [threading.Thread(target=looks) for _ in range(4)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert seen == [{1}] * 80
    assert _threads() == before
