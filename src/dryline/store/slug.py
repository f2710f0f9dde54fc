"""Library ids: slugs ``series/year/event[/session]``."""

from __future__ import annotations

import re
import unicodedata

from dryline.domain.errors import InputError

DEFAULT_SESSION = "race"
_WORD = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_ID = re.compile(rf"{_WORD}/\d{{4}}/{_WORD}(?:/{_WORD})?")
_WITHOUT_ACCENT_FORM = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "o", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ł": "l", "Ł": "l"}
)


def slugify(text: str) -> str:
    """Lower-case ASCII words joined by dashes: ``LE MANS 24h`` becomes ``le-mans-24h``.

    Raises:
        InputError: where nothing is left of the text.
    """
    decomposed = unicodedata.normalize("NFKD", text.translate(_WITHOUT_ACCENT_FORM))
    ascii_only = "".join(c for c in decomposed if not unicodedata.combining(c))
    apostrophes_gone = re.sub(r"['’`]", "", ascii_only.lower())
    slug = re.sub(r"[^a-z0-9]+", "-", apostrophes_gone).strip("-")
    if not slug:
        raise InputError(
            f"{text[:40]!r} leaves nothing to name a race with",
            remedy="Use letters or digits.",
        )
    return slug


def id_for(series: str, year: int, event: str, session: str = DEFAULT_SESSION) -> str:
    """The library id; the session ``race`` is left out.

    Raises:
        InputError: for an impossible year or a part without letters or digits.
    """
    if not 1000 <= year <= 9999:
        raise InputError(f"{year} is not a year", remedy="Give four digits, like 2024.")
    return canonical_id(f"{slugify(series)}/{year}/{slugify(event)}/{slugify(session)}")


def canonical_id(race_id: str) -> str:
    """The same id without a trailing ``/race``.

    Raises:
        InputError: where the text is not of the form ``series/year/event[/session]``.
    """
    if not _ID.fullmatch(race_id):
        raise InputError(
            f"{race_id[:80]!r} is not a library id",
            remedy="Write series/year/event or series/year/event/session, like wec/2024/imola.",
        )
    parts = race_id.split("/")
    return "/".join(parts[:3]) if parts[3:] == [DEFAULT_SESSION] else race_id
