"""How far everybody is from one car, lap by lap."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dryline.answers.about_race import AboutRace
from dryline.answers.answer import Part, means
from dryline.answers.rows import rows_of, table_of
from dryline.race.gaps import GAPS
from dryline.race.race import Race


class GapOnLap(Part, frozen=True, kw_only=True):
    """One lap of one car against the reference car."""

    lap: Annotated[int, means("number of the lap, from 1 per car")]
    car_number: Annotated[str, means("the other car")]
    car_class: Annotated[str | None, means("its class as the feed calls it")]
    at_ms: Annotated[int, means("the car's own crossing", "ms since the start")]
    known_at_ms: Annotated[int, means("when this could be known", "ms since the start")]
    gap_ms: Annotated[
        int, means("its completion of this lap less the reference's: positive is behind", "ms")
    ]
    laps: Annotated[int, means("difference in laps completed at that crossing: positive is behind")]


class Gaps(AboutRace, frozen=True, kw_only=True):
    """Gaps of every car to one, lap by lap; positive is behind."""

    car_number: Annotated[str, means("the reference car")]
    gaps: Annotated[tuple[GapOnLap, ...], means("one lap of another car each")]

    @classmethod
    def of(cls, race: Race, car_number: str, table: pl.DataFrame) -> Gaps:
        """From rows of the race's gaps to that car."""
        return cls(
            race=race.info.name,
            simulated=race.info.simulated,
            car_number=car_number,
            gaps=rows_of(GapOnLap, table),
        )

    @property
    def latest(self) -> list[GapOnLap]:
        """The latest gap of every car, the car furthest ahead first."""
        by_car = {gap.car_number: gap for gap in sorted(self.gaps, key=lambda gap: gap.lap)}
        return sorted(by_car.values(), key=lambda gap: gap.gap_ms)

    def frame(self) -> pl.DataFrame:
        """A row per lap and car: schema ``GAPS``."""
        return table_of(self.gaps, GAPS)

    def heading(self) -> str:
        """To whom."""
        return self.titled(f"gaps to #{self.car_number}")
