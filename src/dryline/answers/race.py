"""A race as it stands: what it is, who is where, what was neutralised, what is odd in the data."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dryline.answers.about_race import AboutRace
from dryline.answers.answer import Answer, Part, means
from dryline.answers.neutralisations import Period
from dryline.answers.rows import rows_of, table_of
from dryline.domain.clock_text import format_clock
from dryline.domain.fields import (
    CarClass,
    CarNumber,
    KnownAtMs,
    RaceName,
    SessionKindField,
    TeamIfAny,
)
from dryline.domain.finding import Finding
from dryline.domain.race_info import RaceInfo
from dryline.domain.session_kind import SessionKind
from dryline.domain.tables import FINDINGS
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.race.snapshot import SNAPSHOT


class CarLine(Part, frozen=True, kw_only=True):
    """One car as it stands: a line of the timing screen."""

    position: Annotated[int, means("place overall")]
    position_in_class: Annotated[int, means("place in class")]
    car_number: CarNumber
    car_class: CarClass
    team: TeamIfAny
    driver: Annotated[str | None, means("who drives")]
    laps: Annotated[int, means("laps completed")]
    elapsed_ms: Annotated[int | None, means("its last crossing by then", "ms since the start")]
    gap_laps: Annotated[int, means("gap to the leader: whole laps")]
    gap_ms: Annotated[int | None, means("gap to the leader on the same lap", "ms")]
    interval_laps: Annotated[int, means("to the next car ahead: whole laps")]
    interval_ms: Annotated[int | None, means("to the next car ahead", "ms")]
    class_gap_laps: Annotated[int, means("gap to the leader of the class: whole laps")]
    class_gap_ms: Annotated[
        int | None, means("gap to the leader of the class on the same lap", "ms")
    ]
    class_interval_laps: Annotated[int, means("to the next car ahead in class: whole laps")]
    class_interval_ms: Annotated[int | None, means("to the next car ahead in class", "ms")]
    last_lap_ms: Annotated[int | None, means("the last lap", "ms")]
    best_lap_ms: Annotated[int | None, means("best lap so far", "ms")]
    s1_ms: Annotated[int | None, means("sector 1", "ms")]
    s2_ms: Annotated[int | None, means("sector 2", "ms")]
    s3_ms: Annotated[int | None, means("sector 3", "ms")]
    stops: Annotated[int, means("pit stops made")]
    stint_laps: Annotated[int, means("laps since the last stop")]
    status: Annotated[str, means("how the car stands: running, in_pit, garage, finished…")]


class LeadChange(Part, frozen=True, kw_only=True):
    """One change of the lead at the line."""

    lap: Annotated[int, means("the lap on which it changed")]
    at_ms: Annotated[int, means("when the new leader crossed", "ms since the start")]
    from_car: Annotated[str, means("who led before")]
    to_car: Annotated[str, means("who leads now")]


class RaceSoFar(AboutRace, frozen=True, kw_only=True):
    """A race in one object: what it is, its order at an instant, its neutralised periods."""

    info: Annotated[RaceInfo, means("what it is called, and how long it is meant to last")]
    session_kind: SessionKindField = SessionKind.RACE
    at_ms: KnownAtMs
    flag: Annotated[str, means("the flag, or the state of neutralisation, at this instant")]
    cars: Annotated[tuple[CarLine, ...], means("every car, in running order")]
    neutralisations: Annotated[tuple[Period, ...], means("neutralised periods")]
    lead_changes: Annotated[tuple[LeadChange, ...], means("changes of the lead at the line")]
    findings: Annotated[tuple[Finding, ...], means("remarks on the data")]

    @classmethod
    def of(cls, moment: Moment) -> RaceSoFar:
        """A race as it stands at a moment."""
        race, snapshot = moment.race, moment.race.at(moment.at)
        return cls(
            race=race.info.name,
            simulated=race.info.simulated,
            info=race.info,
            session_kind=race.info.session_kind,
            at_ms=moment.at_ms,
            flag=snapshot.flag.value,
            cars=rows_of(CarLine, snapshot.table),
            neutralisations=rows_of(Period, race.neutralisations),
            lead_changes=rows_of(LeadChange, race.lead_changes),
            findings=race.findings,
        )

    def frame(self) -> pl.DataFrame:
        """A row per car: schema ``SNAPSHOT``."""
        return table_of(self.cars, SNAPSHOT)

    def heading(self) -> str:
        """When, and who leads."""
        leader = f"#{self.cars[0].car_number} leads" if self.cars else "nobody has crossed the line"
        return self.titled(f"{leader} at {format_clock(self.at_ms)}")


class Findings(Answer, frozen=True, kw_only=True):
    """Every remark on the data of a race."""

    race: RaceName
    findings: Annotated[tuple[Finding, ...], means("one remark each")]

    @classmethod
    def of(cls, race: Race) -> Findings:
        """Those of a race."""
        return cls(race=race.info.name, findings=race.findings)

    def frame(self) -> pl.DataFrame:
        """A row per remark: schema ``FINDINGS``."""
        return table_of(self.findings, FINDINGS)

    def heading(self) -> str:
        """How many."""
        return f"{self.race}: {len(self.findings)} findings"
