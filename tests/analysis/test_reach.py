"""How far a tank goes: what was run is certain, the class bounds it, the rest is doubt."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.analysis.stops.fuel_range import RangeTracker
from dryline.analysis.stops.priors import RangePriors
from dryline.analysis.stops.reach import Reach, shown_reach, told_reach

laps = st.floats(1.0, 80.0)


@given(usual=st.floats(5.0, 90.0), sd=st.floats(0.02, 0.3), of_class=laps, of_car=laps, load=laps)
def test_what_was_run_is_certain_and_more_is_never_likelier(
    usual: float, sd: float, of_class: float, of_car: float, load: float
) -> None:
    found = shown_reach(usual, sd, of_class=of_class, of_car=of_car, load=load)
    assert found.p_reaches(max(of_car, load) - load) == pytest.approx(1.0, abs=1e-5)
    chances = [found.p_reaches(more) for more in np.linspace(0.0, 120.0, 60)]
    assert all(0.0 <= b <= a <= 1.0 for a, b in pairwise(chances))
    assert chances[-1] < 0.5 or max(usual, of_class, of_car) > 60.0
    assert 0.0 <= found.left(0.1) <= found.left(0.5) <= found.left(0.9)


@given(usual=st.floats(20.0, 60.0), share=st.floats(0.05, 0.95))
def test_a_quantile_is_reached_as_often_as_it_says(usual: float, share: float) -> None:
    found = shown_reach(usual, 0.2, of_class=1.0, of_car=1.0, load=3.0)
    left = found.quantile(share) - 3.0
    assert found.p_reaches(left) == pytest.approx(1.0 - share, abs=1e-6)


def test_simulated_cars_go_as_far_as_it_says() -> None:
    """Classes and cars drawn as the model believes; what is said before is what comes."""
    rng = np.random.default_rng(3)
    said, came = [], []
    for _ in range(8000):
        of_class = 40.0 * np.exp(0.2 * rng.normal())
        tank = of_class * np.exp(0.03 * rng.normal())
        shown = rng.uniform(15.0, 60.0)
        if shown > tank:
            continue
        need = rng.uniform(0.8, 1.3) * 40.0
        found = shown_reach(40.0, 0.2, of_class=1.0, of_car=shown, load=10.0)
        said.append(found.p_reaches(need - 10.0))
        came.append(tank >= need)
    groups = np.digitize(said, (0.2, 0.4, 0.6, 0.8))
    for group in range(5):
        mine = groups == group
        assert np.mean(np.array(came)[mine]) == pytest.approx(
            np.mean(np.array(said)[mine]), abs=0.06
        )


def test_a_class_that_went_further_moves_a_car_that_did_not() -> None:
    alone = shown_reach(40.0, 0.2, of_class=20.0, of_car=20.0, load=20.0)
    beside = shown_reach(40.0, 0.2, of_class=48.0, of_car=20.0, load=20.0)
    assert alone.p_reaches(25.0) < 0.4 < 0.8 < beside.p_reaches(25.0) < 1.0


def test_what_is_told_is_nearly_certain() -> None:
    found = told_reach(38.0, 0.5, 12.0)
    assert found.load == 26.0
    assert found.p_reaches(11.0) > 0.97
    assert found.p_reaches(12.0) == pytest.approx(0.5, abs=0.01)
    assert found.p_reaches(13.0) < 0.03
    assert (found.mean, found.sd) == (pytest.approx(38.0, abs=0.01), pytest.approx(0.5, abs=0.02))


def run(stints: dict[str, list[int]]) -> RangeTracker:
    """A class of which each car has run these stints, the last of them still running."""
    priors = RangePriors(yellow_factor=0.5, default_minutes=48, default_sd=0.1, minutes={}, sd={})
    tracker = RangeTracker(priors)
    for car, of_car in stints.items():
        for which, length in enumerate(of_car):
            for lap in range(length):
                ends = lap == length - 1 and which < len(of_car) - 1
                tracker.crossed(
                    car, "GTD", 90_000, yellow_share=0, out_lap=which > 0 and lap == 0, in_lap=ends
                )
    return tracker


def test_full_stints_show_the_range_but_a_sprints_stints_do_not() -> None:
    tracker = run({str(car): [30, 31, 30, 2] for car in range(6)})
    endurance, sprint = tracker.reach("1"), tracker.reach("1", sprint=True)
    assert endurance.p_reaches(32.0) < 0.1 < 0.6 < sprint.p_reaches(32.0)
    assert endurance.load == sprint.load == 2.0


@pytest.mark.needs_data
def test_the_dpi_of_the_2021_sprint_at_laguna_seca_are_not_told_that_they_reach_the_flag(
    data: Path,
) -> None:
    """At six tenths of 160 minutes none had shown the stint that was still to run."""
    from dryline import open_race
    from dryline.analysis.stops.fuel_range import fold_range
    from dryline.analysis.stops.priors import stop_priors

    path = data / "imsa/2021/17-weathertech-raceway-laguna-seca"
    race = open_race(path)
    at_ms = 96 * 60_000
    laps = race.laps.filter(race.laps["elapsed_ms"] <= at_ms)
    tracker = fold_range(laps, stop_priors().range)
    cars = [car for car, name in tracker.class_of.items() if name == "DPi"]
    to_go = (160 - 96) * 60_000 / tracker.lap_ms["DPi"]
    assert cars
    assert all(tracker.reach(car, sprint=True).p_reaches(to_go) < 0.5 for car in cars)


def test_a_reach_can_be_asked_below_and_beyond_its_grid() -> None:
    found = Reach(np.array([10.0, 20.0]), np.array([0.0, 1.0]), 5.0)
    assert (found.p_reaches(0.0), found.p_reaches(10.0), found.p_reaches(99.0)) == (1.0, 0.5, 0.0)


def test_one_car_whose_stop_went_unseen_shows_no_range() -> None:
    """A stop taken for a drive-through leaves one car's load too great: it takes two cars."""
    stints = {str(car): [30, 30, 5] for car in range(5)}
    usual = run(stints).reach("1").mean
    assert run({**stints, "9": [45]}).reach("1").mean == pytest.approx(usual, abs=0.3)
    assert run({**stints, "8": [40], "9": [40]}).reach("1").mean > usual + 5.0
