"""How far a first pace is taken as dry, and when a race is read again from its start."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.analysis.track.doubt import (
    FIRST_PACE,
    NONE,
    OTHER_RACES,
    OWN_LAPS,
    SAID_DRY,
    SAID_WET,
    UNKNOWN,
    USUAL,
    WET_START,
    Reference,
    Start,
)
from dryline.analysis.track.filter import PROVEN, TrackFilter
from dryline.analysis.track.model import LEVELS, WET_FROM
from dryline.analysis.track.reading import filter_track, run_filter
from dryline.analysis.track.reference import fit_dry_priors
from dryline.analysis.track.spells import wet_spells
from dryline.analysis.track.state import TrackState
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.instant import Instant
from tests.made_up.held import held_race
from tests.made_up.showers import WetRace, drive, dry, shower

MINUTE = 60_000
SECTORS = (10.4, 10.6, 10.5)
START = Start(0, {"GT": SECTORS, "LMP2": SECTORS})


def _faster(by: float) -> dict[str, tuple[float, float, float]]:
    a, b, c = SECTORS
    return dict.fromkeys(START.sectors, (a - by, b - by, c - by))


def test_a_field_no_faster_than_usual_leaves_a_wet_start_as_probable_as_anywhere():
    assert START.p_wet(_faster(0.0), 10 * MINUTE) == pytest.approx(WET_START)
    assert START.p_wet(_faster(USUAL), 10 * MINUTE) == pytest.approx(WET_START)


def test_a_field_that_gets_ten_per_cent_faster_began_in_the_wet():
    assert START.p_wet(_faster(0.10), 20 * MINUTE) > PROVEN
    assert START.p_wet(_faster(0.04), 20 * MINUTE) < PROVEN


def test_a_track_that_has_not_dried_in_an_hour_and_a_quarter_was_hardly_wet():
    late = START.p_wet(_faster(0.0), 75 * MINUTE)
    assert 0.2 * WET_START < late < 0.35 * WET_START
    assert START.p_wet(_faster(0.0), 300 * MINUTE) == late


@given(st.floats(0.0, 0.5), st.floats(0.0, 0.5), st.integers(0, 400))
def test_the_faster_the_field_the_more_probable_a_wet_start(one, other, minute):
    less, more = sorted((one, other))
    at = minute * MINUTE
    low, high = START.p_wet(_faster(less), at), START.p_wet(_faster(more), at)
    assert 0 < low <= high < 1 + 1e-12


@given(st.integers(0, 400), st.integers(0, 400))
def test_time_alone_never_makes_a_wet_start_more_probable(one, other):
    early, late = sorted((one, other))
    assert START.p_wet(_faster(0.0), late * MINUTE) <= START.p_wet(_faster(0.0), early * MINUTE)


def test_a_class_seen_at_one_of_the_two_times_only_tells_nothing():
    assert Start(0, {"GT": SECTORS}).faster({"LMP2": (1.0, 1.0, 1.0)}) == 0.0
    assert Start(0, {"GT": SECTORS}).faster(_faster(0.05)) == pytest.approx(0.05)


@pytest.fixture(scope="module")
def drying() -> WetRace:
    """On wets from the start; dry from minute 35 on."""
    return drive(shower(-5, 0.22, 20), 75, seed=9, start_on_wets=True)


def _states(
    race: WetRace, *messages: Evidence | RaceControlMessage, **more: object
) -> list[TrackState]:
    return run_filter(TrackFilter(**more), race.laps, messages)[0]  # type: ignore[arg-type]


def _at(states: list[TrackState], minute: float) -> TrackState:
    return [each for each in states if each.at_ms <= minute * MINUTE][-1]


def _on_wets(state: TrackState) -> float:
    return float(np.mean([p for p, _ in state.tyres.values()]))


def test_before_a_free_lap_nothing_is_known(drying):
    state = _at(_states(drying), 1)
    assert (state.reference.known, state.reference.source) == (False, NONE)
    assert min(state.p_wet) >= WET_START


@pytest.mark.parametrize("minute", [None, 2.0])
def test_hours_without_a_free_lap_make_nothing_surer(minute):
    """Laps without sector times, or of one car, are no gauge."""
    timed = drive(dry, 180, seed=4)
    race = replace(timed, laps=timed.laps.with_columns(s2_ms=pl.lit(None, pl.Int64)))
    said = [] if minute is None else [_declared(minute, "track_declared_wet")]
    states = [each for each in _states(race, *said) if each.at_ms > 6 * MINUTE]
    assert {each.reference.source for each in states} == {NONE if minute is None else SAID_WET}
    for field in ("p_wet", "p_rain", "level", "level_sd"):
        assert len({tuple(getattr(each, field)) for each in states}) == 1
    assert (max(states[-1].p_wet) < 0.1) == (minute is None)


def test_a_wet_start_without_a_reference_is_never_called_surely_dry(drying):
    for state in _states(drying):
        assert min(state.p_wet) >= 0.02
        if state.reference.source == FIRST_PACE:
            assert not state.reference.known
            assert all(p >= 0.02 for p, _ in state.tyres.values())


def test_a_race_that_dries_shows_that_it_began_in_the_wet(drying):
    states = _states(drying)
    assert _at(states, 15).reference.source == FIRST_PACE
    last = _at(states, 60)
    assert (last.reference.known, last.reference.source) == (True, OWN_LAPS)
    dry_ms = dict(zip(last.classes, last.lap_ms, strict=True))
    true_ms = {name: 108_000 * pace for name, pace in (("GTP", 1.0), ("LMP2", 1.03), ("GTD", 1.12))}
    for name, ms in true_ms.items():
        assert abs(math.log(dry_ms[name] / ms)) < 0.03


def test_a_dry_race_is_never_read_again():
    states = _states(drive(dry, 80, seed=4))
    assert {each.reference.source for each in states} == {NONE, FIRST_PACE}
    assert all(max(each.p_wet) < 0.2 for each in states)


@settings(max_examples=8, deadline=None)
@given(
    begins=st.floats(1.8, 3.2),
    lasts=st.floats(2.0, 5.0),
    by=st.floats(1.38, 1.6),
    seed=st.integers(0, 99),
)
def test_a_first_pace_that_was_held_back_is_no_rain_once_the_field_is_let_go(
    begins, lasts, by, seed
):
    """The laps before it was let go are evidence of nothing when the race is read again."""
    until_ms = (begins + lasts) * MINUTE
    race = held_race(begins * MINUTE, until_ms, by, seed)
    read = filter_track(race.laps, priors=())
    since = read.samples.filter(pl.col("at_ms") > until_ms + 5 * MINUTE)
    assert since.select(pl.max_horizontal("p_wet1", "p_wet2", "p_wet3").max()).item() < 0.5
    assert wet_spells(read, race).is_empty()


def test_with_dry_times_of_other_races_there_is_no_doubt(drying):
    priors = fit_dry_priors("other", drive(dry, 90, seed=4).laps)
    state = _at(_states(drying, priors=priors), 15)
    assert (state.reference.known, state.reference.source) == (True, OTHER_RACES)
    assert state.reference.doubt == 0
    assert min(state.p_wet) > 0.9
    assert _on_wets(state) > 0.8


def _declared(minute: float, kind: str) -> RaceControlMessage:
    at = Instant(round(minute * MINUTE))
    return RaceControlMessage(happened_at=at, known_at=at, kind=kind, text=kind)


@pytest.mark.parametrize("minute", [0.5, 12.0])
def test_declared_wet_at_the_start_is_believed(drying, minute):
    state = _at(_states(drying, _declared(minute, "track_declared_wet")), 16)
    assert (state.reference.known, state.reference.source) == (False, SAID_WET)
    assert min(state.p_wet) > 0.5
    assert _on_wets(state) > 0.7


def test_declared_wet_an_hour_later_says_nothing_of_the_start():
    states = _states(drive(dry, 80, seed=4), _declared(60, "track_declared_wet"))
    assert states[-1].reference.source == FIRST_PACE


@pytest.mark.parametrize(
    ("words", "source"),
    [
        ([(1, "wet"), (10, "dry")], FIRST_PACE),
        ([(1, "dry"), (10, "wet")], FIRST_PACE),
        ([(1, "wet"), (1, "dry")], FIRST_PACE),
        ([(10, "wet"), (24.5, "dry")], FIRST_PACE),
        ([(10, "wet"), (25, "dry")], SAID_WET),
        ([(10, "dry"), (24.5, "wet")], SAID_DRY),
    ],
)
def test_a_word_taken_back_tells_nothing_of_the_start(words, source):
    said = [_declared(minute, f"track_declared_{what}") for minute, what in words]
    state = _states(drive(dry, 30, seed=4), *said)[-1]
    assert state.reference.source == source
    assert max(state.p_wet) < 0.2 or source != FIRST_PACE


def test_a_word_is_not_taken_back_of_a_field_that_has_dried(drying):
    said = [_declared(20, "track_declared_wet"), _declared(34.5, "track_declared_dry")]
    alone, told = _states(drying), _states(drying, *said)
    assert _at(told, 34).reference.source == SAID_WET
    assert {each.reference.source for each in told[told.index(_at(told, 35)) :]} <= {
        SAID_WET,
        OWN_LAPS,
    }
    assert alone[-1].reference.source == OWN_LAPS


@pytest.mark.parametrize(("weight", "source"), [(0.8, SAID_DRY), (0.79, FIRST_PACE)])
def test_somebody_sure_that_it_is_dry_takes_the_doubt_away(weight, source):
    at = Instant(MINUTE)
    said = Evidence(happened_at=at, known_at=at, kind="dry", source="team", weight=weight)
    state = _at(_states(drive(dry, 30, seed=4), said), 20)
    assert state.reference.source == source
    assert (state.reference.doubt < 0.01) == (source == SAID_DRY)


@settings(max_examples=6, deadline=None)
@given(minute=st.integers(30, 74))
def test_a_race_that_is_read_again_still_looks_at_nothing_later(drying, minute):
    at = minute * MINUTE + 4_321
    cut = drying.laps.filter(pl.col("elapsed_ms") <= at)
    whole, known = (filter_track(laps, at, priors=()) for laps in (drying.laps, cut))
    assert whole.samples.equals(known.samples)
    assert whole.tyres.equals(known.tyres)
    assert whole.last.reference == known.last.reference


@given(st.lists(st.floats(0.0, 1.0), min_size=len(LEVELS), max_size=len(LEVELS)))
def test_no_probability_is_rounded_beyond_one(weights):
    shares = np.array([*([0.0] * len(LEVELS)), *([0.0] * WET_FROM), *weights[WET_FROM:]]) + 1e-300
    belief = np.stack([shares / shares.sum()] * 3)
    found = TrackState.of(
        0, belief, np.full(3, 1 / 3), (), np.zeros((0, len(LEVELS))), np.zeros(0), {}, UNKNOWN
    )
    assert max(found.p_wet) <= 1
    assert max(found.p_rain) <= 1


@given(st.floats(0.0, 0.6))
def test_what_the_laps_say_is_had_back_without_the_doubt(doubt):
    state = _states(drive(dry, 6, seed=4))[-1]
    plain = replace(
        state, p_wet=np.array([0.0, 0.3, 1.0]), tyres={"1": (0.4, False), "2": (1.0, True)}
    )
    back = plain.doubted(Reference(False, FIRST_PACE, doubt)).as_seen()
    assert back.p_wet == pytest.approx(plain.p_wet, abs=1e-9)
    assert back.tyres["1"][0] == pytest.approx(0.4)
    assert back.tyres["2"] == (1.0, True)
    assert back.as_seen().p_wet == pytest.approx(back.p_wet)
