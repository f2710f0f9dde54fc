"""Full course yellows, safety cars, red flags and slow zones on race time."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dryline.answers.about_race import AboutRace
from dryline.answers.answer import Part, means
from dryline.answers.rows import rows_of, table_of
from dryline.domain.tables import NEUTRALISATIONS
from dryline.race.race import Race


class Period(Part, frozen=True, kw_only=True):
    """One neutralised period."""

    kind: Annotated[str, means("fcy, vsc, safety_car, code_60, slow_zone or red")]
    start_ms: Annotated[int, means("the first crossing under it", "ms since the start")]
    end_ms: Annotated[
        int | None, means("the first crossing after it; empty while it lasts", "ms since the start")
    ]
    source: Annotated[str, means("who says so: `flag`, `message` or `inferred`")]
    confidence: Annotated[float, means("how sure, in [0, 1]; 1 where it is stated")]
    sector: Annotated[int | None, means("the sector of a slow zone; empty otherwise")]


class Neutralisations(AboutRace, frozen=True, kw_only=True):
    """Neutralised periods."""

    periods: Annotated[tuple[Period, ...], means("one period each, in order of time")]

    @classmethod
    def of(cls, race: Race) -> Neutralisations:
        """Those of a race."""
        return cls(
            race=race.info.name,
            simulated=race.info.simulated,
            periods=rows_of(Period, race.neutralisations),
        )

    def frame(self) -> pl.DataFrame:
        """A row per period: schema ``NEUTRALISATIONS``."""
        return table_of(self.periods, NEUTRALISATIONS)

    def heading(self) -> str:
        """How many."""
        return self.titled(f"{len(self.periods)} neutralised periods")
