"""Penalties: what was decided, what is owed, what the timing shows by itself."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dryline.answers.about_race import AboutRace
from dryline.answers.answer import Part, means
from dryline.domain.clock_text import format_clock
from dryline.domain.fields import (
    CarClass,
    CarNumber,
    InLap,
    InMs,
    KnownAtMs,
    PitLaneMsIfStated,
    WhyKnown,
)
from dryline.rules.lane_exceptions import LaneException
from dryline.rules.penalties import PenaltyCandidate, Pending


class LaneStop(Part, frozen=True, kw_only=True):
    """A stop through a lane that the season's rules say was not open."""

    car_number: CarNumber
    car_class: CarClass
    lap: InLap
    in_ms: InMs
    pit_lane_ms: PitLaneMsIfStated
    lane: Annotated[str, means("`closed` or `emergency_only`, with what was known as it came in")]
    lane_why: WhyKnown
    since_ms: Annotated[int | None, means("how long the neutralisation had stood by then", "ms")]
    because: Annotated[
        LaneException,
        means("before_the_flag, emergency, opened_unseen (others followed) or unexplained"),
    ]


class Penalties(AboutRace, frozen=True, kw_only=True):
    """Everything about penalties at an instant."""

    at_ms: KnownAtMs
    pending: Annotated[tuple[Pending, ...], means("penalties still to be served")]
    candidates: Annotated[tuple[PenaltyCandidate, ...], means("what the timing itself shows")]
    changed: Annotated[
        tuple[str, ...], means("what the decisions change in the order on the road, in words")
    ]
    unseen: Annotated[str, means("what timing cannot show")]
    lane: Annotated[
        tuple[LaneStop, ...],
        means("stops through a lane that was not open by the rules, and the likeliest reason"),
    ]

    def frame(self) -> pl.DataFrame:
        """A row per candidate."""
        schema = {
            "kind": pl.String, "car_number": pl.String, "at_ms": pl.Int64, "lap": pl.Int64,
            "driver": pl.String, "confidence": pl.Float64, "words": pl.String,
        }  # fmt: skip
        rows = [tuple(getattr(each, name) for name in schema) for each in self.candidates]
        return pl.DataFrame(rows, schema=schema, orient="row")

    def heading(self) -> str:
        """When, and how many there are."""
        told = f"{len(self.pending)} still to be served, {len(self.candidates)} seen in the timing"
        return self.titled(f"penalties at {format_clock(self.at_ms)}: {told}")
