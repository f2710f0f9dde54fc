"""Claims: what can be said of a race, each with the rows on which it rests.

A claim holds values, never words; ``present.report`` turns it into a sentence. Whatever stands
in its values comes from the rows of its grounds, and each ground carries the query that gave
them, in SQL over the tables of ``Tables``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec
import polars as pl

from dryline.domain.errors import BrokenInvariant

Row = dict[str, Any]


class Certainty(StrEnum):
    """How a claim is known."""

    MEASURED = "measured"  # stated by the timing, or counted from it
    PUBLISHED = "published"  # a fact with a source
    INFERRED = "inferred"  # follows from measurements by a rule or a model
    FORECAST = "forecast"  # by the statistical model, from what was known at an instant
    SIMULATED = "simulated"


class Section(StrEnum):
    """Where in a report a claim is told."""

    RESULT = "result"
    LEAD = "lead"
    PITS = "pits"
    NEUTRALISATIONS = "neutralisations"
    PENALTIES = "penalties"
    QUALIFYING = "qualifying"
    CLASSES = "classes"
    WEATHER = "weather"
    PACE = "pace"
    RECOVERIES = "recoveries"
    RETIREMENTS = "retirements"
    CHAMPIONSHIP = "championship"
    LIMITS = "limits"
    TRAFFIC = "traffic"
    CALLS = "calls"


class Ground(msgspec.Struct, frozen=True):
    """One query and the rows that it gave."""

    query: str
    rows: tuple[Row, ...]


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can be said.

    ``importance`` lies in [0, 1]; ``car_class`` where it is about one class; ``at_ms`` where it
    has an instant. ``sources`` are ids of an event's source list.

    Raises:
        BrokenInvariant: where it rests on no row.
    """

    id: str
    kind: str
    section: Section
    values: Row
    grounds: tuple[Ground, ...]
    importance: float
    certainty: Certainty = Certainty.MEASURED
    car_class: str | None = None
    at_ms: int | None = None
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not any(ground.rows for ground in self.grounds):
            raise BrokenInvariant(f"the claim {self.id} rests on nothing")


class Tables:
    """Named frames, and the only way by which a claim reads them."""

    def __init__(self, frames: Mapping[str, pl.DataFrame]) -> None:
        self.frames = dict(frames)
        self._context = pl.SQLContext(self.frames)

    def __contains__(self, name: object) -> bool:
        """Whether there is such a table with at least one row."""
        return name in self.frames and self.frames[str(name)].height > 0

    def ask(self, query: str) -> Ground:
        """The rows of one query, with the query itself."""
        tidy = " ".join(query.split())
        found = self._context.execute(tidy, eager=True)
        return Ground(tidy, tuple(found.iter_rows(named=True)))

    def replaced(self, name: str, frame: pl.DataFrame) -> Tables:
        """The same tables with another frame in the place of one."""
        return Tables({**self.frames, name: frame})


def quoted(text: str) -> str:
    """``text`` as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def listed(texts: list[str]) -> str:
    """SQL literals for ``in (...)``."""
    return ", ".join(quoted(text) for text in texts)


def slug(text: str) -> str:
    """``text`` as the part of a claim's id: letters, digits and hyphens only."""
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in text.lower())
    return "-".join(part for part in kept.split("-") if part) or "x"
