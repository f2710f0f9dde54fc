"""How long things usually take in this race: laps, sectors, stops; what an absence is judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from dryline.race.lane_split import lane_splits
from dryline.race.status import GARAGE_AFTER_MS

SHORTEST_MS = 180_000
Sectors = tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class Habits:
    """What the race so far has shown.

    ``laps_ms`` and ``sectors_ms`` are each car's medians outside the lane. ``rests_ms`` is how
    long each car was in the lane after the line, in the median of its stops, ``rest_ms`` the
    same of everybody. ``longest_stop_ms`` is the longest stop so far, within three to ten
    minutes: longer ones are repairs.
    """

    laps_ms: Mapping[str, float] = field(default_factory=dict)
    sectors_ms: Mapping[str, Sectors] = field(default_factory=dict)
    rests_ms: Mapping[str, float] = field(default_factory=dict)
    rest_ms: float | None = None
    longest_stop_ms: int = SHORTEST_MS

    @classmethod
    def of(cls, crossings: pl.DataFrame) -> Habits:
        """From crossings, schema ``CROSSINGS``."""
        usual = (
            crossings.filter(
                ~pl.col("in_pit").fill_null(value=False)
                & pl.col("pit_lane_ms").is_null()
                & (pl.col("lap") > 1)
            )
            .group_by("car_number")
            .agg(pl.col("lap_time_ms", "s1_ms", "s2_ms", "s3_ms").median())
        )
        splits = lane_splits(crossings)
        serviced = splits.filter(pl.col("out_ms") - pl.col("in_ms") <= GARAGE_AFTER_MS)
        stops = serviced.select("car_number", rest=pl.col("out_ms") - pl.col("line_ms"))
        rests = stops.group_by("car_number").agg(pl.col("rest").median())
        lanes = crossings.filter(pl.col("pit_lane_ms") <= GARAGE_AFTER_MS)["pit_lane_ms"]
        longest = max(lanes, default=0)
        return cls(
            laps_ms={car: lap for car, lap, *_ in usual.iter_rows() if lap is not None},
            sectors_ms={car: (s1, s2, s3) for car, _, s1, s2, s3 in usual.iter_rows()},
            rests_ms=dict(rests.iter_rows()),
            rest_ms=stops.select(pl.col("rest").median()).item(),
            longest_stop_ms=max(SHORTEST_MS, longest),
        )
