"""Which tyres may be fitted at an instant, by the season's rules and race control's word."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from dryline.domain.event import Evidence, RaceControlMessage
from dryline.domain.instant import Instant
from dryline.rules.book import RuleBook


class TyreChoice(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a kind of tyre may be fitted; ``allowed`` is ``None`` where nobody knows."""

    kind: str
    allowed: bool | None
    confidence: float
    why: str


def tyres_allowed(
    book: RuleBook, messages: Iterable[RaceControlMessage | Evidence], instant: Instant
) -> dict[str, TyreChoice]:
    """Slicks, intermediates and wets at ``instant``, by kind (``slick``, ``inter``, ``wet``)."""
    declared = _declared(messages, instant)
    return {
        "slick": _slick(book, declared),
        "inter": _inter(book),
        "wet": _wet(book, declared),
    }


def _declared(messages: Iterable[RaceControlMessage | Evidence], instant: Instant) -> bool | None:
    """Whether race control's last word was wet; ``None`` where it has not spoken."""
    last: RaceControlMessage | None = None
    for each in messages:
        if not isinstance(each, RaceControlMessage) or each.known_at > instant:
            continue
        if each.kind in ("track_declared_wet", "track_declared_dry"):
            last = each if last is None or each.known_at >= last.known_at else last
    return None if last is None else last.kind == "track_declared_wet"


def _slick(book: RuleBook, declared: bool | None) -> TyreChoice:
    stated = book.text.tyres.slicks_allowed_on_a_wet_track
    if not declared:
        return TyreChoice(kind="slick", allowed=True, confidence=0.99, why="not declared wet")
    if stated is None:
        return _unknown(book, "slick", "slicks on a track declared wet")
    why = "slicks stay allowed on a track declared wet"
    return TyreChoice(kind="slick", allowed=stated.value, confidence=stated.confidence, why=why)


def _inter(book: RuleBook) -> TyreChoice:
    stated = book.text.tyres.intermediates
    if stated is None:
        return _unknown(book, "inter", "intermediates")
    why = "the series has intermediates" if stated.value else "the series has no intermediates"
    return TyreChoice(kind="inter", allowed=stated.value, confidence=stated.confidence, why=why)


def _wet(book: RuleBook, declared: bool | None) -> TyreChoice:
    stated = book.text.tyres.wets_only_after_declared_wet
    if stated is None:
        return _unknown(book, "wet", "whether wets wait for race control")
    if not stated.value or declared:
        why = "declared wet by race control" if declared else "wets are free at any time"
        return TyreChoice(kind="wet", allowed=True, confidence=stated.confidence, why=why)
    why = "wets only once race control has declared the track wet"
    return TyreChoice(kind="wet", allowed=False, confidence=stated.confidence, why=why)


def _unknown(book: RuleBook, kind: str, what: str) -> TyreChoice:
    why = f"{what}: not known for this season ({book.series.upper()} {book.year})"
    return TyreChoice(kind=kind, allowed=None, confidence=0.0, why=why)
