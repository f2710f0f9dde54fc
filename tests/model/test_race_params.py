"""Simulate, fit, recover: what was put into a race comes out of its timing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo
from dryline.domain.series import Series
from dryline.kernels import race_columns as col
from dryline.model.race_facts import race_facts
from dryline.model.race_params import FittedRace, fit_race_params
from dryline.model.race_priors import as_toml, learn, learned_kinds, shipped_priors
from dryline.race.race import Race
from dryline.sim.params import FieldPlans
from dryline.strategy.scenario import Scenario
from dryline.strategy.scenario_run import simulated_running
from dryline.strategy.simulate_race import forecast_simulated, simulator_inputs
from tests.made_up.simulated import a_race

HOURS = 5.0
LENGTH = int(HOURS * 3.6e6)


def _scenario(seed_changes: dict[str, Any]) -> Scenario:
    params, state = a_race(fast=10, slow=10, hours=HOURS, spread=0.03, **seed_changes)
    n = params.cars
    return Scenario(
        id="made-up", cars=tuple(f"{i:02d}" for i in range(n)),
        car_classes=tuple("HYPERCAR" if i < 10 else "LMGT3" for i in range(n)),
        drivers=tuple((f"A{i}", f"B{i}") for i in range(n)), params=params, start=state,
        replay=state, plans=FieldPlans.none(n), stops={}, allowed={}, what_ifs=(), sources=(),
    )  # fmt: skip


def _race(seed: int = 1, **changes: Any) -> tuple[Scenario, Race]:
    scenario = _scenario(changes)
    return scenario, Race(
        RaceInfo(name="made-up", series="wec"), simulated_running(scenario, seed=seed)
    )


@pytest.fixture(scope="module")
def run() -> tuple[Scenario, Race, FittedRace]:
    scenario, race = _race(rate=0.15)
    at = int(0.8 * LENGTH)
    cut = race.cut(race.instant("4:00:00"))
    fit = fit_race_params(cut.laps, cut.stops, cut.neutralisations, at, LENGTH, "wec")
    return scenario, race, fit


def _rows(fit: FittedRace, scenario: Scenario) -> list[int]:
    return [scenario.cars.index(number) for number in fit.cars]


def test_the_cars_paces_are_recovered(run: tuple[Scenario, Race, FittedRace]) -> None:
    scenario, _, fit = run
    rows = _rows(fit, scenario)
    truth = scenario.params.pace[rows, 0]
    for k in range(2):
        mine = np.flatnonzero(fit.params["car"][:, col.CAR_CLASS] == k)
        told = fit.params["pace"][mine, :2].mean(axis=1)
        assert np.corrcoef(told, truth[mine])[0, 1] > 0.9


def test_the_doubt_about_the_paces_is_honest(run: tuple[Scenario, Race, FittedRace]) -> None:
    scenario, _, fit = run
    rows = _rows(fit, scenario)
    sd = np.sqrt((fit.params["chol"][:, :2, :2] ** 2).sum(axis=2)).mean(axis=1)
    truth, told = scenario.params.pace[rows, 0], fit.params["pace"][:, :2].mean(axis=1)
    z = []
    for k in range(2):
        mine = fit.params["car"][:, col.CAR_CLASS] == k
        error = (told - truth)[mine]
        z.extend((error - error.mean()) / sd[mine])
    assert 0.25 < np.std(z) < 1.6


def test_base_laps_and_noise_are_recovered(run: tuple[Scenario, Race, FittedRace]) -> None:
    scenario, _, fit = run
    for name, k in (("HYPERCAR", 0), ("LMGT3", 1)):
        row = fit.params["cls"][fit.classes.index(name)]
        middle = scenario.params.pace[k * 10 : k * 10 + 10, 0].mean()
        usual = scenario.params.cls[k, col.CLASS_BASE_MS] * (1.0 + middle)
        assert row[col.CLASS_BASE_MS] == pytest.approx(usual, rel=0.012)
        assert 0.5 < row[col.CLASS_NOISE] / scenario.params.cls[k, col.CLASS_NOISE] < 1.5


def test_the_range_and_the_price_of_a_stop_are_recovered(
    run: tuple[Scenario, Race, FittedRace],
) -> None:
    _, _, fit = run
    for name, reach in (("HYPERCAR", 20.0), ("LMGT3", 18.0)):
        k = fit.classes.index(name)
        mine = fit.params["car"][:, col.CAR_CLASS] == k
        assert fit.params["car"][mine, col.CAR_RANGE].mean() == pytest.approx(reach, rel=0.12)
        row = fit.params["cls"][k]
        full = row[col.CLASS_TRANSIT_MS] + row[col.CLASS_STAND_MS]
        full += 0.9 * reach * row[col.CLASS_FILL_MS]
        truth = 33000.0 + 6000.0 + 0.5 * 10000.0 + 0.9 * reach * 1150.0
        assert full == pytest.approx(truth, rel=0.12)


def test_where_the_box_lies_is_recovered(run: tuple[Scenario, Race, FittedRace]) -> None:
    _, _, fit = run
    assert np.median(fit.params["car"][:, col.CAR_IN_SHARE]) == pytest.approx(0.2, abs=0.06)


def test_rates_of_trouble_and_neutralisations_are_recovered_over_many_races() -> None:
    facts = []
    for seed in range(16):
        _, race = _race(seed=seed, rate=0.5, retire_per_h=0.03)
        facts.append(
            race_facts(race.laps, race.stops, race.neutralisations, LENGTH, "wec", complete=True)
        )
    told = learn(facts)["wec"]
    assert told["neutral"]["rates"]["1"] == pytest.approx(0.5, rel=0.45)
    retire = np.mean([told["families"][f]["retire_per_h"] for f in ("top", "gt_am")])
    assert retire == pytest.approx(0.03, rel=0.5)
    assert np.exp(told["neutral"]["durations"]["1"][0]) == pytest.approx(3.0e5, rel=0.35)
    used = told["neutral"]["answers"]["3"]
    assert used[1] > 0.5


def test_nothing_after_the_instant_is_read(run: tuple[Scenario, Race, FittedRace]) -> None:
    _, race, _ = run
    at = LENGTH // 2
    cut = race.cut(race.instant("2:30:00"))
    one = fit_race_params(cut.laps, cut.stops, cut.neutralisations, at, LENGTH, "wec")
    later = cut.laps.vstack(race.laps.filter(race.laps["elapsed_ms"] > at).select(cut.laps.columns))
    two = fit_race_params(later, race.stops, cut.neutralisations, at, LENGTH, "wec")
    for name, table in one.params.items():
        assert np.array_equal(table, two.params[name]), name


def test_a_forecast_has_a_probability_for_every_place_of_every_starter(
    run: tuple[Scenario, Race, FittedRace],
) -> None:
    _, race, _ = run
    cut = race.cut(race.instant("2:30:00"))
    starters = {**{n: e.car_class for n, e in cut.entries.items()}, "99": "LMGT3"}
    told = forecast_simulated(
        cut.moment(Instant(LENGTH // 2)), LENGTH, replicates=100, starters=starters
    )
    assert set(told["cars"]) == set(starters)
    assert np.allclose(told["p_class_position"].sum(axis=1), 1.0)


def test_a_forecast_from_the_grid_knows_nothing_and_says_so() -> None:
    _, race = _race()
    starters = {number: entry.car_class for number, entry in race.entries.items()}
    cut = race.cut(race.instant("0:00:30"))
    told = forecast_simulated(cut.moment("0:00:30"), LENGTH, replicates=300, starters=starters)
    assert told["p_class_position"][:, 0].max() < 0.5


def test_no_car_at_all_is_said_in_one_line() -> None:
    _, race = _race()
    none = race.laps.clear()
    with pytest.raises(ValueError, match="no car has crossed the line"):
        fit_race_params(none, race.stops.clear(), race.neutralisations.clear(), 1000, LENGTH, "wec")


def test_priors_survive_being_written_and_read() -> None:
    import tomllib

    shipped = shipped_priors()
    again = tomllib.loads(as_toml(shipped))
    assert again["races"] == shipped["races"]
    assert {name for kinds in learned_kinds() for name in kinds} <= set(again)


def test_kinds_of_race_are_told_by_series_and_length() -> None:
    lengths = {
        "wec": ((6, "wec"), (12, "wec"), (24, "wec_24h")),
        "imsa": ((1.67, "imsa_short"), (2, "imsa_sprint"), (3.9, "imsa_sprint"),
                 (4, "imsa_endurance"), (10, "imsa_endurance")),
    }  # fmt: skip
    for series, known in lengths.items():
        for hours, kind in known:
            assert Series.of(series).race_of(hours * 3.6e6).name == kind


def test_the_inputs_of_the_simulator_come_from_the_fit(
    run: tuple[Scenario, Race, FittedRace],
) -> None:
    _, _, fit = run
    params, state = simulator_inputs(fit)
    assert params.cars == len(fit.cars)
    assert state.now_ms == fit.now_ms
    assert replace(params, laps=10.0).laps == 10.0


def test_a_forecast_past_the_flag_is_the_result(run: tuple[Scenario, Race, FittedRace]) -> None:
    _, race, _ = run
    told = forecast_simulated(race.moment(), LENGTH, replicates=50)
    laps = dict(race.laps.group_by("car_number").len().iter_rows())
    assert np.array_equal(told["laps"][0], [laps[n] for n in told["cars"]])
    final = race.at(race.end)
    winner = final.order[0]
    assert told["p_class_position"][told["cars"].index(winner), 0] == 1.0
    flags = race.laps.filter(race.laps["flag"] == "chequered")["car_number"].to_list()
    finished = [n in flags for n in told["cars"]]
    assert np.array_equal(told["retired"][0] == 0, finished)
