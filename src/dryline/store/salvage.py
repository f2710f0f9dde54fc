"""What can still be read of a damaged session.

With a record every file is checked against its checksum. The original files can be trusted
without one, because gzip carries a checksum of its own.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from dryline.domain.race_info import RaceInfo
from dryline.store.encoding import Read, read_decisions, read_messages
from dryline.store.manifest import RECORD, Manifest, SessionRecord, id_of
from dryline.store.verified import Damage, DamagedFileError, VerifiedReader


class Salvage(msgspec.Struct, frozen=True):
    """What is whole of a session: its original files, and ``read`` for its other files.

    ``damages`` names the files that are not as they were written, ``lost_originals`` those of
    them that are originals and cannot be read any more.
    """

    id: str
    info: RaceInfo
    added_at: str | None
    sources: Mapping[str, bytes]
    read: Read
    damages: tuple[Damage, ...]
    lost_originals: tuple[Damage, ...]


def salvage_by_record(library: Path, record: SessionRecord, reader: VerifiedReader) -> Salvage:
    """What is whole of a session whose record is known."""

    def read(name: str) -> bytes | None:
        try:
            return reader.read(library, record, name) if name in record.files else None
        except DamagedFileError:
            return None

    here = library / record.folder
    bodies = {name: _unpacked(here / stored) for name, stored in record.sources.items()}
    damages = reader.damages(library, record)
    lost = {str(here / record.sources[name]) for name, body in bodies.items() if body is None}
    return Salvage(
        id=record.id,
        info=record.info,
        added_at=record.added_at,
        sources={name: body for name, body in bodies.items() if body is not None},
        read=read,
        damages=damages,
        lost_originals=tuple(damage for damage in damages if damage.file in lost),
    )


def salvage_all(
    library: Path, manifest: Manifest, race_id: str, reader: VerifiedReader
) -> tuple[Salvage, ...]:
    """What is whole of a session, the latest generation first; empty where there is none."""
    record, folder = manifest.sessions.get(race_id), manifest.unreadable_of(race_id)
    lost = () if folder is None else (salvage_by_content(library, folder),)
    return lost if record is None else (*lost, salvage_by_record(library, record, reader))


def salvage_by_content(library: Path, folder: str) -> Salvage:
    """What is whole of a session whose record is lost; its id is its folder's.

    Messages and decisions are taken as they stand where they can be read. Tables are not taken:
    nothing says whether they are as they were written.
    """
    race_id = id_of(folder)
    series, year, event, *session = race_id.split("/")
    lost, sources = [], {}
    for path in sorted((library / folder).glob("source-*.gz")):
        content = _unpacked(path)
        if content is None:
            lost.append(Damage(race_id, str(path), "is damaged"))
        else:
            sources[f"{path.stem}.csv"] = content
    return Salvage(
        id=race_id,
        info=RaceInfo(
            name=race_id,
            series=series,
            year=int(year),
            event=event,
            session=session[0] if session else "race",
        ),
        added_at=None,
        sources=sources,
        read=lambda name: _readable(library / folder / name),
        damages=(Damage(race_id, str(library / folder / RECORD), "cannot be read"), *lost),
        lost_originals=tuple(lost),
    )


def _unpacked(path: Path) -> bytes | None:
    try:
        packed = path.read_bytes()
        return gzip.decompress(packed) if packed else None
    except (OSError, EOFError, zlib.error):
        return None


def _readable(path: Path) -> bytes | None:
    if path.suffix == ".parquet" or not path.is_file():
        return None
    try:
        content = path.read_bytes()
        for decode in (read_messages, read_decisions):
            decode(lambda name: content if name == path.name else None)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return content
