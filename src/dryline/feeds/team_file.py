"""A file of what the pit wall said: ``3:52:10 Ana: 51 energy 43 use 2.9``, a line each.

A line may also be JSON as the live feed's ``team`` events are (``docs/live-feed.md``). Empty lines
and lines that begin with ``#`` say nothing. Inputs are numbered from 1 in the order of the file, so
that ``undo 3`` takes the third one back.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from dryline.domain.clock_text import parse_race_clock
from dryline.domain.errors import InputError, UnreadableFile, reading
from dryline.domain.event import TeamInput, decode_event
from dryline.domain.instant import Instant
from dryline.feeds.decode import shown
from dryline.feeds.live.team_lines import read_team_line
from dryline.feeds.remarks import Remarks
from dryline.race.team_evidence import in_force

LARGEST = 1_000_000
_LINE_END = re.compile("\r\n|\r|\n")
_LINE = re.compile(r"(\d[\d:.]*)\s+([^:{}]{1,60}):\s*(\S.*)")
REMEDY = "Write it as in: 3:52:10 Ana: 51 energy 43"


def read_team_file(path: Path, remarks: Remarks | None = None) -> tuple[TeamInput, ...]:
    """The team inputs of a file, in order of the time at which they were known.

    What had to be mended to read it is added to ``remarks``.

    Raises:
        UnreadableFile: where there is no such text file, or it is too large.
        InputError: a line that says nothing known, with file, line and remedy.
    """
    with reading(path):
        raw = path.read_bytes()
    if len(raw) > LARGEST:
        raise UnreadableFile(
            f"has {len(raw):,} bytes: no file of team inputs", file=str(path), remedy="Shorten it."
        )
    return read_team_text(str(path), raw, remarks)


def read_team_text(name: str, raw: bytes, remarks: Remarks | None = None) -> tuple[TeamInput, ...]:
    """The team inputs in the bytes of a file called ``name``. Raises as ``read_team_file``."""
    try:
        text = shown(raw, Remarks(name) if remarks is None else remarks).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile("is no UTF-8 text", file=name, remedy="Save it as UTF-8.") from error
    found: list[TeamInput] = []
    for number, line in enumerate(_LINE_END.split(text), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            found.append(_said(line.strip(), found, name, number))
    return tuple(sorted(found, key=lambda entry: entry.known_at.ms))


def _said(line: str, before: list[TeamInput], name: str, number: int) -> TeamInput:
    try:
        entry = read_team_line(_json(line) if line.startswith("{") else _typed(line))
        entry = msgspec.structs.replace(entry, number=len(before) + 1)
        return _undoing(entry, before) if entry.kind == "undo" else entry
    except InputError as error:
        remedy = error.remedy or REMEDY
        raise InputError(error.message, file=name, line=number, remedy=remedy) from error


def _typed(line: str) -> TeamInput:
    found = _LINE.fullmatch(line)
    if found is None:
        raise InputError(f"{line[:60]!r} has no time and author", remedy=f"{REMEDY}.")
    at = Instant(parse_race_clock(found[1]))
    return TeamInput(happened_at=at, known_at=at, author=found[2].strip(), text=found[3])


def _json(line: str) -> TeamInput:
    """Only what was typed, by whom and when; the text is read as every other."""
    try:
        said = msgspec.json.decode(line)
        at = said.get("happened_at", said.get("known_at"))
        stated = {"happened_at": at, "known_at": at, **said} if isinstance(said, dict) else said
        event = decode_event(msgspec.json.encode(stated))
    except (msgspec.DecodeError, AttributeError, RecursionError) as error:
        raise InputError(f"is no team event: {str(error)[:120]}", remedy=f"{REMEDY}.") from error
    if not isinstance(event, TeamInput) or not event.author.strip():
        raise InputError("is no team event with an author", remedy=f"{REMEDY}.")
    known = max(event.known_at, event.happened_at)
    return TeamInput(
        happened_at=event.happened_at, known_at=known, author=event.author, text=event.text
    )


def _undoing(entry: TeamInput, before: list[TeamInput]) -> TeamInput:
    """An undo with the input that it takes back: the one named, else its author's own latest."""
    mine = [each.number for each in in_force(before) if each.author == entry.author]
    wanted = entry.undoes if entry.undoes is not None else max(mine, default=0)
    if wanted not in {each.number for each in before}:
        which = f" {wanted}" if wanted else ""
        raise InputError(
            f"there is no team input{which} to undo", remedy="Name one of a line before it."
        )
    return msgspec.structs.replace(entry, undoes=wanted)
