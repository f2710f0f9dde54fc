"""What practice, qualifying and warm-up tell of the race's dry pace, wet ones among them."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.analysis.track.doubt import FIRST_PACE, OTHER_RACES, WEEKEND, Reference
from dryline.analysis.track.filter import TrackFilter
from dryline.analysis.track.reading import filter_track, run_filter, smooth_track
from dryline.analysis.track.reference import fit_dry_priors
from dryline.analysis.track.weekend import (
    AS_QUICK,
    FEWEST_CARS,
    FEWEST_LAPS,
    SLOWER,
    WET_BY,
    WET_SESSION,
    dry_expectation,
    fit_session,
)
from dryline.analysis.track.words import reference_in_words
from dryline.domain.dry_prior import DryPrior
from tests.made_up.driving import Car, Lap, crossings_of
from tests.made_up.showers import PACE, WetRace, drive, dry, shower

QUICK_MS = (30_000, 40_000, 35_000)


def rain(_sector: int, _minute: float) -> float:
    return 0.16


@pytest.fixture(scope="module")
def practice() -> list[DryPrior]:
    return fit_session("practice 1", drive(dry, 40, seed=21).laps)


@pytest.fixture(scope="module")
def wet_practice() -> list[DryPrior]:
    return fit_session("practice 2", drive(rain, 40, seed=22, start_on_wets=True).laps)


@pytest.fixture(scope="module")
def wet_start() -> WetRace:
    """Rain from before the start to minute 20; dry from minute 35 on."""
    return drive(shower(-5, 0.22, 20), 45, seed=9, start_on_wets=True)


def session(slower: float = 0.0, name: str = "practice", **more: object) -> DryPrior:
    a, b, c = (ms * math.exp(slower) for ms in QUICK_MS)
    return DryPrior(name, 5.0, "GTD", (a, b, c), 1, weekend=True, **more)  # type: ignore[arg-type]


def few_laps(cars: int, laps: int) -> pl.DataFrame:
    """Cars that each do a first lap and then so many flying ones."""
    lap = Lap(105_000, sectors_ms=(30_000, 40_000), also={"speed_kmh": 171.43})
    return crossings_of(Car(str(car), "GTD", [lap] * (laps + 1)) for car in range(cars))


def test_a_session_tells_of_a_class_from_twenty_flying_laps_of_three_cars() -> None:
    assert FEWEST_LAPS % 4 == 0
    (told,) = fit_session("practice", few_laps(4, FEWEST_LAPS // 4))
    assert told.sectors_ms == tuple(round(ms * math.exp(SLOWER)) for ms in (30_000, 40_000, 35_000))
    assert (told.race, told.weekend, told.length_km) == ("practice", True, 5.0)
    assert not fit_session("practice", few_laps(FEWEST_LAPS - 1, 1))
    assert not fit_session("practice", few_laps(FEWEST_CARS - 1, FEWEST_LAPS))
    assert fit_session("practice", few_laps(FEWEST_CARS, FEWEST_LAPS))


def test_practice_tells_the_dry_pace_of_every_class(practice: list[DryPrior]) -> None:
    """Those who drive the race drive their practice as quickly here, and no traffic holds them."""
    race = {p.car_class: p.sectors_ms for p in fit_dry_priors("race", drive(dry, 60).laps)}
    assert {p.car_class for p in practice} == set(race) == set(PACE)
    for p in practice:
        over = np.log(np.array(p.sectors_ms) / np.array(race[p.car_class]))
        assert np.abs(over).max() < 0.015


def test_a_session_much_slower_than_the_quickest_is_left_out() -> None:
    for more, share in ((AS_QUICK - 1e-4, 0.5), (AS_QUICK + 1e-4, 0.0)):
        told = dry_expectation([session(), session(more, "practice 2")], 5.0, ["GTD"])
        over = [a - math.log(b) for a, b in zip(told.sectors["GTD"], QUICK_MS, strict=True)]
        assert over == pytest.approx([share * more] * 3)


def test_the_more_sessions_say_the_same_the_less_the_doubt() -> None:
    def doubt(*slower: float) -> float:
        told = [session(by, f"practice {i}") for i, by in enumerate(slower)]
        reference = dry_expectation(told, 5.0, ["GTD"]).reference
        assert reference is not None
        assert (reference.known, reference.source) == (True, WEEKEND)
        return reference.doubt

    assert doubt(0.0) == WET_SESSION == doubt(0.0, 0.12)
    assert doubt(0.0, 0.01) == WET_SESSION / 2
    assert doubt(0.0, 0.01, 0.02) == WET_SESSION / 3 == doubt(0.0, 0.01, 0.02, 0.0)


def test_where_other_races_say_that_the_weekend_was_wet_they_are_believed() -> None:
    other = DryPrior("last year", 5.0, "GTD", QUICK_MS, 2)
    near = dry_expectation([session(WET_BY - 1e-4), other], 5.0, ["GTD"])
    assert near.reference == Reference(known=True, source=WEEKEND, doubt=0.0)
    assert near.sectors["GTD"][0] == pytest.approx(math.log(QUICK_MS[0]) + WET_BY - 1e-4)
    far = dry_expectation([session(WET_BY + 1e-4), other], 5.0, ["GTD"])
    assert far.reference == Reference(known=True, source=OTHER_RACES, doubt=0.0)
    assert far.sectors["GTD"] == pytest.approx(np.log(QUICK_MS))


def test_a_session_of_another_circuit_tells_nothing() -> None:
    assert dry_expectation([session()], 5.1, ["GTD"]).reference is None


def test_a_wet_start_is_known_from_practice_alone(
    wet_start: WetRace, practice: list[DryPrior]
) -> None:
    now = filter_track(wet_start.laps, 15 * 60_000, priors=practice).last
    assert now.reference == Reference(known=True, source=WEEKEND, doubt=WET_SESSION)
    assert (now.p_wet > 0.9).all()
    told = [p for p, _ in now.tyres.values()]
    assert np.mean(np.array(told) > 0.8) > 0.8, "and the field on wets"
    alone = filter_track(wet_start.laps, 15 * 60_000, priors=()).last
    assert not alone.reference.known
    assert alone.p_wet.max() < 0.5
    after = smooth_track(wet_start.laps, priors=practice)
    assert after.last.reference.source == WEEKEND


def test_a_wet_practice_is_no_dry_reference(
    wet_practice: list[DryPrior], practice: list[DryPrior]
) -> None:
    """The dry race that follows is far quicker and shows it; a dry practice shows it before."""
    assert wet_practice
    race = drive(dry, 30, seed=5).laps
    alone = filter_track(race, priors=wet_practice).last
    assert (alone.reference.known, alone.reference.source) == (False, FIRST_PACE)
    names = list(PACE)
    both = dry_expectation([*wet_practice, *practice], 5.0, names)
    assert both == dry_expectation(practice, 5.0, names)


def test_a_dry_race_after_a_dry_practice_is_dry_and_never_surer_than_the_practice(
    practice: list[DryPrior],
) -> None:
    states, _ = run_filter(TrackFilter(practice), drive(dry, 40, seed=6).laps)
    known = [state for state in states if state.reference.source == WEEKEND]
    assert known
    for state in known:
        assert WET_SESSION <= state.p_wet.max() < 0.2


@settings(max_examples=6, deadline=None)
@given(st.integers(6, 40))
def test_a_race_recognises_its_own_laps_by_its_first_crossing(minutes: int) -> None:
    """Whatever is fitted on its later laps, it is read as if nobody had."""
    race = drive(shower(-5, 0.22, 20), 41, seed=9, start_on_wets=True).laps
    own = fit_session("named otherwise", race)
    assert own
    read = filter_track(race, minutes * 60_000, priors=own)
    blind = filter_track(race, minutes * 60_000, priors=())
    assert read.samples.equals(blind.samples)
    assert read.last.reference == blind.last.reference


def test_the_words_say_how_far_the_weekend_is_to_be_trusted() -> None:
    told = reference_in_words(Reference(known=True, source=WEEKEND, doubt=WET_SESSION))
    assert told == "dry times of the weekend's other sessions (4 % that all of them were wet)"
    sure = reference_in_words(Reference(known=True, source=WEEKEND, doubt=0.0))
    assert sure == "dry times of the weekend's other sessions"
