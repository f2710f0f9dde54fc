"""A journal read again: is it sound, what did the session know, and its contents taken out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dryline.domain.errors import BadOption, UnreadableFile, reading, writing
from dryline.domain.event import LoopPassing, TeamInput
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo
from dryline.engine.live.desk import TYPED, Desk
from dryline.engine.live.frames import Frames
from dryline.engine.live.record import JournalReading, Kind, Record
from dryline.engine.live.replay_feed import race_events
from dryline.engine.live.state import Beginning, SessionState, digest
from dryline.feeds.alkamel.write import write_laps
from dryline.feeds.live.arrival import LINED, ArrivalForm
from dryline.feeds.live.lines import event_line, hello_line
from dryline.race.race import Race


class JournalReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a journal holds and whether every record is as it was written.

    ``bytes`` is the file's size, ``sound_bytes`` how far it is sound; ``head`` the last hash.
    """

    journal: str
    sound: bool
    race: str | None
    records: int
    bytes: int
    sound_bytes: int
    first_ms: int | None
    last_ms: int | None
    kinds: dict[str, int]
    head: str
    fault: str = ""


@dataclass(frozen=True)
class ReplayedJournal:
    """The state that a journal tells, and whether it agrees with the digests kept in it."""

    state: SessionState
    digest: str
    marks: int
    marks_that_differ: tuple[int, ...]

    def race(self) -> Race:
        """The race as it was known."""
        return Frames().race(self.state.race)


def verify(path: Path) -> JournalReport:
    """Check every record against the chain; nothing is changed.

    Raises:
        UnreadableFile: where the file is not there, or no journal.
    """
    kinds: dict[str, int] = {}
    race, first, last = None, None, None
    with _opened(path) as journal:
        for record in journal:
            kinds[record.kind.value] = kinds.get(record.kind.value, 0) + 1
            if record.kind is Kind.BEGIN:
                beginning = msgspec.json.decode(record.data, type=Beginning)
                race = msgspec.convert(beginning.info, RaceInfo).name
            first = record.at_ms if first is None else first
            last = record.at_ms
    size = path.stat().st_size
    return JournalReport(
        journal=path.name,
        sound=not journal.fault,
        race=race,
        records=journal.records,
        bytes=size,
        sound_bytes=journal.good_to,
        first_ms=first,
        last_ms=last,
        kinds=kinds,
        head=journal.head.hex(),
        fault=journal.fault,
    )


def replay(path: Path, at: Instant | None = None) -> ReplayedJournal:
    """What the session knew at its end, or when it reached ``at``; the same, bit for bit.

    Raises:
        UnreadableFile: where the file is not there, or no journal.
    """
    desk, marks, differ = Desk(), 0, []
    known = desk.state
    with _opened(path) as journal:
        for record in journal:
            if record.kind is Kind.MARK:
                marks += 1
                if digest(known) != record.data.decode():
                    differ.append(record.seq)
            state = desk.apply(record)
            if at is not None and state.now > at:
                break
            known = state
    return ReplayedJournal(known, digest(known), marks, tuple(differ))


def export(path: Path, out: Path, form: str) -> int:
    """Write a journal's contents to ``out``; how many records or rows that were.

    ``raw``: the feeds' bytes as they came, file feeds as the file was at the end. ``events``:
    the race as a JSON-lines feed that ``dryline live`` takes. ``timing``: its lap file.

    Raises:
        BadOption: another form.
        UnreadableFile: the file is no journal, or ``out`` cannot be written.
    """
    if form not in _FORMS:
        raise BadOption(f"no form {form!r}; known are {', '.join(_FORMS)}")
    data, count = _FORMS[form](path)
    with writing(out):
        out.write_bytes(data)
    return count


def _raw(path: Path) -> tuple[bytes, int]:
    desk = Desk()
    parts: list[bytes] = []
    files: dict[tuple[str, str], None] = {}
    with _opened(path) as journal:
        for record in journal:
            if record.form in (*LINED, ArrivalForm.RMONITOR, TYPED):
                parts.append(record.data)
            elif record.form == ArrivalForm.PATCH:
                desk.apply(record)
                files[record.source, record.name] = None
    parts += [desk.content(*file) for file in files]
    return b"".join(parts), len(parts)


def _events(path: Path) -> tuple[bytes, int]:
    replayed = replay(path)
    race = replayed.race()
    told = replayed.state.race
    said: list[TeamInput | LoopPassing] = [*told.team, *told.loops]
    facts = sorted([*race_events(race), *said], key=lambda event: event.known_at.ms)
    lines = [event_line(event, seq) for seq, event in enumerate(facts, start=1)]
    return b"".join([hello_line(race.info, "dryline journal export"), *lines]), len(lines)


def _timing(path: Path) -> tuple[bytes, int]:
    crossings = replay(path).race().crossings
    return write_laps(crossings), crossings.height


_FORMS: dict[str, Callable[[Path], tuple[bytes, int]]] = {
    "raw": _raw,
    "events": _events,
    "timing": _timing,
}


@contextmanager
def _opened(path: Path) -> Iterator[JournalReading]:
    with reading(path), path.open("rb") as file:
        journal = JournalReading(file)
        yield journal
    if journal.fault and not journal.records:
        raise UnreadableFile(
            f"this is not a journal ({journal.fault})",
            file=str(path),
            remedy="Name the file that the session was started with.",
        )


def records(path: Path) -> list[Record]:
    """Every sound record of a journal."""
    with _opened(path) as journal:
        return list(journal)
