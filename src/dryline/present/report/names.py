"""Names, numbers and times as an English sentence writes them; nothing here trusts its input."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from dryline.domain.clock_text import format_clock, format_ms

_PARTICLES = {
    "da", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "la", "le", "ten", "van",
    "vander", "von",
}  # fmt: skip
_ROMAN = re.compile(r"[IVX]{2,}")
_ISOLATE, _POP = "\u2068", "\u2069"
_SMALL = {"at", "by", "in", "of", "on", "the"}
_UNSEEN = ("Cc", "Cf", "Cs", "Co")
_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def safe(text: object) -> str:
    """``text`` on one line without control or direction signs; right-to-left text stands alone.

    Markup is left as it is: the page and the Markdown escape it.
    """
    spaced = "".join(" " if c.isspace() else c for c in str(text))
    line = " ".join("".join(c for c in spaced if unicodedata.category(c) not in _UNSEEN).split())
    if any(unicodedata.bidirectional(c) in ("R", "AL") for c in line):
        return f"{_ISOLATE}{line}{_POP}"
    return line


def person(name: object) -> str:
    """``Nyck DE VRIES`` to ``Nyck de Vries``; a name without shouting stays as it is."""
    words = safe(name).split(" ")
    return " ".join(_word(word, first=place == 0) for place, word in enumerate(words))


def _word(word: str, *, first: bool) -> str:
    letters = [c for c in word if c.isalpha()]
    if not word.isupper() or len(letters) < 2 or _ROMAN.fullmatch(word):
        return word
    if first and len(letters) <= 2:
        return word
    if not first and word.lower() in _PARTICLES:
        return word.lower()
    if word.startswith("MC") and len(word) > 3:
        return f"Mc{word[2:].capitalize()}"
    return re.sub(r"[^\W\d_]+", lambda found: found[0].capitalize(), word)


def crew(names: object) -> str:
    """``A / B / C`` to ``A, B and C``."""
    return listed([person(name) for name in str(names or "").split(" / ") if name.strip()])


def listed(items: Sequence[str]) -> str:
    """Items as a sentence lists them: ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def car(number: object, team: object = None) -> str:
    """``#7 Toyota Gazoo Racing``, or the number alone."""
    plate = f"#{safe(number)}"
    return plate if not team else f"{plate} {safe(team)}"


def cars(numbers: Sequence[object]) -> str:
    """``#7, #8 and #6``."""
    return listed([car(number) for number in numbers])


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
    """A gap: ``2.081 seconds``, ``1:02.345``."""
    return f"{format_ms(ms)} seconds" if ms < 60_000 else f"{format_ms(ms)} minutes"


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


def race_title(name: object) -> str:
    """``le_mans_24h`` to ``24 Hours of Le Mans``, ``08-mid-ohio`` to ``Mid Ohio``.

    A proper name stays as it is.
    """
    text = safe(name)
    hours = re.fullmatch(r"([a-z_]+)_(\d{1,2})h", text)
    if hours is not None:
        return f"{hours[2]} Hours of {hours[1].replace('_', ' ').title()}"
    folder = re.fullmatch(r"\d\d-([a-z0-9.-]+)", text)
    if folder is None:
        return text.replace("_", " ")
    words = [word for word in re.split(r"-+", folder[1]) if word]
    return " ".join(w if w in _SMALL and at else w.capitalize() for at, w in enumerate(words))


def the_race(name: object) -> str:
    """The race as the object of a sentence: ``the 6 Hours of Fuji``, ``the Mid Ohio race``."""
    title = race_title(name)
    proper = " of " in title and title[:1].isdigit()
    return f"the {title}" if proper else f"the race “{title}”"
