"""The running state of a race within one replicate: places in one array, and fixed sizes."""

from __future__ import annotations

from typing import Final

# the running state of the race itself
G_HEAD: Final = 0
G_TAIL: Final = 1
G_LEAD_LAPS: Final = 2
G_LEADER: Final = 3
G_LEADER_MS: Final = 4
G_CUR: Final = 5
G_PERIODS: Final = 6
G_FLAG_MS: Final = 7
G_CHANGES: Final = 8
G_PATH: Final = 9
G_LEFT_OUT: Final = 10  # cars still to take the flag
G_COLUMNS: Final = 11

PERIODS: Final = 160
QUEUE: Final = 8192
FAR: Final = 1.0e15
BEFORE_LINE_MS: Final = 60000.0
"""The most of a stop that falls before the line."""
GIVEN_UP_MS: Final = 5.0e8
"""A planned standing time beyond this is a retirement in the box."""
LAPPING: Final = 0.25
"""How much less of an advantage it takes to pass a rival a lap down."""
