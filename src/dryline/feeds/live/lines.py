"""The JSON-lines feed, version 1 (``docs/live-feed.md``): bytes to what they say, and back."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from dryline.domain.errors import InputError
from dryline.domain.event import HEARD, TeamInput, TimingEvent, decode_event, encode_event
from dryline.domain.finding import Finding, Severity
from dryline.domain.instant import Instant
from dryline.domain.legible import legible, legible_fact
from dryline.domain.race_info import RaceInfo
from dryline.feeds.live.numbering import Numbering
from dryline.feeds.live.team_lines import read_team_line
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

VERSION = 1
MAX_LINE = 65_536
_SHOWN = 80


class _Envelope(msgspec.Struct):
    dryline_feed: int | None = None
    event: str | None = None
    seq: int | None = None
    happened_at: int | None = None
    known_at: int | None = None
    heartbeat: bool = False
    goodbye: bool = False
    race: RaceInfo | None = None
    sender: str = ""


_ENVELOPE = msgspec.json.Decoder(_Envelope)


class LineReader:
    """Bytes of one source to what they say; a line may come in pieces.

    ``seq`` numbers, where the sender gives them, show what is missing and what is repeated.
    ``rest`` is the beginning of a line whose end is still to come.
    """

    def __init__(self, rest: bytes = b"", numbering: Numbering | None = None) -> None:
        self.rest = rest
        self.numbering = numbering or Numbering()
        self._number = 0
        self._odd: Finding | None = None

    @property
    def seq(self) -> int:
        """The last number that the sender gave, 0 before the first."""
        return self.numbering.last

    def read(self, data: bytes, at: Instant) -> Iterator[Said]:
        """What ``data`` says; facts without ``known_at`` are known at ``at``."""
        for line in self.lines(data):
            yield from self.said(line, at)

    def lines(self, data: bytes) -> Iterator[bytes]:
        """The lines that are whole now, without empty ones; of one too long a beginning."""
        *lines, rest = (self.rest + data).split(b"\n")
        self.rest = rest[: MAX_LINE + 1]
        yield from filter(None, lines)

    def said(self, line: bytes, at: Instant) -> Iterator[Said]:
        """What one line says."""
        line = line.strip()
        self._number += 1
        if len(line) > MAX_LINE:
            yield Garbage(f"a line of more than {MAX_LINE} bytes", _shown(line))
            return
        if not line:
            return
        try:
            envelope = _ENVELOPE.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield Garbage(legible(f"not JSON of the feed: {error}"), _shown(line))
            return
        yield from self._numbered(envelope, line)
        if envelope.dryline_feed is not None:
            yield from self._hello(envelope, line)
        elif envelope.heartbeat:
            beat = envelope.known_at if envelope.known_at is not None else envelope.happened_at
            yield Heartbeat(None if beat is None else Instant(beat))
        elif envelope.goodbye:
            yield Goodbye()
        else:
            yield from self._fact(envelope, line, at)

    def _hello(self, envelope: _Envelope, line: bytes) -> Iterator[Said]:
        if envelope.dryline_feed != VERSION:
            reason = f"feed version {envelope.dryline_feed}; this Dryline reads version {VERSION}"
            yield Garbage(reason, _shown(line))
            return
        info = None if envelope.race is None else legible_fact(envelope.race)
        if info is not envelope.race:
            yield self._remarked()
        yield Hello(info, legible(envelope.sender)[:_SHOWN])

    def _fact(self, envelope: _Envelope, line: bytes, at: Instant) -> Iterator[Said]:
        stated = _event(envelope, line, at)
        if isinstance(stated, Garbage):
            yield stated
            return
        event = legible_fact(stated)
        number = getattr(stated, "car_number", None)
        if number != getattr(event, "car_number", None):
            yield Garbage(f"no car's number: {number!r}", _shown(line))
            return
        if event is not stated:
            yield self._remarked()
        try:
            yield StatedEvent(_read(event))
        except InputError as error:
            yield Garbage(str(error), _shown(line))

    def _remarked(self) -> Remarked:
        """One remark on all lines so far in which something could not be shown."""
        before = self._odd
        self._odd = Finding(
            kind="control_characters",
            severity=Severity.WARNING,
            message="characters that nobody sees were taken out of what the feed said",
            line=self._number if before is None else before.line,
            rows=1 if before is None else before.rows + 1,
        )
        return Remarked((self._odd,))

    def cut_off(self) -> Iterator[Said]:
        """What is left of a line when the connection is lost: it will never be completed."""
        if self.rest.strip():
            yield Garbage("a line that was cut off", _shown(self.rest))
        self.rest = b""

    def _numbered(self, envelope: _Envelope, line: bytes) -> Iterator[Said]:
        if envelope.seq is None:
            return
        after = self.numbering.last
        missing = self.numbering.take(envelope.seq)
        if missing is None:
            yield Garbage(f"numbered {envelope.seq} after {after}", _shown(line))
        elif missing:
            yield Missing(missing)


def hello_line(info: RaceInfo, sender: str) -> bytes:
    """The first line of a feed."""
    hello = {"dryline_feed": VERSION, "race": info, "sender": sender}
    return msgspec.json.encode(hello) + b"\n"


def event_line(event: TimingEvent, seq: int | None = None) -> bytes:
    """One fact as a line of the feed."""
    line = encode_event(event)
    return (line if seq is None else b'{"seq":%d,' % seq + line[1:]) + b"\n"


def heartbeat_line(at: Instant, seq: int | None = None) -> bytes:
    """Nothing new, but alive, at ``at`` of race time."""
    beat = {"heartbeat": True, "known_at": at.ms}
    return msgspec.json.encode(beat if seq is None else {"seq": seq, **beat}) + b"\n"


def goodbye_line(seq: int | None = None) -> bytes:
    """Nothing more will come."""
    return msgspec.json.encode({"goodbye": True, **({} if seq is None else {"seq": seq})}) + b"\n"


def team_line(author: str, text: str, at: Instant) -> bytes:
    """A team input as a line of the feed; who receives it reads the text."""
    said = {"event": "team", "author": author, "text": text, "happened_at": at.ms}
    return msgspec.json.encode(said) + b"\n"


def _event(envelope: _Envelope, line: bytes, at: Instant) -> TimingEvent | Garbage:
    if envelope.event is None:
        return Garbage("neither a fact nor a heartbeat", _shown(line))
    stated = b""
    if envelope.known_at is None:
        stated += b'"known_at":%d,' % max(at.ms, envelope.happened_at or 0)
    if envelope.happened_at is None and envelope.event == "team":
        stated += b'"happened_at":%d,' % at.ms
    try:
        event = decode_event(b"{" + stated + _without_nulls(line)[1:])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError) as error:
        return Garbage(legible(f"no fact of the feed: {error}"), _shown(line))
    return _as_typed(event) if isinstance(event, TeamInput) else event


def _without_nulls(line: bytes) -> bytes:
    """The line without its fields of null: they are as good as left out."""
    if b"null" not in line:
        return line
    fields = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    return msgspec.json.encode({name: raw for name, raw in fields.items() if bytes(raw) != b"null"})


def _as_typed(event: TeamInput) -> TeamInput:
    """Only what was typed, by whom and when: what it says is read here and nowhere else."""
    return TeamInput(
        happened_at=event.happened_at,
        known_at=event.known_at,
        author=event.author,
        kind=HEARD if event.kind == HEARD else "",
        text=event.text,
    )


def _read(event: TimingEvent) -> TimingEvent:
    """A typed line with its meaning; one that was only heard keeps it to itself."""
    if not isinstance(event, TeamInput):
        return event
    read = read_team_line(msgspec.structs.replace(event, kind=""))
    return event if event.kind == HEARD else read


def _shown(line: bytes) -> str:
    return legible(line[:_SHOWN].decode(errors="replace"))
