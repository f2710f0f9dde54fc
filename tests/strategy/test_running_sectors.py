"""Sector times of a simulated lap that was neutralised for a part."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dryline.strategy.running_sectors import sectors_as_driven

GREEN_MS, SHARES = 100_000.0, (0.3, 0.4)


def _lap(begins: float, ends: float, slow: float = 2.0) -> tuple[float, np.ndarray]:  # type: ignore[type-arg]
    """A lap begun at 0, driven ``slow`` times slower between two instants: its time and sectors."""
    left, at, out = [*SHARES, 0.3], 0.0, []
    for share in left:
        entered = at
        while share > 1e-12:
            held = begins <= at < ends
            pace = 1 / (GREEN_MS * (slow if held else 1.0))
            until = ends if held else begins if at < begins else np.inf
            step = min(share / pace, until - at)
            share, at = share - step * pace, at + step
        out.append(at - entered)
    return at, np.array(out)


def _driven(moving_ms: float, *periods: tuple[float, float]) -> np.ndarray:  # type: ignore[type-arg]
    bounds = np.array(periods, dtype=float).reshape(-1, 2)
    one = np.array([0.0]), np.array([moving_ms]), np.array([SHARES]), np.array([GREEN_MS])
    return sectors_as_driven(*one, bounds)[0]


@given(st.floats(1_000, 90_000), st.floats(1_000, 300_000), st.floats(1.2, 4.0))
def test_a_part_is_slow_where_it_was_slow(begins, lasts, slow):
    moving_ms, sectors = _lap(begins, begins + lasts, slow)
    assert _driven(moving_ms, (begins, begins + lasts)) == pytest.approx(sectors[:2], abs=1.0)


def test_before_a_neutralisation_the_car_was_at_speed():
    moving_ms, _ = _lap(80_000, 400_000)
    assert _driven(moving_ms, (80_000, 400_000)) == pytest.approx([30_000, 40_000])


def test_a_lap_at_one_pace_is_left_as_it_was():
    assert _driven(200_000.0, (-1.0, 900_000.0)) == pytest.approx([60_000, 80_000])
    assert _driven(100_000.0, (0.0, 50_000.0)) == pytest.approx([30_000, 40_000])
    assert _driven(120_000.0) == pytest.approx([36_000, 48_000])
