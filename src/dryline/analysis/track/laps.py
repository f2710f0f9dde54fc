"""A race's laps as arrays for the rain gauge, ordered by the crossing that made them known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from dryline.domain.flag import NEUTRALISED

T = TypeVar("T")
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_HELD = frozenset(str(f) for f in NEUTRALISED)
_COLUMNS = (
    "car_number", "lap", "driver", "car_class", "lap_time_ms", "s1_ms", "s2_ms", "s3_ms",
    "elapsed_ms", "flag", "in_pit", "pit_lane_ms", "speed_kmh", "top_speed_kmh",
)  # fmt: skip


@dataclass(frozen=True)
class Crossing:
    """One row of the laps table, as far as the rain gauge reads it; times in ms."""

    car_number: str
    lap: int
    driver: str
    car_class: str
    lap_time_ms: int
    sectors_ms: tuple[int | None, int | None, int | None]
    elapsed_ms: int
    flag: str | None
    in_pit: bool
    pit_lane_ms: int | None
    speed_kmh: float | None
    top_speed_kmh: float | None = None

    @property
    def held(self) -> bool | None:
        """Whether the flag holds the field back; None where the feed has no flags."""
        return None if self.flag is None else self.flag in _HELD

    @property
    def length_km(self) -> float | None:
        """Nominal length of the lap, from its speed."""
        if self.speed_kmh is None:
            return None
        return self.speed_kmh * self.lap_time_ms / 3_600_000


class Shared(list[T]):
    """A list of what never changes: a copy of it holds the same."""

    def __deepcopy__(self, _: object) -> Shared[T]:
        return Shared(self)


def crossings_of(laps: pl.DataFrame, upto_ms: int | None = None) -> list[Crossing]:
    """The crossings of a laps (or crossings) table known by ``upto_ms``, in order of elapsed."""
    frame = laps.select(c for c in _COLUMNS if c in laps.columns)
    for name in _COLUMNS:
        if name not in frame.columns:
            frame = frame.with_columns(pl.lit(None).alias(name))
    if upto_ms is not None:
        frame = frame.filter(pl.col("elapsed_ms") <= upto_ms)
    frame = frame.filter(
        pl.col("elapsed_ms").is_not_null() & pl.col("lap_time_ms").is_not_null()
    ).sort("elapsed_ms", maintain_order=True)
    return [
        Crossing(
            r[0], r[1], r[2] or "", r[3] or "", r[4],
            (r[5] or None, r[6] or None, r[7] or None),
            r[8], r[9], bool(r[10]), r[11], r[12], r[13],
        )
        for r in frame.select(_COLUMNS).iter_rows()
    ]  # fmt: skip
