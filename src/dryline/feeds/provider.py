"""What every reader of a provider's files is: a small protocol, and what comes out of it."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import polars as pl

from dryline.domain.event import Evidence
from dryline.domain.race_info import RaceLength
from dryline.feeds.lap_sheet import LapSheet


class SourceFact(StrEnum):
    """What a source may be unable to know, in the words in which that is said."""

    CAR_NUMBER = "car numbers"
    CAR_CLASS = "classes"
    DRIVER = "drivers"
    CLOCK = "a clock (so elapsed is the sum of a car's lap times)"
    SECTORS = "sectors"
    IN_LAPS = "laps that end in the pits"
    LANE_TIME = "time in the pit lane"
    FLAGS = "flags"
    TIME_OF_DAY = "time of day"
    SPEED = "speeds"
    ORDER = "an order of its own"


@dataclass(frozen=True, kw_only=True, eq=False)
class ParsedSession:
    """What one file of a provider says of one session.

    ``kind`` is the kind of session that the file itself states: ``race``, ``qualifying``,
    ``practice``, ``warm_up`` or ``test``; ``None`` where it states none. ``sessions`` are the names
    of all that the file holds, the one read among them. ``stated`` is the order that the file
    itself states for the end, with the schema of ``domain.tables.RESULTS``; ``None`` where it
    states none. ``messages`` is what it says it has seen, such as the tyres that a car is on.
    """

    sheet: LapSheet
    kind: str | None = None
    sessions: tuple[str, ...] = ()
    length: RaceLength | None = None
    stated: pl.DataFrame | None = None
    messages: tuple[Evidence, ...] = ()


class Provider(Protocol):
    """A source of timing files. What it cannot know is null, empty or false in what it gives.

    ``title`` is what its files are called; ``cannot_know`` what none of them states.
    """

    title: str
    cannot_know: Set[SourceFact]

    def detect(self, head: bytes) -> str | None:
        """Why the file that begins with ``head`` is of this provider; ``None`` where it is not."""

    def parse(self, data: bytes, name: str, session: str | None = None) -> ParsedSession:
        """The session in ``data``; ``session`` names one where the file holds several.

        Raises:
            UnreadableFile: where the bytes break off, or hold no lap, or no such session.
        """
