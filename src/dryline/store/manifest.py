"""The manifest: which sessions the library holds, in which files, with which checksums.

On disk a manifest is ``{"format": 1, "sha256": ..., "body": ...}``; the checksum is over the
body's bytes. Every session's folder carries its own record in the same envelope, so a damaged
manifest can be read back from the folders.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TypeVar

import msgspec

from dryline.domain.errors import LibraryError
from dryline.domain.race_info import RaceInfo

FORMAT = 1
MANIFEST = "manifest.json"
RECORD = "session.json"
SESSIONS = "sessions"
GENERATION_MARK = "@"  # cannot stand in a slug, so a generation is never taken for a session


class FileRecord(msgspec.Struct, frozen=True):
    """A file's checksum and size, as written."""

    sha256: str
    bytes: int


class SessionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One session in the library.

    ``folder`` is relative to the library; ``content`` is a checksum over all files and the
    info, so equal content means an equal session. ``sources`` maps an original file's name to
    the stored file that holds it.
    """

    id: str
    info: RaceInfo
    content: str
    folder: str
    revision: int
    cars: int
    laps: int
    added_at: str | None
    files: dict[str, FileRecord]
    sources: dict[str, str]

    @property
    def bytes(self) -> int:
        """What the session takes on the disk."""
        return sum(file.bytes for file in self.files.values())


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """All sessions by id; ``revision`` grows with every write."""

    revision: int = 0
    sessions: dict[str, SessionRecord] = {}


class DamagedRecordError(LibraryError):
    """A manifest or a session's record whose bytes are not those that were written."""


_Kept = TypeVar("_Kept", Manifest, SessionRecord)


class _Envelope(msgspec.Struct):
    format: int
    sha256: str
    body: msgspec.Raw


def encode(value: Manifest | SessionRecord) -> bytes:
    """The value in its envelope, ready for the disk."""
    body = msgspec.json.encode(value)
    return msgspec.json.encode(_Envelope(FORMAT, checksum(body), msgspec.Raw(body)))


def checksum(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def read_manifest(library: Path) -> Manifest:
    """The manifest on disk; an empty one where there is no library yet.

    Raises:
        DamagedRecordError: the file is missing beside sessions, or not as it was written.
        LibraryError: it was written by a newer Dryline.
    """
    path = library / MANIFEST
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        if (library / SESSIONS).is_dir() and any((library / SESSIONS).iterdir()):
            raise DamagedRecordError(f"{path}: the library's manifest is missing.") from None
        return Manifest()
    return _opened(content, Manifest, path)


def recover_manifest(library: Path) -> Manifest:
    """The manifest put together again from the records in the sessions' folders.

    Where two generations of a session are found, the later one counts.
    """
    sessions: dict[str, SessionRecord] = {}
    for path in sorted((library / SESSIONS).glob(f"**/{GENERATION_MARK}*/{RECORD}")):
        try:
            record = _opened(path.read_bytes(), SessionRecord, path)
        except (DamagedRecordError, OSError):
            continue
        rival = sessions.get(record.id)
        if rival is None or rival.revision < record.revision:
            sessions[record.id] = record
    newest = max((record.revision for record in sessions.values()), default=0)
    return Manifest(revision=newest, sessions=dict(sorted(sessions.items())))


def _opened(content: bytes, kind: type[_Kept], path: Path) -> _Kept:
    try:
        envelope = msgspec.json.decode(content, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise DamagedRecordError(
            f"{path}: damaged: it is not the JSON that was written."
        ) from fault
    if envelope.format > FORMAT:
        raise LibraryError(
            f"{path}: written by a newer Dryline (format {envelope.format}, this one reads "
            f"up to {FORMAT}). Update Dryline."
        )
    body = bytes(envelope.body)
    if checksum(body) != envelope.sha256:
        raise DamagedRecordError(f"{path}: damaged: its checksum does not agree.")
    return msgspec.json.decode(body, type=kind)
