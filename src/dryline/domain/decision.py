"""What the stewards decided after the order on the road."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class DecisionKind(StrEnum):
    """The kinds of decision that a classification knows how to apply."""

    TIME_PENALTY = "time_penalty"
    LAPS = "laps"
    DISQUALIFIED = "disqualified"
    PLACED_AT = "placed_at"
    BACK_OF_CLASS = "back_of_class"
    DRIVE_THROUGH = "drive_through"
    STOP_AND_GO = "stop_and_go"
    REPRIMAND = "reprimand"


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One decision on one car.

    ``seconds`` are added to the car's time (or stood, for a stop and go), ``laps`` are taken
    away, ``position`` is the overall place given by ``placed_at``, ``lap`` says on which lap it
    happened; ``line`` is the line of the decisions ``file``. ``driver`` is the one it was given
    to, ``race`` the one it belongs to. ``served`` is false for a drive-through or stop and go
    still owed at the flag, which the rule book converts.
    """

    car_number: str
    kind: DecisionKind
    seconds: float | None = None
    laps: int | None = None
    position: int | None = None
    lap: int | None = None
    reason: str = ""
    line: int | None = None
    race: str | None = None
    driver: str | None = None
    served: bool = True
    file: str | None = None
