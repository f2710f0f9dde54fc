"""Numbers, times and lengths as an English sentence writes them."""

from __future__ import annotations

import re

from dryline.domain.clock_text import format_clock, format_ms
from dryline.present.names import safe

HOUR_MS = 3_600_000
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


_PLACES = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
)  # fmt: skip


def count(number: int, one: str, many: str | None = None) -> str:
    """``two laps``, ``one lap``, ``14 laps``."""
    word = _WORDS[number] if 0 <= number < len(_WORDS) else f"{number:,}"
    return f"{word} {one if number == 1 else many or one + 's'}"


def nth(place: int) -> str:
    """``first`` to ``ninth`` in words, then ``10th``."""
    if 1 <= place <= len(_PLACES):
        return _PLACES[place - 1]
    teen = place % 100 in (11, 12, 13)
    return f"{place}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(place % 10, 'th')}"


def seconds(ms: int) -> str:
    """A gap: ``2.081 seconds``, ``1 minute 2.345 seconds``, ``1 hour 2 minutes 3 seconds``."""
    return _length(ms, 3 if abs(ms) < HOUR_MS else 0)


def tenths(ms: int) -> str:
    """A time to the tenth: ``12.3 seconds``, ``2 minutes 40.9 seconds``."""
    return _length(round(ms / 100) * 100, 1)


def span(ms: int) -> str:
    """A length of time to the second, over an hour to the minute: ``2 hours 29 minutes``."""
    whole = round(ms / 60_000) * 60_000 if abs(ms) >= HOUR_MS else round(ms / 1000) * 1000
    return _length(whole, 0, spare=True)


def _length(ms: int, places: int, *, spare: bool = False) -> str:
    """Hours, minutes and seconds; with ``spare`` seconds that are nought are left out."""
    hours, rest = divmod(ms, HOUR_MS)
    minutes, rest = divmod(rest, 60_000)
    over = [f"{n} {unit}{'' if n == 1 else 's'}"
            for n, unit in ((hours, "hour"), (minutes, "minute")) if n]  # fmt: skip
    if over and spare and not rest:
        return " ".join(over)
    text = format_ms(rest, places=places)
    return " ".join([*over, f"{text} second{'' if text == '1' else 's'}"])


def clock(ms: int) -> str:
    """A race time: ``3:42:10``."""
    return format_clock(ms)


def times(text: object) -> str:
    """``~5:05-5:15`` as published to ``about 5:05–5:15``."""
    return re.sub(r"(?<=\d)-(?=\d)", "–", safe(text)).replace("~", "about ")


def sentence(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]
