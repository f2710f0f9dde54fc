"""Timing loops of a circuit other than the line."""

from __future__ import annotations

from enum import StrEnum


class Loop(StrEnum):
    """What a loop marks; ``PIT_IN`` and ``PIT_OUT`` bound the lane in which time is taken."""

    SECTOR = "sector"
    INTERMEDIATE = "intermediate"
    PIT_IN = "pit_in"
    PIT_OUT = "pit_out"

    @property
    def is_of_the_lane(self) -> bool:
        """Whether only who stops passes it."""
        return self in (Loop.PIT_IN, Loop.PIT_OUT)
