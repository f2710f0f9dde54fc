"""What comes of what the feeds say: the race, its name, and how each feed is doing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace as race_with
from enum import Enum, auto

from msgspec.structs import replace

from dryline.domain.event import Correction, TimingEvent
from dryline.domain.finding import Finding
from dryline.domain.instant import Instant
from dryline.domain.race_info import UNNAMED, RaceInfo, first_said
from dryline.engine.live.belief import Belief, Believed, Repeated, Unbelieved
from dryline.engine.live.health import FeedHealth, heard, passed_over, spent
from dryline.engine.live.hearsay import as_heard
from dryline.engine.live.limits import impossible_words
from dryline.engine.live.record import Record
from dryline.engine.live.remarks import fault_remark, flood_remark, garbage_remark
from dryline.engine.live.state import SessionState
from dryline.feeds.live.arrival import ArrivalForm, as_line, as_passed_over
from dryline.feeds.live.files_reader import FilesReader
from dryline.feeds.live.lines import LineReader
from dryline.feeds.live.numbering import Numbering
from dryline.feeds.rmonitor.reader import RMonitorReader
from dryline.feeds.said import (
    Garbage,
    Goodbye,
    Heartbeat,
    Hello,
    Missing,
    Remarked,
    Said,
    StatedEvent,
)
from dryline.race.fold import step

TYPED = "typed"
"""The form of an arrival that a person typed here: always meant, even when said twice."""
NEWS_MS = 1_000
"""A heartbeat that moves the clock by less is no news."""
_LOG = logging.getLogger(__name__)
_KEPT_GARBAGE, _KEPT_FAULTS = 100, 5


class Usefulness(Enum):
    """What would come of something said: a change, or why none."""

    OF_USE = auto()
    NO_NEWS = auto()
    HEARD_BEFORE = auto()
    GARBAGE = auto()


class Hearing:
    """The readers of all feeds, and what has been believed of them so far."""

    _state: SessionState

    def __init__(self) -> None:
        self._here = RaceInfo(name=UNNAMED)
        self._greetings: dict[str, RaceInfo] = {}
        self._belief = Belief()
        self._lines: dict[str, LineReader] = {}
        self._rmonitors: dict[str, RMonitorReader] = {}
        self._files: dict[str, FilesReader] = {}
        self._kept_garbage = self._faults = 0

    def begin(self, state: SessionState, info: RaceInfo) -> SessionState:
        """The state once ``info`` has been said of the race at this end."""
        self._state, self._here = state, self.said_here(info)
        self._name(self._here, *self._greetings.values())
        return self._state

    def said_here(self, info: RaceInfo) -> RaceInfo:
        """What has been said of the race at this end, with ``info`` said anew."""
        return first_said(info, self._here)

    def content(self, source: str, name: str) -> bytes:
        """What a file of that feed holds, as far as the records say."""
        reader = self._files.get(source)
        return b"" if reader is None else reader.content(name)

    def reader(self, source: str) -> LineReader:
        """Where the reading of a JSON-lines feed stands."""
        return self._lines.setdefault(source, LineReader())

    def take(self, state: SessionState, record: Record) -> SessionState:
        """The state after an arrival."""
        self._state, source = state, record.source
        if record.position:
            positions = {**state.positions, source: record.position}
            self._state = replace(state, positions=positions)
        health = state.feeds.get(source) or FeedHealth(source=source)
        try:
            health = self._arrived(record, health)
        except Exception as fault:  # a record that cannot be taken must not stop the race
            self._faulty(record, fault)
        self._state = replace(self._state, feeds={**self._state.feeds, source: health})
        return self._state

    def weigh(
        self, state: SessionState, source: str, form: ArrivalForm, said: Said, at: Instant
    ) -> Usefulness:
        """What would come of it if ``said`` were heard at ``at``; nothing changes."""
        now = max(at, state.now)
        match said:
            case StatedEvent(event):
                event = as_heard(event, source, form)
                verdicts = {type(verdict) for verdict in self._belief.weigh(event, now)}
                if Believed in verdicts:
                    return Usefulness.OF_USE
                return Usefulness.HEARD_BEFORE if Repeated in verdicts else Usefulness.GARBAGE
            case Hello(info):
                is_news = info is not None and self._greeted(source, info) != state.race.info
                return Usefulness.OF_USE if is_news else Usefulness.NO_NEWS
            case Heartbeat(beat) if beat is not None and not self._belief.can_be(beat, now):
                return Usefulness.GARBAGE
            case Heartbeat(beat):
                moves = beat is not None and beat.ms >= state.race.now.ms + NEWS_MS
                return Usefulness.OF_USE if moves else Usefulness.NO_NEWS
            case Goodbye():
                health = state.feeds.get(source)
                is_over = health is not None and health.state == "ended"
                return Usefulness.NO_NEWS if is_over else Usefulness.OF_USE
            case _:
                return Usefulness.GARBAGE

    def _arrived(self, record: Record, health: FeedHealth) -> FeedHealth:
        source, at = record.source, Instant(record.at_ms)
        match record.form:
            case ArrivalForm.LINES | ArrivalForm.TEAM_LINES:
                return self._lined(record, health)
            case ArrivalForm.RMONITOR:
                rmonitor = self._rmonitors.setdefault(source, RMonitorReader())
                return self._said_by_line(record, rmonitor, health)
            case "typed":
                said = self.reader(source).read(record.data, at)
                health = self._listen(record, said, health)
                return replace(health, state="typed", silences=())
            case ArrivalForm.PASSED_OVER:
                over = as_passed_over(record.data)
                reader = self.reader(source)
                reader.rest, reader.numbering = b"", Numbering(over.seq)
                return passed_over(health, record.at_ms, over)
            case ArrivalForm.STATUS:
                health = _status(record, health)
                cut = self._lines.get(source) or self._rmonitors.get(source)
                return self._listen(record, () if cut is None else cut.cut_off(), health)
            case _:
                return self._listen(record, self._filed(record), health)

    def _lined(self, record: Record, health: FeedHealth) -> FeedHealth:
        """JSON lines, and how many of the bytes were of use."""
        reader = self.reader(record.source)
        used = 0
        for line in reader.lines(record.data):
            before = self._state.race
            health = self._line(record, reader, line, health)
            if self._state.race is not before:
                used += len(line) + 1
        was_over = health.is_over_budget
        health = spent(health, record.at_ms, used, len(record.data) - used)
        if health.is_over_budget and not was_over and not health.unkept_bytes:
            self._remark(flood_remark(health))
        return health

    def _said_by_line(
        self, record: Record, reader: RMonitorReader, health: FeedHealth
    ) -> FeedHealth:
        """Lines that are all kept: what is of no use by itself tells what the next ones mean."""
        for line in reader.lines(record.data):
            health = self._line(record, reader, line, health)
        return health

    def _line(
        self, record: Record, reader: LineReader | RMonitorReader, line: bytes, health: FeedHealth
    ) -> FeedHealth:
        try:
            return self._listen(record, reader.said(line, Instant(record.at_ms)), health)
        except Exception as fault:  # nor must a line stop those after it
            self._faulty(record, fault)
            return health

    def _filed(self, record: Record) -> Iterator[Said]:
        source, at = record.source, Instant(record.at_ms)
        match record.form:
            case ArrivalForm.PATCH:
                reader = self._files.setdefault(source, FilesReader())
                yield from reader.patched(record.name, record.data, at)
            case ArrivalForm.SETTLED if source in self._files:
                yield from self._files[source].settled(record.name, at)

    def _listen(self, record: Record, told: Iterable[Said], health: FeedHealth) -> FeedHealth:
        for said in told:
            at_ms = max(record.at_ms, self._state.race.now.ms)
            match said:
                case StatedEvent(event):
                    typed = record.form == TYPED
                    event = event if typed else as_heard(event, record.source, record.form)
                    health = self._judge(event, health, at_ms, typed=typed)
                case Garbage(reason, text):
                    health = self._garbage(health, at_ms, f"{reason}: {text}")
                case Hello(info):
                    health = heard(health, at_ms)
                    if info is not None:
                        health = self._greet(info, health, at_ms)
                case Heartbeat(at):
                    health = self._beat(health, at_ms, at)
                case Missing(lines):
                    health = heard(health, at_ms, missing=lines)
                case Remarked(findings):
                    remarks = {**self._state.remarks, record.source: findings}
                    self._state = replace(self._state, remarks=remarks)
                case Goodbye():
                    health = replace(heard(health, at_ms), state="ended")
        return health

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
                case Unbelieved(reason, car, lap):
                    named = "" if car is None else f"car {car}, lap {lap}: "
                    health = self._garbage(health, at_ms, f"{named}{reason}", car, lap)
        return health

    def _beat(self, health: FeedHealth, at_ms: int, at: Instant | None) -> FeedHealth:
        if at is None:
            return heard(health, at_ms)
        if not self._belief.can_be(at, Instant(at_ms)):
            return self._garbage(health, at_ms, f"a heartbeat at {at}")
        if at > self._state.race.now:
            self._state = replace(self._state, race=race_with(self._state.race, now=at))
        return heard(health, max(at_ms, at.ms))

    def _greet(self, info: RaceInfo, health: FeedHealth, at_ms: int) -> FeedHealth:
        """A feed's word on the race counts where nobody here, and no feed before it, has one."""
        for field in impossible_words(info):
            word = getattr(info, field)
            health = self._garbage(health, at_ms, f"a greeting of {field} {word!r}")
        self._name(self._greeted(health.source, info))
        self._greetings[health.source] = self._word_of(health.source, info)
        return health

    def _word_of(self, source: str, info: RaceInfo) -> RaceInfo:
        """All that a feed has said of the race, its later words before its earlier ones."""
        unsaid = RaceInfo(name=UNNAMED)
        amiss = {field: getattr(unsaid, field) for field in impossible_words(info)}
        return first_said(replace(info, **amiss), self._greetings.get(source, unsaid))

    def _greeted(self, source: str, info: RaceInfo) -> RaceInfo:
        """The race as it is called once ``source`` has greeted with ``info``."""
        greetings = {**self._greetings, source: self._word_of(source, info)}
        return first_said(self._here, *greetings.values())

    def _name(self, *infos: RaceInfo) -> None:
        info = first_said(*infos)
        self._belief.limit(info.length)
        if info != self._state.race.info:
            self._state = replace(self._state, race=race_with(self._state.race, info=info))

    def _garbage(
        self,
        health: FeedHealth,
        at_ms: int,
        text: str,
        car: str | None = None,
        lap: int | None = None,
    ) -> FeedHealth:
        if self._kept_garbage < _KEPT_GARBAGE:
            self._kept_garbage += 1
            self._remark(garbage_remark(health.source, text, car, lap))
        return replace(heard(health, at_ms, garbage=1), last_garbage=text[:200])

    def _faulty(self, record: Record, fault: Exception) -> None:
        self._faults += 1
        if self._faults <= _KEPT_FAULTS:
            _LOG.error("record %d cannot be taken", record.seq, exc_info=fault)
            self._remark(fault_remark(record.source, fault))

    def _remark(self, finding: Finding) -> None:
        self._state = replace(self._state, findings=self._state.findings.append(finding))


def _status(record: Record, health: FeedHealth) -> FeedHealth:
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
