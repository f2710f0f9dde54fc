"""What lies on the disk, whatever the manifest says of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from dryline.domain.errors import LibraryError
from dryline.store.manifest import (
    GENERATION_MARK,
    SESSIONS,
    Manifest,
    SessionRecord,
    id_of,
    read_record,
    revision_of,
)


def generations(library: Path) -> Iterator[str]:
    """Every generation's folder on the disk, relative to the library, in order."""
    for here, below, _ in os.walk(library / SESSIONS):
        below.sort()
        for name in [name for name in below if name.startswith(GENERATION_MARK)]:
            below.remove(name)
            yield (Path(here) / name).relative_to(library).as_posix()


def recover_manifest(library: Path) -> Manifest:
    """The manifest put together again from the sessions' folders.

    Where two generations of a session are found, the later one counts. A folder whose record
    cannot be read stays, as ``unreadable``, unless a later generation has taken its place.
    """
    return _taken_in(library, Manifest(), list(generations(library)))


def with_strays(library: Path, manifest: Manifest) -> Manifest:
    """The manifest with those sessions on the disk that it should name and does not."""
    return _taken_in(library, manifest, strays(library, manifest))


def reread(library: Path, manifest: Manifest) -> Manifest:
    """The manifest, where a record that could not be read then can be read now."""
    if not manifest.unreadable:
        return manifest
    bare = msgspec.structs.replace(manifest, unreadable=())
    return _taken_in(library, bare, list(manifest.unreadable))


def strays(library: Path, manifest: Manifest) -> list[str]:
    """Generations that no manifest names, though no later write took their place."""
    return [
        folder
        for folder in _unnamed(library, manifest)
        if revision_of(folder) < manifest.revision and not _over(folder, manifest)
    ]


def leftovers(library: Path, manifest: Manifest) -> list[str]:
    """Generations that count no more, or never counted because their writer was killed."""
    return [
        folder
        for folder in _unnamed(library, manifest)
        if _over(folder, manifest) or revision_of(folder) >= manifest.revision
    ]


def _unnamed(library: Path, manifest: Manifest) -> list[str]:
    named = {record.folder for record in manifest.sessions.values()} | {*manifest.unreadable}
    return [folder for folder in generations(library) if folder not in named]


def _over(folder: str, manifest: Manifest) -> bool:
    current = manifest.sessions.get(id_of(folder))
    superseded = current is not None and current.revision > revision_of(folder)
    return superseded or folder in manifest.given_up


def _taken_in(library: Path, manifest: Manifest, folders: list[str]) -> Manifest:
    sessions, unreadable = dict(manifest.sessions), []
    for folder in folders:
        record = _record_at(library, folder)
        if record is None:
            unreadable.append(folder)
        elif record.id not in sessions or sessions[record.id].revision < record.revision:
            sessions[record.id] = record
    newest = max(map(revision_of, folders), default=0)
    grown = msgspec.structs.replace(
        manifest,
        revision=max(manifest.revision, newest),
        sessions=dict(sorted(sessions.items())),
    )
    kept = [folder for folder in (*manifest.unreadable, *unreadable) if not _over(folder, grown)]
    return msgspec.structs.replace(grown, unreadable=tuple(kept))


def _record_at(library: Path, folder: str) -> SessionRecord | None:
    try:
        record = read_record(library, folder)
    except LibraryError:
        return None
    return record if record.folder == folder else None
