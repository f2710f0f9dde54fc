"""Rain and wetness minute by minute, and what they cost a lap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.kernels.race_state import Surface
from dryline.kernels.race_tables import RainTables
from dryline.kernels.race_weather import RAIN_STREAM_CAR, fill_wetness
from dryline.kernels.random import car_key, normal, uniform
from tests.kernels import called
from tests.kernels.a_grid import KEY, a_field, a_sky


def _fallen(sky: RainTables, minutes: int = 10, first: int = 0, guess: int = 0) -> Surface:
    surface = Surface(np.zeros((minutes, 3)), np.zeros(minutes, np.int8))
    fill_wetness(sky, guess, first, surface, KEY)
    return surface


def test_a_dry_track_under_a_dry_sky_stays_dry() -> None:
    surface = _fallen(a_sky())
    assert not surface.wet.any()
    assert not surface.damp.any()


def test_a_sector_gains_what_falls_and_loses_what_dries() -> None:
    sky = a_sky(given=np.array([[1.0, 0.5, 0.0], [0.0, 0.0, 0.0]]))
    wet = _fallen(sky, 2).wet
    assert wet[0] == pytest.approx([0.2, 0.1, 0.0])
    assert wet[1] == pytest.approx([0.2 * 0.95 - 0.001, 0.1 * 0.95 - 0.001, 0.0])


def test_no_minute_brings_more_than_full_wetness() -> None:
    assert _fallen(a_sky(gain_per_min=5.0, given=np.ones((1, 3))), 1).wet[0] == pytest.approx(1.0)


@pytest.mark.parametrize(("before", "damp"), [(0.00499, 0), (0.00501, 1)])
def test_a_track_is_damp_above_four_thousandths(before: float, damp: int) -> None:
    sky = a_sky(dry_per_min=0.0, particles=np.array([[0.0, before, 0.0, 0.0]]))
    assert _fallen(sky, 1).damp[0] == damp


def test_the_track_starts_from_the_guess_and_the_minute_that_are_asked_for() -> None:
    sky = a_sky(dry_per_min=0.0, particles=np.array([[0.0, 0.0, 0.0, 0.0], [0.3, 0.2, 0.1, 0.0]]))
    wet = _fallen(sky, 5, first=2, guess=1).wet
    assert wet[:2].tolist() == [[0.3, 0.2, 0.1]] * 2  # where the laps under way began
    assert wet[2] == pytest.approx([0.299, 0.199, 0.099])


def test_a_forecast_comes_late_and_strong_as_its_doubt_is_drawn() -> None:
    shower = np.zeros((40, 3))
    shower[20] = 0.1
    stream = np.uint64(car_key(KEY, RAIN_STREAM_CAR))
    sky = a_sky(given=shower, shift_sd_min=5.0, scale_log_sd=0.5)
    wet = _fallen(sky, 40).wet
    begins = int(np.flatnonzero(wet[:, 0])[0])
    assert begins == 20 + round(5.0 * normal(stream, 0, 0)) != 20
    assert wet[begins, 0] == pytest.approx(0.2 * 0.1 * np.exp(0.5 * normal(stream, 1, 0)))


def test_rain_begins_and_ends_at_its_rates_and_reaches_sectors_unevenly() -> None:
    rates = np.array([[0.0, 1e3, 0.0], [1e3, 0.0, 0.0], [0.0, 0.0, 0.0]])
    stream = np.uint64(car_key(KEY, RAIN_STREAM_CAR))
    sky = a_sky(rates=rates, dry_per_min=0.0, reach_spread=0.4)
    wet = _fallen(sky, 3).wet
    reach = [1.0 - 0.4 * uniform(stream, 0, i) for i in (2, 3, 4)]
    assert wet[0] == pytest.approx([0.2 * 0.5 * x for x in reach])
    assert wet[1] == pytest.approx(wet[0] - 0.001)  # it has ended
    assert np.all(wet[2] > wet[1])  # and begun again


@settings(max_examples=50, deadline=None)
@given(st.floats(0.0, 1.0), st.floats(0.0, 8.0), st.floats(0.0, 0.9))
def test_wetness_stays_between_nothing_and_full(now: float, rate: float, dries: float) -> None:
    rates = np.full((3, 3), rate)
    sky = a_sky(rates=rates, dry_per_min=dries, particles=np.array([[now, 0.0, 1.0, 1.0]]))
    wet = _fallen(sky, 60).wet
    assert wet.min() >= 0.0
    assert wet.max() <= 1.0


def test_each_sector_is_read_when_the_car_is_there() -> None:
    cls, wet, losses = a_field(0).cls, np.zeros((4, 3)), np.zeros(3)
    wet[0], wet[1], wet[2] = [0.1, 0.9, 0.9], [0.3, 0.2, 0.9], [0.9, 0.9, 0.4]
    # sectors' middles at 52.5, 82.5 and 120 s: minutes 0, 1 and 2
    lap = called.lap_loss(0, 0, 40_000.0, cls, wet, losses)
    assert losses == pytest.approx([0.5 * 0.01, 0.5 * 0.04, 0.5 * 0.16])
    assert lap == pytest.approx(0.25 * 0.005 + 0.35 * 0.02 + 0.4 * 0.08)
    called.lap_loss(0, 0, 47_499.0, cls, wet, losses)
    assert losses[0] == pytest.approx(0.005)
    called.lap_loss(0, 0, 47_500.0, cls, wet, losses)  # its first sector's middle at minute 1
    assert losses[0] == pytest.approx(0.5 * 0.09)


def test_after_the_last_minute_the_last_one_counts() -> None:
    wet = np.array([[0.0, 0.0, 0.0], [0.2, 0.2, 0.2]])
    assert called.lap_loss(0, 0, 1e9, a_field(0).cls, wet, np.zeros(3)) == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("tyre", "wet", "loss"),
    [(0, 0.0, 0.0), (0, 1.0, 0.5), (1, 0.0, 0.06), (1, 1.0, 0.2), (1, 0.5, 0.06 / 4 + 0.1)],
)
def test_slicks_lose_by_a_power_and_wets_between_two_ends(
    tyre: int, wet: float, loss: float
) -> None:
    water = np.full((2, 3), wet)
    assert called.lap_loss(0, tyre, 0.0, a_field(0).cls, water, np.zeros(3)) == pytest.approx(loss)


def test_a_crews_threshold_is_its_own_and_never_below_half_a_hundredth() -> None:
    z = (called.threshold(KEY, 7, 10.0, 1.0) - 10.0) / 1.0
    assert called.threshold(KEY, 7, 0.04, 0.01) == pytest.approx(0.04 + 0.01 * z)
    assert called.threshold(KEY, 7, 0.0051, 0.0) == 0.0051
    assert called.threshold(KEY, 7, 0.0049, 0.0) == 0.005
