"""Intermediates are told from full wets by the laps of both, and no further than these tell."""

from __future__ import annotations

from functools import cache

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.analysis.track.kinds import (
    LOSSES,
    _choices,
    by_kind,
    rain_kinds,
    usual_kinds,
)
from dryline.analysis.track.rain_tyres import losses_of
from dryline.analysis.track.reading import TrackEstimate, filter_track, smooth_track
from dryline.domain.event import Evidence
from dryline.domain.instant import Instant
from dryline.domain.tyre_kind import TWO_KINDS, TyreKind
from tests.made_up.driving import green_laps
from tests.made_up.three_tyres import KINDS, drive, dry_elsewhere, loss_on, on_wets_first, shower

MINUTE_MS, LAPS = 60_000, 50
RAIN = KINDS[1:]
Said = dict[str, dict[str, float]]


@cache
def read(wets: int, minute: int, live: bool = True) -> tuple[pl.DataFrame, TrackEstimate]:
    """Laps by a minute, and the gauge's estimate of them."""
    race = drive(shower, LAPS, on_wets_first(wets), seed=2)
    laps = green_laps(race.laps).filter(pl.col("elapsed_ms") <= minute * MINUTE_MS)
    told = dry_elsewhere()
    return laps, filter_track(laps, priors=told) if live else smooth_track(laps, priors=told)


def said_of_last_laps(wets: int, minute: int, kinds: tuple[TyreKind, ...] = KINDS) -> Said:
    """The kinds of every car on the stint that it is on."""
    laps, estimate = read(wets, minute)
    shares = rain_kinds(laps, estimate, kinds)
    last = estimate.stints.sort("from_ms").unique("car_number", keep="last")
    return {
        car: by_kind(p, shares[car, from_ms], kinds)
        for car, from_ms, p in last.select("car_number", "from_ms", "p_wet_tyre").iter_rows()
    }


@pytest.mark.parametrize("wets", [0, 5, 8])
def test_who_is_on_full_wets_is_told_from_who_is_on_intermediates(wets: int) -> None:
    said = said_of_last_laps(wets, 60)
    truth = {car: "wet" if int(car) <= wets else "inter" for car in said}
    right = [max(said[car], key=said[car].__getitem__) == truth[car] for car in said]
    loss = np.mean([-np.log(said[car][truth[car]]) for car in said])
    share = wets / len(said)
    base = -sum(p * np.log(p) for p in (share, 1 - share) if p)
    assert np.mean(right) >= 0.85
    assert loss < max(0.05, 0.6 * base)


def test_after_the_race_every_stint_is_told() -> None:
    laps, estimate = read(5, 95, live=False)
    shares = rain_kinds(laps, estimate, KINDS)
    second = estimate.stints.filter(pl.col("from_ms").is_between(25 * MINUTE_MS, 60 * MINUTE_MS))
    on_wets = [shares[car, at][1] for car, at in second.select("car_number", "from_ms").iter_rows()
               if int(car) <= 5]  # fmt: skip
    others = [shares[car, at][1] for car, at in second.select("car_number", "from_ms").iter_rows()
              if int(car) > 5]  # fmt: skip
    assert np.mean(on_wets) > 0.7
    assert np.mean(others) < 0.1


def test_a_field_on_full_wets_alone_cannot_be_known_and_is_not_ruled_out() -> None:
    said = said_of_last_laps(20, 60)
    assert np.mean([each["wet"] for each in said.values()]) > 0.03
    assert max(each["slick"] for each in said.values()) < 0.1


def test_kinds_share_out_what_the_gauge_says_of_a_rain_tyre() -> None:
    laps, estimate = read(5, 60)
    shares = rain_kinds(laps, estimate, KINDS)
    assert set(shares) == set(estimate.stints.select("car_number", "from_ms").iter_rows())
    for car, from_ms, p in estimate.stints.select("car_number", "from_ms", "p_wet_tyre").rows():
        told = by_kind(p, shares[car, from_ms], KINDS)
        assert list(told) == ["slick", "inter", "wet"]
        assert 1 - told["slick"] == pytest.approx(p)
        assert sum(told.values()) == pytest.approx(1.0)


def test_a_series_with_slicks_and_wets_has_nothing_to_tell_apart() -> None:
    laps, estimate = read(5, 60)
    assert rain_kinds(laps, estimate, TWO_KINDS) == {}


def test_laps_after_the_instant_do_not_move_it() -> None:
    laps, estimate = read(5, 45)
    whole = drive(shower, LAPS, on_wets_first(5), seed=2)
    broken = whole.laps.with_columns(
        lap_time_ms=pl.when(pl.col("elapsed_ms") > 45 * MINUTE_MS)
        .then(pl.col("lap_time_ms") * 2)
        .otherwise("lap_time_ms")
    )
    cut = green_laps(broken).filter(pl.col("elapsed_ms") <= 45 * MINUTE_MS)
    again = filter_track(cut, priors=dry_elsewhere())
    assert rain_kinds(laps, estimate, KINDS) == rain_kinds(cut, again, KINDS)


def test_before_the_first_free_lap_no_kind_is_read_off_a_lap() -> None:
    laps, estimate = read(5, 3)
    usual = usual_kinds(KINDS)
    for shares in rain_kinds(laps, estimate, KINDS).values():
        assert shares == pytest.approx(usual, abs=0.06)


@pytest.mark.parametrize("name", ["inter", "wet"])
def test_a_kind_that_somebody_saw_is_the_kind(name: str) -> None:
    laps, estimate = read(5, 60)
    at = Instant(59 * MINUTE_MS)
    saw = Evidence(happened_at=at, known_at=at, kind="tyre", source="us", car_number="9", tyre=name)
    told = rain_kinds(laps, estimate, KINDS, [saw])
    of_nine = max(from_ms for car, from_ms in told if car == "9")
    shares = dict(zip([each.name for each in RAIN], told["9", of_nine], strict=True))
    assert shares[name] > 0.99
    plain = rain_kinds(laps, estimate, KINDS)
    assert {k: v for k, v in told.items() if k != ("9", of_nine)} == {
        k: v for k, v in plain.items() if k != ("9", of_nine)
    }
    slick = msgspec.structs.replace(saw, tyre="slick")
    assert rain_kinds(laps, estimate, KINDS, [slick]) == plain


@given(
    st.lists(st.tuples(st.floats(0.05, 0.4), st.floats(0.05, 0.95)), min_size=1, max_size=3),
    st.floats(0.05, 0.4),
)
def test_a_kind_is_as_quick_as_the_one_before_it_where_it_says_and_quicker_beyond(
    told: list[tuple[float, float]], loss: float
) -> None:
    rain = [
        RAIN[0],
        *(
            TyreKind(name=str(k), words="", source="", quicker_from=at, spares=share)
            for k, (at, share) in enumerate(told)
        ),
    ]
    losses = losses_of(rain, np.array([loss, rain[1].quicker_from]))
    assert losses[1, 1] == pytest.approx(losses[0, 1])
    for before, kind, after in zip(losses[:, 0], rain[1:], losses[1:, 0], strict=False):
        assert (after < before) == (before > kind.quicker_from) or after == pytest.approx(before)
    choices = _choices(losses_of(rain, LOSSES))
    assert choices.sum(axis=0) == pytest.approx(np.ones(len(LOSSES)))
    assert choices.min() > 0.0


def test_the_wetter_it_is_the_more_crews_fit_full_wets() -> None:
    full_wets = _choices(losses_of(RAIN, LOSSES))[1]
    assert (np.diff(full_wets) > 0).all()
    assert full_wets[0] < 0.05
    assert full_wets[-1] > 0.5
    assert loss_on("wet", 0.9) < loss_on("inter", 0.9)
