"""Who drove when, for how long, at what pace."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dryline.answers.about_race import AboutSession
from dryline.answers.answer import Part, means
from dryline.answers.rows import rows_of, table_of
from dryline.domain.fields import CarClassIfAny, CarNumber
from dryline.domain.tables import STINTS
from dryline.race.race import Race


class Stint(Part, frozen=True, kw_only=True):
    """The laps of a car between two stops."""

    car_number: CarNumber
    car_class: CarClassIfAny
    stint: Annotated[int, means("number of the stint, from 1 per car")]
    driver: Annotated[str | None, means("who drove")]
    start_ms: Annotated[
        int,
        means(
            "the crossing (or the start) from which the stint counts, time in the pits included",
            "ms since the start",
        ),
    ]
    end_ms: Annotated[int, means("when it ended", "ms since the start")]
    first_lap: Annotated[int, means("its first lap")]
    last_lap: Annotated[int, means("its last lap")]
    laps: Annotated[int, means("laps in the stint")]
    green_laps: Annotated[
        int, means("laps untouched by a neutralisation, in- and out-laps left out")
    ]
    pace_ms: Annotated[
        int | None,
        means("average of the best 20 % of the stint's green laps; empty without one", "ms"),
    ]
    best_ms: Annotated[int | None, means("best lap of the stint", "ms")]


class Stints(AboutSession, frozen=True, kw_only=True):
    """Stints, by car and time."""

    stints: Annotated[tuple[Stint, ...], means("one stint each, by car and time")]

    @classmethod
    def of(cls, race: Race, table: pl.DataFrame) -> Stints:
        """From rows of the race's stints."""
        return cls(
            race=race.info.name,
            simulated=race.info.simulated,
            session_kind=race.info.session_kind,
            stints=rows_of(Stint, table),
        )

    def frame(self) -> pl.DataFrame:
        """A row per stint: schema ``STINTS``."""
        return table_of(self.stints, STINTS)

    def heading(self) -> str:
        """How many."""
        return self.titled(f"{len(self.stints):,} {self.stint_word.lower()}s")
