"""The parts of the rain gauge, one by one."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from dryline.analysis.track.crossover import (
    CLASSES,
    crossovers_frame,
    forecast_crossovers,
    wets_likely,
)
from dryline.analysis.track.filter import TrackFilter
from dryline.analysis.track.laps import crossings_of
from dryline.analysis.track.model import LEVELS, TrackModel, kin_of
from dryline.analysis.track.reading import filter_track
from dryline.analysis.track.reference import (
    DryReference,
    class_pace,
    expected_sectors,
    fit_dry_priors,
    shipped_priors,
)
from dryline.analysis.track.tyres import TyreBook, tyre_name
from dryline.domain.dry_prior import DryPrior
from dryline.engine.opening import open_race
from dryline.studies.track_scores import backtest_track, class_group
from tests.made_up import gauged
from tests.made_up.showers import drive, dry, shower


def test_every_step_of_the_level_is_a_probability():
    for step in TrackModel().steps():
        assert step.min() >= 0
        assert np.allclose(step.sum(axis=1), 1)


def test_rain_begins_upwards_and_a_dry_spell_goes_down():
    dries, onset, _ = TrackModel().steps()
    assert (onset @ LEVELS > LEVELS)[:-1].all()
    assert (dries @ LEVELS <= LEVELS + 0.001).all()


PRIORS = [
    DryPrior("a", 5.0, "GTD", (30_000, 40_000, 35_000)),
    DryPrior("a", 5.0, "GTP", (27_000, 36_000, 31_500)),
    DryPrior("b", 6.0, "GTP", (50_000, 50_000, 50_000)),
]


def test_the_dry_expectation_of_a_race_never_uses_the_race_itself():
    assert expected_sectors(PRIORS, 5.0, ["GTD"], without="a") == {}
    assert set(expected_sectors(PRIORS, 5.0, ["GTD"])) == {"GTD"}


def test_a_race_never_measures_itself_against_its_own_later_laps():
    race = drive(shower(-5, 0.22, 30), 60, seed=9, start_on_wets=True)
    own = fit_dry_priors("named otherwise", race.laps)
    at = 10 * 60_000
    told = filter_track(race.laps, at, priors=own)
    assert told.samples.equals(filter_track(race.laps, at, priors=()).samples)


def test_a_circuit_is_known_by_its_length():
    assert expected_sectors(PRIORS, 5.02, ["GTP"]) == {}


def test_a_class_that_has_not_raced_there_borrows_from_one_that_has():
    expected = expected_sectors(PRIORS, 6.0, ["GTD"])["GTD"]
    assert expected[0] - math.log(50_000) == pytest.approx(math.log(10 / 9), abs=1e-6)


def test_class_pace_orders_the_classes():
    pace = class_pace(PRIORS)
    assert pace["GTP"] < pace["GTD"]


def test_the_shipped_dry_times_are_whole_and_plausible():
    priors = shipped_priors()
    assert len({p.race for p in priors}) > 40
    assert all(min(p.sectors_ms) > 8_000 and max(p.sectors_ms) < 140_000 for p in priors)


def test_a_dry_prior_is_fitted_from_flying_laps_only():
    race = drive(dry, 60)
    slowed = race.laps.with_columns(
        pl.when(pl.col("in_pit")).then(pl.col("s3_ms") * 4).otherwise("s3_ms").alias("s3_ms")
    )
    assert fit_dry_priors("x", slowed) == fit_dry_priors("x", race.laps)


def test_the_dry_level_follows_laps_but_not_a_single_slow_one():
    reference = DryReference()
    reference.set_level("GT", (10.0, 10.0, 10.0), 5)
    reference.learn("GT", "1", "A", 0, 10.5, 1.0)
    assert reference.level("GT", 0) == 10.0
    for _ in range(60):
        reference.learn("GT", "1", "A", 0, 9.98, 1.0)
    assert reference.expected("GT", "1", "A", 0) == pytest.approx(9.98, abs=0.006)


def test_tyres_change_only_at_a_stop():
    book = TyreBook()
    first = book.of("7", 0, 0.01)
    assert book.of("7", 0, 0.9) == first
    book.stop("7", 60_000)
    assert book.of("7", 0, 0.5) != first
    assert book.segments[book.current["7"]].previous == first


@pytest.mark.parametrize(("tyre", "seen"), [("slick", 0), ("inter", 1), ("wet", 1), ("soft", -1)])
def test_intermediates_that_somebody_saw_are_no_slicks(tyre: str, seen: int) -> None:
    book = TyreBook()
    book.of("7", 0, 0.3)
    book.see("7", tyre)
    segment = book.segments[book.current["7"]]
    assert segment.seen == seen
    assert segment.p_wet == {0: 0.001, 1: 0.999, -1: 0.3}[seen]


def test_what_a_stint_can_tell_for_good_is_bounded():
    book = TyreBook()
    segment = book.of("7", 0, 0.5)
    for _ in range(1000):
        book.absorb(segment, 1.0)
    assert book.segments[segment].absorbed == 6.0


def test_a_tyre_in_doubt_is_called_unknown():
    assert [tyre_name(p) for p in (0.05, 0.5, 0.95)] == ["slick", "unknown", "wet"]


def test_a_crossover_is_dated_where_the_probability_passed_one_half():
    p = [0.1, 0.2, 0.55, 0.7, 0.8, 0.8, 0.45, 0.3, 0.1]
    frame = pl.DataFrame(
        [("GT", i * 30_000, 0.0, 1.0, x) for i, x in enumerate(p)], schema=CLASSES, orient="row"
    )
    rows = crossovers_frame(frame).rows()
    assert [(r[1], r[2]) for r in rows] == [(60_000, "to_wet"), (180_000, "to_slick")]
    assert rows[0][3] == 0.8


def test_a_forecast_is_the_same_for_the_same_seed_and_a_drying_track_turns_to_slicks():
    race = drive(shower(20, 0.24, 35), 60, seed=5)
    live = TrackFilter()
    state = live.update(crossings_of(race.laps, 46 * 60_000))
    one, two = (
        forecast_crossovers(state, live.one.model, np.random.default_rng(3), paths=200)
        for _ in range(2)
    )
    assert one == two
    gtp = next(f for f in one if f.car_class == "GTP")
    assert gtp.direction == "to_slick"
    assert 0 <= gtp.p_within <= 1


def test_the_backtest_counts_onsets_and_false_alarms():
    races = {"wet": drive(shower(20, 0.2, 40), 60, seed=2).laps, "dry": drive(dry, 60).laps}
    intervals = pl.DataFrame(
        {"race": ["wet"], "from_min": [20.0], "to_min": [45.0], "sectors": ["all"], "note": [""]}
    )
    waves = pl.DataFrame(
        schema={"race": pl.String, "class_group": pl.String, "change_to": pl.String}
    )
    summary = backtest_track(races, intervals, waves).summary
    assert summary["onsets"] == 1
    assert 0 <= summary["onset_delay_median_min"] < 3.5
    assert summary["recall"] > 0.85
    assert (summary["false_alarm_min"], summary["wets_offered_dry_min"]) == (0, 0)


@pytest.mark.parametrize(
    ("faster", "sectors", "offered"),
    [(0.51, (0.6, 0.6, 0.0), True), (0.49, (0.9, 0.9, 0.9), False), (0.9, (1, 0.49, 0), False)],
)
def test_wets_are_offered_once_likelier_faster_and_two_sectors_likelier_wet(
    faster, sectors, offered
):
    track = replace(gauged.state(), p_wet=np.array(sectors, dtype=float))
    assert wets_likely(track, faster) == offered


def test_gt_classes_are_counted_together():
    assert class_group("LMGT3") == class_group("GTDPRO") == "GT"
    assert class_group("LMP2") == "LMP2"


@pytest.mark.needs_data
def test_the_wet_start_of_the_2021_roar_is_seen_and_the_drying_too(data):
    roar = open_race(
        data / "imsa/2021/01-roar-before-the-24/202101241405-r24h-qualifying-race-laps.csv"
    )
    after = open_race(data / "imsa/2022/01-roar-before-the-24/202201231405-race-laps.csv")
    intervals = pl.read_csv(data / "wet_intervals.csv", infer_schema_length=0)
    waves = pl.read_csv(data / "tyre_change_waves.csv", infer_schema_length=0)
    name = "imsa/2021/01-roar-before-the-24"
    score = backtest_track({name: roar.laps}, intervals, waves, {"2022": after.laps})
    assert score.summary["onset_delay_median_min"] <= 3
    assert score.summary["recall"] > 0.85
    dry_year = backtest_track({"2022": after.laps}, intervals, waves, {name: roar.laps})
    assert dry_year.summary["false_alarm_min"] == 0
    assert dry_year.summary["wets_offered_dry_min"] == 0


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("GTD", "GTDPRO", True),
        ("LMGT3", "GTD", True),
        ("LMP2", "LMGT3", False),
        ("HYPERCAR", "LMP2", False),
        ("HYPERCAR", "HYPERCAR", True),
    ],
)
def test_gt_cars_answer_to_water_alike_and_prototypes_by_class(
    one: str, other: str, alike: bool
) -> None:
    assert (kin_of(one) == kin_of(other)) == alike
