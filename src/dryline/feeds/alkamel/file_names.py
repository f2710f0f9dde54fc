"""What the names of the provider's files and folders say of a session. Pure.

``23_Analysis_Race_Hour 6.CSV`` is the sixth hour of the race, ``202304140905-practice-1-laps.csv``
the first practice, ``03_Results_Warm Up_Official.CSV`` a result of the warm-up that counts.
"""

from __future__ import annotations

import re

import msgspec

_OURS = re.compile(r"\d{8,}(?!\d)|23_|laps?$|analysis(?![a-z])", re.IGNORECASE)
_LEAD = re.compile(r"^(\d{8,}|\d{2}(?=_))")
_KINDS = (
    r"analysis(?:endurancewithsections)?|classification|results?|weather|laps?|messages|decisions"
    r"|anonymized|final"
)
_NOISE = re.compile(rf"\b({_KINDS})\b")
_HOUR = re.compile(r"\bhour\s*(\d{1,2})\b")
_STANDINGS = {"official": 1, "unofficial": -1, "provisional": -1}
_SESSION = re.compile(
    r"(race|qualifying|qualifications?|hyperpole|practice|free|fp|warm|up|warmup|session|test|tests"
    r"|prologue|shakedown|part|heat|q)?\d{0,2}"
)


class TimingName(msgspec.Struct, frozen=True):
    """What a name says: the session ("" where it does not), the hour, and its standing.

    ``standing`` is 1 for an official file, -1 for an unofficial or provisional one.
    """

    session: str
    hour: int | None = None
    standing: int = 0
    plain: bool = True  # all its words are those that sessions are called by

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Of several versions of a file the greatest counts: the whole, the last hour, official."""
        return self.hour is None, self.hour or 0, self.standing


def timing_name(stem: str) -> TimingName | None:
    """What a file's name without its ending, or a folder's, says of its session.

    ``None`` where it is a name of the user's own, like ``imola_6h``.
    """
    bare = re.sub(r"[^a-z0-9]+", " ", _LEAD.sub("", stem.casefold())).strip()
    hours = [int(found) for found in _HOUR.findall(bare)]
    rest = _NOISE.sub(" ", _HOUR.sub(" ", bare)).split()
    words = [word for word in rest if word not in _STANDINGS]
    plain = all(_SESSION.fullmatch(word) for word in words)
    if not _OURS.match(stem) and not (plain and re.search(r"[a-z]", bare)):
        return None
    return TimingName(
        session=" ".join(words),
        hour=hours[-1] if hours else None,
        standing=sum(_STANDINGS.get(word, 0) for word in rest),
        plain=plain,
    )
