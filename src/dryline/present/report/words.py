"""Numbers, times and lengths as an English sentence writes them."""

from __future__ import annotations

import re

from dryline.domain.clock_text import format_clock, format_ms
from dryline.present.names import safe

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def count(number: int, one: str, many: str | None = None) -> str:
    """``two laps``, ``one lap``, ``14 laps``."""
    word = _WORDS[number] if 0 <= number < len(_WORDS) else f"{number:,}"
    return f"{word} {one if number == 1 else many or one + 's'}"


def nth(place: int) -> str:
    """``first`` to ``third`` in words, then ``4th``."""
    if 1 <= place <= 3:
        return ("first", "second", "third")[place - 1]
    teen = place % 100 in (11, 12, 13)
    return f"{place}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(place % 10, 'th')}"


def seconds(ms: int) -> str:
    """A gap: ``2.081 seconds``, ``1:02.345 minutes``, ``1:02:03.456 hours``."""
    text = format_ms(ms)
    return f"{text} {('seconds', 'minutes', 'hours')[text.count(':')]}"


def tenths(ms: int) -> str:
    """A time to the tenth: ``12.3 seconds``, ``2:40.9 minutes``."""
    text = format_ms(round(ms / 100) * 100, places=1)
    return f"{text} {('seconds', 'minutes', 'hours')[text.count(':')]}"


def span(ms: int) -> str:
    """A length of time to the second: ``38 seconds``, ``12:05 minutes``, ``1:02:05 hours``."""
    text = format_ms(round(ms / 1000) * 1000, places=0)
    if text == "1":
        return "1 second"
    return f"{text} {('seconds', 'minutes', 'hours')[text.count(':')]}"


def clock(ms: int) -> str:
    """A race time: ``3:42:10``."""
    return format_clock(ms)


def times(text: object) -> str:
    """``~5:05-5:15`` as published to ``about 5:05–5:15``."""
    return re.sub(r"(?<=\d)-(?=\d)", "–", safe(text)).replace("~", "about ")


def sentence(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]
