"""What the manifest says of a session, and the table of all sessions."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import polars as pl

from dryline.store.manifest import (
    FileRecord,
    Manifest,
    SessionRecord,
    checksum,
    generation_folder,
)
from dryline.store.session import StoredSession

LISTING: dict[str, type[pl.DataType]] = {
    "id": pl.String,
    "name": pl.String,
    "series": pl.String,
    "year": pl.Int32,
    "event": pl.String,
    "session": pl.String,
    "cars": pl.Int32,
    "laps": pl.Int32,  # rows: laps of all cars together
    "length_ms": pl.Int64,  # scheduled; null where nobody said
    "length_laps": pl.Int32,
    "simulated": pl.Boolean,
    "bytes": pl.Int64,  # on the disk, original files included
    "added_at": pl.String,
}
"""The table of sessions."""


def content_of(session: StoredSession, files: Mapping[str, bytes], names: Mapping[str, str]) -> str:
    """A checksum over everything that a session says; equal content, equal session.

    Where the files were found (``info.sources``) does not count.
    """
    info = msgspec.structs.replace(session.info, sources=())
    parts = [[name, checksum(files[name])] for name in sorted(files)]
    return checksum(msgspec.json.encode([session.id, info, parts, dict(names)]))


def record_of(
    session: StoredSession,
    files: Mapping[str, bytes],
    names: Mapping[str, str],
    content: str,
    revision: int,
    added_at: str | None,
) -> SessionRecord:
    """The manifest's entry for a session about to be written."""
    return SessionRecord(
        id=session.id,
        info=session.info,
        content=content,
        folder=generation_folder(session.id, revision, content),
        revision=revision,
        cars=session.crossings["car_number"].n_unique(),
        laps=session.crossings.height,
        added_at=added_at,
        files={name: FileRecord(checksum(body), len(body)) for name, body in files.items()},
        sources=dict(names),
    )


def listing(manifest: Manifest) -> pl.DataFrame:
    """All sessions, one row each, ordered by id."""
    rows = [_listing_row(record) for record in manifest.sessions.values()]
    return pl.DataFrame(rows, LISTING, orient="row")


def _listing_row(record: SessionRecord) -> tuple[object, ...]:
    info, length = record.info, record.info.length
    series, year, event, *session = record.id.split("/")
    return (
        record.id,
        info.name,
        info.series or series,
        info.year or int(year),
        info.event or event,
        session[0] if session else info.session,
        record.cars,
        record.laps,
        None if length is None else length.ms,
        None if length is None else length.laps,
        info.simulated,
        record.bytes,
        record.added_at,
    )
