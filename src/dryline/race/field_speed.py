"""How fast the whole field is going at every instant, relative to its own dry pace."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int32]

LONG_LAP_MS = 180_000
"""A circuit whose reference lap is longer than this is long: one part of it can be slowed alone."""

_LEVELS = np.array(
    [
        *(0.0, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8),
        *(0.85, 0.88, 0.91, 0.94, 0.97, 1.0, 1.05),
    ]
)
_BIN_MS = 5_000
_LATEST_MS = 48 * 3_600_000
_PARKED = 0.1
_REFERENCE_QUANTILE = 0.2
_MIN_REFERENCE_LAPS = 6
_MIN_CARS = 3


_READ = (
    pl.col("elapsed_ms").fill_null(0),
    *(
        pl.col(name).cast(pl.Float64).fill_null(float("nan"))
        for name in ("s1_ms", "s2_ms", "s3_ms", "lap_time_ms")
    ),
    pl.col("in_pit").fill_null(False),
    (
        pl.col("pit_lane_ms").is_not_null()
        | pl.col("in_pit").shift(1).over("car_number").fill_null(False)
    ).alias("out_lap"),
    pl.col("lap").fill_null(1),
    pl.col("car_class").fill_null("").rank("dense") - 1,
)


@dataclass(frozen=True, slots=True)
class SectorRuns:
    """Every timed run of a car through a sector, as flat arrays of equal length.

    ``speed`` is the class's dry reference time over the time taken: 1 at racing pace, 0.5 at
    half of it. ``start_ms`` and ``end_ms`` bound the run. ``row`` points into the crossings.
    """

    row: Ints
    sector: Ints
    start_ms: Ints
    end_ms: Ints
    speed: Floats
    reference_ms: Floats
    lap_reference_ms: float

    @property
    def is_long_circuit(self) -> bool:
        """Whether a slow zone is possible here."""
        return self.lap_reference_ms > LONG_LAP_MS

    def where(self, mask: Bools) -> SectorRuns:
        """Only the runs of ``mask`` (n,)."""
        return SectorRuns(
            row=self.row[mask],
            sector=self.sector[mask],
            start_ms=self.start_ms[mask],
            end_ms=self.end_ms[mask],
            speed=self.speed[mask],
            reference_ms=self.reference_ms[mask],
            lap_reference_ms=self.lap_reference_ms,
        )


@dataclass(frozen=True, slots=True)
class FieldSpeed:
    """The field's median speed on a grid of ``bin_ms``, from instant 0.

    ``overall`` (bins,) is the median over all cars. ``by_sector`` has, on a long circuit, three
    rows of it, each over the cars in that sector; elsewhere none. NaN where fewer than three
    cars say anything.
    """

    overall: Floats
    by_sector: Floats
    bin_ms: int
    lap_reference_ms: float


def sector_runs(crossings: pl.DataFrame) -> SectorRuns:
    """The sector runs in a CROSSINGS table that tell about the track, not about the pits.

    Left out: the first sector of a race and of an out-lap, the last of an in-lap, sectors
    without a time, cars that stand, and classes too young to have a reference.
    """
    read = crossings.select(_READ)
    elapsed = read["elapsed_ms"].to_numpy()
    sectors = np.stack([read[f"s{k}_ms"].to_numpy() for k in (1, 2, 3)])
    lap_ms = read["lap_time_ms"].to_numpy()
    timed = np.isfinite(sectors).all(0) & (sectors > 0).all(0)
    timed &= np.abs(sectors.sum(0) - lap_ms) < 1_000
    in_lap, out_lap = read["in_pit"].to_numpy(), read["out_lap"].to_numpy()
    first = read["lap"].to_numpy() <= 1
    usable = np.broadcast_to(timed, sectors.shape).copy()
    usable[0] &= ~out_lap & ~first
    usable[2] &= ~in_lap
    car_class = read["car_class"].to_numpy().astype(np.int64)
    reference = _references(sectors, car_class, timed & ~in_lap & ~out_lap & ~first)
    expected = reference[:, car_class] if car_class.size else sectors
    return _runs(elapsed, sectors, expected, usable, _lap_reference(reference))


def field_speed(runs: SectorRuns) -> FieldSpeed:
    """The field's median speed over time, and on a long circuit that of each sector."""
    bin_ms = 2 * _BIN_MS if runs.is_long_circuit else _BIN_MS
    if not runs.row.size:
        return FieldSpeed(np.full(1, np.nan), np.empty((0, 1)), bin_ms, runs.lap_reference_ms)
    bins = int(runs.end_ms.max()) // bin_ms + 2
    counts = [
        _level_counts(runs.where(runs.sector == k) if runs.is_long_circuit else runs, bins, bin_ms)
        for k in range(3 if runs.is_long_circuit else 1)
    ]
    overall = _median(sum(counts[1:], start=counts[0]))
    if not runs.is_long_circuit:
        return FieldSpeed(overall, np.empty((0, bins)), bin_ms, runs.lap_reference_ms)
    by_sector = np.stack([_median(one) for one in counts])
    return FieldSpeed(overall, by_sector, bin_ms, runs.lap_reference_ms)


def _runs(
    elapsed: Ints, sectors: Floats, expected: Floats, usable: Bools, lap_reference: float
) -> SectorRuns:
    times = np.where(usable, sectors, 1.0)
    speed = expected / times
    usable &= np.isfinite(speed) & (speed > _PARKED)
    ends = np.stack([elapsed - sectors[1] - sectors[2], elapsed - sectors[2], elapsed * 1.0])
    sector, row = np.nonzero(usable)
    end = np.rint(ends[usable]).astype(np.int64)
    start = end - np.rint(sectors[usable]).astype(np.int64)
    kept = (start >= 0) & (end <= _LATEST_MS)
    return SectorRuns(
        row=row[kept],
        sector=sector[kept],
        start_ms=start[kept],
        end_ms=end[kept],
        speed=speed[usable][kept],
        reference_ms=expected[usable][kept],
        lap_reference_ms=lap_reference,
    )


def _references(sectors: Floats, car_class: Ints, clean: Bools) -> Floats:
    """Dry reference per sector and class (3, classes): a low quantile of the clean laps."""
    classes = int(car_class.max()) + 1 if car_class.size else 1
    reference = np.full((3, classes), np.nan)
    for index in range(classes):
        chosen = sectors[:, clean & (car_class == index)]
        count = chosen.shape[1]
        if count >= _MIN_REFERENCE_LAPS:
            nth = int(count * _REFERENCE_QUANTILE)
            reference[:, index] = np.partition(chosen, nth, axis=1)[:, nth]
    return reference


def _lap_reference(reference: Floats) -> float:
    laps = reference.sum(0)
    known = laps[np.isfinite(laps)]
    return float(known.min()) if known.size else 0.0


def _level_counts(runs: SectorRuns, bins: int, bin_ms: int) -> Counts:
    """How many cars go at each level of speed in each bin: (levels, bins)."""
    base = (np.searchsorted(_LEVELS, runs.speed, side="right") - 1) * bins
    first = (runs.start_ms + bin_ms // 2) // bin_ms
    last = (runs.end_ms + bin_ms // 2) // bin_ms
    size = len(_LEVELS) * bins
    change = np.bincount(base + first, minlength=size) - np.bincount(base + last, minlength=size)
    by_level = change.astype(np.int32).reshape(len(_LEVELS), bins)
    return np.cumsum(by_level, axis=1, dtype=np.int32)


def _median(counts: Counts) -> Floats:
    """The median speed in each bin, read off the counts per level."""
    below = np.cumsum(counts, axis=0, dtype=np.int32)
    cars = below[-1]
    half = cars / 2
    index = np.minimum((below < half).sum(0), len(_LEVELS) - 1)
    column = np.arange(counts.shape[1])
    under = np.where(index > 0, below[index - 1, column], 0)
    share = (half - under) / np.maximum(counts[index, column], 1)
    upper = np.append(_LEVELS[1:], _LEVELS[-1])
    value = _LEVELS[index] + share * (upper[index] - _LEVELS[index])
    return np.where(cars >= _MIN_CARS, value, np.nan)
