"""Pit stops: how long, under which flag, and what each was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import polars as pl

from dryline.analysis.track.stop_tyres import NOT_READ, TyresAtStop
from dryline.answers.about_race import AboutRace
from dryline.answers.answer import Part, means
from dryline.answers.rows import Schema
from dryline.answers.tyre_kinds import KindsOfStints, PKinds
from dryline.domain.fields import CarClassIfAny, CarNumber, InMs
from dryline.domain.tables import STOPS
from dryline.race.race import Race


class Service(Part, frozen=True, kw_only=True):
    """What was done at a stop, as inferred."""

    kind: Annotated[
        str, means("drive_through, splash, fuel, tyres, fuel_and_tyres, repair or unknown")
    ]
    confidence: Annotated[float, means("probability of that kind")]


UNKNOWN = Service(kind="unknown", confidence=0.0)


class Stop(Part, frozen=True, kw_only=True, omit_defaults=True):
    """One visit to the pit lane."""

    car_number: CarNumber
    car_class: CarClassIfAny
    lap: Annotated[int, means("the in-lap; 0 for a start from the pit lane")]
    in_ms: InMs
    out_ms: Annotated[
        int | None,
        means("the crossing that ends the out-lap; null while it is in", "ms since the start"),
    ]
    pit_lane_ms: Annotated[int | None, means("pit entry to pit exit, as the feed states it", "ms")]
    driver_in: Annotated[str | None, means("who brought the car in")]
    driver_out: Annotated[str | None, means("who took it out")]
    service: Annotated[Service, means("what was done")]
    wet_before: Annotated[
        float | None,
        means(
            "probability of wet tyres on the in-lap, by the lap times; null: nobody knows yet, or "
            "was not asked"
        ),
    ]
    wet_after: Annotated[float | None, means("the same after it; null while it is in")]
    lost_ms: Annotated[
        int | None,
        means(
            "time lost against not stopping, estimated; only where the source states no time in "
            "the pit lane",
            "ms",
        ),
    ]
    lost_sd_ms: Annotated[int | None, means("standard deviation of that", "ms")]
    known_by: Annotated[
        str, means("lane_time, in_lap, or lap_times: then it is only suspected from slow laps")
    ]
    under: Annotated[
        str | None,
        means("flag state when the car came in; red where a red flag found it in the lane"),
    ]
    exception: Annotated[str | None, means("why a stop is no ordinary one; empty where it is")]
    driver_change: Annotated[bool | None, means("whether the driver changed at the stop")]
    in_lap_ms: Annotated[int | None, means("time of the in-lap", "ms")]
    out_lap_ms: Annotated[int | None, means("time of the out-lap", "ms")]
    kinds_before: Annotated[
        PKinds | None,
        means(
            "probability of each kind of tyre on the in-lap, by name; left out where the series "
            "has slicks and wets only, and where nobody knows"
        ),
    ] = None
    kinds_after: Annotated[PKinds | None, means("the same after it")] = None


class Stops(AboutRace, frozen=True, kw_only=True):
    """Every pit stop, in order of time."""

    stops: Annotated[tuple[Stop, ...], means("one visit to the pit lane each")]

    @classmethod
    def of(
        cls,
        race: Race,
        table: pl.DataFrame,
        services: pl.DataFrame,
        tyres: Mapping[tuple[str, int], TyresAtStop],
        kinds: KindsOfStints | None = None,
    ) -> Stops:
        """From rows of the race's stops, what each was and on which tyres, where that is known.

        ``tyres`` are by car and in-lap; ``kinds`` where the series has more than two.
        """
        seen = {
            (car_number, lap): Service(kind=kind, confidence=round(confidence, 4))
            for car_number, lap, kind, confidence in services.select(
                "car_number", "lap", "kind", "confidence"
            ).iter_rows()
        }
        return cls(
            race=race.info.name,
            simulated=race.info.simulated,
            stops=tuple(
                Stop(
                    service=seen.get((row["car_number"], row["lap"]), UNKNOWN),
                    wet_before=_rounded(on.wet_before),
                    wet_after=_rounded(on.wet_after),
                    **_kinds(kinds, row, on),
                    **row,
                )
                for row in table.iter_rows(named=True)
                for on in (tyres.get((row["car_number"], row["lap"]), NOT_READ),)
            ),
        )

    def frame(self) -> pl.DataFrame:
        """A row per stop: schema ``STOPS``, then what was done and on which tyres.

        Adds ``service``, ``service_confidence``, ``wet_before`` and ``wet_after``.
        """
        schema: Schema = {
            **STOPS,
            "service": pl.String,
            "service_confidence": pl.Float64,
            "wet_before": pl.Float64,
            "wet_after": pl.Float64,
        }
        rows = [
            (
                *(getattr(stop, name) for name in STOPS),
                stop.service.kind,
                stop.service.confidence,
                stop.wet_before,
                stop.wet_after,
            )
            for stop in self.stops
        ]
        return pl.DataFrame(rows, schema=dict(schema), orient="row")

    def heading(self) -> str:
        """How many."""
        return self.titled(f"{len(self.stops):,} stops")


def _kinds(kinds: KindsOfStints | None, stop: Mapping[str, Any], on: TyresAtStop) -> dict[str, Any]:
    if kinds is None:
        return {}
    car, in_ms, out_ms = stop["car_number"], stop["in_ms"], stop["out_ms"]
    return {
        "kinds_before": kinds.at(car, in_ms - 1, on.wet_before),
        "kinds_after": None if out_ms is None else kinds.at(car, out_ms - 1, on.wet_after),
    }


def _rounded(p: float | None) -> float | None:
    return None if p is None else round(p, 4)
