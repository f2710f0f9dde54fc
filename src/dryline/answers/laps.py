"""Every lap of a race, as a feed states it and with what follows from it."""

from __future__ import annotations

from typing import Annotated

import msgspec
import polars as pl

from dryline.answers.about_race import AboutRace
from dryline.answers.answer import Part, means
from dryline.answers.rows import rows_of, table_of
from dryline.domain.fields import CarClassIfAny, CarNumber, TeamIfAny
from dryline.domain.tables import LAPS
from dryline.race.race import Race

FLAGS = "green, yellow, fcy, vsc, safety_car, code_60, slow_zone, red, chequered"
SINCE_START = "ms since the start"


class Lap(Part, frozen=True, kw_only=True):
    """One lap: a crossing of the line with what follows from it."""

    car_number: CarNumber
    lap: Annotated[int, means("number of the lap, from 1 per car")]
    driver: Annotated[str | None, means("who drove")]
    driver_seat: Annotated[
        int | None, means("the driver's place in the crew, where the feed numbers them")
    ]
    car_class: CarClassIfAny
    team: TeamIfAny
    manufacturer: Annotated[str | None, means("the make; empty where the feed states none")]
    group: Annotated[str | None, means("a sub-class of the feed (PRO, AM…), where it has one")]
    lap_time_ms: Annotated[int | None, means("the lap time", "ms")]
    s1_ms: Annotated[int | None, means("sector 1", "ms")]
    s2_ms: Annotated[int | None, means("sector 2", "ms")]
    s3_ms: Annotated[int | None, means("sector 3", "ms")]
    elapsed_ms: Annotated[int, means("when the car crossed the line", SINCE_START)]
    known_at_ms: Annotated[
        int, means("when this could be known, never before it happened", SINCE_START)
    ]
    time_of_day_ms: Annotated[
        int | None, means("the wall clock at the crossing", "ms since midnight")
    ]
    flag: Annotated[
        str | None, means(f"flag at the crossing: {FLAGS}; empty where the feed has none")
    ]
    in_pit: Annotated[bool | None, means("the car crossed the line in the pits")]
    pit_lane_ms: Annotated[
        int | None, means("pit entry to pit exit, stated with the out-lap", "ms")
    ]
    top_speed_kmh: Annotated[float | None, means("speed at the trap", "km/h")]
    speed_kmh: Annotated[
        float | None, means("average speed of the lap by the circuit's nominal length", "km/h")
    ]
    line: Annotated[int | None, means("line in the source file; the header is line 1")]
    start_ms: Annotated[int, means("the crossing that began the lap (0 for lap 1)", SINCE_START)]
    in_lap: Annotated[bool, means("the lap ends in the pits")]
    out_lap: Annotated[bool, means("the lap begins in the pits")]
    stint: Annotated[
        int, means("number of the stint, from 1 per car; a stint is the laps between two stops")
    ]
    driver_stint: Annotated[int, means("unbroken laps by one driver, counted from 1 per car")]
    stint_lap: Annotated[
        int, means("number of the lap in its stint; 1 is the out-lap, or lap 1 of the race")
    ]
    position: Annotated[int | None, means("place overall; null outside races")]
    position_in_class: Annotated[int | None, means("place in class; null outside races")]
    neutralised_ms: Annotated[int, means("how much of the lap lay under a neutralisation", "ms")]
    under: Annotated[str, means("the gravest flag state that touched it; `green` where none did")]
    is_green: Annotated[
        bool, means("no neutralisation touched the lap, and it is no lap one, in-lap or out-lap")
    ]
    extras: Annotated[
        dict[str, str] | None,
        means("what else the source says of the lap, as text: compound, fuel left…"),
    ] = None


class Laps(AboutRace, frozen=True, kw_only=True):
    """Laps, in order of crossing."""

    laps: Annotated[tuple[Lap, ...], means("one lap each, in order of crossing")]

    @classmethod
    def of(cls, race: Race, table: pl.DataFrame) -> Laps:
        """From rows of the race's laps."""
        laps = rows_of(Lap, table)
        if race.extras is not None:
            said = {row.pop("line"): row for row in race.extras.to_dicts()}
            laps = tuple(_with(lap, said.get(lap.line, {})) for lap in laps)
        return cls(race=race.info.name, simulated=race.info.simulated, laps=laps)

    def frame(self) -> pl.DataFrame:
        """A row per lap: schema ``LAPS``."""
        return table_of(self.laps, LAPS)

    def heading(self) -> str:
        """How many."""
        return self.titled(f"{len(self.laps):,} laps")


def _with(lap: Lap, said: dict[str, str]) -> Lap:
    texts = {name: text for name, text in said.items() if text}
    return msgspec.structs.replace(lap, extras=texts) if texts else lap
