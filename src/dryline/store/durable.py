"""Writing that survives a crash: bytes reach the disk before a name points at them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dryline.domain.errors import LibraryError


def write_file(path: Path, content: bytes) -> None:
    """Write a new file and flush it to the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, content: bytes) -> None:
    """Put ``content`` under ``path`` at once: a reader sees the old bytes or the new ones."""
    fresh = path.with_name(path.name + ".new")
    write_file(fresh, content)
    os.replace(fresh, path)
    flush_folder(path.parent)


def move_folder(source: Path, target: Path) -> None:
    """Give a finished folder its final name, durably."""
    target.parent.mkdir(parents=True, exist_ok=True)
    flush_folder(source)
    os.replace(source, target)
    flush_folder(target.parent)


def flush_folder(path: Path) -> None:
    """Flush a folder's entries to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def disk_faults(doing: str, path: Path) -> Iterator[None]:
    """Turn the operating system's refusals into one clear line."""
    try:
        yield
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise LibraryError(f"{path}: cannot {doing} the library: {reason}.") from fault
