"""What to choose from, said to somebody who chose what is not there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MOST = 3


def offered(wanted: str, known: Iterable[str], what: str) -> str:
    """``Did you mean 007? Cars: 007, 8, 50.``: those like ``wanted`` first, then all."""
    names = list(known)
    near = like(wanted, names)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    return f"{meant}{what}: {', '.join(names)}."


def like(wanted: str, names: list[str]) -> list[str]:
    """The names that ``wanted`` may have meant, nearest first, three at most."""
    bare = {name: _bare(name) for name in names}
    same = [name for name in names if bare[name] == _bare(wanted)]
    near = difflib.get_close_matches(_bare(wanted)[:40], bare.values(), MOST)
    return list(dict.fromkeys([*same, *(n for b in near for n in names if bare[n] == b)]))[:MOST]


def _bare(name: str) -> str:
    """A name as it is compared: ``#007`` is like ``7``, ``GTD Pro`` like ``gtdpro``."""
    letters = "".join(letter for letter in name.casefold() if letter.isalnum())
    return letters.lstrip("0") or letters
