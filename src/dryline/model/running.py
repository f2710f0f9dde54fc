"""A race as arrays per car, cut at an instant: what every statistical forecast reads.

Only crossings with ``elapsed_ms <= at_ms`` are kept, so nothing built on a `Running` can look
ahead. Works without flags (files of 2020-2021 state none) by reading slow laps instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NEUTRAL_FLAGS = frozenset({"fcy", "vsc", "safety_car", "code_60", "red", "FCY", "SF", "RF", "SC"})
SLOW_LAP = 1.25  # times the car's usual lap: neutralised, or in trouble
CLEAN_LAP = 1.08  # times the car's usual lap: raced, if lightly held up


@dataclass(frozen=True)
class CarRunning:
    """One car's laps up to the cut; all arrays have shape [L], times in seconds.

    ``slow``: the lap touched a neutralisation. ``clean``: a raced lap, fit to measure pace.
    ``stop``: the lap ended in the pits. ``fuel_s``: green-equivalent running of each lap.
    """

    car_number: str
    car_class: str
    team: str
    elapsed_s: Floats
    lap_s: Floats
    stop: Bools
    out: Bools
    pit_lane_s: Floats
    slow: Bools
    clean: Bools
    driver: NDArray[np.int64]
    driver_names: tuple[str, ...]
    usual_s: float

    @property
    def laps(self) -> int:
        """Laps completed by the cut."""
        return len(self.elapsed_s)

    @property
    def last_s(self) -> float:
        """Race time of the last crossing; 0 before the first."""
        return float(self.elapsed_s[-1]) if self.laps else 0.0

    @property
    def fuel_s(self) -> Floats:
        """Green-equivalent seconds of running per lap: half a usual lap where neutralised."""
        fuel: Floats = np.where(self.slow, 0.55, 1.0) * self.usual_s
        return fuel


@dataclass(frozen=True)
class Running:
    """All cars of a race up to ``at_s``."""

    at_s: float
    cars: tuple[CarRunning, ...]
    neutralised_now: bool

    def classes(self) -> dict[str, list[CarRunning]]:
        """Cars by class, in order of class name, each class in its order on the track."""
        groups: dict[str, list[CarRunning]] = {}
        for car in sorted(self.cars, key=lambda c: (c.car_class, -c.laps, c.last_s, c.car_number)):
            groups.setdefault(car.car_class, []).append(car)
        return groups


def running_at(
    crossings: pl.DataFrame, at_ms: int, starters: Mapping[str, str] | None = None
) -> Running:
    """The running of every car up to ``at_ms``.

    ``crossings`` has the columns of ``domain.tables.CROSSINGS`` (or LAPS). ``starters`` maps car
    numbers to classes, for cars that have not crossed yet; they appear without laps.
    """
    known = crossings.filter(pl.col("elapsed_ms") <= at_ms).sort("elapsed_ms", maintain_order=True)
    flags = known["flag"].to_list()
    held = _held_intervals(known["elapsed_ms"].to_numpy() / 1000.0, flags)
    cars = [_car(key[0], rows, held) for key, rows in _by_car(known)]
    seen = {c.car_number for c in cars}
    cars += [_unseen(n, k) for n, k in (starters or {}).items() if n not in seen]
    cars = sorted(cars, key=lambda c: c.car_number)
    now = _neutralised_now(cars, flags, at_ms / 1000.0)
    return Running(at_ms / 1000.0, tuple(cars), now)


def _by_car(known: pl.DataFrame) -> list[tuple[tuple[str, ...], pl.DataFrame]]:
    parts = known.partition_by("car_number", as_dict=True, maintain_order=True)
    return [((str(key[0]),), rows) for key, rows in parts.items()]


def _held_intervals(elapsed_s: Floats, flags: list[str | None]) -> Floats:
    """Neutralised intervals [N, 2] in seconds, the last one open-ended when it still lasts."""
    neutral = np.array([f in NEUTRAL_FLAGS for f in flags], dtype=bool)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], neutral, [False]]).astype(int)))
    spans = [
        (elapsed_s[a], elapsed_s[b] if b < len(elapsed_s) else np.inf)
        for a, b in edges.reshape(-1, 2)
    ]
    return np.array(spans, dtype=float).reshape(-1, 2)


def _car(number: str, rows: pl.DataFrame, held: Floats) -> CarRunning:
    elapsed = rows["elapsed_ms"].to_numpy() / 1000.0
    lap = rows["lap_time_ms"].cast(pl.Float64).fill_null(np.nan).to_numpy() / 1000.0
    lap = np.where(np.isfinite(lap) & (lap > 0), lap, np.diff(elapsed, prepend=0.0))
    stop = rows["in_pit"].fill_null(False).to_numpy().astype(bool)
    pit = rows["pit_lane_ms"].cast(pl.Float64).fill_null(np.nan).to_numpy() / 1000.0
    out = np.concatenate([[False], stop[:-1]]) | np.isfinite(pit)
    names = rows["driver"].fill_null("").to_list()
    crew = tuple(dict.fromkeys(names))
    raced = ~(stop | out)
    raced[0] = False
    usual = _usual(lap, raced)
    overlap = _overlap(elapsed - lap, elapsed, held)
    slow = (overlap > 0.15 * lap) | ((lap > SLOW_LAP * usual) & raced)
    clean = raced & (overlap <= 0) & (lap < CLEAN_LAP * usual)
    return CarRunning(
        number, rows["car_class"][0] or "", rows["team"][0] or "", elapsed, lap, stop, out, pit,
        slow, clean, np.array([crew.index(n) for n in names]), crew, usual,
    )  # fmt: skip


def _unseen(number: str, car_class: str) -> CarRunning:
    none, no = np.zeros(0), np.zeros(0, dtype=bool)
    return CarRunning(
        number, car_class, "", none, none, no, no, none, no, no, np.zeros(0, dtype=np.int64), (),
        float("nan"),
    )  # fmt: skip


def _usual(lap_s: Floats, raced: Bools) -> float:
    """The car's usual lap: the 30 % quantile of its raced laps, else of all it has."""
    laps = lap_s[raced] if raced.any() else lap_s
    return float(np.quantile(laps, 0.3))


def _overlap(start_s: Floats, end_s: Floats, held: Floats) -> Floats:
    total = np.zeros_like(end_s)
    for a, b in held:
        total += np.clip(np.minimum(end_s, b) - np.maximum(start_s, a), 0.0, None)
    return total


def _neutralised_now(cars: list[CarRunning], flags: list[str | None], at_s: float) -> bool:
    stated = [f for f in flags[-3:] if f is not None]
    if stated:
        return stated[-1] in NEUTRAL_FLAGS
    latest = [bool(c.slow[-1]) for c in cars if c.laps > 1 and at_s - c.last_s < 2 * c.usual_s]
    return len(latest) >= 3 and float(np.mean(latest)) > 0.5
