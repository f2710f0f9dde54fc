"""Slow zones by their sudden onset: one sector slower from one lap to the next, the others not.

A zone that takes only a part of a sector, or stands on an ordinary circuit, costs less than a
field held all over. What tells it is that it is there at once and for every class, while the rest
of the lap is raced; rain comes over minutes, and never to one sector alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from dryline.race.field_speed import Floats, Ints, SectorRuns
from dryline.race.neutral_spans import true_runs

_SLOWED, _RACED = 0.84, 0.9
_FREE, _LEVEL = 0.94, 0.05
_SHORTEST_MS, _SHORTEST_LAPS, _STEP_LAPS = 240_000, 2.5, 2.0
_AROUND, _MOST = 2, 0.6
_NEARLY_ALL = 0.8
_FEW_RUNS, _FEW_CARS = 10, 4


@dataclass(frozen=True, slots=True)
class SlowedSector:
    """One sector (0 to 2) slowed to ``speed`` of what is raced there, from start to end, in ms."""

    sector: int
    start_ms: int
    end_ms: int
    speed: float


def slowed_sectors(runs: SectorRuns, cars: Ints) -> list[SlowedSector]:
    """Stretches in which one sector alone was slow, suddenly, by start.

    The cars in it are under 84 % of what they do in the rest of their lap, which is raced and as
    even as ever; for at least four minutes and two and a half laps. In the two laps before, it
    was raced as well, and it is as slow at first as later.

    Args:
        runs: sector runs.
        cars: (crossings,) which car crossed, in the order of ``runs.row``.
    """
    laps = _whole_laps(runs, cars)
    found = [zone for sector in range(3) for zone in _in_sector(laps, sector)]
    return sorted(found, key=lambda zone: (zone.start_ms, zone.sector))


def as_raced(runs: SectorRuns, zones: list[SlowedSector]) -> SectorRuns:
    """The runs, those inside a zone as quick as they would have been without it."""
    speed = runs.speed.copy()
    for zone in zones:
        inside = (runs.sector == zone.sector) & (runs.end_ms > zone.start_ms)
        inside &= (runs.start_ms < zone.end_ms) & (speed < (1 + zone.speed) / 2)
        speed[inside] /= zone.speed
    return replace(runs, speed=speed)


def all_zones(
    zones: list[tuple[int, int, int]], slowed: list[SlowedSector], held: Ints
) -> list[tuple[int, int, int]]:
    """Slow zones ``(sector, start_ms, end_ms)`` and slowed sectors as one list, by start.

    Args:
        zones: as ``slow_zones`` gives them.
        slowed: as ``slowed_sectors`` gives them; two of one sector that overlap are one zone.
        held: (n, 2) stretches in which the whole field was held; none is told there.
    """
    free = [
        (one.sector + 1, one.start_ms, one.end_ms)
        for one in slowed
        if not any(start < one.end_ms and one.start_ms < end for start, end in held.tolist())
    ]
    found: list[tuple[int, int, int]] = []
    for sector, start, end in sorted([*zones, *free]):
        if found and found[-1][0] == sector and start <= found[-1][2]:
            found[-1] = (sector, found[-1][1], max(end, found[-1][2]))
        else:
            found.append((sector, start, end))
    return sorted(found, key=lambda zone: (zone[1], zone[0]))


@dataclass(frozen=True, slots=True)
class _Laps:
    """Laps of which every sector is known: arrays (3, laps), and ``car`` (laps,)."""

    start_ms: Ints
    end_ms: Ints
    speed: Floats
    car: Ints
    lap_ms: float


def _whole_laps(runs: SectorRuns, cars: Ints) -> _Laps:
    count = len(cars)
    speed = np.full((3, count), np.nan)
    start, end = (np.zeros((3, count), dtype=np.int64) for _ in range(2))
    speed[runs.sector, runs.row] = runs.speed
    start[runs.sector, runs.row], end[runs.sector, runs.row] = runs.start_ms, runs.end_ms
    whole = np.isfinite(speed).all(0)
    return _Laps(
        start[:, whole], end[:, whole], speed[:, whole], cars[whole], runs.lap_reference_ms
    )


def _in_sector(laps: _Laps, sector: int) -> Iterator[SlowedSector]:
    order = np.argsort(laps.start_ms[sector], kind="stable")
    others = np.delete(laps.speed, sector, axis=0)[:, order]
    raced = (others.min(0) > _RACED * others.max(0)) & (others.max(0) > _RACED)
    ratio = laps.speed[sector][order] / others.max(0)
    alone = raced & (ratio < _SLOWED)
    if alone.sum() < _FEW_RUNS:
        return
    width = 2 * _AROUND + 1
    share = np.convolve(alone, np.full(width, 1 / width), mode="same")
    start, end, car = laps.start_ms[sector][order], laps.end_ms[sector][order], laps.car[order]
    for first, last in true_runs(share >= _MOST, _FEW_RUNS):
        here = first + np.flatnonzero(alone[first:last])
        lasted = end[here[-1]] - start[here[0]]
        level = float(np.median(ratio[here]))
        caught = here[start[here] >= end[here[0]]][:width]  # those before were slowed in it
        before = (start < start[here[0]]) & (start >= start[here[0]] - _STEP_LAPS * laps.lap_ms)
        if (
            lasted >= max(_SHORTEST_MS, _SHORTEST_LAPS * laps.lap_ms)
            and len(here) >= _NEARLY_ALL * (here[-1] + 1 - here[0])
            and len(np.unique(car[here])) >= _FEW_CARS
            and before.any()
            and np.median(ratio[before]) >= _FREE
            and len(caught) == width
            and abs(float(np.median(ratio[caught])) - level) <= _LEVEL
        ):
            yield SlowedSector(sector, int(start[here[0]]), int(end[here[-1]]), level)
