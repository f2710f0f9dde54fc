"""A classification: on the road, or as the stewards' decisions leave it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import polars as pl

from dryline.answers.answer import Answer, Part, means
from dryline.domain.clock_text import format_clock
from dryline.domain.fields import (
    CarClass,
    CarNumber,
    KnownAtMs,
    RaceName,
    SessionKindField,
    SimulatedRace,
    TeamIfAny,
)
from dryline.domain.finding import Finding
from dryline.domain.session_kind import SessionKind
from dryline.race.moment import Moment
from dryline.race.snapshot import SNAPSHOT

COLUMNS = (
    "position", "position_in_class", "car_number", "car_class", "team", "driver", "laps",
    "elapsed_ms", "gap_laps", "gap_ms", "status", "best_lap_ms", "stops",
)  # fmt: skip
"""The columns of a classification as a table, which are among those of ``SNAPSHOT``."""
DECIDED: dict[str, type[pl.DataType]] = {"penalty_ms": pl.Int64, "penalty_laps": pl.Int32}
"""What the stewards' decisions add, so that the road can be read back."""


class GapToWinner(Part, frozen=True, kw_only=True):
    """How far a car is behind the winner."""

    laps: Annotated[int | None, means("whole laps behind the winner")]
    ms: Annotated[int | None, means("behind the winner on the same lap", "ms")]


class Place(Part, frozen=True, kw_only=True):
    """One car where it was placed."""

    position: Annotated[int | None, means("place overall")]
    position_in_class: Annotated[int | None, means("place in class")]
    car_number: CarNumber
    car_class: CarClass
    team: TeamIfAny
    drivers: Annotated[tuple[str, ...], means("the crew, in the order of first appearance")]
    laps: Annotated[int | None, means("laps completed")]
    elapsed_ms: Annotated[
        int | None,
        means("the last crossing and what the stewards added", "ms since the start"),
    ]
    gap: Annotated[GapToWinner, means("to the winner")]
    status: Annotated[str, means("finished, running, in_pit, garage…")]
    driver: Annotated[str | None, means("who drives")]
    best_lap_ms: Annotated[int | None, means("best lap so far", "ms")]
    stops: Annotated[int | None, means("pit stops made")]
    penalty_ms: Annotated[
        int | None, means("time that the stewards added; null without decisions", "ms")
    ] = None
    penalty_laps: Annotated[
        int | None, means("laps that the stewards took away; null without decisions")
    ] = None


class Classification(Answer, frozen=True, kw_only=True):
    """A classification, or the running order at an instant."""

    race: RaceName
    at_ms: KnownAtMs
    simulated: SimulatedRace
    session_kind: SessionKindField = SessionKind.RACE
    rows: Annotated[tuple[Place, ...], means("one car each, in order")]
    findings: Annotated[
        tuple[Finding, ...], means("remarks on the data and on the decisions applied")
    ]

    @classmethod
    def of(cls, moment: Moment, table: pl.DataFrame, findings: Iterable[Finding]) -> Classification:
        """From the columns ``COLUMNS`` of an order at that moment."""
        race = moment.race
        crews = {car: tuple(d.name for d in entry.drivers) for car, entry in race.entries.items()}
        return cls(
            race=race.info.name,
            at_ms=moment.at_ms,
            simulated=race.info.simulated,
            session_kind=race.info.session_kind,
            rows=tuple(
                Place(
                    gap=GapToWinner(laps=row.pop("gap_laps"), ms=row.pop("gap_ms")),
                    drivers=crews.get(row["car_number"], ()),
                    **row,
                )
                for row in table.iter_rows(named=True)
            ),
            findings=tuple(findings),
        )

    def frame(self) -> pl.DataFrame:
        """A row per car: the columns ``COLUMNS``, with decisions those of ``DECIDED`` too."""
        of_gap = {"gap_laps": "laps", "gap_ms": "ms"}
        is_decided = any(row.penalty_ms is not None for row in self.rows)
        schema = {name: SNAPSHOT[name] for name in COLUMNS} | (DECIDED if is_decided else {})
        rows = [
            tuple(
                getattr(row.gap, of_gap[name]) if name in of_gap else getattr(row, name)
                for name in schema
            )
            for row in self.rows
        ]
        return pl.DataFrame(rows, schema=schema, orient="row")

    def heading(self) -> str:
        """When, and who is first."""
        first = f"#{self.rows[0].car_number} first" if self.rows else "nobody classified"
        simulated = " (simulated)" if self.simulated else ""
        return f"{self.race}: {first} at {format_clock(self.at_ms)}{simulated}"
