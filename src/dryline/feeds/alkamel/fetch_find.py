"""From a year and the names people use to one session of the site. Pure but for the site."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from dryline.domain.errors import InputError, RaceNotFound
from dryline.feeds.alkamel.fetch_links import SiteSession

_SHOWN = 8


def find_season(year: int, seasons: Sequence[str]) -> str:
    """The year's season: ``13_2024`` on one site, ``24_2024`` on another.

    One over two years (``05_2025-2026``) is that of its last year, else of its first.

    Raises:
        RaceNotFound: the site has none; those there are get listed.
    """
    found = [
        season
        for years in (f"{year}", rf"\d{{4}}-{year}", rf"{year}-\d{{4}}")
        for season in seasons
        if re.fullmatch(rf"(\d+_)?{years}", season)
    ]
    if not found:
        raise RaceNotFound(
            f"the site has no season {year}", remedy=f"There are: {_listed(seasons)}."
        )
    return found[0]


def find_event(text: str, events: Sequence[str]) -> str:
    """The one event meant by ``text``: its folder, its name, or words of it.

    Raises:
        InputError: several events fit.
        RaceNotFound: none does; those there are get listed.
    """
    return events[_only(text, [_label(event) for event in events], list(events), "event")]


def find_session(
    text: str, sessions: Sequence[SiteSession], series: str | None = None
) -> SiteSession:
    """The one session meant by ``text`` (``race``, ``qualifying``), of one series if named.

    Raises:
        InputError: several sessions fit.
        RaceNotFound: none does; those there are get listed.
    """
    if series is not None:
        sessions = of_series(series, sessions)
    shown = [f"{session.series}/{session.session}" for session in sessions]
    return sessions[_only(text, [_label(s.session) for s in sessions], shown, "session")]


def of_series(text: str, sessions: Sequence[SiteSession]) -> Sequence[SiteSession]:
    """The sessions of the one series meant by ``text``, its folder's name or words of it.

    Raises:
        InputError: several series fit.
        RaceNotFound: none does.
    """
    names = sorted({session.series for session in sessions})
    chosen = names[_only(text, [_label(name) for name in names], names, "series")]
    return [session for session in sessions if session.series == chosen]


def _only(text: str, labels: Sequence[str], names: Sequence[str], kind: str) -> int:
    wanted = _plain(text)
    for fits in (_whole, _words, _part):
        found = [
            place
            for place, (label, name) in enumerate(zip(labels, names, strict=True))
            if wanted and (fits(wanted, label) or fits(wanted, _plain(name)))
        ]
        if len(found) == 1:
            return found[0]
        if found:
            listed = _listed([names[place] for place in found])
            raise InputError(f"{text!r} fits several {kind}s: {listed}", remedy="Name one of them.")
    listed = _listed(names) if names else "none"
    raise RaceNotFound(f"the site has no {kind} {text!r}", remedy=f"There are: {listed}.")


def _whole(wanted: str, label: str) -> bool:
    return wanted == label


def _words(wanted: str, label: str) -> bool:
    return f" {wanted} " in f" {label} "


def _part(wanted: str, label: str) -> bool:
    return wanted.replace(" ", "") in label.replace(" ", "")


def _label(name: str) -> str:
    """A folder's name without its leading number: ``02_IMOLA`` is ``imola``."""
    return _plain(re.sub(r"^\d+_", "", name))


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c)).lower()
    return re.sub(r"[^a-z0-9]+", " ", bare).strip()


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
