"""The scalars of the race itself, by their place in one array."""

from __future__ import annotations

from typing import Final

RACE_NOW_MS: Final = 0
RACE_LENGTH_MS: Final = 1  # a huge number where the length is in laps
RACE_LAPS: Final = 2  # a huge number where the length is a time
RACE_RAIN_DECLARED: Final = 3
RACE_SCALARS: Final = 4
