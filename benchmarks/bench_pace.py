"""Pace: the live update of one car is at least five times cheaper than the fit of a field."""

from __future__ import annotations

from time import perf_counter

from pytest_benchmark.fixture import BenchmarkFixture
from tests.made_up.paces import pace_world

from dryline.analysis.pace.estimate import pace_smoothed
from dryline.analysis.pace.update import update_car


def test_the_live_update_is_far_cheaper_than_the_fit(benchmark: BenchmarkFixture) -> None:
    world = pace_world(2, cars=24)
    began = perf_counter()
    pace = pace_smoothed(world.laps)
    fit_s = perf_counter() - began
    assert pace.model is not None
    benchmark(update_car, pace.model, "4", pace.judged)
    assert benchmark.stats.stats.median < fit_s / 5
