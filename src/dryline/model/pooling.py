"""Two forecasts into one: places pooled in logarithms, and made consistent again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dryline.model.running import Floats

FLOOR = 1e-6


def pool_places(forecasts: Sequence[Floats], weights: Sequence[float]) -> Floats:
    """Weighted geometric mean of place matrices [C, C], rows and columns scaled to one.

    Rows are cars in the same order in every forecast. Weights are non-negative; they are used
    as they are, so weights above one in sum sharpen and below one flatten.
    Sinkhorn & Knopp 1967 for the scaling, Genest & Zidek 1986 for the pool.
    """
    logs = [w * np.log(np.maximum(p, FLOOR)) for p, w in zip(forecasts, weights, strict=True)]
    total = np.sum(logs, axis=0)
    return doubly_stochastic(np.exp(total - total.max()))


def doubly_stochastic(p: Floats, rounds: int = 200) -> Floats:
    """``p`` [C, C], positive, scaled until every car and every place sums to one."""
    out = np.array(p, dtype=float)
    for _ in range(rounds):
        out /= out.sum(axis=0, keepdims=True)
        rows = out.sum(axis=1, keepdims=True)
        out /= rows
        if float(np.abs(rows - 1).max(initial=0.0)) < 1e-9:
            break
    return out
