from __future__ import annotations

import numpy as np
import pytest

from dryline.domain.errors import BadOption, RaceNotFound
from dryline.domain.race_info import RaceInfo
from dryline.domain.tables import CROSSINGS
from dryline.kernels import race_columns as col
from dryline.race.race import Race
from dryline.rules.embedded import embedded_event
from dryline.sim.outcomes import Outcomes
from dryline.strategy.scenario import Scenario, load_scenario, with_what_if
from dryline.strategy.scenario_run import Swing, replay, run_what_if, simulated_running

REPLICATES = 400


@pytest.fixture(scope="module")
def imola() -> Scenario:
    return load_scenario("imola-2024")


@pytest.fixture(scope="module")
def as_made(imola: Scenario) -> Outcomes:
    return replay(imola, replicates=REPLICATES)


def _swings(imola: Scenario, as_made: Outcomes, name: str) -> dict[str, Swing]:
    what_if = next(w for w in imola.what_ifs if w["id"] == name)
    return {s.car_number: s for s in run_what_if(imola, what_if, as_made)}


def test_the_scenario_holds_every_entry_of_the_event(imola: Scenario) -> None:
    assert set(imola.cars) == set(embedded_event("imola-2024").entries)


def test_every_number_of_the_scenario_has_a_source(imola: Scenario) -> None:
    assert "estimated" in imola.sources
    assert len(imola.sources) > 30


def test_the_simulated_laps_are_those_of_the_race(imola: Scenario, as_made: Outcomes) -> None:
    median = np.median(as_made.laps, axis=0)
    known = {"7": 205, "6": 205, "50": 205, "93": 203, "31": 187, "92": 186, "91": 171, "15": 163}
    for number, laps in known.items():
        assert abs(median[imola.car(number)] - laps) <= 6, number
    assert median[imola.car("7")] == pytest.approx(205, abs=1.5)
    assert median[imola.car("31")] == pytest.approx(187, abs=1.5)


def test_the_winners_of_the_day_are_the_likeliest(imola: Scenario, as_made: Outcomes) -> None:
    wins = (as_made.class_positions() == 1).mean(axis=0)
    for group, winner in (("HYPERCAR", "7"), ("LMGT3", "31")):
        mine = [c for c, k in enumerate(imola.car_classes) if k == group]
        assert imola.cars[max(mine, key=lambda c: wins[c])] == winner


def test_ferrari_gains_by_boxing_with_toyota(imola: Scenario, as_made: Outcomes) -> None:
    for swing in _swings(imola, as_made, "ferrari-lap-135").values():
        assert swing.seconds > 40.0
        assert swing.seconds > 5.0 * swing.seconds_se
        assert swing.points > 0.0


def test_the_class_winner_loses_by_taking_wets(imola: Scenario, as_made: Outcomes) -> None:
    swing = _swings(imola, as_made, "31-takes-wets")["31"]
    assert swing.seconds < -5.0 * swing.seconds_se
    assert swing.p_win_class < swing.p_win_class_as_made


def test_without_rain_nobody_fits_wets(imola: Scenario) -> None:
    from dryline.sim.simulate import simulate_path

    dry = with_what_if(imola, next(w for w in imola.what_ifs if w["id"] == "no-rain"))
    _, path = simulate_path(dry.params, dry.start, dry.plans, seed=1)
    assert not (path[:, col.PATH_TYRE] > 0).any()


def test_the_simulated_running_is_a_race_like_any_other(imola: Scenario) -> None:
    event = embedded_event("imola-2024")
    frame = simulated_running(imola, seed=1, entries=event.entries)
    assert dict(frame.schema) == CROSSINGS
    race = Race(RaceInfo(name="imola-2024", series="wec", simulated=True), frame)
    assert len(race.cars) == 37
    assert race.at(race.end).table.height == 37
    assert (frame["s1_ms"] + frame["s2_ms"] + frame["s3_ms"] == frame["lap_time_ms"]).all()
    assert frame.select((frame["s3_ms"] > 0).all()).item()
    assert {"green", "fcy", "safety_car", "chequered"} == set(frame["flag"].unique())
    assert race.stops.height > 200
    same = simulated_running(imola, seed=1, entries=event.entries)
    assert frame.equals(same)


def test_an_unknown_scenario_or_car_is_named(imola: Scenario) -> None:
    with pytest.raises(RaceNotFound, match="imola-2024"):
        load_scenario("imola-2023")
    with pytest.raises(BadOption, match="no car '999'"):
        imola.car("999")


def test_most_of_what_is_known_lies_within_what_is_simulated(imola: Scenario) -> None:
    from tests.strategy.scenario_checks import known_against_simulated

    checks = known_against_simulated(
        imola, embedded_event("imola-2024"), replicates=REPLICATES, paths=8
    )
    assert len(checks) > 30
    assert np.mean([check.holds for check in checks]) > 0.6


def test_no_stop_of_the_simulated_running_is_absurd(imola: Scenario) -> None:
    frame = simulated_running(imola, seed=1)
    stated = frame["pit_lane_ms"].drop_nulls()
    assert stated.min() > 20_000  # type: ignore[operator]
    assert stated.max() < 2 * 3_600_000  # type: ignore[operator]
