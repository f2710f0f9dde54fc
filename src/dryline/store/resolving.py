"""From what somebody typed to the one session meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection

from dryline.domain.errors import InputError, RaceNotFound
from dryline.store.slug import DEFAULT_SESSION, slugify

_SHOWN = 6


def resolve_id(text: str, known: Collection[str]) -> str:
    """The id meant by ``text``: itself, or the only one that it is a part of.

    Whole words count first (``wec/2024``, ``le-mans-24h``, ``2024/imola``), then the beginning
    or the end of a word (``le-mans``). A race goes before other sessions of its event.

    Raises:
        InputError: several sessions fit.
        RaceNotFound: none does.
    """
    words = _words(text)
    wanted = "/".join(words)[:200]
    meant = [race_id for race_id in known if words and _may_mean(words, race_id.count("/"))]
    for fits in (_is_exactly, _holds_words, _holds_parts_of_words):
        found = sorted(race_id for race_id in meant if fits(words, race_id.split("/")))
        if len(found) > 1:
            found = [race_id for race_id in found if race_id.count("/") == 2] or found
        if len(found) == 1:
            return found[0]
        if found:
            raise _ambiguous(text, found)
    raise _unknown(text, wanted, known)


def _words(text: str) -> list[str]:
    words = []
    for part in text.strip().strip("/").split("/"):
        try:
            words.append(slugify(part))
        except InputError:
            return []
    if len(words) > 3 and words[-1] == DEFAULT_SESSION:
        words.pop()
    return words


def _may_mean(words: list[str], slashes: int) -> bool:
    """Series, year and event together name the race, never another session of the event."""
    names_a_race = len(words) == 3 and re.fullmatch(r"\d{4}", words[1]) is not None
    return slashes == 2 or not names_a_race


def _is_exactly(words: list[str], parts: list[str]) -> bool:
    return words == parts


def _holds_words(words: list[str], parts: list[str]) -> bool:
    return _any_run(words, parts, lambda word, part: word == part)


def _holds_parts_of_words(words: list[str], parts: list[str]) -> bool:
    return _any_run(words, parts, lambda w, p: p.startswith(w) or p.endswith(w))


def _any_run(words: list[str], parts: list[str], same: Callable[[str, str], bool]) -> bool:
    starts = range(len(parts) - len(words) + 1)
    return any(all(map(same, words, parts[start:])) for start in starts)


def _ambiguous(text: str, found: list[str]) -> InputError:
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return InputError(
        f"{text!r} fits {len(found)} sessions of the library: {', '.join(found[:_SHOWN])}{more}",
        remedy="Name one of them.",
    )


def _unknown(text: str, wanted: str, known: Collection[str]) -> RaceNotFound:
    if not known:
        return RaceNotFound(
            f"{text!r} is not in the library, which is empty",
            remedy="Add a race with `dryline library add`.",
        )
    near = _nearest(wanted, known)
    remedy = f"Did you mean {' or '.join(near)}?" if near else "See `dryline library list`."
    return RaceNotFound(f"{text!r} is not in the library", remedy=remedy)


def _nearest(wanted: str, known: Collection[str]) -> list[str]:
    """Up to three ids, nearest first, judged by the whole id or by its event alone."""

    def likeness(race_id: str) -> float:
        forms = (race_id, race_id.split("/", 2)[2])
        return max(difflib.SequenceMatcher(None, wanted, form).ratio() for form in forms)

    ranked = sorted(known, key=lambda race_id: (-likeness(race_id), race_id))
    return [race_id for race_id in ranked[:3] if likeness(race_id) >= 0.6]
