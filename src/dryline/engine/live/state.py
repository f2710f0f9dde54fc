"""Everything that a session knows at one moment, as one immutable value."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from dryline.domain.entry import Driver
from dryline.domain.finding import Finding
from dryline.domain.instant import Duration, Instant
from dryline.domain.weekend import NO_WEEKEND, Weekend
from dryline.engine.live.health import FeedHealth
from dryline.race.fold import RaceState
from dryline.race.log import Log


class Beginning(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The first record: which race, which luck, which Dryline; ``crews`` by car, where known, and
    ``weekend`` as ``Race`` has it.
    """

    info: Any
    seed: int
    version: str
    started: str = ""
    crews: dict[str, tuple[Driver, ...]] = {}
    weekend: Weekend = NO_WEEKEND


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """A question to the workers: what, as of when, with which luck."""

    kind: str
    as_of_ms: int
    seed: int
    arguments: dict[str, Any] = {}


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """What the workers said to question ``ask`` (its record's number).

    ``value`` is JSON; ``error`` says in one line why there is none.
    """

    ask: int
    kind: str
    as_of_ms: int
    seed: int
    known_ms: int = 0
    value: msgspec.Raw = msgspec.Raw(b"null")
    error: str | None = None


class SessionState(msgspec.Struct, frozen=True):
    """What the records so far have told; ``crews`` are those that were known at the beginning.

    ``asks`` are the questions still open, each with the state that it is about; ``questions``
    holds the newest of each kind, open or not; ``latest`` is the newest answer of each kind by
    the instant that it is about; ``answered`` holds the question of each of ``answers``.
    """

    race: RaceState
    seq: int = -1
    seed: int = 1
    at_ms: int = 0
    feeds: Mapping[str, FeedHealth] = {}
    positions: Mapping[str, int] = {}
    findings: Log[Finding] = msgspec.field(default_factory=Log)
    remarks: Mapping[str, tuple[Finding, ...]] = {}
    asks: Mapping[int, tuple[Ask, RaceState]] = {}
    asked: Mapping[str, int] = {}
    questions: Mapping[str, Ask] = {}
    answers: Log[Answered] = msgspec.field(default_factory=Log)
    answered: Log[Ask] = msgspec.field(default_factory=Log)
    latest: Mapping[str, Answered] = {}
    crews: Mapping[str, tuple[Driver, ...]] = {}

    @property
    def now(self) -> Instant:
        """The instant of the latest fact or arrival."""
        return Instant(max(self.at_ms, self.race.now.ms))

    def all_findings(self) -> tuple[Finding, ...]:
        """The session's own findings, then those of its files."""
        parsed = (finding for said in self.remarks.values() for finding in said)
        return (*self.findings, *parsed)


def digest(state: SessionState) -> str:
    """SHA-256 over everything in the state: equal states, equal digests."""
    race = state.race
    parts = (
        race.info, race.now, state.seed, state.at_ms, list(race.rows), list(race.messages),
        list(race.weather), list(race.team), state.feeds, state.positions, list(state.findings),
        state.remarks, {str(key): ask for key, (ask, _) in state.asks.items()},
        list(state.answers), *([list(race.loops)] if len(race.loops) else []),
    )  # fmt: skip
    return hashlib.sha256(_ENCODER.encode(parts)).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Instant | Duration):
        return value.ms
    raise NotImplementedError(type(value).__name__)


_ENCODER = msgspec.json.Encoder(enc_hook=_plain, order="deterministic")
