"""Simulate, count, recover: how often it rains, and for how long."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from dryline.analysis.track.reading import SAMPLES
from dryline.kernels.race_state import Surface
from dryline.kernels.race_weather import fill_wetness
from dryline.kernels.random import replicate_key
from dryline.model.rain_facts import RainFacts, learn_rain, onsets_per_hour, rain_facts
from dryline.sim.params import Rain
from tests.made_up.simulated_rain import cut_and_read

HOURS = 10
ONSET, RAIN_MIN = 0.25, 30.0
SHOWERS = Rain(
    gain_per_min=0.1, dry_per_min=0.1, reach_spread=0.0,
    rates=np.array([[0.0, ONSET, 0.0], [60.0 / RAIN_MIN, 0.0, 0.0], [0.0, 0.0, 0.0]]),
)  # fmt: skip


def _samples(wet: np.ndarray) -> pl.DataFrame:
    """The samples of a gauge that sees wetness as it is."""
    raining = np.diff(wet, prepend=0.0) > 0.0
    columns = {name: np.zeros(len(wet)) for name in SAMPLES}
    columns |= {"at_ms": 60_000.0 * np.arange(len(wet)), "p_rain": raining.astype(float)}
    columns |= {f"p_wet{k}": (wet > 0.08).astype(float) for k in (1, 2, 3)}
    return pl.DataFrame(columns)


@pytest.fixture(scope="module")
def races() -> list[RainFacts]:
    out, track = [], cut_and_read(0, 0, 100)[1]
    for replicate in range(150):
        surface = Surface(np.zeros((60 * HOURS, 3)), np.zeros(60 * HOURS, np.int8))
        key = np.uint64(replicate_key(5, replicate))
        fill_wetness(SHOWERS.tables(np.zeros((1, 4))), 0, 0, surface, key)
        out.append(rain_facts(replace(track, samples=_samples(surface.wet[:, 0])), HOURS * 3.6e6))
    return out


def test_how_often_rain_comes_is_recovered_but_for_drops(races: list[RainFacts]) -> None:
    """Rain too short to wet the track is no spell, and one that soon comes back is the same."""
    learnt = learn_rain(races)
    assert learnt["onsets"] > 80
    for wet in (False, True):
        assert 0.7 * ONSET < onsets_per_hour(learnt, has_been_wet=wet) < 1.1 * ONSET


def test_how_long_rain_lasts_is_recovered(races: list[RainFacts]) -> None:
    learnt = learn_rain(races)
    assert np.exp(learnt["rain_mu"]) == pytest.approx(RAIN_MIN * np.log(2.0), rel=0.25)


def test_races_without_rain_leave_a_small_chance_of_it() -> None:
    learnt = learn_rain([RainFacts((), 6 * 3.6e6)] * 10)
    assert learnt["dry_hours"] == 60.0
    assert 0.0 < onsets_per_hour(learnt, has_been_wet=False) < 0.02


def test_the_gauge_counts_the_rain_that_a_race_was_run_in() -> None:
    _, track = cut_and_read(60, 80, 150)
    found = rain_facts(track, 150 * 60_000.0)
    assert not found.started_wet
    [(start, end, raining)] = found.spells
    assert start / 60_000 == pytest.approx(63, abs=4)
    assert 80 < end / 60_000 < 140
    assert 10 < raining / 60_000 < 50
