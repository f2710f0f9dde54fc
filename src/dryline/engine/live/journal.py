"""The journal as it is written: append-only, chained, on the disk within a quarter of a second."""

from __future__ import annotations

import fcntl
import os
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from dryline.domain.errors import JournalError, UnreadableFile
from dryline.domain.finding import Finding, Severity
from dryline.engine.live.record import GENESIS, MAGIC, JournalReading, Record, chained

SYNC_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class JournalHealth:
    """How the journal is doing: ``waiting`` records are known and not written yet."""

    records: int
    waiting: int
    synced: int
    fault: str


class Journal:
    """One session's journal, open for writing by this process alone.

    What is appended is given to the system at once, so a killed process loses nothing, and
    flushed to the disk every ``sync_every_s`` seconds by a thread, so a pulled plug loses no
    more than that. When the disk is full the records wait in memory, in order, and are written
    as soon as there is room; ``health`` says so meanwhile.
    """

    def __init__(
        self,
        handle: int,
        path: Path,
        *,
        head: bytes,
        size: int,
        records: int,
        sync_every_s: float = SYNC_EVERY_S,
        sync: Callable[[int], None] = os.fsync,
    ) -> None:
        self.path = path
        self._handle, self._head, self._size = handle, head, size
        self._written = self._synced = records
        self._sync, self._sync_every_s = sync, sync_every_s
        self._fault = ""
        self._waiting: deque[Record] = deque()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_synced, name="journal", daemon=True)
        self._thread.start()

    @property
    def health(self) -> JournalHealth:
        """Records written, waiting and safe on the disk, and what is wrong."""
        with self._lock:
            return JournalHealth(self._written, len(self._waiting), self._synced, self._fault)

    def append(self, record: Record) -> None:
        """One more record; where it cannot be written now it waits its turn.

        Raises:
            JournalError: the journal is closed.
        """
        with self._lock:
            if self._closing.is_set():
                raise JournalError(f"{self.path}: the journal is closed.")
            self._waiting.append(record)
            self._write()

    def sync(self) -> None:
        """Everything on the disk, now.

        Raises:
            JournalError: where it cannot be done.
        """
        self._flush()
        health = self.health
        if health.fault:
            raise JournalError(f"{self.path}: cannot write the journal: {health.fault}.")

    def close(self) -> None:
        """Write and flush what can be, and let others have the journal.

        Raises:
            JournalError: where records could not be written to the end.
        """
        self._closing.set()
        self._thread.join()
        self._flush()
        os.close(self._handle)
        if self._fault:
            raise JournalError(
                f"{self.path}: the last {len(self._waiting)} records could not be written: "
                f"{self._fault}. What is in the journal is sound."
            )

    def _keep_synced(self) -> None:
        while not self._closing.wait(self._sync_every_s):
            self._flush()

    def _flush(self) -> None:
        with self._lock:
            self._write()
            written = self._written
            if written == self._synced:
                return
        try:
            self._sync(self._handle)
        except OSError as error:
            with self._lock:
                self._fault = error.strerror or str(error)
            return
        with self._lock:
            self._synced = written

    def _write(self) -> None:
        """All that waits, whole records only; a record half written is taken off again."""
        while self._waiting:
            data, head = chained(self._waiting[0], self._head)
            try:
                self._put(data)
            except OSError as error:
                with suppress(OSError):
                    os.ftruncate(self._handle, self._size)
                self._fault = error.strerror or str(error)
                return
            self._waiting.popleft()
            self._head, self._size = head, self._size + len(data)
            self._written += 1
        self._fault = ""

    def _put(self, data: bytes) -> None:
        place, left = self._size, memoryview(data)
        while left:
            done = os.pwrite(self._handle, left, place)
            place, left = place + done, left[done:]


def open_journal(
    path: Path,
    read: Callable[[Record], object],
    *,
    sync_every_s: float = SYNC_EVERY_S,
) -> tuple[Journal, tuple[Finding, ...]]:
    """A journal, new or gone on with: every record there is goes to ``read`` first.

    What follows the last sound record is set aside in a file beside the journal, cut off, and
    stated as a finding.

    Raises:
        JournalError: another process has it, or it cannot be written.
        UnreadableFile: the file is something else.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise JournalError(
            f"{path}: cannot open the journal: {error.strerror or error}."
        ) from error
    try:
        return _opened(handle, path, read, sync_every_s)
    except BaseException:
        os.close(handle)
        raise


def _opened(
    handle: int, path: Path, read: Callable[[Record], object], sync_every_s: float
) -> tuple[Journal, tuple[Finding, ...]]:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise JournalError(
            f"{path}: another session is writing this journal. Close it, or name another file."
        ) from error
    with open(handle, "rb", closefd=False) as file:
        reading = JournalReading(file)
        for record in reading:
            read(record)
    if reading.fault == "no journal":
        raise UnreadableFile(
            "this is not a journal",
            file=str(path),
            remedy="Name another file; it is left as it is.",
        )
    try:
        findings = _cut_tail(handle, path, reading)
        size = _begun(handle, path) if reading.good_to == 0 else reading.good_to
    except OSError as error:
        raise JournalError(
            f"{path}: cannot write the journal: {error.strerror or error}."
        ) from error
    head = reading.head if reading.records else GENESIS
    journal = Journal(
        handle, path, head=head, size=size, records=reading.records, sync_every_s=sync_every_s
    )
    return journal, findings


def _begun(handle: int, path: Path) -> int:
    os.pwrite(handle, MAGIC, 0)
    os.fsync(handle)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return len(MAGIC)


def _cut_tail(handle: int, path: Path, reading: JournalReading) -> tuple[Finding, ...]:
    size = os.fstat(handle).st_size
    torn = size - reading.good_to
    if torn <= 0:
        return ()
    aside = path.with_name(f"{path.name}.tail-{reading.good_to}")
    kept = f"kept in {aside.name}"
    try:
        aside.write_bytes(os.pread(handle, torn, reading.good_to))
    except OSError:
        kept = "not kept, the disk is full"
    os.ftruncate(handle, reading.good_to)
    os.fsync(handle)
    return (_finding(path, reading, torn, kept),)


def _finding(path: Path, reading: JournalReading, torn: int, kept: str) -> Finding:
    """A crash tears the last record off; anything else is damage to what was written."""
    if reading.torn:
        kind, severity, what = "journal_torn", Severity.WARNING, "no whole record"
    else:
        kind, severity, what = "journal_damaged", Severity.ERROR, "not as they were written"
    return Finding(
        kind=kind,
        severity=severity,
        message=(
            f"the journal's last {torn} bytes are {what} ({reading.fault}): cut off after record "
            f"{reading.records}, {kept}"
        ),
        file=path.name,
        remedy="The feed is asked for what is missing.",
    )
