"""The passings of loops that a timing file implies: at the ends of its sectors, about the lane.

A file states a lap when it is over. A race replayed from it stands still between two crossings
unless what the file tells later is said when it happened; every such fact is marked.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from dryline.domain.event import LoopPassing
from dryline.domain.instant import Instant
from dryline.domain.loop import Loop
from dryline.race.lane_split import lane_splits


def synthesised_loops(crossings: pl.DataFrame) -> list[LoopPassing]:
    """Every passing that the rows imply, in order of time.

    Args:
        crossings: schema ``CROSSINGS``, all of a race.
    """
    told = [*_sector_ends(crossings), *_lane(crossings)]
    return sorted(told, key=lambda event: event.happened_at.ms)


def _sector_ends(crossings: pl.DataFrame) -> Iterator[LoopPassing]:
    """Sector 1 ends after the lap's beginning, sector 2 before the last sector's time."""
    first = pl.col("elapsed_ms") - pl.col("lap_time_ms") + pl.col("s1_ms")
    second = pl.coalesce(pl.col("elapsed_ms") - pl.col("s3_ms"), first + pl.col("s2_ms"))
    ends = crossings.select("car_number", "lap", "elapsed_ms", first=first, second=second)
    for number, lap, end_ms, *instants in ends.iter_rows():
        after_ms = -1
        for sector, at_ms in enumerate(instants, start=1):
            if at_ms is not None and after_ms < at_ms < end_ms:
                after_ms = at_ms
                yield _passing(number, lap, Loop.SECTOR, at_ms, sector)


def _lane(crossings: pl.DataFrame) -> Iterator[LoopPassing]:
    for number, lap, in_ms, line_ms, out_ms in lane_splits(crossings).iter_rows():
        yield _passing(number, lap, Loop.PIT_IN, in_ms)
        if out_ms is not None:
            yield _passing(number, lap + (out_ms > line_ms), Loop.PIT_OUT, out_ms)


def _passing(
    number: str, lap: int, loop: Loop, at_ms: int, sector: int | None = None
) -> LoopPassing:
    at = Instant(at_ms)
    return LoopPassing(
        happened_at=at,
        known_at=at,
        car_number=number,
        loop=loop,
        lap=lap,
        sector=sector,
        synthesised=True,
    )
