"""What a race is called and how long it is meant to last, and who said so."""

from __future__ import annotations

from typing import Any

import msgspec

UNNAMED = "live"
"""The name of a race that nobody has named."""


class RaceLength(msgspec.Struct, frozen=True):
    """The scheduled length: a time, or laps, or both (whichever comes first).

    ``source`` says where it was read: ``argument``, ``library``, ``event file``,
    ``catalogue``, or ``inferred from the name``.
    """

    ms: int | None = None
    laps: int | None = None
    source: str = "argument"


class RaceInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A race's name, series and year where known. Timing files carry neither series nor date."""

    name: str
    series: str | None = None  # by its file's name: see `domain.series`
    year: int | None = None
    event: str | None = None
    session: str = "race"
    length: RaceLength | None = None
    simulated: bool = False
    sources: tuple[str, ...] = ()


def first_said(*infos: RaceInfo) -> RaceInfo:
    """Field by field the word of the first who says one; who leaves a default says nothing."""
    unsaid = msgspec.structs.asdict(RaceInfo(name=UNNAMED))

    def word(field: str) -> Any:
        said = (getattr(info, field) for info in infos)
        return next((word for word in said if word and word != unsaid[field]), unsaid[field])

    return RaceInfo(**{field: word(field) for field in unsaid})
