"""What the library keeps of one session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from dryline.domain.decision import Decision
from dryline.domain.event import TimingEvent
from dryline.domain.finding import Finding
from dryline.domain.race_info import RaceInfo


@dataclass(frozen=True, kw_only=True, eq=False)
class StoredSession:
    """One session's parsed values and the original bytes they were read from.

    ``crossings``, ``results`` and ``weather`` have the schemas of ``domain.tables``. ``extras``
    holds the provider's columns that Dryline does not know, as text, one row per crossing;
    ``None`` where there are none. ``sources`` maps a file's name to its original bytes.
    """

    id: str
    info: RaceInfo
    crossings: pl.DataFrame
    extras: pl.DataFrame | None = None
    results: pl.DataFrame | None = None
    weather: pl.DataFrame | None = None
    messages: tuple[TimingEvent, ...] = ()
    decisions: tuple[Decision, ...] = ()
    findings: tuple[Finding, ...] = ()
    sources: Mapping[str, bytes] = field(default_factory=dict)
