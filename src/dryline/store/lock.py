"""One writer at a time. The lock dies with its process, so it can never be stale."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dryline.domain.errors import LibraryError

_STEP_S = 0.05


@contextmanager
def writer_lock(
    path: Path, wait_s: float, sleep: Callable[[float], None] = time.sleep
) -> Iterator[None]:
    """Hold the library for writing, waiting at most ``wait_s`` seconds for another writer.

    Raises:
        LibraryError: another writer did not finish in time, or the system has no file locks.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _wait_for(handle, path, wait_s, sleep)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


def _wait_for(handle: int, path: Path, wait_s: float, sleep: Callable[[float], None]) -> None:
    steps_left = max(0, round(wait_s / _STEP_S))
    while not _taken(handle):
        if steps_left == 0:
            holder = os.pread(handle, 20, 0).decode(errors="replace").strip()
            who = f"process {holder}" if holder.isdigit() else "another process"
            raise LibraryError(
                f"{path.parent}: {who} is still writing to the library after {wait_s:g} s. "
                "Wait until it has finished, then try again."
            )
        steps_left -= 1
        sleep(_STEP_S)


def _taken(handle: int) -> bool:
    try:
        import fcntl
    except ImportError as fault:
        raise LibraryError(
            "This system has no POSIX file locks, so the library cannot be written safely."
        ) from fault
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
