"""What a race is called and how long it is meant to last, and who said so."""

from __future__ import annotations

import msgspec


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
    series: str | None = None  # "wec", "imsa"
    year: int | None = None
    event: str | None = None
    session: str = "race"
    length: RaceLength | None = None
    simulated: bool = False
    sources: tuple[str, ...] = ()
