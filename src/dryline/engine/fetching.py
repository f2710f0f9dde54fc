"""Downloading a session and keeping it in the library. The only way to the network."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from dryline.domain.errors import DrylineError, FetchError
from dryline.domain.series import Series
from dryline.engine.library import add_race
from dryline.engine.naming import without_number
from dryline.feeds.alkamel.fetch import ResultsSite, SiteSession, site_address
from dryline.store.library import Added, Library
from dryline.store.slug import id_for

Progress = Callable[[str, int, int | None], None]


def open_site(
    series: str | None, site: str | None, cache: Path | None = None, *, pace_s: float = 1.0
) -> ResultsSite:
    """The results site of a series, or the one named.

    Raises:
        BadOption: where neither says which site to ask.
    """
    return ResultsSite(site_address(series, site), cache, pace_s=pace_s)


def download_and_add(
    site: ResultsSite,
    found: SiteSession,
    library: Library,
    series: str,
    progress: Progress | None = None,
    *,
    replacing: bool = False,
) -> Added:
    """Bring a session's files into the cache, then into the library.

    ``replacing`` lets it take the place of another session that the library holds as its id.

    Raises:
        FetchError: where the site does not give the files.
    """
    paths = site.download(found, progress)
    if not paths:
        raise FetchError(f"{found}: nothing was downloaded")
    race_id = id_for(
        series,
        year_of_season(found.season),
        without_number(found.event),
        without_number(found.session),
    )
    laps = next((path for path in paths if path.name.startswith("23_")), None)
    now = datetime.now(tz=UTC).isoformat(timespec="seconds")
    return add_race(
        library,
        paths[0].parent if laps is None else laps,
        beside=laps is not None,
        race_id=race_id,
        series=series,
        replacing=replacing,
        now=now,
    )


def download_weekend(
    site: ResultsSite,
    library: Library,
    year: int,
    event: str,
    series: str,
    of: str | None = None,
    progress: Progress | None = None,
    *,
    replacing: bool = False,
) -> Iterator[Added | DrylineError]:
    """Every session of an event, one after another: what was added, or why one was not.

    What the cache holds is not asked for again, so that an interrupted one goes on where it was.

    Args:
        site: where to ask.
        library: where to add.
        year: the season.
        event: the event, as people say it.
        series: whose races they are; the first word of their library ids.
        of: a support series of the event, as its folder on the site is called.
        progress: hears how much has come.
        replacing: let other sessions that have the ids be replaced.

    Raises:
        RaceNotFound: where the site has no such season, event or series.
        FetchError: where the site does not answer.
    """
    published = Series.of(series).site
    folder = of or (series if published is None else published.folder)
    found = site.weekend(year, event, folder)
    name = series if of is None else without_number(found[0].series)
    for session in found:
        try:
            yield download_and_add(site, session, library, name, progress, replacing=replacing)
        except DrylineError as error:
            yield error


def find_on_site(
    site: ResultsSite, year: int, event: str, session: str, series: str
) -> SiteSession:
    """The session meant by the names people use, among the series' own races.

    Raises:
        RaceNotFound: where the site has no such season, event or session.
    """
    published = Series.of(series).site
    return site.find(year, event, session, series if published is None else published.folder)


def fetch_session(
    library: Library,
    series: str,
    year: int,
    event: str,
    session: str = "race",
    *,
    site: str | None = None,
    progress: Progress | None = None,
) -> str:
    """Download one session by the names people use, and say its library id.

    Raises:
        RaceNotFound: where the site has no such season, event or session.
        FetchError: where the site does not give it.
    """
    with open_site(series, site) as results:
        found = find_on_site(results, year, event, session, series)
        return download_and_add(results, found, library, series, progress).id


def year_of_season(season: str) -> int:
    """The year that a season's folder names, of one over two years the last.

    Raises:
        FetchError: where it names none.
    """
    found = re.findall(r"(?:19|20)\d{2}", season)
    if not found:
        raise FetchError(f"the season {season!r} names no year")
    return int(found[-1])
