"""The library: one folder of sessions that many processes read while one writes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
import polars as pl

from dryline.domain.errors import InputError, LibraryError, RaceNotFound
from dryline.domain.finding import Finding, Severity
from dryline.store.durable import disk_faults, replace_file
from dryline.store.encoding import (
    SCHEMAS,
    read_decisions,
    read_messages,
    read_session,
    read_sources,
    session_files,
    source_files,
)
from dryline.store.exporting import Format, export_session
from dryline.store.generations import sweep, write_generation
from dryline.store.location import default_path
from dryline.store.lock import writer_lock
from dryline.store.manifest import (
    MANIFEST,
    SESSIONS,
    DamagedRecordError,
    Manifest,
    SessionRecord,
    encode,
    read_manifest,
    recover_manifest,
)
from dryline.store.queries import run_query
from dryline.store.records import content_of, listing, record_of
from dryline.store.resolving import resolve_id
from dryline.store.session import StoredSession
from dryline.store.slug import canonical_id
from dryline.store.verified import Damage, DamagedFileError, VerifiedReader

_LOG = logging.getLogger(__name__)
_READ_ATTEMPTS = 200
_LONGEST_PAUSE_S = 0.05

LibraryId = str
Reparse = Callable[[Mapping[str, bytes]], StoredSession]
"""Reads a session's original files again; given by the engine, which knows the feeds."""

_T = TypeVar("_T")


class Added(msgspec.Struct, frozen=True):
    """What adding a session did.

    ``added`` a new one, ``replaced`` other content, ``repaired`` damaged files of the same
    content, or left it ``unchanged``.
    """

    id: LibraryId
    outcome: Literal["added", "replaced", "repaired", "unchanged"]


class Library:
    """Sessions on disk.

    Readers take no lock: they see the state before a write or after it. Writers wait for one
    another, at most ``wait_s`` seconds.
    """

    def __init__(self, path: Path | None = None, *, wait_s: float = 30.0) -> None:
        self.path = default_path() if path is None else path
        self._wait_s = wait_s
        self._reader = VerifiedReader()

    def __repr__(self) -> str:
        return f"Library({str(self.path)!r})"

    def add(self, session: StoredSession, *, added_at: str | None = None) -> Added:
        """Keep a session; the same content under the same id again changes nothing.

        Raises:
            InputError: its id is not a library id.
            LibraryError: the disk refuses, or another writer does not finish.
        """
        session = replace(session, id=canonical_id(session.id))
        originals, names = source_files(session.sources)
        files = {**session_files(session), **originals}
        content = content_of(session, files, names)
        with self._writing():
            manifest = self._manifest()
            old = manifest.sessions.get(session.id)
            same = old is not None and old.content == content
            if old is not None and same and not self._damages_of(old):
                return Added(session.id, "unchanged")
            when = old.added_at if old is not None and same else added_at
            record = record_of(session, files, names, content, manifest.revision + 1, when)
            write_generation(self.path, record, files)
            self._commit(manifest, {**manifest.sessions, session.id: record})
        return Added(session.id, "added" if old is None else "repaired" if same else "replaced")

    def remove(self, race_id: str) -> None:
        """Forget a session and delete its files.

        Raises:
            RaceNotFound: there is none of that id.
        """
        race_id = canonical_id(race_id)
        with self._writing():
            manifest = self._manifest()
            if race_id not in manifest.sessions:
                raise _absent(race_id)
            left = {k: v for k, v in manifest.sessions.items() if k != race_id}
            self._commit(manifest, left)

    def list(self) -> pl.DataFrame:
        """All sessions, one row each, ordered by id, with the columns of ``LISTING``."""
        return listing(self._manifest())

    def resolve(self, text: str) -> LibraryId:
        """The one id meant by ``text``: an id, or an unmistakable part of one.

        Raises:
            InputError: several sessions fit.
            RaceNotFound: none does; the nearest are named.
        """
        return resolve_id(text, self._manifest().sessions)

    def open(self, race_id: str, *, reparse: Reparse | None = None) -> StoredSession:
        """The session as it was added, every byte checked.

        With ``reparse``, damaged tables are rebuilt from the original files, and the session
        carries a finding ``library_rebuilt`` that says so.

        Raises:
            RaceNotFound: there is none of that id.
            LibraryError: a file is damaged, and ``reparse`` is missing or cannot help.
        """
        race_id = canonical_id(race_id)
        try:
            return self._steadily(lambda manifest: self._load(_found(manifest, race_id)))
        except DamagedFileError as fault:
            if reparse is None:
                raise
            _LOG.warning("%s; rebuilding from the original files", fault.damage)
            session = self.rebuild(race_id, reparse)
            return replace(session, findings=(*session.findings, _rebuilt(fault.damage)))

    def rebuild(self, race_id: str, reparse: Reparse) -> StoredSession:
        """Read the session's original files again and store what comes out.

        Its id, name and length stay; so do messages and decisions whose files are sound,
        unless the original files bring their own.

        Raises:
            LibraryError: the original files are missing or damaged too.
        """
        race_id = canonical_id(race_id)
        record = _found(self._manifest(), race_id)
        try:
            sources = self._steadily(lambda m: self._sources(_found(m, race_id)))
        except DamagedFileError as fault:
            raise LibraryError(
                f"{fault.damage}. The original file of {race_id} is lost; add the race again."
            ) from fault
        if not sources:
            raise LibraryError(
                f"{race_id} was stored without its original files and cannot be rebuilt. "
                "Add the race again."
            )
        fresh = replace(reparse(sources), id=race_id, info=record.info, sources=sources)
        session = self._with_outside_facts(record, fresh)
        self.add(session, added_at=record.added_at)
        return session

    def check(self) -> tuple[Damage, ...]:
        """Every file that is not as it was written; empty for a sound library."""
        found = []
        try:
            manifest = read_manifest(self.path)
        except DamagedRecordError as fault:
            found.append(Damage(None, str(self.path / MANIFEST), str(fault)))
            manifest = recover_manifest(self.path)
        for record in manifest.sessions.values():
            found.extend(self._damages_of(record))
        return tuple(found)

    def sql(self, query: str) -> pl.DataFrame:
        """The answer to one SELECT over crossings, results, weather, findings and sessions.

        Each of them has a column ``race`` with the library id.

        Raises:
            InputError: the query is not a single SELECT, or is wrong; one line.
            LibraryError: a file is damaged.
        """
        return self._steadily(lambda manifest: self._query(manifest, query))

    def export(self, race_id: str, folder: Path, format: Format = "csv") -> tuple[Path, ...]:  # noqa: A002
        """Write a session's tables into ``folder`` as CSV or Parquet and say which files.

        Raises:
            InputError: another format.
            RaceNotFound: there is none of that id.
        """
        if format not in ("csv", "parquet"):
            raise InputError(f"cannot export as {format!r}", remedy="Use csv or parquet.")
        return export_session(self.open(race_id), folder, format)

    def _manifest(self) -> Manifest:
        with disk_faults("read", self.path):
            try:
                return read_manifest(self.path)
            except DamagedRecordError as fault:
                _LOG.warning("%s Reading the sessions' own records instead.", fault)
                return recover_manifest(self.path)

    def _steadily(self, action: Callable[[Manifest], _T]) -> _T:
        """Act on one state of the library; again, where a writer has replaced it meanwhile."""
        manifest = self._manifest()
        for attempt in range(_READ_ATTEMPTS):
            try:
                with disk_faults("read", self.path):
                    return action(manifest)
            except (DamagedFileError, InputError):
                newer = self._manifest()
                if newer.revision == manifest.revision:
                    raise
                manifest = newer
                time.sleep(min(_LONGEST_PAUSE_S, 0.001 * attempt))
        raise LibraryError(f"{self.path}: the library changes faster than it can be read.")

    def _load(self, record: SessionRecord) -> StoredSession:
        return read_session(
            record.id, record.info, record.sources, lambda name: self._read(record, name)
        )

    def _sources(self, record: SessionRecord) -> dict[str, bytes]:
        return read_sources(record.sources, lambda name: self._read(record, name))

    def _read(self, record: SessionRecord, name: str) -> bytes | None:
        if name not in record.files:
            return None
        return self._reader.read(self.path, record, name)

    def _query(self, manifest: Manifest, query: str) -> pl.DataFrame:
        records = manifest.sessions.values()
        files = {
            view: [
                self._reader.check(self.path, record, f"{view}.parquet")
                for record in records
                if f"{view}.parquet" in record.files
            ]
            for view in SCHEMAS
        }
        return run_query(query, files, listing(manifest))

    def _damages_of(self, record: SessionRecord) -> tuple[Damage, ...]:
        found = []
        for name in record.files:
            try:
                self._reader.read(self.path, record, name)
            except DamagedFileError as fault:
                found.append(fault.damage)
        return tuple(found)

    def _with_outside_facts(self, record: SessionRecord, fresh: StoredSession) -> StoredSession:
        damaged = {Path(damage.file).name for damage in self._damages_of(record)}

        def sound(name: str) -> bytes | None:
            return None if name in damaged else self._read(record, name)

        return replace(
            fresh,
            messages=fresh.messages or read_messages(sound),
            decisions=fresh.decisions or read_decisions(sound),
        )

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with disk_faults("write", self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            with writer_lock(self.path / "writer.lock", self._wait_s):
                if not any((self.path / name).exists() for name in (MANIFEST, SESSIONS)):
                    replace_file(self.path / MANIFEST, encode(Manifest()))
                yield

    def _commit(self, old: Manifest, sessions: dict[str, SessionRecord]) -> None:
        manifest = Manifest(revision=old.revision + 1, sessions=dict(sorted(sessions.items())))
        replace_file(self.path / MANIFEST, encode(manifest))
        sweep(self.path, manifest)


def _found(manifest: Manifest, race_id: str) -> SessionRecord:
    record = manifest.sessions.get(race_id)
    if record is None:
        raise _absent(race_id)
    return record


def _absent(race_id: str) -> RaceNotFound:
    return RaceNotFound(f"{race_id} is not in the library", remedy="See `dryline library list`.")


def _rebuilt(damage: Damage) -> Finding:
    return Finding(
        kind="library_rebuilt",
        severity=Severity.WARNING,
        message=f"the library's copy {damage.what}; it was rebuilt from the original files",
        file=damage.file,
    )
