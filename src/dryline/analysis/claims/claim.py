"""Claims: what can be said of a race, each with the rows on which it rests.

A claim holds values, never words; ``present.report`` turns it into a sentence. Whatever stands
in its values comes from the rows of its grounds, and each ground carries the query that gave
them, in SQL over the tables of ``Tables``.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from dryline.analysis.claims.tables import Ground, Row
from dryline.domain.errors import BrokenInvariant


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


class Claim(msgspec.Struct, frozen=True):
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


def published(
    name: str,
    kind: str,
    section: Section,
    values: Row,
    *grounds: Ground,
    importance: float,
    car_class: str | None = None,
) -> Claim:
    """A claim from facts with sources: it names those of every row that it rests on."""
    said = {
        source
        for ground in grounds
        for row in ground.rows
        for source in (row.get("sources") or "").split(";")
        if source
    }
    return Claim(
        name, kind, section, values, grounds, importance,
        certainty=Certainty.PUBLISHED,
        car_class=car_class,
        at_ms=values.get("at_ms"),
        sources=tuple(sorted(said)),
    )  # fmt: skip
