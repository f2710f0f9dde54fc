"""Compiling the kernels ahead of time, by using each of them once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from dryline.domain.instant import Instant
from dryline.engine.embedded_race import replayed, simulated_race
from dryline.engine.measured import track_of

EVENT = "imola-2024"


def warm_up() -> Iterator[tuple[str, float]]:
    """Each kernel's name and the seconds its first use took; next to nothing when it was cached."""
    for what, use in _uses():
        start = time.perf_counter()
        use()
        yield what, time.perf_counter() - start


def _uses() -> list[tuple[str, Callable[[], object]]]:
    return [
        ("simulator, one race with its path", lambda: simulated_race(EVENT)),
        ("simulator, many races", lambda: replayed(EVENT, replicates=2, threads=1)),
        ("rain gauge", lambda: track_of(simulated_race(EVENT).cut(Instant(1_200_000)), live=True)),
    ]
