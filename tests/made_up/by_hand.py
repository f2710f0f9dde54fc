"""Crossings, sector runs and speeds of the field written by hand for the tests of this folder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from dryline.domain.tables import CROSSINGS
from dryline.race.field_speed import FieldSpeed, SectorRuns


def crossed(*rows: tuple[str, int, int], **columns: Sequence[object]) -> pl.DataFrame:
    """Crossings from (number, lap, elapsed in ms), in the order of a file's lines."""
    count = len(rows)
    known: dict[str, Sequence[object]] = {
        "car_number": [number for number, _, _ in rows],
        "lap": [lap for _, lap, _ in rows],
        "elapsed_ms": [at for _, _, at in rows],
        "known_at_ms": [at for _, _, at in rows],
        "lap_time_ms": [100_000] * count,
        "car_class": ["GT"] * count,
        "driver": ["Ada"] * count,
        "team": ["Team"] * count,
        "in_pit": [False] * count,
        "line": list(range(2, count + 2)),
        **columns,
    }
    return pl.DataFrame(
        {name: pl.Series(known.get(name, [None] * count), dtype=t) for name, t in CROSSINGS.items()}
    )


def runs(
    *passages: tuple[int, float, float], reference_ms: float = 30_000.0, speed: float | None = None
) -> SectorRuns:
    """Sector runs from (sector, start in s, end in s), each a lap of its own."""
    start = np.array([round(begun * 1000) for _, begun, _ in passages], dtype=np.int64)
    end = np.array([round(done * 1000) for _, _, done in passages], dtype=np.int64)
    reference = np.full(len(passages), reference_ms)
    return SectorRuns(
        row=np.arange(len(passages), dtype=np.int64),
        sector=np.array([sector for sector, _, _ in passages], dtype=np.int64),
        start_ms=start,
        end_ms=end,
        speed=reference / (end - start) if speed is None else np.full(len(passages), speed),
        reference_ms=reference,
        lap_reference_ms=3 * reference_ms,
    )


def speeds(*stretches: tuple[float, float], bin_s: int = 5, lap_s: float = 90.0) -> FieldSpeed:
    """The field's speed from (minutes, share of dry pace), one stretch after another."""
    level = [np.full(round(minutes * 60 / bin_s), share) for minutes, share in stretches]
    return FieldSpeed(np.concatenate(level), np.empty((0, 1)), bin_s * 1000, lap_s * 1000)


def by_sector(*parts: FieldSpeed) -> FieldSpeed:
    """A long circuit's field from the speeds in each of its sectors; overall is their median."""
    table = np.stack([part.overall for part in parts])
    return FieldSpeed(np.median(table, axis=0), table, parts[0].bin_ms, parts[0].lap_reference_ms)
