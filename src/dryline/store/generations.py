"""Sessions' folders: written aside, moved into place whole, swept away when they are given up.

A session's files lie in ``sessions/<id>/@<revision>-<content>/``. A change makes a new folder;
the manifest decides which one counts.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from dryline.store.durable import flush_folder, move_folder, write_file
from dryline.store.manifest import RECORD, SESSIONS, Manifest, SessionRecord, encode
from dryline.store.recovery import leftovers

_STAGING = "staging"


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
    """Delete what an interrupted write left and what the manifest has given up; nothing else.

    A folder leaves in one step, so no half of one can be taken for a damaged session.
    """
    aside = library / _STAGING
    shutil.rmtree(aside, ignore_errors=True)
    for folder in leftovers(library, manifest):
        os.replace(library / folder, aside)
        shutil.rmtree(aside, ignore_errors=True)
        _remove_empty(library / SESSIONS, (library / folder).parent)


def _remove_empty(sessions: Path, folder: Path) -> None:
    with suppress(OSError):
        while folder != sessions:
            folder.rmdir()
            folder = folder.parent


def _flush_parents(library: Path, folder: Path) -> None:
    while folder != library:
        folder = folder.parent
        flush_folder(folder)
