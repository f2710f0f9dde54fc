"""Backtests run over any races, leave each out of its own fit, and print one contract."""

from __future__ import annotations

import csv
import tomllib
import warnings
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dryline.domain.dry_prior import DryPrior
from dryline.engine.opening import open_race
from dryline.feeds.alkamel.write import write_laps
from dryline.studies import (
    Study,
    backtest_flag,
    backtest_forecast,
    backtest_neutralisations,
    backtest_rejoin,
    races_of,
)
from dryline.studies.flag import ClassLaps, laps_taken, summary, went_on
from dryline.studies.learn import dry_row, learn_all
from dryline.studies.tasks import LocalEngine, RayEngine
from tests.apps.conftest import cli
from tests.made_up.field import crossings

__all__ = ["cli"]
ALONE = Study(engine=LocalEngine(1), replicates=200)


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five made-up races with a catalogue above them."""
    folder = tmp_path_factory.mktemp("season")
    rows = []
    for number in range(5):
        name = f"wec/2024/race_{number}.csv"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        frame = crossings(cars=8, hours=1.0, seed=number, stint_laps=9)
        (folder / name).write_bytes(write_laps(frame))
        rows.append({"race": f"wec/2024/race_{number}", "file": name, "scheduled_h": 1.0})
    with (folder / "catalogue.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["race", "file", "scheduled_h", "condition"])
        writer.writeheader()
        writer.writerows({**row, "condition": "dry"} for row in rows)
    return folder


@pytest.mark.parametrize("forecaster", ["blend", "statistical", "simulated"])
def test_a_forecast_backtest_scores_every_class_at_three_fractions(
    season: Path, forecaster: str
) -> None:
    found = backtest_forecast(races_of([season]), ALONE, forecaster)
    assert found["races"] == 5
    assert len(found["rows"]) == 5 * 2 * 3
    assert {row["fraction"] for row in found["rows"]} == {0.25, 0.5, 0.75}
    for row in found["rows"]:
        assert np.isclose(sum(row["p_win"]), 1.0)
        assert row["log_loss"] > 0
    stops = found["stops_left"]
    assert {(row["race"], row["fraction"], row["car_class"]) for row in stops["rows"]} == {
        (row["race"], row["fraction"], row["car_class"]) for row in found["rows"]
    }
    assert all(row["error"] >= abs(row["bias"]) for row in stops["rows"])
    assert [each["fraction"] for each in stops["fractions"] if each["races"] == "all"] == [
        0.25, 0.5, 0.75,
    ]  # fmt: skip


def test_the_numbers_do_not_depend_on_the_workers_or_on_being_resumed(
    season: Path, tmp_path: Path
) -> None:
    paths = races_of([season])
    alone = backtest_rejoin(paths, ALONE)
    spread = Study(engine=LocalEngine(2), replicates=200, resume=tmp_path / "study")
    assert backtest_rejoin(paths, spread)["rows"] == alone["rows"]
    assert backtest_rejoin(paths, spread)["rows"] == alone["rows"]
    assert len(alone["rows"]) > 20


def test_neutralisations_are_scored_per_kind(season: Path) -> None:
    found = backtest_neutralisations(races_of([season]), ALONE)
    kinds = {row["kind"]: row for row in found["summary"]["kinds"]}
    assert kinds["neutralised"]["minutes"] > 20
    assert kinds["neutralised"]["recall"] > 0.8


def test_without_a_length_a_forecast_cannot_be_scored_and_says_so(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    path = tmp_path / "wec" / "nameless.csv"
    path.parent.mkdir()
    path.write_bytes(write_laps(crossings(cars=6, hours=0.5)))
    status, out, err = cli("backtest", "forecast", path, "--workers", "1")
    assert (status, out) == (2, "")
    assert "catalogue.csv" in err
    assert len(err.splitlines()) == 1


def test_a_ray_cluster_gives_the_numbers_of_this_machine(season: Path) -> None:
    paths = races_of([season])[:3]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Ray's own start-up warnings
        spread = backtest_rejoin(paths, Study(engine=RayEngine(workers=2), replicates=200))
    assert spread == backtest_rejoin(paths, ALONE)


def test_what_is_learnt_has_the_form_of_what_ships(season: Path, tmp_path: Path) -> None:
    written = {path.name: path for path in learn_all(races_of([season]), tmp_path, ALONE)}
    shipped = files("dryline.data").joinpath("priors")
    for name in ("track.toml", "stops.toml"):
        ours = tomllib.loads(written[name].read_text(encoding="utf-8"))
        theirs = tomllib.loads(shipped.joinpath(name).read_text(encoding="utf-8"))
        assert set(ours) == set(theirs)
        for row in theirs.get("dry", [])[:1]:
            prior = DryPrior("club/2024/here", 5.0, "GTP", (30_000.4, 31_000.0, 32_000.0), 99_000)
            assert {name: type(value) for name, value in dry_row(prior).items()} == {
                name: type(value) for name, value in row.items()
            }


def test_laps_at_the_flag_are_scored_per_class_and_instant(season: Path) -> None:
    found = backtest_flag(races_of([season]), ALONE)
    assert found["races"] == 5
    assert len(found["rows"]) == 5 * 2 * 6
    assert {row["instant"] for row in found["rows"]} == {
        "25%", "50%", "75%", "10 min", "5 min", "2 min",
    }  # fmt: skip
    late = next(each for each in found["summary"]["instants"] if each["instant"] == "2 min")
    assert late["held"] >= late["exact"] > 0.9
    assert backtest_flag(races_of([season]), ALONE)["rows"] == found["rows"]


def class_laps(race: str, said: float, was: float, **more: Any) -> ClassLaps:
    plain = {
        "series": "wec", "instant": "50%", "hours_left": 3.0, "car_class": "GT", "cars": 10,
        "held": 8, "exact": 5, "below": 1, "above": 1, "stopped": False,
    }  # fmt: skip
    return ClassLaps(race=race, median_said=said, median_was=was, **{**plain, **more})


def test_the_bias_is_laps_in_all_over_hours_in_all_and_stopped_races_stand_apart() -> None:
    rows = [
        class_laps("a", 100.0, 97.0),
        class_laps("b", 40.0, 41.0, hours_left=1.0, cars=30, held=30),
        class_laps("c", 50.0, 90.0, stopped=True),
    ]
    every, wec, stopped = summary(rows)
    assert (every["races"], wec["races"], stopped["races"]) == ("all", "wec", "stopped")
    assert every["bias_laps_per_hour"] == pytest.approx((3.0 - 1.0) / 4.0)
    assert every["mean_bias_laps_per_hour"] == pytest.approx((1.0 - 1.0) / 2.0)
    assert every["bias_low"] <= every["bias_laps_per_hour"] <= every["bias_high"]
    assert (every["cars"], every["held"], every["exact"]) == (40, 38 / 40, 10 / 40)
    assert stopped["bias_laps_per_hour"] == pytest.approx(-40.0 / 3.0)


@pytest.mark.needs_data
def test_a_race_whose_clock_was_stopped_is_known_by_its_end(data: Path) -> None:
    stopped = open_race(data / "imsa/2022/11-watkins-glen-international")
    assert went_on(stopped, 6 * 3_600_000)
    plain = open_race(data / "wec/2024/fuji_6h.csv")
    assert not went_on(plain, 6 * 3_600_000)
    assert laps_taken(plain)["6"] == 213


@pytest.mark.needs_data
def test_in_the_last_minutes_of_real_races_laps_are_held_and_mostly_exact(data: Path) -> None:
    names = ("wec/2024/fuji_6h.csv", "wec/2025/imola_6h.csv", "wec/2025/sao_paulo_6h.csv")
    found = backtest_flag([data / name for name in names], ALONE)
    every = {each["instant"]: each for each in found["summary"]["instants"] if each["count"] == 3}
    assert all(every[left]["held"] >= 0.8 for left in ("10 min", "5 min", "2 min"))
    assert every["10 min"]["exact"] >= 0.85
    assert every["2 min"]["exact"] >= 0.95
