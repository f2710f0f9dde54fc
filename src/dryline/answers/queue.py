"""The queue behind the safety car, and who may be waved past it."""

from __future__ import annotations

from typing import Annotated

import polars as pl

from dryline.answers.about_race import AboutRace
from dryline.answers.answer import means
from dryline.domain.clock_text import format_clock
from dryline.domain.fields import KnownAtMs
from dryline.rules.pass_around import PassAround


class SafetyCarQueue(AboutRace, frozen=True, kw_only=True):
    """Every car that runs, in the order on the road from the head of the queue."""

    at_ms: KnownAtMs
    since_ms: Annotated[
        int | None,
        means("since when the safety car is out; null: it is not, and the queue is a what-if",
              "ms since the start"),
    ]  # fmt: skip
    rows: Annotated[tuple[PassAround, ...], means("from the head of the queue")]

    def frame(self) -> pl.DataFrame:
        """A row per car."""
        schema = {
            "place_in_queue": pl.Int64, "car_number": pl.String, "car_class": pl.String,
            "laps_behind_class_leader": pl.Int64, "eligible": pl.Boolean,
            "confidence": pl.Float64, "why": pl.String,
        }  # fmt: skip
        rows = [tuple(getattr(row, name) for name in schema) for row in self.rows]
        return pl.DataFrame(rows, schema=schema, orient="row")

    def heading(self) -> str:
        """When, and how many may pass."""
        state = "safety car" if self.since_ms is not None else "if the safety car came now"
        may = sum(row.eligible is True for row in self.rows)
        return self.titled(f"{state} at {format_clock(self.at_ms)}, {may} may ask to pass")
