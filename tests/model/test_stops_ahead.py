"""How many stops a car still makes: a distribution over whole numbers that sees no future."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.model.features import ClassState, class_states
from dryline.model.forecast_parameters import shipped
from dryline.model.running import Floats, running_at
from dryline.model.stops_ahead import COLUMNS, count_quantiles, p_stops, stops_design
from dryline.studies.cases import Case, LearningRace, race_cases
from dryline.studies.learning.stops_ahead import fit_stops
from dryline.studies.stops_left_scores import scored_stops, stops_summary
from tests.made_up.steady import steady_race

CLASSES = {"GTP": ["1", "02", "3", "4"], "GTD": ["7", "007", "9"]}
RACE = steady_race(CLASSES)
LENGTH_S = 7200.0
WEIGHTS = np.array(shipped().stops_ahead)


def _states(crossings: pl.DataFrame, at_s: float) -> list[ClassState]:
    starters = {n: k for k, numbers in CLASSES.items() for n in numbers}
    running = running_at(crossings, round(at_s * 1000), starters)
    return class_states(running, LENGTH_S, shipped().class_priors())


def _said(state: ClassState, retire: float = 0.1) -> Floats:
    return p_stops(state, "imsa", WEIGHTS, np.full(state.size, retire))


def test_the_weights_that_ship_have_one_for_each_column() -> None:
    (gtd, _) = _states(RACE, 3600)
    assert stops_design(gtd, "imsa", np.arange(5.0)).shape == (3, 5, len(COLUMNS))
    assert WEIGHTS.shape == (len(COLUMNS),)


@settings(max_examples=30, deadline=None)
@given(at_s=st.integers(0, 7300), series=st.sampled_from(["imsa", "wec", "elms", None]))
def test_every_moment_of_a_race_has_a_distribution(at_s: int, series: str | None) -> None:
    for state in _states(RACE, at_s):
        p = p_stops(state, series, WEIGHTS, np.full(state.size, 0.2))
        assert p.min() >= 0
        assert p.sum(axis=1) == pytest.approx(np.ones(state.size))
        assert all(a <= b <= c for a, b, c in count_quantiles(p))


@settings(max_examples=15, deadline=None)
@given(at_s=st.integers(60, 7000))
def test_nothing_after_the_instant_changes_it(at_s: int) -> None:
    later = pl.col("elapsed_ms") > at_s * 1000
    spoiled = RACE.with_columns(in_pit=pl.when(later).then(True).otherwise(pl.col("in_pit")))
    for state, other in zip(_states(RACE, at_s), _states(spoiled, at_s), strict=True):
        assert np.array_equal(_said(state), _said(other))


def test_fewer_stops_are_left_as_the_race_goes_on_and_hardly_one_at_the_end() -> None:
    mean = [
        float((_said(_states(RACE, at_s)[1]) @ np.arange(101)).mean())
        for at_s in (900, 2700, 4500, 6300, 7190)
    ]
    assert mean == sorted(mean, reverse=True)
    assert mean[0] > 1.5
    assert mean[-1] < 0.15


def test_a_car_that_stands_makes_none_if_it_never_goes_on_and_a_running_one_is_not_asked() -> None:
    gtp = _states(steady_race(CLASSES, retire_s={"1": 2000.0}), 3600)[1]
    stands = gtp.away_s > 0
    assert [number for number, out in zip(gtp.cars, stands, strict=True) if out] == ["1"]
    never, surely = _said(gtp, 0.0), _said(gtp, 1.0)
    assert surely[stands][:, 0] == pytest.approx([1.0])
    assert never[stands][0, 0] < 0.2
    assert np.array_equal(never[~stands], surely[~stands])
    half = _said(gtp, 0.5)
    assert half == pytest.approx((never + surely) / 2)


@pytest.mark.parametrize(
    ("p", "said"),
    [
        ([0.19, 0.62, 0.19], (1, 1, 1)),
        ([0.21, 0.58, 0.21], (0, 1, 2)),
        ([0.21, 0.60, 0.19], (0, 1, 1)),
        ([0.19, 0.60, 0.21], (1, 1, 2)),
        ([0.49, 0.51], (0, 1, 1)),
        ([0.51, 0.49], (0, 0, 1)),
        ([1.0, 0.0, 0.0], (0, 0, 0)),
        ([0.0, 0.0, 1.0], (2, 2, 2)),
    ],
)
def test_a_number_is_in_the_band_where_half_of_its_probability_is(
    p: list[float], said: tuple[int, int, int]
) -> None:
    assert count_quantiles(np.array([p])) == (said,)


@settings(max_examples=50, deadline=None)
@given(
    mean=st.floats(0.2, 30),
    wide=st.floats(0.5, 5),
)
def test_bands_of_many_numbers_hold_four_in_five(mean: float, wide: float) -> None:
    numbers = np.arange(101)
    p = np.exp(-0.5 * ((numbers - mean) / wide) ** 2)
    p /= p.sum()
    ((low, middle, high),) = count_quantiles(p[None])
    assert low <= middle <= high
    assert abs(p[low : high + 1].sum() - 0.8) < p.max()


def _season() -> list[Case]:
    cases = []
    for k in range(8):
        race = steady_race(CLASSES, stint_laps=18 + 3 * k, seed=k, fcy_s=None)
        past = LearningRace(f"race {k}", "imsa", 2024, LENGTH_S, False, race)
        cases += race_cases(past, shipped().class_priors(), (0.25, 0.5, 0.75))[0]
    return cases


def test_what_steady_races_teach_tells_the_stops_of_another_one() -> None:
    cases = _season()
    without = fit_stops(cases, leave_out=True)
    assert without.keys() == {None, *(case.race for case in cases)}

    def learnt(case: Case) -> Floats:
        weights = without[case.race]
        return p_stops(case.state, case.series, weights, np.zeros(case.state.size))

    def fuel(case: Case) -> Floats:
        return np.eye(101)[case.state.stops_left.astype(int)]

    ours, theirs = (
        np.mean([row.error for row in scored_stops(cases, said)]) for said in (learnt, fuel)
    )
    assert ours < 0.8 * theirs


def test_a_race_left_out_is_as_if_it_had_never_been() -> None:
    cases = _season()
    rest = [case for case in cases if case.race != "race 3"]
    without = fit_stops(cases, leave_out=True)
    found, fresh, everything = without["race 3"], fit_stops(rest)[None], without[None]
    # the spread that the ridge multiplies does see every race
    assert np.abs(found - fresh).max() < 0.8 * np.abs(everything - fresh).max()


def test_only_cars_that_take_the_flag_are_scored_and_the_bias_has_its_sign() -> None:
    case = _season()[1]
    last = np.arange(case.state.size) == case.state.size - 1
    case = replace(case, truth=replace(case.truth, retired=last))

    def off_by(shift: int) -> Floats:
        p = np.zeros((case.state.size, 101))
        p[np.arange(case.state.size), case.truth.stops + shift] = 1.0
        p[last] = np.eye(101)[50]
        return p

    for shift, held in ((0, 1.0), (2, 0.0)):
        (row,) = scored_stops([case], lambda _, s=shift: off_by(s))  # type: ignore[misc]
        assert (row.cars, row.error, row.bias, row.held) == (
            case.state.size - 1, shift, shift, held,
        )  # fmt: skip
    (everywhere,) = [s for s in stops_summary([row]) if s["races"] == "all"]
    assert (everywhere["cars"], everywhere["bias_by_car"]) == (row.cars, 2.0)


@pytest.mark.needs_data
def test_races_left_out_whole_are_told_better_than_by_fuel_alone(data: Path) -> None:
    from dryline.studies.forecast import learning_race

    events = ("06-long-beach-street-circuit", "14-road-america", "12-watkins-glen-international")
    paths = [next((data / "imsa/2024" / event).glob("*-laps.csv")) for event in events]
    paths += [data / f"wec/2025/{event}_6h.csv" for event in ("imola", "fuji", "spa")]
    cases = [
        case
        for path in paths
        for case in race_cases(learning_race(path), shipped().class_priors(), (0.25, 0.5, 0.75))[0]
    ]
    without = fit_stops(cases, leave_out=True)
    ours, fuel = (
        np.mean([row.error for row in scored_stops(cases, said)])
        for said in (
            lambda c: p_stops(c.state, c.series, without[c.race], np.zeros(c.state.size)),
            lambda c: np.eye(101)[c.state.stops_left.astype(int)],
        )
    )
    assert ours < 0.85 * fuel
