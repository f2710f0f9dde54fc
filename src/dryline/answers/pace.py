"""How fast everyone really is, with an interval, beside the customary measures."""

from __future__ import annotations

from typing import Annotated

import polars as pl
from msgspec import UNSET, UnsetType

from dryline.analysis.pace.clean_laps import refusal_counts
from dryline.analysis.pace.estimate import Pace
from dryline.answers.about_race import AboutSession
from dryline.answers.answer import Part, means
from dryline.answers.rows import Schema, rows_of, table_of
from dryline.domain.fields import CarClass, CarClassIfAny, CarNumber
from dryline.race.race import Race

COMPARED: dict[str, Schema] = {
    "car": {},
    "driver": {"driver": pl.String},
    "stint": {"stint": pl.Int32, "driver": pl.String},
}
"""What can be compared, and the columns that tell its rows apart besides the car."""


class PaceRow(Part, frozen=True, kw_only=True):
    """The pace of a car, a driver or a stint."""

    car_number: CarNumber
    stint: Annotated[
        int | UnsetType, means("number of the stint, from 1 per car; only by stint")
    ] = UNSET
    driver: Annotated[str | UnsetType, means("who drove; not by car")] = UNSET
    car_class: CarClassIfAny
    pace_ms: Annotated[
        int,
        means(
            "the model's pace: a clean lap, the eighth of a stint, on the track as it was on "
            "average, or at the instant asked about",
            "ms a lap",
        ),
    ]
    lo_ms: Annotated[int, means("10 % of the belief lies below", "ms")]
    hi_ms: Annotated[int, means("90 % of the belief lies below", "ms")]
    sd_ms: Annotated[int, means("standard deviation", "ms")]
    slope_ms: Annotated[
        float | UnsetType,
        means(
            "change of pace by lap of a stint, tyres worn and fuel burnt together; only by stint",
            "ms a lap",
        ),
    ] = UNSET
    laps_used: Annotated[int, means("clean laps that the estimate rests on")]
    recent_ms: Annotated[int | None, means("best 3 of its last 5 green laps, average", "ms")]
    best_fifth_ms: Annotated[int | None, means("average of the best 20 % of its green laps", "ms")]
    behind_ms: Annotated[int, means("how far behind the quickest of its class", "ms a lap")]


class ClassPace(Part, frozen=True, kw_only=True):
    """What a class has in common: how its pace changes over a stint, and how it scatters."""

    car_class: CarClass
    slope_ms: Annotated[
        float,
        means("change of pace by lap of a stint, tyres and fuel together", "ms a lap"),
    ]
    slope_sd_ms: Annotated[float, means("its standard deviation", "ms")]
    second_lap_ms: Annotated[float, means("what the second lap of a stint costs", "ms")]
    second_lap_sd_ms: Annotated[float, means("its standard deviation", "ms")]
    early_laps_ms: Annotated[float, means("what the laps after it cost", "ms")]
    early_laps_sd_ms: Annotated[float, means("its standard deviation", "ms")]
    noise_pct: Annotated[float, means("scatter of a clean lap", "per cent")]
    loss_pct: Annotated[float, means("mean of the losses to traffic and mistakes", "per cent")]
    loss_share_pct: Annotated[float, means("share of laps with such a loss", "per cent")]
    car_spread_pct: Annotated[float, means("spread of the cars in the class", "per cent")]
    driver_spread_pct: Annotated[float, means("spread of the drivers in a car", "per cent")]
    stint_spread_pct: Annotated[float, means("spread of a driver's stints", "per cent")]


class Paces(AboutSession, frozen=True, kw_only=True):
    """Paces by car, driver or stint, quickest first in its class."""

    at_ms: Annotated[int, means("the last crossing used", "ms since the start")]
    by: Annotated[str, means("what a row is: car, driver or stint")]
    rows: Annotated[tuple[PaceRow, ...], means("one car, driver or stint each")]
    classes: Annotated[tuple[ClassPace, ...], means("what each class has in common")]
    laps: Annotated[
        dict[str, int], means("how many laps count (`used`), and how many were left out and why")
    ]

    @classmethod
    def of(
        cls, race: Race, by: str, table: pl.DataFrame, found: Pace, judged: pl.DataFrame
    ) -> Paces:
        """From a table of paces, the estimate, and the judged laps of those in the table."""
        counts = refusal_counts(judged).group_by("verdict").agg(pl.col("laps").sum())
        return cls(
            race=race.info.name,
            simulated=race.info.simulated,
            session_kind=race.info.session_kind,
            at_ms=race.end.ms,
            by=by,
            rows=rows_of(PaceRow, table),
            classes=rows_of(ClassPace, found.classes),
            laps=dict(counts.sort(["laps", "verdict"], descending=[True, False]).iter_rows()),
        )

    def frame(self) -> pl.DataFrame:
        """A row per car, driver or stint."""
        estimate = dict.fromkeys(("pace_ms", "lo_ms", "hi_ms", "sd_ms"), pl.Int64)
        slope = {"slope_ms": pl.Float64} if self.by == "stint" else {}
        customary = dict.fromkeys(("recent_ms", "best_fifth_ms", "behind_ms"), pl.Int64)
        schema: Schema = {
            "car_number": pl.String, **COMPARED[self.by], "car_class": pl.String,
            **estimate, **slope, "laps_used": pl.Int32, **customary,
        }  # fmt: skip
        return table_of(self.rows, schema)

    def heading(self) -> str:
        """Of what."""
        return self.titled(f"pace by {self.by}")
