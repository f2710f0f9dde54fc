"""How long to wait before the next attempt at a lost connection."""

from __future__ import annotations

import zlib

FIRST_S, LONGEST_S = 0.25, 10.0
_STEPS = 1000


def wait_s(attempt: int, name: str = "") -> float:
    """Seconds before attempt ``attempt`` (from 1): doubling up to ten, spread by up to a quarter.

    The spread is a function of the name and the attempt, so that many receivers do not return
    in step and one does the same every time.
    """
    base = min(FIRST_S * 2.0 ** (min(attempt, 20) - 1), LONGEST_S)
    share = zlib.crc32(f"{name}:{attempt}".encode()) % _STEPS / _STEPS
    return float(base * (0.75 + 0.25 * share))
