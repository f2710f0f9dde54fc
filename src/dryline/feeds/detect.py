"""What a file is, by its content and never by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from dryline.domain.errors import UnreadableFile
from dryline.feeds.alkamel import spec
from dryline.feeds.decode import decode
from dryline.feeds.dialect import Dialect
from dryline.feeds.providers import ALKAMEL, HEAD_BYTES, PROVIDERS
from dryline.feeds.remarks import Remarks
from dryline.feeds.text_table import SEPARATORS, find_header


class FileKind(StrEnum):
    """The kinds of file that Dryline reads."""

    LAPS = "laps"
    RESULTS = "results"
    WEATHER = "weather"
    MESSAGES = "messages"
    DECISIONS = "decisions"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Detected:
    """A file's kind and dialect; no dialect where the kind is unknown, or the file no table."""

    kind: FileKind
    dialect: Dialect | None = None


def detect(data: bytes) -> Detected:
    """The kind of the file of which ``data`` is the beginning (64 KB suffice)."""
    head = data[:HEAD_BYTES]
    if any(each.detect(head) for each in PROVIDERS if each is not ALKAMEL):
        return Detected(FileKind.LAPS)
    try:
        decoded = decode(head, "", Remarks(""))
    except UnreadableFile:
        return Detected(FileKind.UNKNOWN)
    for kind, test in _TESTS.items():
        start, _, separator, cells = find_header(decoded.utf8, test, SEPARATORS)
        if cells:
            trailing = len(cells) > 1 and not cells[-1].strip()
            crlf = decoded.utf8[:start].endswith(b"\r\n")
            dialect = Dialect(
                columns=tuple(cells[:-1] if trailing else cells),
                separator=separator,
                newline="\r\n" if crlf else "\n",
                bom=decoded.bom and decoded.encoding == "utf-8",
                trailing=trailing,
                encoding=decoded.encoding,
            )
            return Detected(kind, dialect)
    return Detected(FileKind.UNKNOWN)


def _is_messages_header(names: frozenset[str]) -> bool:
    return {"AT", "KIND"} <= names


def _is_decisions_header(names: frozenset[str]) -> bool:
    return {"CAR_NUMBER", "KIND"} <= names and "AT" not in names


_TESTS: dict[FileKind, Callable[[frozenset[str]], bool]] = {
    FileKind.RESULTS: spec.is_results_header,
    FileKind.LAPS: spec.is_laps_header,
    FileKind.WEATHER: spec.is_weather_header,
    FileKind.MESSAGES: _is_messages_header,
    FileKind.DECISIONS: _is_decisions_header,
}
