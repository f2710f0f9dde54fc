"""The results site: what it offers, and its files brought into the cache.

The provider claims its timing data: this downloads for the user's own use, keeps what it has,
and asks slowly. Nothing is redistributed.
"""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from dryline.domain.errors import BadOption, FetchError
from dryline.domain.series import Series, every_series
from dryline.feeds.alkamel.fetch_cache import SessionCache, default_cache
from dryline.feeds.alkamel.fetch_find import find_event, find_season, find_session, of_series
from dryline.feeds.alkamel.fetch_http import Manners, PoliteClient, Progress
from dryline.feeds.alkamel.fetch_links import (
    EVENT,
    SEASON,
    Page,
    SiteFile,
    SiteSession,
    read_page,
)

__all__ = ["Manners", "ResultsSite", "SiteFile", "SiteSession", "site_address"]

ENVIRONMENT = "DRYLINE_RESULTS_SITE"

_LOG = logging.getLogger(__name__)
_WANTED = re.compile(r"(03|23|26)_.*\.csv", re.IGNORECASE)  # results, laps, weather
_NOT_FINAL = frozenset({"unofficial", "provisional"})
_VERSION = re.compile(
    r"([_ ]+(official|unofficial|provisional|hour[_ ]*\d+|\d+h?))*\.csv$", re.IGNORECASE
)


def site_address(series: str | None = None, site: str | None = None) -> str:
    """The address to ask: ``site``, else ``DRYLINE_RESULTS_SITE``, else the series' own site.

    Raises:
        BadOption: none of them is given.
    """
    named = site or os.environ.get(ENVIRONMENT, "").strip()
    if named:
        return named
    known = Series.of(series).site
    if known is None:
        with_site = [each.name for each in every_series() if each.site is not None]
        raise BadOption(
            "no results site to fetch from",
            remedy=f"Give --site, set {ENVIRONMENT}, or name a series: {', '.join(with_site)}.",
        )
    return known.address


class ResultsSite:
    """One results site and the cache of what was downloaded from it.

    ``pace_s`` is the least number of seconds between two requests. ``clock`` and ``sleep``
    stand for the wall clock in tests.
    """

    def __init__(
        self,
        base_url: str,
        cache_dir: Path | None = None,
        client: httpx.Client | None = None,
        pace_s: float = 1.0,
        *,
        manners: Manners | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base_url = _checked_address(base_url)
        self.cache_dir = default_cache() if cache_dir is None else cache_dir
        manners = msgspec.structs.replace(manners or Manners(), pace_s=pace_s)
        self._http = PoliteClient(client, manners, clock, sleep)
        self._pages: dict[str, Page] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def seasons(self) -> tuple[str, ...]:
        """The seasons that the site offers, like ``13_2024``.

        Raises:
            FetchError: the site does not answer with a list.
        """
        return self._named("", "seasons", lambda page: page.seasons)

    def events(self, season: str) -> tuple[str, ...]:
        """The events of a season, like ``02_IMOLA``.

        Raises:
            FetchError: the site does not answer with a list.
        """
        return self._named(f"?{SEASON}={quote(season)}", "events", lambda page: page.events)

    def sessions(self, season: str, event: str) -> tuple[SiteSession, ...]:
        """The sessions of an event, of all its series, in the site's order.

        Raises:
            FetchError: the site does not answer with a list.
        """
        found = (file.session for file in self._event_files(season, event))
        return tuple(dict.fromkeys(found))

    def files(self, session: SiteSession, *, every_hour: bool = False) -> tuple[SiteFile, ...]:
        """The session's result, lap and weather files.

        Without ``every_hour``, of a file published hour by hour only the last.

        Raises:
            FetchError: the site does not answer with a list, or the session has no such file.
        """
        listed = self._event_files(session.season, session.event)
        wanted = [f for f in listed if f.session == session and _WANTED.fullmatch(f.name)]
        if not wanted:
            raise FetchError(
                f"{session}: the site lists no timing files (03_, 23_ or 26_*.CSV) for it."
            )
        return tuple(wanted) if every_hour else _last_of_each(wanted)

    def find(
        self, year: int, event: str, session: str = "race", series: str | None = None
    ) -> SiteSession:
        """The session meant by a year and the names people use: 2024, ``imola``, ``race``.

        Raises:
            RaceNotFound: the site has no such season, event or session; it says which it has.
            InputError: several fit.
            FetchError: the site does not answer.
        """
        season = find_season(year, self.seasons())
        found = find_event(event, self.events(season))
        return find_session(session, self.sessions(season, found), series)

    def weekend(self, year: int, event: str, series: str) -> Sequence[SiteSession]:
        """Every session of a series at an event, in the site's order; ``series`` as people say it.

        Raises:
            RaceNotFound: the site has no such season, event or series; it says which it has.
            InputError: several fit.
            FetchError: the site does not answer.
        """
        season = find_season(year, self.seasons())
        return of_series(series, self.sessions(season, find_event(event, self.events(season))))

    def download(
        self,
        session: SiteSession,
        progress: Progress | None = None,
        *,
        every_hour: bool = False,
        refresh: bool = False,
    ) -> list[Path]:
        """Bring the session's files into the cache and say where they are.

        A file that is in the cache with its checksum is not asked for again, unless
        ``refresh``. What an interrupted download received is gone on with.

        Raises:
            FetchError: a file cannot be had whole; those before it are in the cache.
        """
        cache = SessionCache(self.cache_dir, urlsplit(self.base_url).netloc, session)
        with cache.downloading():
            return [
                self._download(file, cache, progress, refresh)
                for file in self.files(session, every_hour=every_hour)
            ]

    def _download(
        self, file: SiteFile, cache: SessionCache, progress: Progress | None, refresh: bool
    ) -> Path:
        path = cache.path(file)
        if not refresh and cache.sound(file):
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        url = self.base_url + file.address
        part = path.with_name(path.name + ".part")
        received = self._http.file(url, part, progress, file.name)
        return cache.accept(file, part, url, received.etag, received.last_modified)

    def _event_files(self, season: str, event: str) -> tuple[SiteFile, ...]:
        page = self._page(f"?{SEASON}={quote(season)}&{EVENT}={quote(event)}")
        files = [f for f in page.files if (f.session.season, f.session.event) == (season, event)]
        if not files:
            raise FetchError(
                f"{self.base_url}: no files of {season}/{event} in the site's list. "
                "Is the event's name right, or has the site changed its layout?"
            )
        return tuple(files)

    def _named(
        self, query: str, kind: str, names: Callable[[Page], tuple[str, ...]]
    ) -> tuple[str, ...]:
        found = names(self._page(query))
        if not found:
            raise FetchError(
                f"{self.base_url}{query}: the page names no {kind}. "
                "Is this a results site, or has it changed its layout?"
            )
        return found

    def _page(self, query: str) -> Page:
        if query not in self._pages:
            page = read_page(self._http.page(self.base_url + query))
            if page.refused:
                _LOG.warning("%s%s: %d unsafe links refused", self.base_url, query, page.refused)
            self._pages[query] = page
        return self._pages[query]


def _last_of_each(files: Sequence[SiteFile]) -> tuple[SiteFile, ...]:
    """Of each kind of file the whole session's or the last hour's, official before unofficial."""
    chosen: dict[str, SiteFile] = {}
    for file in files:
        kind = _VERSION.sub("", file.name).casefold()
        rival = chosen.get(kind)
        if rival is None or _standing(file) > _standing(rival):
            chosen[kind] = file
    return tuple(chosen.values())


def _standing(file: SiteFile) -> tuple[bool, int, int]:
    words = set(re.split(r"[_ .]", file.name.casefold()))
    official = 1 if "official" in words else -1 if words & _NOT_FINAL else 0
    return file.hour is None, file.hour_number, official


def _checked_address(base_url: str) -> str:
    try:
        parts = urlsplit(base_url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname)
        address = parts._replace(query="", fragment="").geturl()
        httpx.URL(address)
    except (ValueError, httpx.InvalidURL):
        valid, address = False, ""
    if not valid:
        raise BadOption(
            f"{base_url[:80]!r} is not the address of a site",
            remedy="Write it like https://fiawec.alkamelsystems.com.",
        )
    return address.rstrip("/") + "/"
