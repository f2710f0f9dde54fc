"""The naive forecast, which everything else is measured against."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dryline.studies.naive import PlaceCounts, naive_places


def test_leaders_win_as_often_as_they_did_smoothed_with_half_a_count() -> None:
    counts = PlaceCounts.of([np.array([0, 1, 2]), np.array([1, 0, 2]), np.array([0, 2, 1])])
    raw = np.array([(2 + 0.5) / 4, (1 + 0.5) / 4, 0.5 / 4])
    assert counts.win_probability(3) == pytest.approx(raw / raw.sum())


def test_a_place_never_seen_gets_half_a_chance_before_normalising() -> None:
    counts = PlaceCounts.of([np.array([0, 1])])
    p = counts.win_probability(3)
    assert p[2] / p[0] == pytest.approx(0.5 / (1.5 / 2))
    assert p.sum() == pytest.approx(1.0)


def test_without_any_race_every_car_is_equal() -> None:
    assert PlaceCounts.of([]).win_probability(4) == pytest.approx(np.full(4, 0.25))


def test_naive_places_say_that_nothing_moves() -> None:
    assert naive_places(3).tolist() == np.eye(3).tolist()


@pytest.mark.needs_data
def test_the_published_naive_errors_come_out_on_the_open_races(data: Path) -> None:
    from dryline.engine.opening import open_race

    errors: dict[float, list[float]] = {0.25: [], 0.5: [], 0.75: []}
    with (data / "catalogue.csv").open() as lines:
        races = list(csv.DictReader(lines))
    for row in races:
        crossings = open_race(str(data / row["file"])).crossings
        for fraction, found in errors.items():
            found += _errors(crossings, fraction * float(row["scheduled_h"]) * 3_600_000)
    assert {k: len(v) for k, v in errors.items()} == {0.25: 163, 0.5: 163, 0.75: 161}
    assert [round(float(np.mean(v)), 2) for v in errors.values()] == [2.57, 2.03, 1.30]


def _errors(crossings: pl.DataFrame, at_ms: float) -> list[float]:
    if crossings["elapsed_ms"].max() <= at_ms:  # type: ignore[operator]
        return []
    final, now = _order(crossings), _order(crossings.filter(pl.col("elapsed_ms") <= at_ms))
    errors = []
    for car_class in sorted(set(final["car_class"])):
        ends = final.filter(pl.col("car_class") == car_class)["car_number"].to_list()
        runs = now.filter(pl.col("car_class") == car_class)["car_number"].to_list()
        runs += [n for n in ends if n not in runs]
        if len(ends) >= 3:
            errors.append(float(np.mean([abs(ends.index(n) - k) for k, n in enumerate(runs)])))
    return errors


def _order(crossings: pl.DataFrame) -> pl.DataFrame:
    last = crossings.group_by("car_number").agg(
        pl.col("lap").max(), pl.col("elapsed_ms").max(), pl.col("car_class").first()
    )
    return last.sort(["lap", "elapsed_ms"], descending=[True, False])
