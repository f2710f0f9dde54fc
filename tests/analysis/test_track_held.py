"""A field that is held back, told from a field in the rain."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.analysis.track.held import (
    ALIKE,
    APART_MS,
    AS_EVER,
    BEFORE_MS,
    FREE_ABOVE,
    HELD_BELOW,
    SLOW_FROM,
    TELLING,
    ZONE_FROM,
    HeldField,
    SeenLately,
)
from dryline.analysis.track.laps import Crossing

CARS, SECTORS_MS = 20, (28_000, 36_000, 31_000)


def _crossing(
    car: str, lap: int, sectors: list[int], at_ms: int, flag: str | None, kmh: float | None
) -> Crossing:
    a, b, c = sectors
    return Crossing(car, lap, "", "GT", a + b + c, (a, b, c), at_ms, flag, False, None, None, kmh)


def _drive(
    field: HeldField,
    laps: int,
    slow: range = range(0),
    by: float = 0.35,
    flag: str | None = "green",
    trap_kmh: float | None = 300.0,
    slow_trap_kmh: float | None = 200.0,
) -> int:
    """A field lap by lap, slower by ``by`` (log time) on the laps of ``slow``; its last instant."""
    crossings = []
    for car in range(CARS):
        at = 2_000 * car
        for lap in range(1, laps + 1):
            factor = math.exp(by) if lap in slow else 1.0 + 0.002 * ((car * lap) % 5)
            sectors = [round(ms * factor) for ms in SECTORS_MS]
            at += sum(sectors)
            speed = slow_trap_kmh if lap in slow else trap_kmh
            crossings.append(_crossing(str(car), lap, sectors, at, flag, speed))
    crossings.sort(key=lambda c: c.elapsed_ms)
    next_ms = 30_000
    for c in crossings:
        while c.elapsed_ms > next_ms:
            field.look(next_ms, SeenLately(by if _is_slow(crossings, next_ms) else 0.0))
            next_ms += 30_000
        field.take(c)
    field.look(next_ms, SeenLately(by if _is_slow(crossings, next_ms) else 0.0))
    return next_ms


def _is_slow(crossings: list[Crossing], now_ms: int) -> bool:
    late = [c.lap_time_ms for c in crossings if now_ms - 120_000 < c.elapsed_ms <= now_ms]
    return bool(late) and sorted(late)[len(late) // 2] > 1.1 * sum(SECTORS_MS)


def test_a_virtual_safety_car_that_no_flag_states_is_seen():
    field = HeldField()
    _drive(field, 20, slow=range(12, 16))
    assert field.covers(13 * 95_000, 15 * 95_000)
    assert not field.covers(0, 9 * 95_000)


def test_a_field_that_is_fast_at_the_trap_is_not_held_back():
    field = HeldField()
    _drive(field, 20, slow=range(12, 16), slow_trap_kmh=295.0)
    assert field.periods == []


@pytest.mark.parametrize(("flag", "held"), [("green", False), (None, True)])
def test_without_a_trap_flags_are_believed_where_there_are_any(flag, held):
    field = HeldField()
    slow = range(12, 16)
    _drive(field, 20, slow, by=0.5, flag=flag, trap_kmh=None, slow_trap_kmh=None)
    assert bool(field.periods) == held


def test_the_thresholds_at_the_trap():
    for kmh, held in ((300 * HELD_BELOW - 2, True), (300 * FREE_ABOVE + 2, False)):
        field = HeldField()
        _drive(field, 20, slow=range(12, 16), slow_trap_kmh=kmh)
        assert bool(field.periods) == held


def test_a_flag_opens_a_period_at_the_last_green_crossing_and_ends_it_at_the_next():
    field = HeldField()

    def cross(at_ms: int, flag: str) -> int | None:
        return field.take(_crossing("1", 2, [*SECTORS_MS], at_ms, flag, None))

    assert cross(100_000, "green") is None
    assert cross(200_000, "safety_car") == 100_000
    assert cross(300_000, "safety_car") is None
    assert field.flagged == [(100_000, math.inf)]
    assert cross(400_000, "green") is None
    assert field.flagged == [(100_000, 400_000)]
    assert field.is_flagged(150_000, 160_000)
    assert not field.is_flagged(400_000, 500_000)


def test_nothing_is_asked_while_the_field_is_at_speed():
    field = HeldField()
    at_ms = _drive(field, 12)
    field.look(at_ms, SeenLately(SLOW_FROM))
    assert field.periods == []
    assert not field.lasts


@settings(max_examples=5, deadline=None)
@given(st.integers(8, 19))
def test_a_copy_goes_its_own_way(laps):
    field = HeldField()
    _drive(field, laps, slow=range(7, 20))
    twin = copy.deepcopy(field)
    before = list(field.periods)
    _drive(twin, 3)
    assert field.periods == before


def test_a_neutralisation_before_one_that_flags_state_is_kept_and_ends_there():
    field = HeldField()
    field._trapped = [(100_000, 700_000, None)]
    field._flagged = [[500_000, math.inf]]
    assert field.periods == [(100_000, 500_000, None)]
    field._flagged = [[100_000 + BEFORE_MS + APART_MS, math.inf]]
    assert field.periods == [(100_000 + BEFORE_MS, 100_000 + BEFORE_MS + APART_MS, None)]
    field._flagged = [[100_000 + BEFORE_MS, math.inf]]
    assert field.periods == []


@given(st.lists(st.floats(-0.2, 1.5), min_size=3, max_size=30), st.integers(0, 2))
def test_how_far_the_field_is_over_its_pace_is_its_median_lately(values, sector):
    y = np.array(values)
    late, old = np.full(len(y), 100_000), np.full(len(y), -50_000)
    sectors, classes = np.full(len(y), sector), np.zeros(len(y), dtype=np.int64)
    seen = SeenLately.of(y, sectors, classes, late, 110_000)
    assert seen.over == seen.sectors[sector] == pytest.approx(float(np.median(y)))
    assert np.isfinite(seen.spread[sector]) == (len(y) >= TELLING)
    assert SeenLately.of(y, sectors, classes, old, 110_000).over == 0.0
    assert SeenLately.of(y[:2], sectors[:2], classes[:2], late[:2], 110_000).over == 0.0


def _one_sector(sector_over: float, others: float, spread: float) -> SeenLately:
    sectors, spreads = np.full(3, others), np.full(3, spread)
    sectors[2] = sector_over
    return SeenLately(others, sectors, spreads)


@pytest.mark.parametrize(
    ("seen", "zone"),
    [
        (_one_sector(ZONE_FROM + 0.001, 0.0, 0.003), True),
        (_one_sector(ZONE_FROM - 0.001, 0.0, 0.003), False),
        (_one_sector(0.28, AS_EVER + 0.001, 0.003), False),
        (_one_sector(0.28, AS_EVER - 0.001, 0.003), True),
        (_one_sector(0.28, 0.0, ALIKE + 0.001), False),
        (_one_sector(0.28, 0.0, ALIKE - 0.001), True),
    ],
)
def test_one_sector_slow_for_all_cars_alike_is_a_slow_zone(seen, zone):
    field = HeldField()
    at_ms = _drive(field, 8, flag=None)
    field.look(at_ms, seen)
    assert [k for _, _, k in field.periods] == ([2] if zone else [])
    field.look(at_ms + 30_000, SeenLately(0.0, np.zeros(3), np.full(3, 0.003)))
    assert all(math.isfinite(until) for _, until, _ in field.periods)


def test_where_flags_are_coded_no_slow_zone_is_read_from_one_sector():
    field = HeldField()
    at_ms = _drive(field, 8)
    field.look(at_ms, _one_sector(0.28, 0.0, 0.003))
    assert field.periods == []
