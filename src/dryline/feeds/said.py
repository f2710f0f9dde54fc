"""What the bytes of a feed say, before anybody decides whether to believe it."""

from __future__ import annotations

from dataclasses import dataclass

from dryline.domain.event import TimingEvent
from dryline.domain.finding import Finding
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo


@dataclass(frozen=True, slots=True)
class StatedEvent:
    """A fact."""

    event: TimingEvent


@dataclass(frozen=True, slots=True)
class Hello:
    """The feed begins, or begins again, and says which race it is about."""

    info: RaceInfo | None
    sender: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The feed is alive and has nothing to say."""

    at: Instant | None


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that say nothing: why, and how they begin."""

    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Missing:
    """The feed's own numbering has a hole of so many lines."""

    lines: int


@dataclass(frozen=True, slots=True)
class Remarked:
    """The parser's remarks on the file as it stands now; they replace its earlier ones."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The feed is over."""


Said = StatedEvent | Hello | Heartbeat | Garbage | Missing | Remarked | Goodbye
