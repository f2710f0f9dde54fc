"""Neutralisations: which one holds, how long a lap takes across them, and what is drawn."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.kernels import race_columns as col
from dryline.kernels.race_neutral import (
    HAZ_EARLY_X,
    HAZ_RAIN_X,
    HAZ_RESTART_X,
    NEUTRAL_STREAM_CAR,
)
from dryline.kernels.race_state import (
    G_CUR,
    G_PERIODS,
    PERIODS,
    Schedule,
    Surface,
)
from dryline.kernels.race_tables import ControlTables
from dryline.kernels.random import car_key, uniform
from tests.kernels import called
from tests.kernels.a_grid import KEY, a_control, a_race, neutralised

HOUR_MS, MINUTE_MS = 3.6e6, 6.0e4
SLOW = np.full((col.KINDS, 2), 200_000.0)


def _two() -> object:
    return neutralised(
        a_race(0)[1], (100_000.0, 200_000.0, col.FCY), (300_000.0, 400_000.0, col.SAFETY_CAR)
    )


@pytest.mark.parametrize(
    ("t", "period"),
    [(99_999.0, -1), (100_000.0, 0), (199_999.0, 0), (200_000.0, -1), (300_000.0, 1), (4e5, -1)],
)
def test_a_neutralisation_holds_from_its_start_until_before_its_end(t: float, period: int) -> None:
    assert called.period_at(t, _two()) == period


def test_periods_that_are_over_or_beyond_the_count_are_not_looked_at() -> None:
    run = _two()
    run.whole[G_CUR] = 1.0
    assert called.period_at(150_000.0, run) == -1
    run.whole[G_CUR], run.whole[G_PERIODS] = 0.0, 1.0
    assert called.period_at(350_000.0, run) == -1


@pytest.mark.parametrize(
    ("t", "end"),
    [
        (0.0, 100_000.0),  # home as it begins
        (50_000.0, 200_000.0),  # half green, half at 200 s
        (50_001.0, 200_001.0),  # a thousandth of a per cent too late, run green
        (100_000.0, 250_000.0),  # half under it, half green
        (200_000.0, 300_000.0),
        (210_000.0, 320_000.0),  # nine tenths green, then a tenth at 200 s
    ],
)
def test_a_lap_runs_green_outside_and_slow_inside(t: float, end: float) -> None:
    assert called.end_of_lap(t, 100_000.0, 0, SLOW, _two()) == pytest.approx(end, abs=1e-6)


def test_a_neutralised_lap_is_never_quicker_than_a_green_one() -> None:
    run = neutralised(a_race(0)[1], (0.0, 1.0e6, col.FCY))
    assert called.end_of_lap(0.0, 250_000.0, 0, SLOW, run) == 250_000.0


def test_a_class_has_its_own_slow_lap() -> None:
    run, slow = neutralised(a_race(0)[1], (0.0, 1.0e6, col.FCY)), SLOW.copy()
    slow[col.FCY, 1] = 230_000.0
    assert called.end_of_lap(0.0, 100_000.0, 1, slow, run) == 230_000.0


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0, 5e5), st.floats(0.0, 1e5), st.floats(8e4, 2e5))
def test_who_begins_a_lap_later_never_ends_it_earlier(t: float, more: float, green: float) -> None:
    run = _two()
    end, later = (called.end_of_lap(at, green, 0, SLOW, run) for at in (t, t + more))
    assert t + green - 1e-6 <= end <= later + 1e-6


def test_a_length_is_the_first_draw_beyond_what_it_has_lasted() -> None:
    neu = a_control(sd=0.0).neu
    assert called.duration_ms(neu, col.FCY, 299_999.0, KEY, 0) == pytest.approx(300_000.0)
    longer = called.duration_ms(neu, col.FCY, 300_001.0, KEY, 0)
    assert longer == 300_001.0 - 120_000.0 * np.log(uniform(KEY, 0, 3))


def _drawn(
    control: ControlTables, *, now: float = 0.0, until: float = HOUR_MS, damp: int = 0, key: int = 0
) -> list[tuple[float, float, int]]:
    schedule = Schedule(np.zeros(PERIODS), np.zeros(PERIODS), np.zeros(PERIODS))
    surface = Surface(np.zeros((200, 3)), np.full(200, damp, np.int8))
    n = called.fill_schedule(control, now, until, schedule, surface, KEY + np.uint64(key))
    return [(float(s), float(e), int(k)) for s, e, k in zip(*schedule, strict=True)][:n]


def test_without_a_rate_only_the_known_ones_stand() -> None:
    known = ((1e5, 2e5, col.FCY), (3e5, 4e5, col.RED))
    assert _drawn(a_control(known), now=5e5) == list(known)


def test_one_under_way_ends_after_now_and_its_follower_begins_at_once() -> None:
    control = a_control(((1e5, -1.0, col.VSC),), sd=0.0)
    control.neu[col.VSC, col.NEU_THEN] = col.SAFETY_CAR
    first, then = _drawn(control, now=2e5)
    assert first == (1e5, pytest.approx(4e5), col.VSC)
    assert then == (first[1], pytest.approx(7e5), col.SAFETY_CAR)


def test_one_that_is_over_is_followed_by_nothing() -> None:
    control = a_control(((1e5, 2e5, col.VSC),))
    control.neu[col.VSC, col.NEU_THEN] = col.SAFETY_CAR
    assert len(_drawn(control, now=3e5)) == 1


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**40), st.floats(0.5, 20.0))
def test_drawn_ones_follow_one_another_between_now_and_the_end(key: int, rate: float) -> None:
    control = a_control(sd=0.5)
    control.neu[[col.FCY, col.SAFETY_CAR], col.NEU_RATE] = rate
    control.neu[col.FCY, col.NEU_THEN] = col.SAFETY_CAR
    periods = _drawn(control, now=6e5, key=key)
    starts = [start for start, _, _ in periods]
    assert all(
        6e5 <= start <= HOUR_MS + MINUTE_MS or k == col.SAFETY_CAR for start, _, k in periods
    )
    assert starts == sorted(starts)
    assert all(before[1] <= after[0] for before, after in pairwise(periods))
    assert all(k in (col.FCY, col.SAFETY_CAR) for _, _, k in periods)


def test_the_first_one_comes_when_its_exponential_need_is_spent() -> None:
    control = a_control(sd=0.0)
    control.neu[col.FCY, col.NEU_RATE] = 2.0
    need = -np.log(uniform(np.uint64(car_key(KEY, NEUTRAL_STREAM_CAR)), 0, 5))
    start, end, kind = _drawn(control, until=1e9)[0]
    assert start == pytest.approx(need / 2.0 * HOUR_MS)
    assert (end - start, kind) == (pytest.approx(3e5), col.FCY)


@pytest.mark.parametrize(
    ("which", "now", "damp", "quiet_until"),
    [(HAZ_EARLY_X, 0.0, 0, 10.0), (HAZ_RESTART_X, 6e5, 0, 20.0), (HAZ_RAIN_X, 0.0, 1, 60.0)],
)
def test_the_hazard_is_its_own_early_after_a_restart_and_in_the_rain(
    which: int, now: float, damp: int, quiet_until: float
) -> None:
    known = ((1e5, 6e5, col.FCY),) if which == HAZ_RESTART_X else ()
    control = a_control(known, sd=0.0)
    control.neu[col.FCY, col.NEU_RATE] = 1e5
    assert _drawn(control, now=now, damp=damp)[len(known)][0] < now + MINUTE_MS
    control.hazard[which] = 1e-12
    drawn = _drawn(control, now=now, damp=damp)[len(known) :]
    assert all(start >= quiet_until * MINUTE_MS for start, _, _ in drawn)
    assert bool(drawn) is (which != HAZ_RAIN_X)
