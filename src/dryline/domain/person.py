"""People's names with their capitals, however a source writes them."""

from __future__ import annotations

import re

from dryline.domain.proper_names import proper

PARTICLES = frozenset({
    "d", "da", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "la", "le", "ten",
    "ter", "v", "van", "vander", "von",
})  # fmt: skip
"""What belongs to a surname though it stands before it."""
_OF = re.compile(r"D['’][^\W\d_]{2,}")
_ROMAN = re.compile(r"[IVX]{2,}")
_MC = re.compile(r"(?:MC[^\W\d_]{2,}|Mc[^\W\d_A-Z]{2,})")


def full_name(name: str) -> str:
    """``Nyck DE VRIES`` to ``Nyck de Vries``; a name without shouting keeps its small letters."""
    return " ".join(_word(word, first=at == 0) for at, word in enumerate(name.split(" ")))


def surname(name: str | None) -> str:
    """``Nyck DE VRIES`` to ``De Vries``, ``Earl Bamber`` to ``Bamber``; nobody is empty.

    It begins at the first word that shouts; where none does, at the last with its particles.
    """
    words = (name or "").split()
    begin = family_from(words)
    written = family_name(words[begin:])
    return written[:1].upper() + written[1:] if shouting(words) else written


def family_name(words: list[str]) -> str:
    """The words of a surname with their capitals."""
    return " ".join(_word(word, first=False) for word in words)


def family_from(words: list[str]) -> int:
    """The place at which the surname begins among the words of a name."""
    begin = shouting(words) or max(len(words) - 1, 0)
    while not shouting(words) and begin > 1 and words[begin - 1].lower().rstrip(".") in PARTICLES:
        begin -= 1
    return begin


def shouting(words: list[str]) -> int:
    """The first word after the given name that is all capitals; 0 where none is."""
    return next((at for at, word in enumerate(words) if at and len(word) > 1 and word.isupper()), 0)


def _word(word: str, *, first: bool) -> str:
    known = proper("surnames", word)
    if known is not None and not first:
        return known
    if _MC.fullmatch(word):
        return f"Mc{_capital(word[2:])}"
    letters = [c for c in word if c.isalpha()]
    if not word.isupper() or len(letters) < 2 or _ROMAN.fullmatch(word):
        return word
    if first and len(letters) <= 2:
        return word
    if not first and word.lower() in PARTICLES:
        return word.lower()
    if not first and _OF.match(word):
        return f"d{word[1]}{_capital(word[2:])}"
    return re.sub(r"[^\W\d_]+", lambda found: _capital(found[0]), word)


def _capital(word: str) -> str:
    """A capital and small letters: ``ŞAHİN`` is Şahin, without a dot upon its dot."""
    return word.capitalize().replace("i\u0307", "i")
