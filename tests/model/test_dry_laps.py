"""Laps that water slowed say nothing of a car's dry pace, nor of its noise."""

from __future__ import annotations

import polars as pl
import pytest

from dryline.kernels import race_columns as col
from dryline.model.dry_laps import dry_laps
from dryline.model.race_params import FittedRace, fit_race_params
from tests.made_up.simulated_rain import DRY_BASE, LENGTH, MINUTE, NOISE, cut_and_read

WET_START = (0, 45)


def _fit(begin: int, end: int, minute: int, *, gauge: bool) -> FittedRace:
    cut, track = cut_and_read(begin, end, minute)
    return fit_race_params(
        cut.laps, cut.stops, cut.neutralisations, minute * MINUTE, LENGTH, "wec",
        track=track if gauge else None,
    )  # fmt: skip


def _fast(fit: FittedRace, column: int) -> float:
    return float(fit.params["cls"][fit.classes.index("HYPERCAR"), column])


def test_a_wet_start_is_not_taken_for_noise() -> None:
    blind, told = (_fit(*WET_START, 75, gauge=gauge) for gauge in (False, True))
    assert _fast(told, col.CLASS_NOISE) == pytest.approx(NOISE, rel=0.4)
    assert _fast(blind, col.CLASS_NOISE) > 1.5 * _fast(told, col.CLASS_NOISE)


def test_where_no_dry_lap_has_been_run_the_gauge_scales_the_wet_ones() -> None:
    blind, told = (_fit(*WET_START, 40, gauge=gauge) for gauge in (False, True))
    assert _fast(blind, col.CLASS_BASE_MS) > 1.06 * DRY_BASE
    assert _fast(told, col.CLASS_BASE_MS) == pytest.approx(DRY_BASE, rel=0.04)


def test_wet_laps_are_left_out_once_there_are_dry_ones_enough() -> None:
    cut, track = cut_and_read(60, 80, 150)
    counted, paced = dry_laps(cut.laps, track)
    assert counted.height == cut.laps.height
    kept = paced["elapsed_ms"] / MINUTE
    assert not kept.is_between(68, 80).any()
    before = pl.col("elapsed_ms") < 60 * MINUTE
    assert paced.filter(before).equals(cut.laps.filter(before))
    assert kept.max() > 140


def test_a_dry_race_is_read_as_it_is() -> None:
    cut, track = cut_and_read(0, 0, 100)
    counted, paced = dry_laps(cut.laps, track)
    assert counted is cut.laps
    assert paced is cut.laps
