"""The manifest: which sessions the library holds, in which files, with which checksums.

On disk a manifest is ``{"format": 1, "sha256": ..., "body": ...}``; the checksum is over the
body's bytes. Every session's folder carries its own record in the same envelope, so a damaged
manifest can be read back from the folders (``recovery``).
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
    """All sessions by id; ``revision`` grows with every write.

    ``unreadable`` are the folders of sessions whose own record could not be read when the
    manifest had to be put together again: they are kept. ``given_up`` are the folders that
    counted until this write, or an earlier one that did not finish: they may be deleted.
    """

    revision: int = 0
    sessions: dict[str, SessionRecord] = {}
    unreadable: tuple[str, ...] = ()
    given_up: tuple[str, ...] = ()

    def unreadable_of(self, race_id: str) -> str | None:
        """The latest folder of a session whose record cannot be read, if there is one."""
        found = [folder for folder in self.unreadable if id_of(folder) == race_id]
        return max(found, key=revision_of, default=None)

    @property
    def ids(self) -> list[str]:
        """Every session there is, those that cannot be read included."""
        return sorted({*self.sessions, *map(id_of, self.unreadable)})


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


def read_record(library: Path, folder: str) -> SessionRecord:
    """The record in a session's folder.

    Raises:
        DamagedRecordError: it is missing, or not as it was written.
    """
    path = library / folder / RECORD
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise DamagedRecordError(f"{path}: {fault.strerror or fault}.") from fault
    return _opened(content, SessionRecord, path)


def generation_folder(race_id: str, revision: int, content: str) -> str:
    """The folder, relative to the library, of one generation of a session."""
    return f"{SESSIONS}/{race_id}/{GENERATION_MARK}{revision}-{content[:12]}"


def id_of(folder: str) -> str:
    """The session's id, read from the name of a generation's folder."""
    return folder.removeprefix(f"{SESSIONS}/").rpartition("/")[0]


def revision_of(folder: str) -> int:
    """The write that made a generation, read from its folder's name."""
    digits = folder.rpartition(GENERATION_MARK)[2].partition("-")[0]
    return int(digits) if digits.isdecimal() else 0


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
            f"up to {FORMAT}). Update Dryline; if no newer one wrote it, the file is damaged: "
            "take it away, and it is read back from the sessions."
        )
    body = bytes(envelope.body)
    if checksum(body) != envelope.sha256 or envelope.format < 1:
        raise DamagedRecordError(f"{path}: damaged: its checksum does not agree.")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as fault:
        raise DamagedRecordError(f"{path}: damaged: {fault}.") from fault
