"""Polite requests: paced, timed out, tried again, resumed. The only code that uses the network."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

import httpx
import msgspec

from dryline._version import __version__
from dryline.domain.errors import FetchError
from dryline.feeds.alkamel.fetch_deadline import Connections

_T = TypeVar("_T")

USER_AGENT = f"dryline/{__version__} (endurance timing, for the user's own use)"

_LOG = logging.getLogger(__name__)
_AGAIN = frozenset({429, 500, 502, 503, 504})
_REDIRECTS = 3
_LONGEST_PAUSE_S = 60.0
_LARGEST_PAGE = 20_000_000
_LARGEST_FILE = 200_000_000


class Manners(msgspec.Struct, frozen=True, kw_only=True):
    """How to treat the site: seconds between requests, patience, and how often to ask again.

    ``timeout_s`` bounds the silence between two pieces of an answer, ``whole_page_s`` and
    ``whole_file_s`` how long all of it may take.
    """

    pace_s: float = 1.0
    timeout_s: float = 20.0
    whole_page_s: float = 60.0
    whole_file_s: float = 300.0
    attempts: int = 4
    backoff_s: float = 2.0


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """A file that arrived whole, and the server's marks of its version."""

    etag: str | None
    last_modified: str | None
    resumed_at: int


Progress = Callable[[str, int, int | None], None]
"""Called with a file's name, the bytes on the disk and the bytes expected (``None``: unknown)."""


class _TryAgain(Exception):
    """A fault that may pass; ``pause_s`` is what the server asked for."""

    def __init__(self, reason: str, pause_s: float | None = None) -> None:
        super().__init__(reason)
        self.pause_s = pause_s


class PoliteClient:
    """Requests to one site. ``clock`` gives seconds; ``sleep`` waits them."""

    def __init__(
        self,
        client: httpx.Client | None,
        manners: Manners,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client if client is not None else httpx.Client()
        self._owned = client is None
        self._manners = manners
        self._clock = clock
        self._sleep = sleep
        self._last: float | None = None
        self._connections = Connections()

    def close(self) -> None:
        """Close the connections, unless somebody else opened them."""
        if self._owned:
            self._client.close()

    def page(self, url: str) -> str:
        """The text of an HTML page.

        Raises:
            FetchError: the site does not give it.
        """
        return self._persistently(url, lambda: self._page_once(url))

    def file(self, url: str, part: Path, progress: Progress | None, name: str) -> Received:
        """Receive a file into ``part``, going on where an earlier attempt broke off.

        Raises:
            FetchError: the site does not give it whole; what arrived stays in ``part``.
        """
        return self._persistently(url, lambda: self._file_once(url, part, progress, name))

    def _page_once(self, url: str) -> str:
        with self._response(url, {}, self._manners.whole_page_s) as response:
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > _LARGEST_PAGE:
                    raise FetchError(f"{url}: the page is larger than {_LARGEST_PAGE:,} bytes.")
            return content.decode(response.encoding or "utf-8", errors="replace")

    def _file_once(self, url: str, part: Path, progress: Progress | None, name: str) -> Received:
        mark = part.with_name(part.name + ".mark")
        version = mark.read_text() if mark.is_file() else ""
        have = part.stat().st_size if part.is_file() and version else 0
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": version}
        whole_s = self._manners.whole_file_s
        with self._response(url, headers, whole_s, allowed=(200, 206, 416)) as response:
            start = _start_of(response, have)
            if start is None:
                part.unlink(missing_ok=True)
                raise _TryAgain("the rest of the file does not fit what was received before")
            mark.write_text(_version_of(response) or (version if start else ""))
            self._receive(response, part, start, progress, name)
            etag, modified = response.headers.get("etag"), response.headers.get("last-modified")
        mark.unlink()
        return Received(etag=etag, last_modified=modified, resumed_at=start)

    def _receive(
        self,
        response: httpx.Response,
        part: Path,
        start: int,
        progress: Progress | None,
        name: str,
    ) -> None:
        length = response.headers.get("content-length", "")
        total = start + int(length) if length.isdigit() else None
        done = start
        with part.open("r+b" if start else "wb") as file:
            file.truncate(start)
            file.seek(start)
            for chunk in response.iter_raw():
                file.write(chunk)
                done += len(chunk)
                if progress is not None:
                    progress(name, done, total)
                if done > _LARGEST_FILE:
                    raise FetchError(f"{response.url}: larger than {_LARGEST_FILE:,} bytes.")

    @contextmanager
    def _response(
        self,
        url: str,
        headers: dict[str, str],
        whole_s: float,
        allowed: tuple[int, ...] = (200,),
    ) -> Iterator[httpx.Response]:
        for _ in range(_REDIRECTS + 1):
            self._pace()
            with (
                self._whole_within(whole_s),
                self._client.stream(
                    "GET",
                    url,
                    headers={"User-Agent": USER_AGENT, **headers},
                    timeout=self._manners.timeout_s,
                    follow_redirects=False,
                    extensions={"trace": self._connections.trace},
                ) as response,
            ):
                if not response.has_redirect_location:
                    _refuse_bad_status(response, allowed)
                    yield response
                    return
                url = _same_host(url, response.headers["location"])
        raise FetchError(f"{url}: the site redirects in a circle.")

    @contextmanager
    def _whole_within(self, seconds: float) -> Iterator[None]:
        late = f"not whole after {seconds:g} s"
        with self._connections.deadline(seconds) as passed:
            try:
                yield
            except httpx.TransportError as fault:
                raise (_TryAgain(late) if passed.is_set() else fault) from fault
        if passed.is_set():  # an answer that ends with its connection looks whole
            raise _TryAgain(late)

    def _persistently(self, url: str, ask: Callable[[], _T]) -> _T:
        for attempt in range(1, self._manners.attempts + 1):
            try:
                return ask()
            except (_TryAgain, httpx.TransportError) as fault:
                reason = _reason(fault)
                if attempt == self._manners.attempts:
                    raise FetchError(
                        f"{url}: {reason}, {attempt} times. Try again later."
                    ) from fault
                asked = fault.pause_s if isinstance(fault, _TryAgain) else None
                pause = max(asked or 0.0, self._manners.backoff_s * 2 ** (attempt - 1))
                _LOG.info("%s: %s; trying again in %g s", url, reason, pause)
                self._sleep(min(pause, _LONGEST_PAUSE_S))
            except (httpx.HTTPError, httpx.InvalidURL) as fault:
                raise FetchError(f"{url}: {_reason(fault)}.") from fault
        raise FetchError(f"{url}: not asked for.")

    def _pace(self) -> None:
        now = self._clock()
        if self._last is not None and now - self._last < self._manners.pace_s:
            self._sleep(self._manners.pace_s - (now - self._last))
            now = self._clock()
        self._last = now


def _refuse_bad_status(response: httpx.Response, allowed: tuple[int, ...]) -> None:
    status = response.status_code
    if status in allowed:
        return
    said = f"the site answers {status} {response.reason_phrase}".rstrip()
    if status in _AGAIN:
        asked = response.headers.get("retry-after", "")
        raise _TryAgain(said, float(asked) if asked.isdigit() else None)
    hint = " Is the address right?" if status in (404, 410) else ""
    raise FetchError(f"{response.url}: {said}.{hint}")


def _start_of(response: httpx.Response, have: int) -> int | None:
    """Where the received body begins in the file; ``None`` where it fits nothing."""
    if response.status_code == 200:
        return 0
    given = response.headers.get("content-range", "")
    return have if have and given.startswith(f"bytes {have}-") else None


def _version_of(response: httpx.Response) -> str:
    """The mark that ``If-Range`` may carry: a strong ETag, else the date of change."""
    etag: str = response.headers.get("etag", "")
    if etag and not etag.startswith("W/"):
        return etag
    modified: str = response.headers.get("last-modified", "")
    return modified


def _same_host(url: str, location: str) -> str:
    target = urljoin(url, location)
    here, there = urlsplit(url), urlsplit(target)
    upgraded = (here.scheme, there.scheme) == ("http", "https")
    same_place = here.hostname == there.hostname and (upgraded or here.port == there.port)
    if not same_place or not (upgraded or here.scheme == there.scheme):
        raise FetchError(f"{url}: the site sends us elsewhere, to {target[:120]}.")
    return target


def _reason(fault: Exception) -> str:
    if isinstance(fault, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(fault, httpx.RemoteProtocolError):
        return "the connection broke off before the end"
    if isinstance(fault, httpx.ConnectError):
        return "no connection to the site"
    return str(fault).rstrip(".") or type(fault).__name__
