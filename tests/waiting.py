"""How tests wait for what another thread, process or page does.

What comes about is what a test asserts, never how soon: the bound is there only so that what
hangs ends, and no machine that still works is slow enough to reach it.
"""

from __future__ import annotations

import time
from collections.abc import Callable

HANG_S = 900.0


def until(done: Callable[[], object], meanwhile: Callable[[], object] | None = None) -> None:
    """Return once ``done``, asking again after each ``meanwhile``, a short sleep if left out."""
    hung = time.monotonic() + HANG_S
    while not done():
        assert time.monotonic() < hung, "it never came about"
        if meanwhile is None:
            time.sleep(0.02)
        else:
            meanwhile()
