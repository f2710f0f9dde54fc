"""Who was how fast in a session: the quickest laps of those that were tried, and no wet session."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.analysis.practice.paces import WITHIN, as_quick, practice_paces
from dryline.analysis.track.weekend import AS_QUICK
from dryline.domain.weekend import PracticePace
from tests.made_up.driving import Car, Lap, crossings_of


def _session(laps_s: dict[str, list[float]]) -> pl.DataFrame:
    """One run of each driver, each in a car of his own."""
    cars = [
        Car(f"{number}", "GTD", [Lap(round(1000 * s), driver=name) for s in (140.0, *laps)])
        for number, (name, laps) in enumerate(laps_s.items(), start=1)
    ]
    return crossings_of(cars)


def _of(laps_s: dict[str, list[float]]) -> dict[str, PracticePace]:
    return {pace.driver: pace for pace in practice_paces("p", _session(laps_s))}


@settings(max_examples=25, deadline=None)
@given(
    worth=st.lists(st.floats(-0.01, 0.02), min_size=3, max_size=8),
    laps=st.integers(8, 40),
    seed=st.integers(0, 9999),
)
def test_what_drivers_are_worth_is_recovered(worth: list[float], laps: int, seed: int) -> None:
    random = np.random.Generator(np.random.Philox(key=seed))
    driven = {
        f"Driver {n}": (100 * np.exp(x + 0.003 * random.standard_normal(laps))).tolist()
        for n, x in enumerate(worth)
    }
    found = _of(driven)
    shown = np.array([found[name].log_s for name in driven])
    assert shown - shown.mean() == pytest.approx(np.array(worth) - np.mean(worth), abs=0.005)


@pytest.mark.parametrize(("over", "laps"), [(WITHIN - 0.005, 7), (WITHIN + 0.005, 6)])
def test_a_lap_far_off_the_class_is_no_attempt(over: float, laps: int) -> None:
    """Ten laps tell seven, nine tell six: the slow one counts among them, or not."""
    quick = [100.0] * 9
    found = _of({"A": [*quick, 100 * math.exp(over)], "B": quick})
    assert (found["A"].laps, found["B"].laps) == (laps, 6)
    assert found["A"].log_s == pytest.approx(math.log(100))


def test_whose_name_is_not_stated_is_nobody() -> None:
    assert practice_paces("p", _session({"": [100.0] * 9})) == []


@pytest.mark.parametrize(("slower", "kept"), [(AS_QUICK - 1e-6, 2), (AS_QUICK + 1e-6, 1)])
def test_a_session_slower_than_the_quickest_tells_nothing(slower: float, kept: int) -> None:
    dry = PracticePace("practice", "GTD", "7", "A", 10, math.log(100))
    told = [dry, replace(dry, session="wet", log_s=dry.log_s + slower)]
    other = replace(dry, car_class="GTP", session="wet", log_s=dry.log_s + 2 * slower)
    assert len(as_quick(told)) == kept
    assert as_quick([*told, other])[-1] == other
