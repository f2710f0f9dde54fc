"""One write of the manifest: what counts from now on, and what is given up."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from dryline.store.durable import replace_file
from dryline.store.generations import sweep
from dryline.store.manifest import (
    MANIFEST,
    Manifest,
    SessionRecord,
    encode,
    id_of,
    revision_of,
)


def commit(
    library: Path,
    old: Manifest,
    sessions: dict[str, SessionRecord],
    forgotten: Collection[str] = (),
) -> None:
    """Let ``sessions`` count, then delete the folders that no longer do.

    Folders that could not be read stay, but for those ``forgotten`` on purpose and those whose
    place a later generation of the same session has taken.
    """
    unreadable = tuple(
        folder
        for folder in old.unreadable
        if folder not in forgotten and not _superseded(folder, sessions)
    )
    counted = {record.folder for record in old.sessions.values()} | {*old.unreadable}
    counts = {record.folder for record in sessions.values()} | {*unreadable}
    left = {folder for folder in old.given_up if (library / folder).exists()}
    manifest = Manifest(
        revision=old.revision + 1,
        sessions=dict(sorted(sessions.items())),
        unreadable=unreadable,
        given_up=tuple(sorted((counted | left) - counts)),
    )
    replace_file(library / MANIFEST, encode(manifest))
    sweep(library, manifest)


def _superseded(folder: str, sessions: dict[str, SessionRecord]) -> bool:
    current = sessions.get(id_of(folder))
    return current is not None and current.revision > revision_of(folder)
