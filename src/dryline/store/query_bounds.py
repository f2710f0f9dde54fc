"""What one question in SQL may take: time, memory, disk, rows."""

from __future__ import annotations

import subprocess
import time
from contextlib import suppress
from pathlib import Path

import msgspec
import polars as pl

from dryline.domain.errors import InputError

_LOOK_S = 0.05


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """How much one question may take; ``disk_bytes`` bounds what is spilled and the answer."""

    time_s: float = 60.0
    memory_bytes: int = 2_000_000_000
    disk_bytes: int = 4_000_000_000
    rows: int = 10_000_000


def limits(folder: Path, bounds: Bounds) -> list[str]:
    """What keeps DuckDB to so much memory, and so much of ``folder``'s disk, in SQL."""
    return [
        f"SET memory_limit = '{bounds.memory_bytes} B'",
        f"SET temp_directory = '{_escaped(folder / 'spilled')}'",
        f"SET max_temp_directory_size = '{bounds.disk_bytes} B'",
    ]


def wait_within(bounds: Bounds, answering: subprocess.Popen[bytes], folder: Path) -> None:
    """Wait until the process has ended.

    Raises:
        InputError: it is over time, or fills ``folder`` beyond bounds; it still runs then.
    """
    end_s = time.monotonic() + bounds.time_s
    while answering.poll() is None:
        if time.monotonic() > end_s:
            raise _over_time(bounds)
        if _bytes_in(folder) > bounds.disk_bytes:
            raise over_size(bounds)
        with suppress(subprocess.TimeoutExpired):
            answering.wait(_LOOK_S)


def refuse_too_large(answer: Path, bounds: Bounds) -> None:
    """Look at a written answer before it is read into memory.

    Raises:
        InputError: it is beyond its bounds.
    """
    if answer.stat().st_size > bounds.disk_bytes:
        raise over_size(bounds)
    if pl.scan_parquet(answer).select(pl.len()).collect().item() > bounds.rows:
        raise InputError(
            f"SQL: the answer has more than {bounds.rows:,} rows", remedy="Narrow the query."
        )


def _over_time(bounds: Bounds) -> InputError:
    return InputError(
        f"SQL: stopped after {bounds.time_s:g} s",
        remedy="Narrow the query, or give it longer: --time-limit SECONDS.",
    )


def over_size(bounds: Bounds) -> InputError:
    """The error of a question that needs more room than it may have."""
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
