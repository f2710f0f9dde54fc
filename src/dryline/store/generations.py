"""Sessions' folders: written aside, moved into place whole, swept away when nothing names them.

A session's files lie in ``sessions/<id>/@<revision>-<content>/``. A change makes a new folder;
the manifest decides which one counts.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from dryline.store.durable import flush_folder, move_folder, write_file
from dryline.store.manifest import (
    GENERATION_MARK,
    RECORD,
    SESSIONS,
    Manifest,
    SessionRecord,
    encode,
)

_STAGING = "staging"


def generation_folder(race_id: str, revision: int, content: str) -> str:
    """The folder, relative to the library, of one generation of a session."""
    return f"{SESSIONS}/{race_id}/{GENERATION_MARK}{revision}-{content[:12]}"


def write_generation(library: Path, record: SessionRecord, files: dict[str, bytes]) -> None:
    """Write a session's files and its record aside, then move the folder into place."""
    aside = library / _STAGING
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        for name, content in files.items():
            write_file(aside / name, content)
        write_file(aside / RECORD, encode(record))
        shutil.rmtree(library / record.folder, ignore_errors=True)
        move_folder(aside, library / record.folder)
    except OSError:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    _flush_parents(library, (library / record.folder).parent)


def sweep(library: Path, manifest: Manifest) -> None:
    """Delete what an interrupted write left and what the manifest no longer names."""
    shutil.rmtree(library / _STAGING, ignore_errors=True)
    kept = {library / record.folder for record in manifest.sessions.values()}
    sessions = library / SESSIONS
    for folder, below, files in os.walk(sessions, topdown=False):
        here = Path(folder)
        if here.name.startswith(GENERATION_MARK):
            if here not in kept:
                shutil.rmtree(here, ignore_errors=True)
        elif here != sessions and not files and not any((here / name).exists() for name in below):
            here.rmdir()


def _flush_parents(library: Path, folder: Path) -> None:
    while folder != library:
        folder = folder.parent
        flush_folder(folder)
