"""Charts of a race of 62 cars over 24 hours: made and drawn in less than ten seconds each."""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from tests.conftest import DATA

from dryline.engine.opening import open_race
from dryline.present import charts

pytestmark = pytest.mark.skipif(DATA is None, reason="the real races are not beside the project")


@pytest.mark.parametrize("kind", ["positions", "gap", "stints", "trace"])
def test_le_mans_with_sixty_two_cars_is_drawn_soon(benchmark: BenchmarkFixture, kind: str) -> None:
    assert DATA is not None
    race = open_race(DATA / "wec/2024/le_mans_24h.csv")
    view = charts.View(cars=("50", "7", "51")) if kind != "stints" else charts.View()
    asked = charts.Asked(view)
    benchmark.pedantic(lambda: charts.svg(charts.race_chart(race, kind, asked)), rounds=1)
    assert benchmark.stats.stats.median < 10
