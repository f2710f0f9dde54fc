"""After the race its own dry laps tell what dry is, or it is said that nothing does."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from dryline.analysis.track.doubt import (
    FIRST_PACE,
    OTHER_RACES,
    OWN_LAPS,
    SAID_WET,
    WET_START,
    Reference,
)
from dryline.analysis.track.own_dry_laps import (
    AT_CHANGE,
    BEGAN_SLOW,
    BEGAN_WET,
    CHANGE_FROM,
    DRIED_DOUBT,
    GAINED,
    NEAR,
    NEVER_CHANGED,
    PLATEAU,
    Change,
    OwnPace,
    _change,
    _waves,
    own_pace,
    own_reference,
)
from dryline.analysis.track.reading import TrackEstimate, run_smoother, smooth_track
from dryline.analysis.track.reference import fit_dry_priors
from dryline.analysis.track.state import ON_WETS
from dryline.studies.study import opened
from tests.conftest import DATA
from tests.made_up.showers import WetRace, drive, dry, shower

QUICK = {"GT": (1.0, 2.0, 3.0)}
FIRST = Reference(known=False, source=FIRST_PACE, doubt=0.08)
LABELLED = None if DATA is None else DATA.parent / "labelled" / "f1"


@pytest.fixture(scope="module")
def dried() -> WetRace:
    """Begun on wets, slicks from minute 40 on."""
    return drive(shower(-5, 0.22, 25), 100, seed=9, start_on_wets=True)


@pytest.fixture(scope="module")
def never_dry() -> WetRace:
    return drive(lambda _sector, _minute: 0.2, 70, seed=5, start_on_wets=True)


def _on_wets(race: WetRace, after: TrackEstimate) -> tuple[np.ndarray[Any, Any], ...]:
    """What was said of each lap's tyres, and what they were."""
    tyres = after.tyres.sort("from_ms")
    laps = race.laps.with_columns(middle_ms=pl.col("elapsed_ms") - pl.col("lap_time_ms") // 2)
    said, truth = [], []
    for car, middle_ms in laps.select("car_number", "middle_ms").iter_rows():
        own = tyres.filter((pl.col("car_number") == car) & (pl.col("from_ms") <= middle_ms))
        said.append(own["p_wet_tyre"][-1])
        truth.append(race.on_wets(car, middle_ms))
    return np.array(said), np.array(truth)


def test_a_race_that_dried_is_read_against_its_own_dry_laps(dried: WetRace) -> None:
    after = smooth_track(dried.laps, priors=())
    assert after.last.reference == Reference(True, OWN_LAPS, DRIED_DOUBT)
    said, truth = _on_wets(dried, after)
    assert 0.3 < truth.mean() < 0.5
    assert said[truth].mean() > 0.95
    assert said[~truth].mean() < 0.05
    early = after.samples.filter(pl.col("at_ms").is_between(5 * 60_000, 30 * 60_000))
    assert early.select(pl.min_horizontal("p_wet1", "p_wet2", "p_wet3").min()).item() > 0.9


def test_its_own_dry_laps_are_what_it_would_have_driven_in_the_dry(dried: WetRace) -> None:
    pace = own_pace(dried.laps)
    assert pace is not None
    assert pace.dried
    driven = {p.car_class: p.sectors_ms for p in fit_dry_priors("dry", drive(dry, 60).laps)}
    assert pace.quick.keys() == driven.keys()
    for name, sectors in pace.quick.items():
        assert np.exp(sectors) == pytest.approx(driven[name], rel=0.015)


def test_a_race_that_never_dried_says_that_nothing_is_known(never_dry: WetRace) -> None:
    after = smooth_track(never_dry.laps, priors=())
    told = after.last.reference
    assert (told.known, told.source) == (False, FIRST_PACE)
    assert 0.02 < told.doubt < WET_START
    least = told.doubt * ON_WETS
    assert after.tyres["p_wet_tyre"].min() == pytest.approx(least, abs=1e-5)
    assert after.samples.select(pl.min_horizontal("p_wet1", "p_wet2", "p_wet3").min()).item() >= (
        told.doubt
    )


def test_the_longer_it_stayed_dry_the_less_its_first_pace_is_doubted() -> None:
    short, long = (
        smooth_track(drive(dry, minutes, seed=4).laps, priors=()).last.reference
        for minutes in (25, 90)
    )
    assert not short.known
    assert not long.known
    assert long.doubt < 0.5 * short.doubt


def test_with_dry_times_of_other_races_nothing_is_read_anew(dried: WetRace) -> None:
    others = fit_dry_priors("other", drive(dry, 60).laps)
    tyres, states = run_smoother(dried.laps, (), others)
    assert {s.reference for s in states} == {Reference(True, OTHER_RACES, 0.0)}
    assert [s.p_wet for s in tyres.segments if s.stop_ms == 0] == pytest.approx([1.0] * 28, abs=0.1)


def test_every_smoothed_state_says_the_tyres_of_its_time(dried: WetRace) -> None:
    _, states = run_smoother(dried.laps, (), ())
    by_minute = {s.at_ms // 60_000: s.tyres for s in states}
    right = [
        (p > 0.5) == dried.on_wets(car, minute * 60_000)
        for minute in (20, 60, 90)
        for car, (p, _) in by_minute[minute].items()
    ]
    assert len(right) > 70
    assert np.mean(right) > 0.95


def _pace(opening: float, change: Change | None) -> OwnPace:
    return OwnPace(QUICK, opening, change)


def test_a_field_that_gained_after_its_change_has_dried() -> None:
    for gained, settled, dried in (
        (GAINED, PLATEAU, True),
        (0.8 * GAINED, PLATEAU, False),
        (GAINED, PLATEAU - 1, False),
    ):
        assert Change(0.1, gained, settled).to_dry is dried


@pytest.mark.parametrize(("opening", "began_wet"), [(1.01, True), (0.99, False)])
def test_a_race_that_dried_began_wet_where_its_first_pace_was_far_over(
    opening: float, began_wet: bool
) -> None:
    pace = _pace(opening * BEGAN_WET, Change(0.1, GAINED, PLATEAU))
    told, shown = own_reference(pace, FIRST)
    assert (told.known, told.source, told.doubt) == (True, OWN_LAPS, DRIED_DOUBT)
    assert shown == (QUICK if began_wet else None)


@pytest.mark.parametrize(("opening", "began_wet"), [(1.01, True), (0.99, False)])
def test_a_race_that_changed_and_never_dried_was_dry_as_far_under_as_a_change_is_made(
    opening: float, began_wet: bool
) -> None:
    told, shown = own_reference(_pace(opening * BEGAN_SLOW, Change(0.05, 0.0, 9)), FIRST)
    assert told == FIRST
    less = AT_CHANGE - 0.05
    expected = {"GT": tuple(pytest.approx(s - less) for s in QUICK["GT"])}
    assert shown == (expected if began_wet else None)


def test_a_change_from_far_over_does_not_make_the_dry_pace_slower_than_the_quick_one() -> None:
    _, shown = own_reference(_pace(0.2, Change(2 * AT_CHANGE, 0.0, 9)), FIRST)
    assert shown == QUICK


@pytest.mark.parametrize(("opening", "began_wet"), [(1.01, True), (0.99, False)])
def test_a_field_that_got_faster_without_a_change_is_on_wets_to_the_end(
    opening: float, began_wet: bool
) -> None:
    told, shown = own_reference(_pace(opening * BEGAN_WET, None), FIRST)
    assert told == FIRST
    expected = {"GT": tuple(pytest.approx(s - NEVER_CHANGED) for s in QUICK["GT"])}
    assert shown == (expected if began_wet else None)


def test_what_somebody_said_stands_where_the_race_shows_nothing() -> None:
    said = Reference(known=False, source=SAID_WET, doubt=0.1)
    assert own_reference(_pace(0.0, None), said) == (said, None)


def test_half_the_cars_within_ten_minutes_are_a_wave() -> None:
    def stops(minutes: list[float]) -> pl.DataFrame:
        rows = [(str(car), 0, False) for car in range(6)]
        rows += [(str(car), round(at * 60_000), True) for car, at in enumerate(minutes)]
        return pl.DataFrame(rows, schema=["car_number", "elapsed_ms", "in_pit"], orient="row")

    assert _waves(stops([20.0, 22.0, 30.0])) == [22.0 * 60_000]
    assert _waves(stops([20.0, 22.0, 30.1])) == []
    assert _waves(stops([20.0, 22.0])) == []
    assert _waves(stops([5.0, 20.0, 22.0, 29.0])) == [22.0 * 60_000]


@pytest.mark.parametrize(
    ("before", "least", "found"),
    [
        (CHANGE_FROM, 0.0, True),
        (0.9 * CHANGE_FROM, 0.0, False),
        (0.2, 0.9 * GAINED, True),
        (0.2, GAINED, False),
    ],
)
def test_a_change_is_made_from_a_slow_pace_to_the_quick_one(
    before: float, least: float, found: bool
) -> None:
    stops = pl.DataFrame({"car_number": ["1", "2"], "elapsed_ms": [10, 10], "in_pit": [True] * 2})
    over = np.array([before, 0.05, least, least + 0.9 * NEAR])
    change = _change(stops, np.array([5.0, 15.0, 25.0, 35.0]), over)
    near = int(least < NEAR) + int(least + 0.9 * NEAR < NEAR)
    assert change == (Change(before, pytest.approx(0.05 - least), near) if found else None)


def test_a_race_without_a_free_lap_shows_nothing(dried: WetRace) -> None:
    assert own_pace(dried.laps.with_columns(flag=pl.lit("safety_car"))) is None


@pytest.mark.needs_data
@pytest.mark.skipif(LABELLED is None or not LABELLED.is_dir(), reason="no labelled races")
@pytest.mark.parametrize(
    ("race", "known", "least"),
    [("2024-MONTREAL", True, 0.9), ("2021-IMOLA", True, 0.9), ("2023-SPA-SPRINT", False, 0.07)],
)
def test_a_real_wet_start_is_known_where_it_dried(race: str, known: bool, least: float) -> None:
    assert LABELLED is not None
    _, of = opened(LABELLED / race / "laps.csv")
    after = smooth_track(of.laps, priors=())
    assert after.last.reference.known is known
    first = after.tyres.filter(pl.col("from_ms") == 0)["p_wet_tyre"]
    assert first.mean() > least  # type: ignore[operator]
