"""What one question in SQL may take: time, memory, disk, rows."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import msgspec
import polars as pl

from dryline.domain.errors import InputError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LOOK_S = 0.05


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """How much one question may take; ``disk_bytes`` bounds what is spilled and the answer."""

    time_s: float = 60.0
    memory_bytes: int = 2_000_000_000
    disk_bytes: int = 4_000_000_000
    rows: int = 10_000_000


def set_limits(connection: DuckDBPyConnection, folder: Path, bounds: Bounds) -> None:
    """Let the connection use so much memory, and so much of ``folder``'s disk."""
    connection.execute(f"SET memory_limit = '{bounds.memory_bytes} B'")
    connection.execute(f"SET temp_directory = '{_escaped(folder / 'spilled')}'")
    connection.execute(f"SET max_temp_directory_size = '{bounds.disk_bytes} B'")


@contextmanager
def watched(connection: DuckDBPyConnection, folder: Path, bounds: Bounds) -> Iterator[None]:
    """Interrupt the connection's work when it is over time, or fills ``folder`` beyond bounds.

    Raises:
        InputError: it was interrupted, or ran out of memory; one line with the remedy.
        KeyboardInterrupt: somebody else interrupted it.
    """
    ended = threading.Event()
    over: list[InputError] = []
    end_s = time.monotonic() + bounds.time_s

    def watch() -> None:
        while not ended.wait(_LOOK_S):
            if not over and time.monotonic() > end_s:
                over.append(_over_time(bounds))
            elif not over and _bytes_in(folder) > bounds.disk_bytes:
                over.append(_over_size(bounds))
            if over:
                connection.interrupt()  # again, in case the work had not begun

    watcher = threading.Thread(target=watch, name="dryline-sql-bounds", daemon=True)
    watcher.start()
    try:
        yield
    except duckdb.InterruptException as fault:
        if not over:
            raise KeyboardInterrupt from fault
        raise over[0] from fault
    except duckdb.OutOfMemoryException as fault:
        raise _over_size(bounds) from fault
    finally:
        ended.set()
        watcher.join()


def refuse_too_large(answer: Path, bounds: Bounds) -> None:
    """Look at a written answer before it is read into memory.

    Raises:
        InputError: it is beyond its bounds.
    """
    if answer.stat().st_size > bounds.disk_bytes:
        raise _over_size(bounds)
    if pl.scan_parquet(answer).select(pl.len()).collect().item() > bounds.rows:
        raise InputError(
            f"SQL: the answer has more than {bounds.rows:,} rows", remedy="Narrow the query."
        )


def _over_time(bounds: Bounds) -> InputError:
    return InputError(
        f"SQL: stopped after {bounds.time_s:g} s",
        remedy="Narrow the query, or give it longer: --time-limit SECONDS.",
    )


def _over_size(bounds: Bounds) -> InputError:
    room = f"{bounds.memory_bytes / 1e9:g} GB of memory and {bounds.disk_bytes / 1e9:g} GB of disk"
    return InputError(f"SQL: stopped: it needs more than {room}", remedy="Narrow the query.")


def _bytes_in(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:  # gone meanwhile
            continue
    return total


def _escaped(path: Path) -> str:
    return str(path).replace("'", "''")
