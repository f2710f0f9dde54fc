"""Text that a terminal can show: no control codes from the data, no letters it cannot write."""

from __future__ import annotations

import codecs
import unicodedata

from dryline.domain.legible import legible

_NEAREST = {
    "–": "-", "—": "-", "·": "|", "×": "x", "…": "~", "±": "~", "●": "*", "≥": ">", "−": "-",
    "─": "-", "’": "'", "ß": "s", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "æ": "a", "Æ": "A",
}  # fmt: skip
NEAREST = "dryline.nearest"


def plain(text: str) -> str:
    """``text`` without control codes: a name in a file never moves the cursor or changes colours.

    Marks of writing direction go too; letters that are written from right to left stay.
    """
    return "\n".join(map(legible, text.split("\n")))


def nearest(error: UnicodeError) -> tuple[str | bytes, int]:
    """A codec's error handler: each letter that the encoding lacks becomes its nearest likeness."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(_likeness(letter) for letter in letters), error.end


def _likeness(letter: str) -> str:
    if letter in _NEAREST:
        return _NEAREST[letter]
    bare = unicodedata.normalize("NFKD", letter)[0]
    return bare if bare.isascii() else "?"


codecs.register_error(NEAREST, nearest)
