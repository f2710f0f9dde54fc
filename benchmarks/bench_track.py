"""The rain gauge: a live update of 62 cars under 50 ms, a 24 hour race smoothed under 10 s."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from tests.conftest import DATA

from dryline.analysis.track.filter import TrackFilter
from dryline.analysis.track.laps import crossings_of
from dryline.analysis.track.reading import smooth_track
from dryline.analysis.track.reference import shipped_priors
from dryline.engine.opening import open_race

pytestmark = pytest.mark.skipif(DATA is None, reason="the real races are not beside the project")
RACE, WITHOUT = "wec/2024/le_mans_24h.csv", "wec/2024/le_mans_24h"


def test_a_live_update_of_62_cars(benchmark: BenchmarkFixture) -> None:
    assert DATA is not None
    crossings = crossings_of(open_race(DATA / RACE).laps, 380 * 60_000)
    live = TrackFilter(shipped_priors(), WITHOUT)
    before = [c for c in crossings if c.elapsed_ms < 350 * 60_000]
    live.update(before)
    rest = iter(crossings[len(before) :])
    benchmark.pedantic(
        lambda c: live.update([c]), setup=lambda: ((next(rest),), {}), rounds=60, iterations=1
    )
    assert benchmark.stats.stats.median < 0.05


def test_smoothing_a_24_hour_race(benchmark: BenchmarkFixture) -> None:
    assert DATA is not None
    laps = open_race(DATA / RACE).laps
    smooth_track(laps.head(600), without=WITHOUT)
    benchmark.pedantic(
        smooth_track, args=(laps,), kwargs={"without": WITHOUT}, rounds=1, iterations=1
    )
    assert benchmark.stats.stats.median < 10
