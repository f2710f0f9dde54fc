"""The rain gauge on races whose wetness and tyres are known."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.analysis.track.filter import TrackFilter
from dryline.analysis.track.laps import crossings_of
from dryline.analysis.track.model import LEVELS
from dryline.analysis.track.reading import filter_track, smooth_track
from dryline.analysis.track.reference import fit_dry_priors
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.instant import Instant
from tests.made_up.showers import WetRace, drive, dry, shower


@pytest.fixture(scope="module")
def wet() -> WetRace:
    return drive(shower(30, 0.24, 55), 100)


@pytest.fixture(scope="module")
def dry_race() -> WetRace:
    return drive(dry, 90, seed=4)


def _alarm(samples: pl.DataFrame) -> np.ndarray:  # type: ignore[type-arg]
    p = samples.select("p_wet1", "p_wet2", "p_wet3").to_numpy()
    return (p > 0.5).sum(axis=1) >= 2


def test_a_shower_is_found_within_three_minutes_and_forgotten_when_it_has_dried(wet):
    samples = filter_track(wet.laps, priors=()).samples
    minute = samples["at_ms"].to_numpy() / 60_000
    on = minute[_alarm(samples)]
    assert 30 < on[0] < 33
    assert not _alarm(samples)[(minute > 80)].any()
    assert _alarm(samples)[(minute > 34) & (minute < 60)].mean() > 0.95


def test_rain_in_one_sector_stays_in_that_sector():
    race = drive(shower(30, 0.10, 50, sectors=(2,)), 55, seed=3)
    estimate = filter_track(race.laps, 45 * 60_000, priors=())
    last = estimate.samples.row(-1, named=True)
    assert last["p_wet3"] > 0.9
    assert max(last["p_wet1"], last["p_wet2"]) < 0.2
    assert "sector 3 only" in estimate.words


def test_a_dry_race_raises_no_alarm(dry_race):
    estimate = filter_track(dry_race.laps, priors=())
    assert not _alarm(estimate.samples).any()
    assert estimate.words.startswith("dry as far as the race itself can tell; no dry reference")
    assert estimate.tyres["p_wet_tyre"].max() < 0.2
    assert estimate.crossovers.is_empty()


def test_a_wet_start_is_known_from_other_races_at_the_circuit(dry_race):
    race = drive(shower(-5, 0.22, 30), 40, seed=9, start_on_wets=True)
    priors = fit_dry_priors("other", dry_race.laps)
    known = filter_track(race.laps, 10 * 60_000, priors=priors)
    assert _alarm(known.samples)[-1]
    assert known.tyres.filter(pl.col("p_wet_tyre") > 0.5).height > 20
    blind = filter_track(race.laps, 10 * 60_000, priors=priors, without="other")
    assert not _alarm(blind.samples)[-1]


def test_tyres_are_known_two_laps_after_the_change(wet):
    live = TrackFilter()
    minute = 44
    state = live.update(crossings_of(wet.laps, minute * 60_000))
    settled = [
        (p > 0.5) == wet.on_wets(car, minute * 60_000)
        for car, (p, _) in state.tyres.items()
        if wet.on_wets(car, (minute - 4) * 60_000) == wet.on_wets(car, minute * 60_000)
    ]
    assert len(settled) > 12
    assert np.mean(settled) > 0.9


def test_the_stated_intervals_cover_the_true_wetness_at_their_rate():
    inside, stated = [], []
    for seed in range(5):
        truth = shower(25 + seed, 0.08 + 0.04 * seed, 40)
        race = drive(truth, 62, seed=20 + seed)
        after = smooth_track(race.laps, priors=())
        for row in after.samples.filter(pl.col("at_ms") > 24 * 60_000).iter_rows(named=True):
            for k in range(3):
                level = truth(k, row["at_ms"] / 60_000)
                mean, sd = row[f"loss{k + 1}"], 0.3 * row[f"sd{k + 1}"]
                inside.append(abs(level - mean) <= 1.645 * sd)
                stated.append((row[f"p_wet{k + 1}"], level > 0.025))
    assert 0.85 < np.mean(inside) <= 1.0  # stated: 90 %
    sure = np.array([wet for p, wet in stated if p > 0.9])
    unlikely = np.array([wet for p, wet in stated if p < 0.1])
    assert sure.mean() > 0.9
    assert unlikely.mean() < 0.1


def test_stated_tyre_probabilities_are_calibrated_on_generated_races():
    pairs = []
    for seed in range(4):
        race = drive(shower(25, 0.14 + 0.05 * seed, 45), 75, seed=40 + seed)
        live = TrackFilter()
        crossings = crossings_of(race.laps)
        for minute in range(26, 75, 4):
            past = [c for c in crossings if (minute - 4) * 60_000 < c.elapsed_ms <= minute * 60_000]
            if minute == 26:
                past = [c for c in crossings if c.elapsed_ms <= minute * 60_000]
            state = live.update(past)
            pairs += [
                (p, race.on_wets(car, minute * 60_000)) for car, (p, _) in state.tyres.items()
            ]
    p, truth = np.array([x for x, _ in pairs]), np.array([t for _, t in pairs])
    assert truth[p > 0.9].mean() > 0.85
    assert truth[p < 0.1].mean() < 0.15
    assert np.mean((p - truth) ** 2) < 0.12


@settings(max_examples=6, deadline=None)
@given(st.integers(min_value=12, max_value=60), st.randoms(use_true_random=False))
def test_nothing_known_later_moves_a_filtered_estimate(minute, random):
    race = drive(shower(20, 0.2, 40), 66, seed=7)
    at = minute * 60_000 + 7_123
    broken = race.laps.with_columns(
        pl.when(pl.col("elapsed_ms") > at)
        .then(pl.col(name) + random.randint(1, 90_000))
        .otherwise(pl.col(name))
        .alias(name)
        for name in ("s1_ms", "s2_ms", "s3_ms", "lap_time_ms", "elapsed_ms")
    )
    honest, other = filter_track(race.laps, at, priors=()), filter_track(broken, at, priors=())
    cut = filter_track(race.laps.filter(pl.col("elapsed_ms") <= at), at, priors=())
    for one in (other, cut):
        assert honest.samples.equals(one.samples)
        assert honest.tyres.equals(one.tyres)
        assert honest.classes.equals(one.classes)


def _evidence(kind, minute, **more):
    at = Instant(minute * 60_000)
    return Evidence(happened_at=at, known_at=at, kind=kind, source="spotter", **more)


def test_a_wrong_report_of_rain_is_outvoted_by_the_laps(dry_race):
    said = [_evidence("rain", 30, weight=1.0)]
    samples = filter_track(dry_race.laps, messages=said, priors=()).samples
    minute = samples["at_ms"].to_numpy() / 60_000
    assert not _alarm(samples)[(minute < 30) | (minute > 34)].any()


def test_a_wrong_report_of_a_dry_track_does_not_hide_the_rain(wet):
    said = [_evidence("dry", 38, weight=1.0)]
    samples = filter_track(wet.laps, 50 * 60_000, messages=said, priors=()).samples
    minute = samples["at_ms"].to_numpy() / 60_000
    assert _alarm(samples)[minute > 40].mean() > 0.9


def test_race_control_declaring_the_track_wet_makes_rain_likelier(wet):
    at = Instant(30 * 60_000 + 20_000)
    said = RaceControlMessage(happened_at=at, known_at=at, kind="track_declared_wet")
    without = filter_track(wet.laps, 31 * 60_000, priors=()).samples.row(-1, named=True)
    told = filter_track(wet.laps, 31 * 60_000, [said], priors=()).samples.row(-1, named=True)
    assert told["p_wet1"] > without["p_wet1"]


def test_a_report_counts_only_from_when_it_is_known(dry_race):
    later = _evidence("rain", 50, weight=1.0)
    told = filter_track(dry_race.laps, 49 * 60_000, [later], priors=())
    assert told.samples.equals(filter_track(dry_race.laps, 49 * 60_000, priors=()).samples)


def test_a_tyre_that_was_seen_beats_inference(dry_race):
    said = [_evidence("tyre", 30, car_number="3", tyre="wet")]
    tyres = filter_track(dry_race.laps, 32 * 60_000, said, priors=()).tyres
    mine = tyres.filter(pl.col("car_number") == "3").row(-1, named=True)
    assert mine["seen"]
    assert mine["p_wet_tyre"] > 0.99


def test_smoothing_sees_the_onset_no_later_than_filtering(wet):
    live, after = (
        filter_track(wet.laps, priors=()).samples,
        smooth_track(wet.laps, priors=()).samples,
    )
    first = live["at_ms"].to_numpy()[_alarm(live)][0]
    assert after["at_ms"].to_numpy()[_alarm(after)][0] <= first


def test_the_faster_tyre_is_right_away_from_the_crossover(wet):
    classes = filter_track(wet.laps, priors=()).classes
    at = {m: classes.filter(pl.col("at_ms") == m * 60_000) for m in (25, 45, 75)}
    assert at[25]["p_wet_faster"].max() < 0.2
    assert at[45].filter(pl.col("car_class") == "GTP")["p_wet_faster"][0] > 0.5
    assert at[75]["p_wet_faster"].max() < 0.4


def test_the_levels_begin_dry_and_rise():
    assert LEVELS[0] == 0
    assert (np.diff(LEVELS) > 0).all()
