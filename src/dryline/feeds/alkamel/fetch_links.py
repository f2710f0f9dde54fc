"""The results site's pages, read: which seasons, events and files their links name. Pure.

A file lies at ``Results/{season}/{event}/{series}/{session}/[{hour}/]{file}``; seasons and
events are named by links and options with ``season`` and ``evvent`` (so spelled).
"""

from __future__ import annotations

import re
from contextlib import suppress
from html.parser import HTMLParser
from urllib.parse import parse_qs, quote, unquote_to_bytes, urlsplit

import msgspec

RESULTS = "Results"
SEASON = "season"
EVENT = "evvent"
_PARTS = (5, 6)  # below Results/, without and with an hour
_LONGEST_NAME = 150
_AS_GIVEN = "%!$&'()*+,;=:@~"
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\/]')


class SiteSession(msgspec.Struct, frozen=True, order=True):
    """One session on the site, by the names of its folders."""

    season: str  # 13_2024
    event: str  # 02_IMOLA
    series: str  # 526_FIA WEC
    session: str  # 202404211300_Race

    def __str__(self) -> str:
        return "/".join((self.season, self.event, self.series, self.session))


class SiteFile(msgspec.Struct, frozen=True, order=True):
    """One file of a session; ``hour`` is the folder of an intermediate result.

    ``address`` is its percent-encoded path below the site, as the site's own link gives it.
    """

    session: SiteSession
    hour: str | None
    name: str
    address: str

    @property
    def hour_number(self) -> int:
        """The hour's number, 0 for a file of the whole session."""
        digits = re.findall(r"\d+", self.hour or "")
        return int(digits[-1][:4]) if digits else 0


class Page(msgspec.Struct, frozen=True):
    """What one page of the site names, each list in the page's order, without repetition.

    ``refused`` counts links into the results that no file can safely be kept under.
    """

    seasons: tuple[str, ...]
    events: tuple[str, ...]
    files: tuple[SiteFile, ...]
    refused: int


def read_page(html: str) -> Page:
    """The seasons, events and files that a page's links and options name."""
    collector = _Collector()
    with suppress(AssertionError):  # the standard parser's way of refusing a broken declaration
        collector.feed(html)
        collector.close()
    files: dict[tuple[str, ...], SiteFile] = {}
    refused = 0
    for link in collector.links:
        raw = _below_results(link)
        if not raw or not raw[-1]:
            continue
        parts = tuple(_decoded(part) for part in raw)
        if not all(is_safe_name(part) for part in parts):
            refused += 1
        elif len(parts) in _PARTS:
            files.setdefault(parts, _site_file(raw, parts))
    return Page(
        seasons=_unique([*collector.named(SEASON), *(parts[0] for parts in files)]),
        events=_unique([*collector.named(EVENT), *(parts[1] for parts in files)]),
        files=tuple(files.values()),
        refused=refused,
    )


def is_safe_name(name: str) -> bool:
    """Whether a name from the site can stand as one folder or file on any disk."""
    return (
        len(name.encode("utf-8", errors="replace")) <= _LONGEST_NAME
        and name.strip(". ") != ""
        and not _FORBIDDEN.search(name)
    )


class _Collector(HTMLParser):
    """Links, and the options of choices, as the page gives them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self._options: list[tuple[str, str]] = []
        self._choice = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in values:
            self.links.append(values["href"].strip())
        elif tag == "select":
            self._choice = values.get("name", "")
        elif tag == "option" and "value" in values:
            self._options.append((self._choice, values["value"].strip()))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._choice = ""

    def named(self, key: str) -> list[str]:
        """The values that links' queries and the options of a choice give to ``key``."""
        linked = [value for link in self.links for value in _query(link).get(key, [])]
        chosen = [value for choice, value in self._options if choice == key]
        return [value for value in [*linked, *chosen] if is_safe_name(value)]


def _query(link: str) -> dict[str, list[str]]:
    try:
        return parse_qs(urlsplit(link).query)
    except ValueError:
        return {}


def _below_results(link: str) -> list[str] | None:
    """The parts of a link's path behind ``Results/``, as given; ``None`` for another link."""
    try:
        parts = urlsplit(link).path.split("/")
    except ValueError:
        return None
    return parts[parts.index(RESULTS) + 1 :] if RESULTS in parts else None


def _decoded(part: str) -> str:
    content = unquote_to_bytes(part)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _site_file(raw: list[str], parts: tuple[str, ...]) -> SiteFile:
    season, event, series, session, *hour, name = parts
    return SiteFile(
        session=SiteSession(season, event, series, session),
        hour=hour[0] if hour else None,
        name=name,
        address="/".join(quote(part, safe=_AS_GIVEN) for part in (RESULTS, *raw)),
    )


def _unique(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
