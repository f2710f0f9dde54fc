"""The statistical forecast with the parameters that ship: sensible on any race it is given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dryline.model.forecast_parameters import ForecastParameters, decode, encode, shipped
from dryline.model.pooling import pool_places
from dryline.model.statistical import (
    ForecastTable,
    forecast_statistical,
    place_matrix,
    pooled_winner,
)
from dryline.studies.cases import LearningRace, race_cases
from dryline.studies.forecast_scores import scored, summary
from dryline.studies.learning.forecast import CrewsToCome, learn
from tests.made_up.steady import steady_race

CLASSES = {"GTP": ["1", "02", "3", "4"], "GTD": ["7", "007", "9"]}
RACE = steady_race(CLASSES)
LENGTH_MS = 7_200_000


def _forecast(crossings: pl.DataFrame, at_s: float, **options: object) -> ForecastTable:
    return forecast_statistical(
        crossings,
        round(at_s * 1000),
        LENGTH_MS,
        shipped(),
        replicates=300,
        **options,  # type: ignore[arg-type]
    )


def _sound(table: ForecastTable) -> None:
    by_class: dict[str, list[tuple[float, ...]]] = {}
    for car in table.cars:
        by_class.setdefault(car.car_class, []).append(car.p_position_in_class)
        assert 0 <= car.p_retire <= 1
        assert car.p_win_class <= car.p_podium_class + 1e-9
        assert car.stops_left == tuple(sorted(car.stops_left))
        assert min(car.stops_left) >= 0
    for rows in by_class.values():
        matrix = np.array(rows)
        assert matrix.shape == (len(rows), len(rows))
        assert matrix.sum(axis=0) == pytest.approx(np.ones(len(rows)), abs=1e-5)
        assert matrix.sum(axis=1) == pytest.approx(np.ones(len(rows)), abs=1e-5)
    assert sum(c.p_win for c in table.cars) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("at_s", [30, 100, 900, 2300, 3600, 7000, 7199])
def test_every_starter_is_listed_with_sound_probabilities(at_s: float) -> None:
    starters = {n: k for k, numbers in CLASSES.items() for n in numbers}
    table = _forecast(RACE, at_s, starters=starters)
    assert {c.car_number for c in table.cars} == set(starters)
    _sound(table)


@pytest.mark.parametrize(
    "race",
    [
        steady_race({"GTP": ["1"]}),
        steady_race({"GTP": ["1"], "LMP2": ["2", "3"]}),
        steady_race(CLASSES, stint_laps=None),
        steady_race(CLASSES, fcy_s=(0.0, 7200.0)),
        steady_race({"CUP": ["1", "2", "3"], "TOURING": ["4", "5"]}),
        RACE.with_columns(flag=pl.lit(None, dtype=pl.String), driver=pl.lit(None, dtype=pl.String)),
    ],
    ids=["one car", "class of one", "no stops", "never green", "unknown classes", "bare file"],
)
def test_odd_races_get_a_sound_answer(race: pl.DataFrame) -> None:
    for at_s in (200, 3600):
        _sound(_forecast(race, at_s))


def test_before_any_crossing_there_is_nothing_to_order_but_every_starter_is_there() -> None:
    table = _forecast(RACE, 1, starters={"1": "GTP", "02": "GTP"})
    assert {c.car_number for c in table.cars} == {"1", "02"}
    _sound(table)


def test_nothing_after_the_instant_changes_the_forecast() -> None:
    cut = RACE.filter(pl.col("elapsed_ms") <= 3_000_000)
    assert _forecast(RACE, 3000, series="imsa") == _forecast(cut, 3000, series="imsa")


def test_the_seed_is_the_only_chance() -> None:
    assert _forecast(RACE, 3000, seed=5) == _forecast(RACE, 3000, seed=5)
    assert _forecast(RACE, 3000, seed=5) != _forecast(RACE, 3000, seed=6)


def test_a_car_in_the_garage_for_an_hour_hardly_wins_and_likely_retires() -> None:
    table = _forecast(steady_race(CLASSES, retire_s={"1": 2000.0}), 6000)
    cars = {c.car_number: c for c in table.cars}
    assert cars["1"].p_win_class < 0.02
    assert cars["1"].p_retire > 0.6 > 0.3 > cars["02"].p_retire


def test_the_favourite_leads_and_is_surer_near_the_end() -> None:
    early, late = _forecast(RACE, 1800), _forecast(RACE, 6900)
    p = [max(c.p_win_class for c in t.cars if c.car_class == "GTP") for t in (early, late)]
    assert p[1] > p[0] > 0.25


def test_the_faster_class_wins_overall() -> None:
    table = _forecast(RACE, 3600)
    assert sum(c.p_win for c in table.cars if c.car_class == "GTP") > 0.99


def test_parameters_survive_their_file() -> None:
    assert decode(encode(shipped())) == shipped()
    assert shipped().races >= 40


def test_weights_between_knots_are_interpolated_and_held_beyond() -> None:
    first, middle = shipped().at(0.25)[0], shipped().at(0.5)[0]
    assert shipped().at(0.375)[0] == pytest.approx((first + middle) / 2)
    assert shipped().at(0.01)[0] == pytest.approx(first)
    assert shipped().at(3.0)[2] == pytest.approx(shipped().at(0.75)[2])


def test_pooling_a_forecast_with_itself_changes_nothing() -> None:
    p = np.array([[0.6, 0.3, 0.1], [0.3, 0.4, 0.3], [0.1, 0.3, 0.6]])
    assert pool_places([p, p], [0.5, 0.5]) == pytest.approx(p, abs=1e-6)


def test_pooling_lies_between_the_two_and_stays_consistent() -> None:
    p = np.array([[0.8, 0.2], [0.2, 0.8]])
    both = pool_places([p, np.full((2, 2), 0.5)], [0.5, 0.5])
    assert 0.5 < both[0, 0] < 0.8
    assert both.sum(axis=0) == pytest.approx([1.0, 1.0])


def test_whoever_runs_keeps_a_small_chance_and_whoever_does_not_runs_out_of_it() -> None:
    beaten = np.array([9.0, -9.0, -9.0])
    p = pooled_winner(beaten, beaten, beaten, np.array([True, True, False]))
    assert p.sum() == pytest.approx(1.0)
    assert p[1] == pytest.approx(0.0075, abs=1e-4)
    assert p[2] < 1e-6


def _made_up_season(races: int) -> list[LearningRace]:
    random = np.random.default_rng(3)
    made = []
    for k in range(races):
        numbers = [str(n) for n in random.permutation(np.arange(1, 7))]
        crossings = steady_race(
            {"GTP": numbers[:3], "GTD": numbers[3:]}, length_s=3600.0, stint_laps=16, seed=k,
            retire_s={numbers[0]: 1500.0} if k % 4 == 0 else None, fcy_s=None,
        )  # fmt: skip
        made.append(LearningRace(f"race {k}", "imsa", 2024, 3600.0, k % 2 == 0, crossings))
    return made


@pytest.fixture(scope="module")
def season() -> tuple[list[LearningRace], ForecastParameters]:
    return _made_up_season(10), shipped()


def test_learning_then_scoring_a_season_beats_naive_with_races_left_out(
    season: tuple[list[LearningRace], ForecastParameters],
) -> None:
    races, base = season
    cases, taught = [], []
    for race in races:
        some, lesson = race_cases(race, base.class_priors(), (0.25, 0.5, 0.75))
        cases += some
        taught.append(lesson)
    learned = learn(cases, taught, base.classes, leave_out=True)
    assert set(learned.without) == {r.race for r in races}
    crews = CrewsToCome({race: each.crews for race, each in learned.without.items()})
    rows = scored(
        cases,
        lambda c: place_matrix(
            c.state, crews.of(c), learned.without[c.race], c.fraction, c.series, c.year,
            replicates=200, key=(0, 0),
        ),
    )  # fmt: skip
    table = summary(rows)["fractions"]
    everywhere = [t for t in table if t["races"] == "all"]  # type: ignore[attr-defined]
    assert [t["class_races"] for t in everywhere] == [20, 20, 20]
    assert all(t["gain"]["log_loss"]["mean"] > 0 for t in everywhere)


@pytest.mark.needs_data
def test_a_real_race_is_forecast_from_its_first_half(data: Path) -> None:
    from dryline.engine.opening import open_race

    race = open_race(str(data / "wec/2025/imola_6h.csv"))
    table = forecast_statistical(
        race.crossings, 10_800_000, 21_600_000, shipped(), series="wec", year=2025
    )
    assert len(table.cars) == 36
    _sound(table)
