"""Names as an English sentence writes them; nothing here trusts its input."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from dryline.domain import race_title as titles
from dryline.domain.person import PARTICLES, family_name, full_name

_ISOLATE, _POP = "\u2068", "\u2069"
NO_CLASS = "no class"
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
    return full_name(safe(name))


def short_person(name: object) -> str:
    """``Nyck DE VRIES`` to ``N. de Vries``, ``José María LÓPEZ`` to ``J. M. López``.

    Given names are those before the first that shouts or is a particle; where none shouts, the
    first alone. A name of one word stays as it is.
    """
    words = safe(name).split(" ")
    if len(words) < 2:
        return person(name)
    shouts = [word.isupper() and sum(map(str.isalpha, word)) > 1 for word in words]
    particles = [word.lower() in PARTICLES for word in words]
    family = 1
    if any(shouts[1:]) and not shouts[0]:
        family = next(at for at in range(1, len(words)) if shouts[at] or particles[at])
    given = " ".join(f"{word[0].upper()}." for word in words[:family] if word)
    return f"{given} {family_name(words[family:])}"


def crew(names: object) -> str:
    """``A / B / C`` to ``A, B and C``."""
    return listed([person(name) for name in str(names or "").split(" / ") if name.strip()])


def crew_line(names: Sequence[str]) -> str:
    """``A / B / C`` with their capitals; a single name may be a team's or a maker's, and stays."""
    return " / ".join(person(name) if len(names) > 1 else name for name in names)


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
    """``le_mans_24h`` to ``24 Hours of Le Mans``, ``08-mid-ohio`` to ``Mid-Ohio``.

    A proper name stays as it is.
    """
    return titles.race_title(safe(name)).written


def session_title(name: object) -> str:
    """``08-mid-ohio practice 1`` to ``Mid-Ohio, practice 1``; any other name stays as it is."""
    place, _, session = safe(name).partition(" ")
    title = race_title(place)
    return f"{title}, {session}" if session and title != place else safe(name)


def the_race(name: object) -> str:
    """The race as a noun: ``the 6 Hours of Fuji``, ``the race at Detroit``."""
    return titles.race_title(safe(name)).noun


def won_race(name: object) -> str:
    """The race behind ``won``: ``the 6 Hours of Fuji``, ``at Detroit``."""
    return titles.race_title(safe(name)).after_won
