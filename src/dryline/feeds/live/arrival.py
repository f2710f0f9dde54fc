"""What a live feed hands over: raw bytes with where they came from, and how the line is doing."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from dryline.domain.instant import Instant
from dryline.domain.legible import legible_fact


class ArrivalForm(StrEnum):
    """How the bytes of an arrival are to be read."""

    LINES = "lines"  # JSON lines of docs/live-feed.md; a line may be split between arrivals
    RMONITOR = "rmonitor"  # lines of RMonitor; a line may be split between arrivals
    TEAM_LINES = "team lines"  # the same; what they say in the team's name counts
    PATCH = "patch"  # a file's new content, as a patch on what it held before
    SETTLED = "settled"  # the file has not changed for a while: it is as it is meant to be
    STATUS = "status"  # how the connection is doing: a Line
    PASSED_OVER = "passed over"  # lines of no use that are not kept: a PassedOver


LINED = (ArrivalForm.LINES, ArrivalForm.TEAM_LINES)
"""The forms of JSON lines."""


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes from one source, as they came.

    ``name`` is the file within the source, where there are several. ``position`` is where the
    source can go on after them (a count of lines or events, 0 where it cannot say); ``at`` is
    the instant of arrival where the source itself keeps the clock.
    """

    source: str
    form: ArrivalForm
    data: bytes
    name: str = ""
    position: int = 0
    at: Instant | None = None


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the connection to a source is doing.

    ``state`` is ``connected``, ``lost`` or ``ended``; ``retry_ms`` is the wait before the next
    attempt, ``attempt`` how many have failed since the last connection.
    """

    state: str
    reason: str = ""
    attempt: int = 0
    retry_ms: int = 0


class PassedOver(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much a feed has said that is of no use and is not kept, since this was last told.

    ``bytes`` counts all of it, ``garbage`` and ``duplicates`` its lines of these sorts; ``missing``
    are lines that its numbers show to be lost, ``seq`` is the last number.
    """

    bytes: int
    garbage: int = 0
    duplicates: int = 0
    missing: int = 0
    seq: int = 0


class LiveFeed(Protocol):
    """A source of arrivals that is asked again and again and never blocks."""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""

    def poll(self, now: Instant) -> Sequence[Arrival]:
        """Everything that has arrived by ``now`` and was not handed over yet."""

    def next_at(self) -> Instant | None:
        """When the next arrival is due, where that is known (a replay)."""

    def resume(self, position: int) -> None:
        """Go on after ``position``, as far as the source can."""

    def close(self) -> None:
        """Let go of files, sockets and threads."""


def status(source: str, line: Line) -> Arrival:
    """A change of the connection as an arrival, so that it is journaled like everything else."""
    return Arrival(source=source, form=ArrivalForm.STATUS, data=msgspec.json.encode(line))


def as_line(data: bytes) -> Line:
    """The ``Line`` in the bytes of a status arrival; a reason may be the other side's words."""
    return legible_fact(msgspec.json.decode(data, type=Line))


def as_passed_over(data: bytes) -> PassedOver:
    """The ``PassedOver`` in the bytes of such an arrival."""
    return msgspec.json.decode(data, type=PassedOver)
