"""A forecast runs under the weather that there is, and that there may be."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dryline.domain.instant import Instant
from dryline.strategy.race_weather import Weather, track_outlook
from dryline.strategy.simulate_race import forecast_simulated
from tests.made_up.simulated_rain import LENGTH, MINUTE, cut_and_read

RAIN = {
    "onsets": 3.0, "dry_hours": 230.0, "returns": 9.0, "between_hours": 42.0,
    "rain_mu": 3.7, "rain_sd": 1.0,
}  # fmt: skip


def _weather(begin: int, end: int, minute: int) -> Weather:
    return Weather(cut_and_read(begin, end, minute)[1], RAIN)


def _forecast(begin: int, end: int, minute: int, *, gauge: bool = True, **options: Any) -> Any:
    cut, track = cut_and_read(begin, end, minute)
    return forecast_simulated(
        cut.moment(Instant(minute * MINUTE)), LENGTH, seed=3, track=track if gauge else None,
        **options,
    )  # fmt: skip


BEFORE, IN_THE_RAIN, AFTER = (60, 80, 50), (60, 80, 75), (60, 80, 150)


def test_the_bits_do_not_depend_on_threads_nor_on_how_many_replicates_follow() -> None:
    few = _forecast(*IN_THE_RAIN, replicates=60)
    many = _forecast(*IN_THE_RAIN, replicates=100, threads=3)
    for name in ("class_position", "laps", "finish_ms", "stops_left"):
        assert np.array_equal(few[name], many[name][:60]), name


def test_rain_under_way_costs_laps_and_brings_stops() -> None:
    wet = _forecast(*IN_THE_RAIN, replicates=100)
    dry = _forecast(*IN_THE_RAIN, gauge=False, replicates=100)
    assert dry["laps"].max(axis=1).mean() - wet["laps"].max(axis=1).mean() > 1.5
    assert wet["stops_left"].mean() > dry["stops_left"].mean()


def test_a_dry_track_keeps_a_small_chance_of_rain() -> None:
    told, blind = (_forecast(*BEFORE, gauge=gauge, replicates=300) for gauge in (True, False))
    same = (told["laps"] == blind["laps"]).all(axis=1)
    assert 0.9 < same.mean() < 1.0


def test_the_outlook_says_what_races_have_shown() -> None:
    dry, damp, wet = (
        track_outlook(_weather(*when), float(LENGTH)) for when in (BEFORE, AFTER, IN_THE_RAIN)
    )
    assert (dry.wet, wet.wet) == (False, True)
    assert max(dry.p_rain) < 0.1 < min(wet.p_wet)
    hours = (LENGTH - 50 * MINUTE) / 3.6e6
    assert dry.p_rain_later == pytest.approx(1.0 - (230.0 / (230.0 + hours)) ** 3.5)
    assert damp.p_rain_later > 2.0 * dry.p_rain_later
