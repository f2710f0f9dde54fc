"""Flag states, from the words of the sport."""

from __future__ import annotations

from enum import StrEnum


class Flag(StrEnum):
    """The state of the track at an instant."""

    GREEN = "green"
    YELLOW = "yellow"
    FCY = "fcy"
    VSC = "vsc"
    SAFETY_CAR = "safety_car"
    CODE_60 = "code_60"
    SLOW_ZONE = "slow_zone"
    RED = "red"
    CHEQUERED = "chequered"

    @property
    def is_neutralised(self) -> bool:
        """Whether the whole field is held back; a slow zone or local yellow is not that."""
        return self in NEUTRALISED


NEUTRALISED = frozenset({Flag.FCY, Flag.VSC, Flag.SAFETY_CAR, Flag.CODE_60, Flag.RED})
"""Flags under which nobody races, anywhere on the lap."""
