"""Names as an English sentence writes them; nothing here trusts its input."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_PARTICLES = {
    "da", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "la", "le", "ten", "van",
    "vander", "von",
}  # fmt: skip
_OF = re.compile(r"D['’][^\W\d_]{2,}")
_ROMAN = re.compile(r"[IVX]{2,}")
_ISOLATE, _POP = "\u2068", "\u2069"
NO_CLASS = "no class"
_SMALL = {"at", "by", "in", "of", "on", "the"}
_UNSEEN = ("Cc", "Cf", "Cs", "Co")


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
        return f"Mc{_capital(word[2:])}"
    if not first and _OF.match(word):
        return f"d{word[1]}{_capital(word[2:])}"
    return re.sub(r"[^\W\d_]+", lambda found: _capital(found[0]), word)


def _capital(word: str) -> str:
    """A capital and small letters: ``ŞAHİN`` is Şahin, without a dot upon its dot."""
    return word.capitalize().replace("i\u0307", "i")


def short_person(name: object) -> str:
    """``Nyck DE VRIES`` to ``N. de Vries``, ``José María LÓPEZ`` to ``J. M. López``.

    Given names are those before the first that shouts or is a particle; where none shouts, the
    first alone. A name of one word stays as it is.
    """
    words = safe(name).split(" ")
    if len(words) < 2:
        return person(name)
    shouts = [word.isupper() and sum(map(str.isalpha, word)) > 1 for word in words]
    particles = [word.lower() in _PARTICLES for word in words]
    family = 1
    if any(shouts[1:]) and not shouts[0]:
        family = next(at for at in range(1, len(words)) if shouts[at] or particles[at])
    given = " ".join(f"{word[0].upper()}." for word in words[:family] if word)
    return f"{given} {' '.join(_word(word, first=False) for word in words[family:])}"


def crew(names: object) -> str:
    """``A / B / C`` to ``A, B and C``."""
    return listed([person(name) for name in str(names or "").split(" / ") if name.strip()])


def listed(items: Sequence[str]) -> str:
    """Items as a sentence lists them: ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def the_class(name: object) -> str:
    """A class as a sentence names it, also one that its files do not name."""
    return safe(name) or "the class without a name"


def class_label(name: object) -> str:
    """A class as a heading or a cell names it."""
    return safe(name) or NO_CLASS


def car(number: object, team: object = None) -> str:
    """``#7 Toyota Gazoo Racing``, or the number alone."""
    plate = f"#{safe(number)}"
    return plate if not team else f"{plate} {safe(team)}"


def cars(numbers: Sequence[object]) -> str:
    """``#7, #8 and #6``."""
    return listed([car(number) for number in numbers])


def race_title(name: object) -> str:
    """``le_mans_24h`` to ``24 Hours of Le Mans``, ``08-mid-ohio`` to ``Mid Ohio``.

    A proper name stays as it is.
    """
    text = safe(name)
    hours = re.fullmatch(r"([a-z_]+)_(\d{1,2})h", text)
    if hours is not None:
        unit = "Hour" if int(hours[2]) == 1 else "Hours"
        return f"{hours[2]} {unit} of {hours[1].replace('_', ' ').title()}"
    folder = re.fullmatch(r"\d\d-([a-z0-9.-]+)", text)
    if folder is None:
        return text.replace("_", " ")
    words = [word for word in re.split(r"-+", folder[1]) if word]
    return " ".join(w if w in _SMALL and at else w.capitalize() for at, w in enumerate(words))


def session_title(name: object) -> str:
    """``08-mid-ohio practice 1`` to ``Mid Ohio, practice 1``; any other name stays as it is."""
    place, _, session = safe(name).partition(" ")
    title = race_title(place)
    return f"{title}, {session}" if session and title != place else safe(name)


def the_race(name: object) -> str:
    """The race as the object of a sentence: ``the 6 Hours of Fuji``, ``the Mid Ohio race``."""
    title = race_title(name)
    proper = " of " in title and title[:1].isdigit()
    return f"the {title}" if proper else f"the race “{title}”"
