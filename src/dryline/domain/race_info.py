"""What a race is called and how long it is meant to last, and who said so."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from dryline.domain.fields import RaceName, SessionKindField, SimulatedRace
from dryline.domain.meaning import means
from dryline.domain.session_kind import SessionKind

UNNAMED = "live"
"""The name of a race that nobody has named."""


class RaceLength(msgspec.Struct, frozen=True):
    """The scheduled length: a time, or laps, or both (whichever comes first)."""

    ms: Annotated[int | None, means("scheduled length", "ms")] = None
    laps: Annotated[int | None, means("scheduled length in laps, where there is one")] = None
    source: Annotated[
        str,
        means("who said so: argument, library, event file, catalogue, or inferred from the name"),
    ] = "argument"


class RaceInfo(msgspec.Struct, frozen=True, kw_only=True):
    """A race's name, series and year where known. Timing files carry neither series nor date."""

    name: RaceName
    series: Annotated[
        str | None, means("by the name of its file, as `wec`; null where nobody said")
    ] = None
    year: Annotated[int | None, means("the season; null where nobody said")] = None
    event: Annotated[str | None, means("the event, where it is a known one")] = None
    session: Annotated[str, means("which session of the event")] = "race"
    session_kind: SessionKindField = SessionKind.RACE
    length: Annotated[RaceLength | None, means("how long it is meant to last")] = None
    simulated: SimulatedRace = False
    sources: Annotated[
        tuple[str, ...], means("the files, or for an embedded event its sources")
    ] = ()


def first_said(*infos: RaceInfo) -> RaceInfo:
    """Field by field the word of the first who says one; who leaves a default says nothing."""
    unsaid = msgspec.structs.asdict(RaceInfo(name=UNNAMED))

    def word(field: str) -> Any:
        said = (getattr(info, field) for info in infos)
        return next((word for word in said if word and word != unsaid[field]), unsaid[field])

    return RaceInfo(**{field: word(field) for field in unsaid})
