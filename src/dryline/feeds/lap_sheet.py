"""What a lap file held: its crossings, what else it said, how it was written, what was odd."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dryline.domain.finding import Finding
from dryline.feeds.dialect import Dialect


@dataclass(frozen=True)
class LapSheet:
    """A lap file as values.

    ``crossings`` has the schema of ``domain.tables.CROSSINGS``, ordered by elapsed, then line.
    ``extras`` keeps columns that Dryline does not know as text, keyed by ``line``; ``None``
    where there are none. ``set_aside`` counts the rows that could not be used.
    """

    crossings: pl.DataFrame
    extras: pl.DataFrame | None
    dialect: Dialect
    findings: tuple[Finding, ...]
    set_aside: int = 0
