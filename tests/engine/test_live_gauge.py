"""The rain gauge that is kept between questions gives what reading from the start gives."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dryline.analysis.track.doubt import OWN_LAPS, SAID_WET
from dryline.analysis.track.reading import filter_track
from dryline.domain.event import Evidence
from dryline.domain.instant import Instant
from dryline.engine.embedded_race import simulated_race
from dryline.engine.live.gauge import Gauge
from dryline.race.race import Race
from tests.made_up.driving import race_of
from tests.made_up.showers import drive, shower

MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def race() -> Race:
    return simulated_race("imola-2024").cut(Instant(50 * MINUTE_MS))


def same(gauge: Gauge, race: Race, at_ms: int) -> None:
    moment = race.moment(Instant(at_ms))
    kept, known = gauge.read(moment), moment.race
    fresh = filter_track(known.crossings, at_ms, known.messages)
    for name in ("samples", "tyres", "classes", "crossovers"):
        assert_frame_equal(getattr(kept.estimate, name), getattr(fresh, name))
    assert kept.estimate.words == fresh.words
    assert kept.estimate.last.reference == fresh.last.reference
    for name in ("masses", "rain_masses", "contrast", "lap_ms", "share"):
        assert (getattr(kept.estimate.last, name) == getattr(fresh.last, name)).all()
    assert kept.estimate.last.tyres == fresh.last.tyres


def test_going_on_and_back_and_asking_twice_changes_nothing(race: Race) -> None:
    gauge = Gauge()
    for minute in (12.0, 20.0, 20.0, 20.01, 33.0, 14.0, 45.5):
        same(gauge, race, round(minute * MINUTE_MS))


def test_a_word_heard_late_or_taken_back_and_a_lap_put_right_are_read_again(race: Race) -> None:
    gauge, at_ms = Gauge(), 40 * MINUTE_MS
    same(gauge, race, at_ms)
    said = Instant(31 * MINUTE_MS)
    rain = Evidence(happened_at=said, known_at=said, kind="rain", source="spotter", weight=0.9)
    same(gauge, replace(race, messages=(rain,)), at_ms)
    same(gauge, race, at_ms)
    slower = race.crossings.with_columns(
        s1_ms=pl.when((pl.col("car_number") == "7") & (pl.col("lap") == 15))
        .then(pl.col("s1_ms") + 4_000)
        .otherwise(pl.col("s1_ms"))
    )
    same(gauge, replace(race, crossings=slower, causal=None), at_ms)


@pytest.fixture(scope="module")
def drying() -> Race:
    """On wets from the start, dry from minute 35 on, at a circuit nobody knows: read again."""
    laps = drive(shower(-5, 0.22, 20), 60, seed=9, start_on_wets=True).laps
    race = race_of(laps.with_columns(speed_kmh=pl.lit(None, pl.Float64)))
    said = Instant(4 * MINUTE_MS)
    wet = Evidence(happened_at=said, known_at=said, kind="wet", source="spotter", weight=0.9)
    return replace(race, messages=(wet,))


@settings(max_examples=3, deadline=None)
@given(
    instants=st.lists(st.integers(0, 60 * MINUTE_MS), min_size=2, max_size=5), told=st.booleans()
)
def test_a_race_that_is_read_again_gives_the_same_in_any_order(
    drying: Race, instants: list[int], told: bool
) -> None:
    race = drying if told else replace(drying, messages=(), causal=None)
    gauge = Gauge()
    for at_ms in (50 * MINUTE_MS, *instants):
        same(gauge, race, at_ms)
    last = gauge.read(race.moment(Instant(50 * MINUTE_MS))).estimate.last
    assert last.reference.source in (OWN_LAPS, SAID_WET)
