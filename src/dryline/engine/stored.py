"""Between a race and the library: what is stored of a session, and how it becomes a race again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from dryline.domain.errors import LibraryError, RaceNotFound
from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.legible import legible_tree
from dryline.domain.race_info import RaceInfo
from dryline.domain.table_text import legible_table
from dryline.domain.tables import WEATHER, empty
from dryline.engine.session_files import Session, files_by_content, is_stated, read_session
from dryline.engine.session_kinds import kind_of, of_kind
from dryline.race.race import Race
from dryline.store.library import Library
from dryline.store.session import StoredSession
from dryline.store.slug import DEFAULT_SESSION


def stored_session(
    race_id: str, info: RaceInfo, session: Session, sources: Mapping[str, bytes]
) -> StoredSession:
    """What the library keeps of a session: its parsed values and the original bytes."""
    return StoredSession(
        id=race_id,
        info=info,
        crossings=session.crossings,
        extras=session.extras,
        results=session.results,
        weather=session.weather,
        messages=session.messages,
        decisions=session.decisions,
        findings=session.findings,
        sources=dict(sources),
    )


def race_from_library(library: Library, race_id: str) -> Race:
    """A stored session as a race; damaged tables are rebuilt from the original files first."""
    session = library.open(race_id, reparse=lambda sources: _again(race_id, sources))
    messages = tuple(
        message
        for message in session.messages
        if isinstance(message, RaceControlMessage | Evidence)
    )
    crossings = legible_table(session.crossings)
    return Race(
        info=_of_its_kind(session.info, crossings),
        crossings=crossings,
        messages=legible_tree(messages),
        weather=empty(WEATHER) if session.weather is None else session.weather,
        findings=session.findings,
        stated=session.results if is_stated(session.findings) else None,
        extras=session.extras,
    )


def _of_its_kind(info: RaceInfo, crossings: pl.DataFrame) -> RaceInfo:
    """What is not called a race was stored as one before kinds of session were told apart."""
    if info.session == DEFAULT_SESSION or not info.session_kind.is_race:
        return info
    return of_kind(info, kind_of(Path(f"{info.session}.csv"), crossings)[0])


def kept_session(library: Library, race_id: str) -> StoredSession | None:
    """What the library has under the id, rebuilt if need be; ``None`` where nothing can be read."""
    try:
        return library.open(race_id, reparse=lambda sources: _again(race_id, sources))
    except (RaceNotFound, LibraryError):
        return None


def rebuild_race(library: Library, race_id: str) -> None:
    """Read a stored session's original files again and store what comes out.

    Raises:
        RaceNotFound: there is none of that id.
        LibraryError: the original files are missing or damaged too.
    """
    library.rebuild(race_id, lambda sources: _again(race_id, sources))


def _again(race_id: str, sources: Mapping[str, bytes]) -> StoredSession:
    files = files_by_content(sources.items(), where=race_id)
    info = RaceInfo(name=race_id)
    return stored_session(race_id, info, read_session(files), sources)
