"""What ships of an event without timing: its facts, and its classification from them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import polars as pl

from dryline.answers.about_race import AboutRace
from dryline.answers.answer import Answer, Part, alike, means
from dryline.answers.classification import GapToWinner
from dryline.domain.fields import RaceName, SimulatedRace, TeamIfAny
from dryline.domain.finding import Finding
from dryline.rules.embedded import ClassificationRow, EmbeddedEvent

PLACES: dict[str, pl.DataType | type[pl.DataType]] = {
    "position": pl.Int32, "position_in_class": pl.Int32, "car_number": pl.String,
    "car_class": pl.String, "team": pl.String, "drivers": pl.List(pl.String),
    "laps": pl.Int32, "gap_ms": pl.Int64, "gap_text": pl.String, "status": pl.String,
    "note": pl.String,
}  # fmt: skip


class EventFacts(AboutRace, frozen=True, kw_only=True):
    """Everything shipped about an event."""

    event: Annotated[EmbeddedEvent, means("entries, grid, classification, timeline, sources")]

    @classmethod
    def of(cls, facts: EmbeddedEvent) -> EventFacts:
        """Those of an event."""
        return cls(race=facts.info.name, simulated=False, event=facts)

    def frame(self) -> pl.DataFrame:
        """The official classification, a row per place."""
        return FactualClassification.of(self.event, self.event.official).frame()

    def heading(self) -> str:
        """What it is."""
        return self.titled(f"{len(self.event.entry_facts)} entries, facts with sources")


class FactualPlace(Part, frozen=True, kw_only=True):
    """A place in a classification as published."""

    position: Annotated[int | None, means("place overall")]
    position_in_class: Annotated[int | None, means("place in class")]
    car_number: Annotated[str | None, means("the car; null where nobody published it")]
    car_class: Annotated[str, means("the class")]
    team: TeamIfAny
    drivers: Annotated[tuple[str, ...], means("the crew")]
    laps: Annotated[int | None, means("laps completed")]
    elapsed_ms: Annotated[None, means("null: no timing is public", "ms")]
    gap: Annotated[GapToWinner, means("to the winner")]
    gap_text: Annotated[str, means("the gap as published")]
    status: Annotated[str, means("as published")]
    note: Annotated[str, means("what is odd about it")]
    sources: Annotated[tuple[str, ...], means("ids of the event's source list")]
    confidence: Annotated[str, means("how far it is believed")]


class FactualClassification(Answer, frozen=True, kw_only=True):
    """A classification from facts; a place whose car nobody published has no car number."""

    race: RaceName
    at_ms: Annotated[int | None, means("the scheduled length", "ms since the start")]
    simulated: SimulatedRace
    rows: Annotated[tuple[FactualPlace, ...], means("one place each")]
    findings: Annotated[tuple[Finding, ...], means("none: these are facts")]

    @classmethod
    def of(cls, facts: EmbeddedEvent, rows: Iterable[ClassificationRow]) -> FactualClassification:
        """From rows of one of the event's classifications."""
        return cls(
            race=facts.info.name,
            at_ms=facts.info.length.ms if facts.info.length else None,
            simulated=False,
            rows=tuple(_place(facts.winner_laps, row) for row in rows),
            findings=(),
        )

    def frame(self) -> pl.DataFrame:
        """A row per place."""
        rows = [
            tuple(
                row.gap.ms if name == "gap_ms"
                else list(row.drivers) if name == "drivers"
                else getattr(row, name)
                for name in PLACES
            )
            for row in self.rows
        ]  # fmt: skip
        return pl.DataFrame(rows, schema=PLACES, orient="row")

    def heading(self) -> str:
        """How many places."""
        return f"{self.race}: {len(self.rows)} places, from published facts"


def _place(winner_laps: int, row: ClassificationRow) -> FactualPlace:
    down = None if row.laps is None else winner_laps - row.laps
    return alike(
        FactualPlace,
        row,
        elapsed_ms=None,
        gap=GapToWinner(laps=down, ms=row.gap_ms),
        sources=row.origin.sources,
        confidence=row.origin.confidence,
    )
