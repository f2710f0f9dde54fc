"""The live fold and the batch path rebuild the same race, at any instant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.flag import Flag
from dryline.domain.instant import Duration, Instant
from dryline.domain.race_info import RaceInfo
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.race.fold import RaceState, fold, step
from dryline.race.race import Race
from tests.made_up.field import crossings, events

INFO = RaceInfo(name="made up", series="wec")


def same_race(folded: Race, batch: Race) -> None:
    """Every table and the snapshot at the end are equal."""
    assert_frame_equal(folded.crossings, batch.crossings)
    assert_frame_equal(folded.neutralisations, batch.neutralisations)
    assert_frame_equal(folded.laps, batch.laps)
    assert_frame_equal(folded.stops, batch.stops)
    assert_frame_equal(folded.stints, batch.stints)
    assert_frame_equal(folded.lead_changes, batch.lead_changes)
    assert folded.entries == batch.entries
    assert folded.at(batch.end) == batch.at(batch.end)


@settings(deadline=None, max_examples=12)
@given(
    cars=st.integers(1, 9),
    seed=st.integers(0, 10_000),
    share=st.floats(0.02, 1.0),
    flags=st.booleans(),
)
def test_fold_to_t_equals_the_batch_cut_at_t(
    cars: int, seed: int, share: float, flags: bool
) -> None:
    frame = crossings(cars=cars, seed=seed, flags=flags, hours=0.7)
    batch = Race(INFO, frame)
    now = Instant(round(batch.end.ms * share))
    known = [event for event in events(frame) if event.known_at <= now]
    cut = batch.cut(now)
    if not known:
        assert cut.crossings.is_empty()
        return
    same_race(fold(INFO, known).race(), cut)


@pytest.mark.needs_data
@pytest.mark.parametrize(
    "name",
    [
        "wec/2024/fuji_6h.csv",
        "wec/2020/spa_6h.csv",
        "imsa/2022/11-watkins-glen-international/202206261040-race-laps.csv",
    ],
)
def test_fold_equals_batch_over_real_races_at_random_instants(data: Path, name: str) -> None:
    frame = parse_laps((data / name).read_bytes(), name).crossings
    batch = Race(INFO, frame)
    chance = np.random.default_rng(len(name))
    moments = sorted(int(ms) for ms in chance.uniform(0.01, 1.0, 4) * batch.end.ms)
    state, rest = RaceState(INFO), list(events(frame))
    for ms in moments:
        while rest and rest[0].known_at.ms <= ms:
            state = step(state, rest.pop(0))
        same_race(state.race(), batch.cut(Instant(ms)))


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), share=st.floats(0.05, 0.95))
def test_nothing_said_at_t_changes_when_later_rows_are_corrupted(seed: int, share: float) -> None:
    frame = crossings(seed=seed, hours=0.6)
    now = Instant(round(int(frame["elapsed_ms"].max()) * share))  # type: ignore[arg-type]
    later = pl.col("known_at_ms") > now.ms
    corrupted = frame.with_columns(
        lap_time_ms=pl.when(later).then(1).otherwise("lap_time_ms"),
        flag=pl.when(later).then(pl.lit("red")).otherwise("flag"),
        driver=pl.when(later).then(pl.lit("Nobody")).otherwise("driver"),
        in_pit=pl.col("in_pit") ^ later,
        lap=pl.when(later).then(pl.col("lap") + 40).otherwise("lap").cast(pl.Int32),
    )
    honest, other = Race(INFO, frame), Race(INFO, corrupted)
    assert honest.at(now) == other.at(now)
    same_race(other.cut(now), honest.cut(now))


def test_an_old_state_is_not_changed_by_a_step() -> None:
    happenings = list(events(crossings(cars=3, hours=0.3)))
    early = fold(INFO, happenings[:10])
    before = early.race()
    late = fold(INFO, happenings)
    fork = step(early, happenings[-1])
    assert len(early.rows) == 10
    assert len(fork.rows) == 11
    assert len(late.rows) == len(happenings)
    same_race(early.race(), before)


def test_messages_are_known_when_they_reach_us_not_when_they_happened() -> None:
    said = RaceControlMessage(
        happened_at=Instant(600_000), known_at=Instant(660_000), kind="flag", flag=Flag.VSC
    )
    seen = Evidence(
        happened_at=Instant(700_000), known_at=Instant(700_000), kind="rain", source="spotter"
    )
    race = fold(INFO, [*events(crossings(cars=2, hours=0.1)), said, seen]).race()
    assert race.cut(Instant(659_999)).messages == ()
    assert race.cut(Instant(660_000)).messages == (said,)
    assert race.cut(Instant(700_000) + Duration(1)).messages == (said, seen)
