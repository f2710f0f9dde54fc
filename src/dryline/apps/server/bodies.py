"""What may be asked of the server, as bodies of JSON; anything else in them is refused."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(min_length=1, max_length=200)]
Note = Annotated[str, Meta(max_length=500)]
CarNumber = Annotated[str, Meta(min_length=1, max_length=12)]


class TypedLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line typed on the pit wall, and by whom."""

    text: Text
    author: Text


class Decided(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was decided on a call, and by whom."""

    call: Annotated[int, Meta(ge=0, le=2**31 - 1)]
    decision: Literal["accept", "reject", "release"]
    author: Text
    note: Note = ""


class ReplayControl(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A control of the replay: ``speed`` goes with speed (0: at once), ``to`` with jump."""

    action: Literal["play", "pause", "speed", "step", "jump"]
    speed: Annotated[float, Meta(ge=0, le=100_000)] | None = None
    to: Annotated[str, Meta(min_length=1, max_length=40)] | None = None


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the team chooses: our car."""

    car_number: CarNumber


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """How the server is; without a token, where tokens are asked for, only ``status``."""

    status: Literal["ok", "degraded"]
    reason: str = ""
    version: str | None = None
    at_ms: int | None = None
    records: int | None = None
    viewers: int | None = None
    journal: JournalState | None = None
    feeds: tuple[FeedState, ...] = ()


class JournalState(msgspec.Struct, frozen=True, kw_only=True):
    """The journal: records written, waiting for the disk, safe on it."""

    records: int
    waiting: int
    synced: int
    fault: str


class FeedState(msgspec.Struct, frozen=True, kw_only=True):
    """A feed: its state, its age, and whether it is silent or floods with what is of no use."""

    source: str
    state: str
    age_ms: int | None
    stale: bool
    floods: bool = False


class AnswerNumber(msgspec.Struct, frozen=True):
    """The number under which the answer will come."""

    number: int


class _WhatIf(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """One kind of what-if, told apart by ``kind``."""


class RivalBoxes(_WhatIf, frozen=True, tag="rival_stop"):
    """What if that car stops next on that lap?"""

    car_number: CarNumber
    lap: Annotated[int, Meta(ge=1, le=5_000)]


class RaceNeutralised(_WhatIf, frozen=True, tag="neutralisation"):
    """What if the race is neutralised now?"""

    neutralisation: Literal["safety_car", "fcy", "vsc", "red"]


class RainComes(_WhatIf, frozen=True, tag="rain"):
    """What if it rains in that sector for so many minutes?"""

    sector: Annotated[int, Meta(ge=1, le=3)]
    minutes: Annotated[int, Meta(ge=1, le=720)]


class Compared(_WhatIf, frozen=True, tag="compare"):
    """Which of two plans, by their keys in the call?"""

    a: Annotated[str, Meta(min_length=1, max_length=80)]
    b: Annotated[str, Meta(min_length=1, max_length=80)]


Question = RivalBoxes | RaceNeutralised | RainComes | Compared
"""What the team may ask what-if about."""
