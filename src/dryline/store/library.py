"""The library: one folder of sessions that many processes read while one writes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import msgspec
import polars as pl

from dryline.domain.errors import InputError, LibraryError, RaceNotFound
from dryline.store.checking import damages_of
from dryline.store.commit import commit
from dryline.store.durable import disk_faults, replace_file
from dryline.store.encoding import SCHEMAS, read_session, session_files, source_files
from dryline.store.exporting import Format, export_session
from dryline.store.generations import write_generation
from dryline.store.judging import Outcome, outcome_over
from dryline.store.location import default_path
from dryline.store.lock import writer_lock
from dryline.store.manifest import (
    MANIFEST,
    RECORD,
    SESSIONS,
    DamagedRecordError,
    Manifest,
    SessionRecord,
    encode,
    id_of,
    read_manifest,
)
from dryline.store.queries import run_query
from dryline.store.query_bounds import Bounds
from dryline.store.rebuilding import (
    Reparse,
    original_lost_finding,
    rebuilt_finding,
    rebuilt_session,
)
from dryline.store.records import content_of, listing, record_of
from dryline.store.recovery import recover_manifest, reread, with_strays
from dryline.store.resolving import resolve_id
from dryline.store.salvage import Salvage, salvage_all
from dryline.store.session import StoredSession
from dryline.store.slug import canonical_id
from dryline.store.verified import Damage, DamagedFileError, VerifiedReader, rebuild_remedy

_LOG = logging.getLogger(__name__)
_READ_ATTEMPTS = 200
_LONGEST_PAUSE_S = 0.05

LibraryId = str
_T = TypeVar("_T")


class Added(msgspec.Struct, frozen=True):
    """What adding a session did: see ``judging.Outcome``."""

    id: LibraryId
    outcome: Outcome


class Library:
    """Sessions on disk.

    Readers take no lock: they see the state before a write or after it. Writers wait for one
    another, at most ``wait_s`` seconds.
    """

    def __init__(self, path: Path | None = None, *, wait_s: float = 30.0) -> None:
        self.path = default_path() if path is None else path
        self._wait_s = wait_s
        self._reader = VerifiedReader()
        self._said: set[str] = set()

    def __repr__(self) -> str:
        return f"Library({str(self.path)!r})"

    def add(
        self, session: StoredSession, *, added_at: str | None = None, replacing: bool = False
    ) -> Added:
        """Keep a session; the same content under the same id again changes nothing.

        A later version of the same session takes the place of an earlier one, never the other
        way round; another session takes its place only when ``replacing`` says so.

        Raises:
            InputError: its id is not a library id.
            IdTaken: the library holds another session under the id.
            LibraryError: the disk refuses, or another writer does not finish.
        """
        session = replace(session, id=canonical_id(session.id))
        originals, names = source_files(session.sources)
        files = {**session_files(session), **originals}
        content = content_of(session, files, names)
        with self._writing():
            manifest = self._manifest()
            outcome = self._outcome(manifest, session, content, replacing=replacing)
            if outcome not in ("unchanged", "kept"):
                old = manifest.sessions.get(session.id)
                same = old is not None and old.content == content
                when = old.added_at if old is not None and same else added_at
                record = record_of(session, files, names, content, manifest.revision + 1, when)
                write_generation(self.path, record, files)
                commit(self.path, manifest, {**manifest.sessions, session.id: record})
        return Added(session.id, outcome)

    def _outcome(
        self, manifest: Manifest, session: StoredSession, content: str, *, replacing: bool
    ) -> Outcome:
        record = manifest.sessions.get(session.id)
        held = self._held(manifest, session.id)
        if not held:
            return "added"
        if record is not None and record.content == content and len(held) == 1:
            return "repaired" if held[0].damages else "unchanged"
        if replacing:
            return "replaced"
        outcomes = [outcome_over(one, session) for one in held]
        return "kept" if "kept" in outcomes else outcomes[0]

    def remove(self, race_id: str) -> None:
        """Forget a session and delete its files.

        Raises:
            RaceNotFound: there is none of that id.
        """
        race_id = canonical_id(race_id)
        with self._writing():
            manifest = self._manifest()
            if race_id not in manifest.ids:
                raise _absent(race_id)
            left = {k: v for k, v in manifest.sessions.items() if k != race_id}
            forgotten = [folder for folder in manifest.unreadable if id_of(folder) == race_id]
            commit(self.path, manifest, left, forgotten)

    def list(self) -> pl.DataFrame:
        """All sessions, one row each, ordered by id, with the columns of ``LISTING``."""
        return listing(self._manifest())

    def resolve(self, text: str) -> LibraryId:
        """The one id meant by ``text``: an id, or an unmistakable part of one.

        Raises:
            InputError: several sessions fit.
            RaceNotFound: none does; the nearest are named.
        """
        return resolve_id(text, self._manifest().ids)

    def unreadable(self) -> tuple[LibraryId, ...]:
        """The ids of sessions whose record is damaged: they are there, and in no list."""
        return tuple(sorted({id_of(folder) for folder in self._manifest().unreadable}))

    def open(self, race_id: str, *, reparse: Reparse | None = None) -> StoredSession:
        """The session as it was added, every byte checked.

        With ``reparse``, damaged tables are rebuilt from the original files, and the session
        carries a finding ``library_rebuilt`` that says so. Where only an original is damaged, the
        session carries ``library_original_lost``.

        Raises:
            RaceNotFound: there is none of that id.
            LibraryError: a file is damaged, and ``reparse`` is missing or cannot help.
        """
        race_id = canonical_id(race_id)
        try:
            return self._steadily(lambda manifest: self._load(self._found(manifest, race_id)))
        except DamagedFileError:
            if reparse is None:
                raise
        held = self._steadily(lambda manifest: self._held(manifest, race_id))
        if not held:
            raise _absent(race_id)
        if {*held[0].lost_originals} == {*held[0].damages}:
            return self._without_originals(race_id, held[0])
        session = self.rebuild(race_id, reparse)
        return replace(session, findings=(*session.findings, rebuilt_finding(held[0].damages)))

    def rebuild(self, race_id: str, reparse: Reparse) -> StoredSession:
        """Read the session's original files again and store what comes out.

        Its id, name and length stay; so does what else is whole of it and does not come from
        the original files. A session whose record is lost gets its name from its folder.

        Raises:
            RaceNotFound: there is none of that id.
            LibraryError: the original files are missing or damaged too.
        """
        race_id = canonical_id(race_id)
        held = self._steadily(lambda manifest: self._held(manifest, race_id))
        if not held:
            raise _absent(race_id)
        session = rebuilt_session(held[0], reparse)
        for damage in held[0].damages:
            _LOG.warning("%s; rebuilding from the original files", damage)
        self.add(session, added_at=held[0].added_at, replacing=True)
        return session

    def take_stock(self) -> tuple[LibraryId, ...]:
        """Write the manifest again from what lies on the disk; which sessions are damaged.

        Raises:
            LibraryError: the disk refuses, or another writer does not finish.
        """
        with self._writing():
            manifest = with_strays(self.path, self._manifest())
            commit(self.path, manifest, manifest.sessions)
        return tuple(sorted({damage.id for damage in self.check() if damage.id is not None}))

    def check(self) -> tuple[Damage, ...]:
        """Every file that is not as it was written; empty for a sound library."""
        with disk_faults("read", self.path):
            return damages_of(self.path, self._reader)

    def sql(self, query: str, *, bounds: Bounds | None = None) -> pl.DataFrame:
        """The answer to one SELECT over crossings, results, weather, findings and sessions.

        Each of them has a column ``race`` with the library id. ``bounds`` says how much time,
        memory and disk it may take.

        Raises:
            InputError: the query is not a single SELECT, is wrong, or goes beyond its bounds.
            LibraryError: a file is damaged.
        """
        return self._steadily(lambda manifest: self._query(manifest, query, bounds or Bounds()))

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
                return reread(self.path, read_manifest(self.path))
            except DamagedRecordError as fault:
                self._say_once(f"{fault} Reading the sessions' own records instead.")
                return recover_manifest(self.path)

    def _say_once(self, warning: str) -> None:
        if warning not in self._said:
            self._said.add(warning)
            _LOG.warning("%s", warning)

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

    def _read(self, record: SessionRecord, name: str) -> bytes | None:
        if name not in record.files:
            return None
        return self._reader.read(self.path, record, name)

    def _query(self, manifest: Manifest, query: str, bounds: Bounds) -> pl.DataFrame:
        records = manifest.sessions.values()
        for folder in manifest.unreadable:
            raise self._record_lost(folder)
        files = {
            view: [
                self._reader.check(self.path, record, f"{view}.parquet")
                for record in records
                if f"{view}.parquet" in record.files
            ]
            for view in SCHEMAS
        }
        return run_query(query, files, listing(manifest), bounds)

    def _held(self, manifest: Manifest, race_id: str) -> tuple[Salvage, ...]:
        return salvage_all(self.path, manifest, race_id, self._reader)

    def _without_originals(self, race_id: str, held: Salvage) -> StoredSession:
        session = read_session(race_id, held.info, {}, held.read)
        lost = original_lost_finding(held.lost_originals)
        return replace(session, sources=held.sources, findings=(*session.findings, lost))

    def _found(self, manifest: Manifest, race_id: str) -> SessionRecord:
        record, folder = manifest.sessions.get(race_id), manifest.unreadable_of(race_id)
        if record is None and folder is not None:
            raise self._record_lost(folder)
        if record is None:
            raise _absent(race_id)
        return record

    def _record_lost(self, folder: str) -> DamagedFileError:
        race_id = id_of(folder)
        damage = Damage(race_id, str(self.path / folder / RECORD), "cannot be read")
        return DamagedFileError(damage, rebuild_remedy(race_id))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with disk_faults("write", self.path):
            self.path.mkdir(parents=True, exist_ok=True)
            with writer_lock(self.path / "writer.lock", self._wait_s):
                if not any((self.path / name).exists() for name in (MANIFEST, SESSIONS)):
                    replace_file(self.path / MANIFEST, encode(Manifest()))
                yield


def _absent(race_id: str) -> RaceNotFound:
    return RaceNotFound(f"{race_id} is not in the library", remedy="See `dryline library list`.")
