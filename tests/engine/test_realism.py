"""Simulated races beside real ones: the comparison, its table, its chart, its command."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest

from dryline.feeds.alkamel.write import write_laps
from dryline.model.race_measures import MEASURES
from dryline.present import charts
from dryline.present.charts.realism import REALISM
from dryline.sim.params import FieldPlans
from dryline.strategy.scenario import Scenario
from dryline.strategy.scenario_run import simulated_running
from dryline.studies import Study, races_of
from dryline.studies.realism import compare_realism
from dryline.studies.tasks import LocalEngine
from tests.apps.conftest import cli
from tests.made_up.simulated import a_race

__all__ = ["cli"]
RACES = 7
ALONE = Study(engine=LocalEngine(1), replicates=40)


def _running(seed: int, noise: float) -> pl.DataFrame:
    params, state = a_race(fast=8, slow=8, hours=3.0, spread=0.02, rate=0.3, noise=noise)
    params = replace(params, chol=params.chol * 0.0)
    n = params.cars
    scenario = Scenario(
        id="made-up", cars=tuple(f"{i + 1}" for i in range(n)),
        car_classes=tuple("HYPERCAR" if i < 8 else "LMGT3" for i in range(n)),
        drivers=tuple((f"A{i}", f"B{i}") for i in range(n)), params=params, start=state,
        replay=state, plans=FieldPlans.none(n), stops={}, allowed={}, what_ifs=(), sources=(),
    )  # fmt: skip
    return simulated_running(scenario, seed=seed)


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Races that the simulator itself ran, in the provider's form, with a catalogue."""
    folder = tmp_path_factory.mktemp("season")
    rows = []
    for seed in range(RACES):
        name = f"wec/2024/race_{seed}.csv"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(write_laps(_running(seed, 0.006)))
        rows.append({"race": name.removesuffix(".csv"), "file": name, "scheduled_h": 3.0})
    with (folder / "catalogue.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["race", "file", "scheduled_h", "condition"])
        writer.writeheader()
        writer.writerows({**row, "condition": "dry"} for row in rows)
    return folder


@pytest.fixture(scope="module")
def answer(season: Path) -> dict[str, Any]:
    return compare_realism(races_of([season]), ALONE)


def test_every_race_is_compared_by_every_measure(answer: dict[str, Any]) -> None:
    assert answer["races"] == RACES
    assert answer["priors"] == "of the other races"
    assert len(answer["rows"]) == RACES * len(MEASURES)
    assert {row["measure"] for row in answer["summary"]["kinds"]} == set(MEASURES)


def test_the_simulators_own_races_look_real_to_it(answer: dict[str, Any]) -> None:
    known = [row for row in answer["rows"] if row["real"] is not None]
    held = np.mean([row["low"] <= row["real"] <= row["high"] for row in known])
    assert held > 0.6
    by = {row["measure"]: row for row in answer["summary"]["kinds"]}
    for name, off in (("lap_noise_pct", 0.25), ("stint_min", 0.12), ("stops_per_car", 0.12)):
        assert by[name]["simulated_mean"] == pytest.approx(by[name]["real_mean"], rel=off), name


def test_a_race_unlike_its_simulation_is_seen(season: Path, tmp_path: Path) -> None:
    calm, rough = tmp_path / "calm.csv", tmp_path / "rough.csv"
    first = _running(1, 0.004)
    later = pl.col("elapsed_ms") > 2_700_000
    wobble = pl.Series(np.random.default_rng(2).normal(0.0, 4000.0, first.height).round())
    shaken = pl.when(later).then((pl.col("lap_time_ms") + wobble).cast(pl.Int64))
    spoilt = first.with_columns(lap_time_ms=shaken.otherwise("lap_time_ms")).with_columns(
        s3_ms=pl.col("lap_time_ms") - pl.col("s1_ms") - pl.col("s2_ms")
    )
    calm.write_bytes(write_laps(first))
    rough.write_bytes(write_laps(spoilt))
    rank = {}
    for path in (calm, rough):
        (tmp_path / "catalogue.csv").write_text(
            f"race,file,scheduled_h,condition\nx,{path.name},3.0,dry\n"
        )
        told = compare_realism([path], ALONE)
        assert told["priors"] == "shipped"
        rank[path.stem] = next(r for r in told["rows"] if r["measure"] == "lap_noise_pct")
    assert rank["rough"]["rank"] == 1.0
    assert rank["rough"]["real"] > 3.0 * rank["calm"]["real"]


def test_the_numbers_do_not_depend_on_the_workers(season: Path, answer: dict[str, Any]) -> None:
    paths = races_of([season])
    spread = compare_realism(paths, replace(ALONE, engine=LocalEngine(2)))
    assert spread["rows"] == answer["rows"]


def test_the_chart_shows_every_race_in_every_panel(answer: dict[str, Any]) -> None:
    rows = pl.DataFrame(answer["rows"], infer_schema_length=None)
    typed = rows.select(pl.col(name).cast(kind) for name, kind in REALISM.items())
    spec = charts.real_and_simulated(typed, answer["measures"])
    assert [each["title"]["text"] for each in spec["concat"]] == list(MEASURES.values())
    for name in ("stint_min", "finishers_pct", "margin_s"):
        assert len(spec["datasets"][name]) == RACES
    drawn = charts.svg(spec)
    ElementTree.fromstring(drawn)
    assert "Do simulated races look like real ones?" in drawn
    assert "NaN" not in drawn


def test_a_chart_of_no_race_says_so() -> None:
    spec = charts.real_and_simulated(pl.DataFrame(schema=REALISM), MEASURES)
    assert "No race to compare" in spec["title"]["text"]
    ElementTree.fromstring(charts.svg(spec))


def test_the_command_answers_in_json_and_draws(
    cli: Callable[..., Any], season: Path, tmp_path: Path
) -> None:
    out = tmp_path / "realism.svg"
    race = season / "wec" / "2024" / "race_0.csv"
    asked = ("backtest", "realism", race, "--replicates", 10, "--workers", 1)
    status, said, _ = cli(*asked, "--json", "--svg", out)
    assert status == 0
    told = json.loads(said)
    assert told["races"] == 1
    assert told["priors"] == "shipped"
    assert out.read_text().startswith("<svg")
    status, said, _ = cli(*asked)
    assert status == 0
    assert "lap_noise_pct" in said
