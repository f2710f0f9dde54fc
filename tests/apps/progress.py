"""In which order cars had come how far, worked out from the file alone."""

from __future__ import annotations

import polars as pl

from dryline.feeds.synthesised_loops import synthesised_loops
from dryline.race.race import Race


def progress(race: Race, at_ms: int) -> list[str]:
    """Cars by how far they had come at an instant, by the lap and its sectors; then by when."""
    seen = [
        (event.car_number, event.lap or 1, event.sector or 0, event.happened_at.ms)
        for event in synthesised_loops(race.crossings)
        if not event.loop.is_of_the_lane
    ]
    ends = race.crossings.select("car_number", pl.col("lap") + 1, pl.lit(0), "elapsed_ms")
    latest: dict[str, tuple[int, int, int]] = {}
    for number, lap, sector, when_ms in [*seen, *ends.rows()]:
        if when_ms <= at_ms:
            latest[number] = min(latest.get(number, (0, 0, 0)), (-lap, -sector, when_ms))
    return sorted(latest, key=latest.__getitem__)
