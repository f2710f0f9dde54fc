"""From records to the state: the one place where a session's knowledge changes.

The state is a function of the records and of nothing else, so reading a journal gives what the
session knew, bit for bit.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace as race_with

import msgspec
from msgspec.structs import replace

from dryline.domain.errors import BrokenInvariant
from dryline.domain.event import Correction, TeamInput, TimingEvent
from dryline.domain.finding import Finding, Severity
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo
from dryline.engine.live.belief import Belief, Believed, Refused, Repeated
from dryline.engine.live.health import FeedHealth, heard
from dryline.engine.live.hearsay import as_heard
from dryline.engine.live.record import Kind, Record
from dryline.engine.live.state import Answer, Ask, Beginning, SessionState
from dryline.feeds.live.arrival import Form, as_line
from dryline.feeds.live.files_reader import FilesReader
from dryline.feeds.live.lines import LineReader
from dryline.feeds.live.said import (
    Garbage,
    Goodbye,
    Heartbeat,
    Hello,
    Missing,
    Remarked,
    Said,
    Stated,
)
from dryline.race.fold import RaceState, step

TYPED = "typed"
"""The form of an arrival that a person typed here: always meant, even when said twice."""
UNNAMED = "live"
_LOG = logging.getLogger(__name__)
_KEPT_GARBAGE, _KEPT_FAULTS = 100, 5


class Desk:
    """Applies records, one after another; ``state`` is what they have told so far."""

    _state: SessionState

    def __init__(self) -> None:
        self._applied: list[Record] = []
        self._restart()

    @property
    def state(self) -> SessionState:
        """Everything known now: an immutable value."""
        return self._state

    def apply(self, record: Record) -> SessionState:
        """The state after one more record."""
        if record.kind is Kind.JUMP:
            kept = [before for before in self._applied if before.at_ms <= record.at_ms]
            self._applied = []
            self._restart()
            for before in kept:
                self.apply(before)
            self._state = replace(self._state, at_ms=record.at_ms)
        else:
            self._take(record)
            self._applied.append(record)
        self._state = replace(self._state, seq=record.seq)
        return self._state

    def content(self, source: str, name: str) -> bytes:
        """What a file of that feed holds, as far as the records say."""
        reader = self._files.get(source)
        return b"" if reader is None else reader.content(name)

    def last_seq(self, source: str) -> int:
        """The last number that the sender of a JSON-lines feed gave."""
        reader = self._lines.get(source)
        return 0 if reader is None else reader.seq

    def _restart(self) -> None:
        self._state = SessionState(RaceState(RaceInfo(name=UNNAMED)))
        self._belief = Belief(None)
        self._lines: dict[str, LineReader] = {}
        self._files: dict[str, FilesReader] = {}
        self._kept_garbage = self._faults = 0

    def _take(self, record: Record) -> None:
        self._state = replace(self._state, at_ms=max(self._state.at_ms, record.at_ms))
        match record.kind:
            case Kind.BEGIN:
                self._begin(record)
            case Kind.ARRIVAL:
                self._arrival(record)
            case Kind.ASKED:
                self._asked(record)
            case Kind.ANSWERED:
                self._answered(record)
            case Kind.REMARK:
                self._remark(msgspec.json.decode(record.data, type=Finding))
            case Kind.MARK | Kind.JUMP:
                pass

    def _begin(self, record: Record) -> None:
        beginning = msgspec.json.decode(record.data, type=Beginning)
        info = msgspec.convert(beginning.info, RaceInfo)
        self._belief = Belief(info.length)
        self._state = replace(
            self._state,
            seed=beginning.seed,
            crews=beginning.crews,
            race=race_with(self._state.race, info=info),
        )

    def _asked(self, record: Record) -> None:
        ask = msgspec.json.decode(record.data, type=Ask)
        state = self._state
        self._state = replace(
            state,
            asks={**state.asks, record.seq: (ask, state.race)},
            asked={**state.asked, ask.kind: ask.as_of_ms},
            questions={**state.questions, ask.kind: ask},
        )

    def _answered(self, record: Record) -> None:
        answer = msgspec.json.decode(record.data, type=Answer)
        state = self._state
        if answer.ask not in state.asks:
            return
        newest = state.latest.get(answer.kind)
        is_newer = newest is None or newest.as_of_ms <= answer.as_of_ms
        self._state = replace(
            state,
            asks={key: ask for key, ask in state.asks.items() if key != answer.ask},
            answers=state.answers.append(answer),
            latest={**state.latest, answer.kind: answer} if is_newer else state.latest,
        )

    def _arrival(self, record: Record) -> None:
        source, state = record.source, self._state
        if record.position:
            positions = {**state.positions, source: record.position}
            self._state = replace(state, positions=positions)
        health = state.feeds.get(source) or FeedHealth(source=source)
        try:
            if record.form == Form.STATUS:
                health = self._status(record, health)
            health = self._listen(record, health)
        except Exception as fault:  # a record that cannot be taken must not stop the race
            self._faulty(record, fault)
        if record.form == TYPED:
            health = replace(health, state="typed", silences=())
        self._state = replace(self._state, feeds={**self._state.feeds, source: health})

    def _status(self, record: Record, health: FeedHealth) -> FeedHealth:
        line = as_line(record.data)
        if health.state == "ended" and line.state == "lost":
            return health
        lost_now = line.state == "lost" and health.state != "lost"
        return replace(
            health,
            state=line.state,
            reason=line.reason,
            attempt=line.attempt,
            retry_ms=line.retry_ms,
            losses=health.losses + lost_now,
        )

    def _listen(self, record: Record, health: FeedHealth) -> FeedHealth:
        typed = record.form == TYPED
        for said in self._said(record):
            at_ms = max(record.at_ms, self._state.race.now.ms)
            match said:
                case Stated(event):
                    event = event if typed else as_heard(event, record)
                    health = self._judge(event, health, at_ms, typed=typed)
                case Garbage(reason, text):
                    health = heard(health, at_ms, garbage=1)
                    health = self._garbage(health, f"{reason}: {text}")
                case Hello(info):
                    health = heard(health, at_ms)
                    self._named(info)
                case Heartbeat(at):
                    health = heard(health, at_ms if at is None else max(at_ms, at.ms))
                    self._moved_on(at)
                case Missing(lines):
                    health = heard(health, at_ms, missing=lines)
                case Remarked(findings):
                    remarks = {**self._state.remarks, record.source: findings}
                    self._state = replace(self._state, remarks=remarks)
                case Goodbye():
                    health = replace(heard(health, at_ms), state="ended")
        return health

    def _said(self, record: Record) -> Iterator[Said]:
        source, at = record.source, Instant(record.at_ms)
        match record.form:
            case Form.LINES | Form.TEAM_LINES | "typed":
                yield from self._lines.setdefault(source, LineReader()).read(record.data, at)
            case Form.STATUS if source in self._lines:
                yield from self._lines[source].cut_off()
            case Form.PATCH:
                reader = self._files.setdefault(source, FilesReader())
                yield from reader.patched(record.name, record.data, at)
            case Form.SETTLED if source in self._files:
                yield from self._files[source].settled(record.name, at)

    def _judge(
        self, event: TimingEvent, health: FeedHealth, at_ms: int, *, typed: bool
    ) -> FeedHealth:
        for verdict in self._belief.judge(event, Instant(at_ms), typed=typed):
            match verdict:
                case Believed(fact, late):
                    self._state = replace(self._state, race=step(self._state.race, fact))
                    known_ms = self._state.race.now.ms
                    is_correction = isinstance(fact, Correction)
                    health = heard(health, known_ms, facts=1, late=late, corrections=is_correction)
                    health = replace(health, fact_ms=known_ms)
                case Repeated():
                    health = heard(health, at_ms, duplicates=1)
                case Refused(reason, car, lap):
                    health = heard(health, at_ms, garbage=1)
                    named = "" if car is None else f"car {car}, lap {lap}: "
                    health = self._garbage(health, f"{named}{reason}", car, lap)
        return health

    def _garbage(
        self, health: FeedHealth, text: str, car: str | None = None, lap: int | None = None
    ) -> FeedHealth:
        if self._kept_garbage < _KEPT_GARBAGE:
            self._kept_garbage += 1
            self._remark(
                Finding(
                    kind="feed_garbage",
                    severity=Severity.WARNING,
                    message=f"the feed {health.source} said what cannot be used: {text[:200]}",
                    car_number=car,
                    lap=lap,
                )
            )
        return replace(health, last_garbage=text[:200])

    def _faulty(self, record: Record, fault: Exception) -> None:
        self._faults += 1
        if self._faults <= _KEPT_FAULTS:
            _LOG.error("record %d cannot be taken", record.seq, exc_info=fault)
            self._remark(_fault(record, fault))

    def _remark(self, finding: Finding) -> None:
        self._state = replace(self._state, findings=self._state.findings.append(finding))

    def _named(self, info: RaceInfo | None) -> None:
        """The feed's word on the race counts where nobody here has named it."""
        if info is None or self._state.race.info.name != UNNAMED:
            return
        self._belief.limit(info.length)
        self._state = replace(self._state, race=race_with(self._state.race, info=info))

    def _moved_on(self, at: Instant | None) -> None:
        if at is not None and self._belief.can_be(at) and at > self._state.race.now:
            self._state = replace(self._state, race=race_with(self._state.race, now=at))


def _fault(record: Record, fault: Exception) -> Finding:
    return Finding(
        kind="feed_fault",
        severity=Severity.ERROR,
        message=(
            f"what came from {record.source} could not be taken, a fault of Dryline's: "
            f"{type(fault).__name__}: {str(fault)[:200]}"
        ),
        remedy="The journal holds it; report it with the journal.",
    )


def typed_input(state: SessionState, number: int) -> TeamInput:
    """The team input of that number.

    Raises:
        BrokenInvariant: where there is none.
    """
    for entry in state.race.team:
        if entry.number == number:
            return entry
    raise BrokenInvariant(f"team input {number} is not in the state")
