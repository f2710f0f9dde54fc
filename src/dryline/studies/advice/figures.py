"""Means over races, with what chance alone would move them: races are resampled whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

Row = dict[str, Any]
RESAMPLES = 2000


def interval(
    name: str, rows: Sequence[Row], of: Callable[[Row], float], seed: int
) -> dict[str, Any]:
    """A mean with its 90 % interval from resampling whole races."""
    values: dict[str, list[float]] = {}
    for row in rows:
        values.setdefault(row["race"], []).append(float(of(row)))
    if not values:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    sums = np.array([[sum(each), len(each)] for each in values.values()], dtype=float)
    rng = np.random.default_rng(seed)
    drawn = sums[rng.integers(0, len(sums), (RESAMPLES, len(sums)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.05, 0.95])
    value = sums[:, 0].sum() / sums[:, 1].sum()
    return {name: float(value), f"{name}_low": float(low), f"{name}_high": float(high)}


def mean(values: Sequence[float]) -> float | None:
    """Their mean; nothing of none."""
    return float(np.mean(values)) if values else None


def median(values: Sequence[float]) -> float | None:
    """Their median; nothing of none."""
    return float(np.median(values)) if values else None
