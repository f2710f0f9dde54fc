"""Penalties: what was decided, what is owed, what the timing shows by itself."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dryline.answers.about_race import AboutRace
from dryline.answers.answer import means
from dryline.domain.clock_text import format_clock
from dryline.rules.penalties import Candidate, Pending


class Penalties(AboutRace, frozen=True, kw_only=True):
    """Everything about penalties at an instant."""

    at_ms: Annotated[int, means("as known at this instant", "ms since the start")]
    pending: Annotated[tuple[Pending, ...], means("penalties still to be served")]
    candidates: Annotated[tuple[Candidate, ...], means("what the timing itself shows")]
    changed: Annotated[
        tuple[str, ...], means("what the decisions change in the order on the road, in words")
    ]
    unseen: Annotated[str, means("what timing cannot show")]

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
