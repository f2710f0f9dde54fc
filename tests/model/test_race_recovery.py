"""Simulate, fit, recover: trouble, driver changes, and what the fit does not learn but states."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dryline.kernels import race_columns as col
from dryline.model.race_facts import RaceFacts, race_facts
from dryline.model.race_params import fit_race_params
from dryline.model.race_priors import learn
from tests.model.test_race_params import LENGTH, _race

FAMILIES = ("top", "gt_am")


def _facts(races: int, first: int = 0, **changes: Any) -> list[RaceFacts]:
    out = []
    for seed in range(first, first + races):
        _, race = _race(seed=seed, rate=0.0, **changes)
        out.append(
            race_facts(race.laps, race.stops, race.neutralisations, LENGTH, "wec", complete=True)
        )
    return out


def _troubles(facts: list[RaceFacts]) -> np.ndarray:
    return np.array([ms for race in facts for seen in race.classes.values() for ms in seen.trouble])


def _learnt(facts: list[RaceFacts], name: str) -> float:
    families = learn(facts)["wec"]["families"]
    return float(np.mean([families[f][name] for f in FAMILIES]))


@pytest.mark.parametrize(("mu", "sd"), [(12.0, 0.8), (11.8, 0.4)])
def test_how_long_trouble_lasts_is_recovered_where_little_of_it_is_short(
    mu: float, sd: float
) -> None:
    facts = _facts(8, trouble_per_h=0.3, trouble_mu=mu, trouble_sd=sd, retire_per_h=1.0e-4)
    n = len(_troubles(facts))
    assert n > 150
    assert _learnt(facts, "trouble_mu") == pytest.approx(mu, abs=3.0 * sd / np.sqrt(n) + 0.06)
    assert _learnt(facts, "trouble_sd") == pytest.approx(sd, rel=0.25)


def test_how_often_trouble_comes_is_recovered_short_of_what_stops_hide() -> None:
    facts = _facts(8, trouble_per_h=0.3, trouble_mu=12.0, trouble_sd=0.5, retire_per_h=1.0e-4)
    rate, error = _learnt(facts, "trouble_per_h"), 1.0 / np.sqrt(len(_troubles(facts)))
    assert 0.3 * (0.85 - 3.0 * error) < rate < 0.3 * (1.0 + 3.0 * error)


def test_a_race_run_on_the_fit_shows_the_trouble_that_the_fit_was_made_from() -> None:
    """Short trouble is not told from slow laps, so the law fitted is of what is noticed."""
    seen = _facts(8, trouble_per_h=0.4, trouble_mu=11.0, trouble_sd=0.8, retire_per_h=1.0e-4)
    fitted = {n: _learnt(seen, n) for n in ("trouble_per_h", "trouble_mu", "trouble_sd")}
    assert fitted["trouble_sd"] < 0.75
    again = _facts(8, first=100, retire_per_h=1.0e-4, **fitted)
    one, two = _troubles(seen), _troubles(again)
    assert len(two) == pytest.approx(len(one), rel=0.25 + 2.0 / np.sqrt(len(one)))
    for q in (0.25, 0.5, 0.75):
        assert np.quantile(two, q) == pytest.approx(np.quantile(one, q), rel=0.25)


@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_how_often_drivers_change_is_recovered_but_for_splashes(share: float) -> None:
    facts = _facts(5, driver_p=share)
    stops = sum(len(seen.driver_changes) for race in facts for seen in race.classes.values())
    error = np.sqrt(share * (1.0 - share) / stops)
    assert stops > 500
    assert share - 0.09 - 3.0 * error < _learnt(facts, "driver_p") < share + 3.0 * error


def test_the_share_of_driver_changes_learnt_is_the_one_simulated_with() -> None:
    _, race = _race(rate=0.0)
    cut = race.cut(race.instant("2:30:00"))
    priors = learn(_facts(3, driver_p=0.8))
    fit = fit_race_params(
        cut.laps, cut.stops, cut.neutralisations, LENGTH // 2, LENGTH, "wec", priors
    )
    for k, name in enumerate(fit.classes):
        family = "top" if name == "HYPERCAR" else "gt_am"
        told = priors["wec"]["families"][family]["driver_p"]
        assert fit.params["cls"][k, col.CLASS_DRIVER_P] == told


def test_passing_is_stated_not_fitted() -> None:
    told = []
    for pass_ms in (500.0, 9000.0):
        _, race = _race(rate=0.0, pass_ms=pass_ms)
        cut, at = race.cut(race.instant("1:30:00")), int(1.5 * 3.6e6)
        fit = fit_race_params(cut.laps, cut.stops, cut.neutralisations, at, LENGTH, "wec")
        told.append(fit.params["cls"][:, col.CLASS_PASS_MS])
    assert np.array_equal(told[0], told[1])
    assert np.array_equal(told[0], [3500.0] * 2)


@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_how_often_penalties_come_is_recovered_short_of_what_looks_routine(rate: float) -> None:
    """A drive-through late in a stint looks like a splash: those are left out."""
    facts = _facts(8, penalty_per_h=rate, trouble_per_h=1.0e-4, retire_per_h=1.0e-4)
    told = _learnt(facts, "penalty_per_h")
    hours = sum(seen.car_hours for race in facts for seen in race.classes.values())
    error = np.sqrt(rate / hours)
    assert 0.5 * rate - 3.0 * error < told < rate + 3.0 * error


def test_the_rate_of_penalties_learnt_is_the_one_simulated_with() -> None:
    _, race = _race(rate=0.0)
    cut = race.cut(race.instant("2:30:00"))
    priors = learn(_facts(3, penalty_per_h=0.3))
    fit = fit_race_params(
        cut.laps, cut.stops, cut.neutralisations, LENGTH // 2, LENGTH, "wec", priors
    )
    for k, name in enumerate(fit.classes):
        family = "top" if name == "HYPERCAR" else "gt_am"
        told = priors["wec"]["families"][family]["penalty_per_h"]
        assert fit.params["cls"][k, col.CLASS_PENALTY_PER_H] == told


def test_noise_that_does_not_change_is_found_not_to_change() -> None:
    more, doubt = learn(_facts(5, retire_per_h=1.0e-4))["wec"]["noise"]
    assert abs(more) < 0.05
    assert doubt < 0.15


def test_noise_that_settles_is_learnt_and_what_is_to_come_of_it_fades() -> None:
    races = _facts(5, retire_per_h=1.0e-4)
    for facts in races:
        assert facts.noise is not None
        facts.noise = facts.noise[0], 0.7 * facts.noise[0]
    priors = learn(races)
    more = priors["wec"]["noise"][0]
    assert np.log(0.7) < more < 0.5 * np.log(0.7)
    plain = {**priors, "wec": {**priors["wec"], "noise": [0.0, 0.2]}}
    _, race = _race(rate=0.0)
    ratios = []
    for clock, share in (("1:00:00", 0.2), ("2:30:00", 0.5), ("4:00:00", 0.8)):
        cut, at = race.cut(race.instant(clock)), int(share * LENGTH)
        noise = [
            fit_race_params(
                cut.laps, cut.stops, cut.neutralisations, at, LENGTH, "wec", each
            ).params["cls"][0, col.CLASS_NOISE]
            for each in (priors, plain)
        ]
        ratios.append(noise[0] / noise[1])
    assert ratios[0] < ratios[1] < ratios[2] == pytest.approx(1.0)
