"""Reading files whose checksum the manifest knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from dryline.domain.errors import LibraryError
from dryline.store.manifest import RECORD, SessionRecord, checksum, read_record


class Damage(msgspec.Struct, frozen=True):
    """One file of the library that is not as it was written.

    ``id`` is the session it belongs to, ``None`` for the manifest.
    """

    id: str | None
    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}"


class DamagedFileError(LibraryError):
    """A session's file is missing, cut off or changed."""

    def __init__(self, damage: Damage, remedy: str) -> None:
        self.damage = damage
        super().__init__(f"{damage}. {remedy}")


class VerifiedReader:
    """Reads files, checking each against its record.

    Remembers by (path, inode, size, time of change) which files it has found sound, so that
    repeated queries over the whole library do not read every byte again.
    """

    def __init__(self) -> None:
        self._sound: set[tuple[str, int, int, int, str]] = set()

    def read(self, library: Path, record: SessionRecord, name: str) -> bytes:
        """The file's bytes.

        Raises:
            DamagedFileError: they are not those that were written.
        """
        with _file_of(library, record, name) as path:
            content = path.read_bytes()
        expected = record.files[name]
        if len(content) != expected.bytes:
            what = f"holds {len(content)} bytes instead of {expected.bytes}"
            raise _damaged(record, path, what)
        if checksum(content) != expected.sha256:
            raise _damaged(record, path, "was changed after it was written")
        return content

    def check(self, library: Path, record: SessionRecord, name: str) -> Path:
        """The file's path, once its bytes are known to be sound.

        Raises:
            DamagedFileError: they are not those that were written.
        """
        with _file_of(library, record, name) as path:
            stat = path.stat()
        seal = (
            str(path), stat.st_ino, stat.st_size, stat.st_mtime_ns, record.files[name].sha256,
        )  # fmt: skip
        if seal not in self._sound:
            self.read(library, record, name)
            self._sound.add(seal)
        return path

    def damages(self, library: Path, record: SessionRecord) -> tuple[Damage, ...]:
        """Every file of the session that is not as it was written, its own record included."""
        found = []
        for name in record.files:
            try:
                self.read(library, record, name)
            except DamagedFileError as fault:
                found.append(fault.damage)
        try:
            sound = read_record(library, record.folder) == record
        except LibraryError:
            sound = False
        if not sound:
            found.append(Damage(record.id, str(library / record.folder / RECORD), "is damaged"))
        return tuple(found)


@contextmanager
def _file_of(library: Path, record: SessionRecord, name: str) -> Iterator[Path]:
    """A session's file, for reading; one that cannot be read is damaged."""
    path = library / record.folder / name
    try:
        yield path
    except FileNotFoundError:
        raise _damaged(record, path, "is missing") from None
    except OSError as fault:
        raise _damaged(record, path, f"cannot be read ({fault.strerror or fault})") from None


def rebuild_remedy(race_id: str) -> str:
    """What to do about a damaged session."""
    return f"Rebuild {race_id} from its original files: `dryline library rebuild {race_id}`."


def _damaged(record: SessionRecord, path: Path, what: str) -> DamagedFileError:
    return DamagedFileError(
        Damage(record.id, str(path), what),
        rebuild_remedy(record.id),
    )
