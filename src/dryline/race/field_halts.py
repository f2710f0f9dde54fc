"""Times at which the whole field stood still: nobody crossed the line for many laps."""

from __future__ import annotations

import numpy as np
import polars as pl

from dryline.race.field_speed import Ints

_SHORTEST_MS = 300_000
_LAPS = 4.0
_STRAGGLERS = 2
_AROUND_LAPS = 8.0
_FEW_CARS = 3


def may_halt(elapsed_ms: Ints) -> bool:
    """Whether the line was ever empty for long enough to be worth a closer look."""
    return bool((np.diff(elapsed_ms) > _SHORTEST_MS).any())


def field_halts(elapsed_ms: Ints, car: pl.Series, lap_reference_ms: float) -> Ints:
    """Stretches (n, 2), in ms, from the last crossing before a halt to the first after it.

    A bunched field behind a safety car leaves the line empty for up to 2.2 reference laps; in a
    halt it stays empty for more than four and for five minutes, and at least half of the cars
    that crossed before it come round again. One or two stragglers do not end a halt.

    Args:
        elapsed_ms: (n,) crossings in order.
        car: (n,) who crossed.
        lap_reference_ms: a quick lap here.
    """
    limit = max(_SHORTEST_MS, _LAPS * lap_reference_ms)
    quiet = np.flatnonzero(np.diff(elapsed_ms) > limit)
    halts: list[list[int]] = []
    for index in quiet:
        if halts and index - halts[-1][1] < _STRAGGLERS:
            halts[-1][1] = int(index) + 1
        else:
            halts.append([int(index), int(index) + 1])
    if not halts:
        return np.zeros((0, 2), dtype=np.int64)
    around = _AROUND_LAPS * max(lap_reference_ms, 60_000.0)
    true = [
        (elapsed_ms[first], elapsed_ms[last])
        for first, last in halts
        if _field_returns(elapsed_ms, car, first, last, around)
    ]
    return np.array(true, dtype=np.int64).reshape(-1, 2)


def _field_returns(elapsed_ms: Ints, car: pl.Series, first: int, last: int, around: float) -> bool:
    begin = int(np.searchsorted(elapsed_ms, elapsed_ms[first] - around))
    end = int(np.searchsorted(elapsed_ms, elapsed_ms[last] + around, side="right"))
    before, after = set(car[begin : first + 1].to_list()), set(car[last:end].to_list())
    return len(before) >= _FEW_CARS and len(after & before) * 2 >= len(before)
