"""Who has driven how long, who must still get in and by when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
import polars as pl

from dryline.answers.about_race import AboutRace
from dryline.answers.answer import alike, means
from dryline.domain.clock_text import format_clock
from dryline.domain.fields import KnownAtMs
from dryline.domain.finding import Finding
from dryline.rules.drive_alarms import Alarm, LedgerRow
from dryline.rules.drive_time import Ledger


class DriveTimes(AboutRace, frozen=True, kw_only=True):
    """The drive-time ledger: every driver's account, and what is wrong with it."""

    at_ms: KnownAtMs
    length_ms: Annotated[int | None, means("the scheduled length; null: not known", "ms")]
    rows: Annotated[tuple[LedgerRow, ...], means("an account per driver and car")]
    crew_alarms: Annotated[tuple[Alarm, ...], means("what is wrong with whole crews, or will be")]
    findings: Annotated[tuple[Finding, ...], means("limits that are not known, and why")]

    crews_not_allowed: Annotated[
        tuple[Finding, ...], means("crews that the season's rules on ratings do not allow")
    ]

    @classmethod
    def of(
        cls, ledger: Ledger, crews: Sequence[Finding], name: str, *, simulated: bool
    ) -> DriveTimes:
        """From the rules' ledger, and what they find wrong with the crews themselves."""
        return alike(cls, ledger, race=name, simulated=simulated, crews_not_allowed=tuple(crews))

    def only(self, *, car_number: str | None, car_class: str | None) -> DriveTimes:
        """The same for the drivers of one car or class alone."""
        kept = tuple(
            row
            for row in self.rows
            if car_number in (None, row.car_number) and car_class in (None, row.car_class)
        )
        return msgspec.structs.replace(self, rows=kept)

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """Every alarm on a driver or crew that is told of, the drivers' first."""
        cars = {row.car_number for row in self.rows}
        crews = (alarm for alarm in self.crew_alarms if alarm.car_number in cars)
        return (*(alarm for row in self.rows for alarm in row.alarms), *crews)

    def frame(self) -> pl.DataFrame:
        """A row per driver and car; what is wrong stands in words."""
        plain = [msgspec.to_builtins(row) for row in self.rows]
        for row in plain:
            row["alarms"] = "; ".join(alarm["words"] for alarm in row["alarms"])
        return pl.DataFrame(plain, infer_schema_length=None)

    def heading(self) -> str:
        """When, and how many alarms there are."""
        return self.titled(f"drive time at {format_clock(self.at_ms)}, {len(self.alarms)} alarms")
