"""Races by series, year and event, from the library."""

from __future__ import annotations

from pathlib import Path

from dryline.domain.errors import RaceNotFound
from dryline.engine.opening import open_race
from dryline.race.race import Race
from dryline.store.library import Library


def get_session(
    series: str,
    year: int,
    event: str,
    session: str = "race",
    *,
    fetch: bool = False,
    library: Library | Path | None = None,
) -> Race:
    """A session from the library; nothing is downloaded unless ``fetch`` says so.

    Args:
        series: ``wec`` or ``imsa``.
        year: the season.
        event: the event's name, or an unmistakable part of it: ``imola``.
        session: ``race``, or another session of the event.
        fetch: download the session from the results site where the library does not hold it.
        library: where to look; your own library when left out.

    Raises:
        RaceNotFound: where the library does not hold it and ``fetch`` is false.
        FetchError: where the results site does not give it.
    """
    shelf = library if isinstance(library, Library) else Library(library)
    wanted = f"{series}/{year}/{event}" + ("" if session == "race" else f"/{session}")
    try:
        return open_race(shelf.resolve(wanted), library=shelf)
    except RaceNotFound:
        if not fetch:
            raise
    from dryline.engine.fetching import fetch_session

    return open_race(fetch_session(shelf, series, year, event, session), library=shelf)
