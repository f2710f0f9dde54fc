"""How well the stops that cars still make are told, beside the places of ``backtest forecast``.

Scored over the cars that take the flag, as laps at the flag are: how far the middle is off, which
way, and how often the band holds what came.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from dryline.model import proper_scores as ps
from dryline.model.running import Floats
from dryline.model.stops_ahead import count_quantiles
from dryline.studies.cases import SMALLEST_CLASS, Case
from dryline.studies.forecast_scores import by_fraction_and_kind


@dataclass(frozen=True)
class ScoredStops:
    """One class-race at one fraction, over its cars that took the flag.

    ``error`` and ``bias``: of p50, in stops. ``held``: p10 to p90 holds what came.
    ``pit``: randomised, by car.
    """

    race: str
    series: str
    car_class: str
    fraction: float
    length_h: float
    wet: bool
    cars: int
    error: float
    bias: float
    held: float
    pit: tuple[float, ...]


def scored_stops(
    cases: Sequence[Case], p_stops: Callable[[Case], Floats], *, seed: int = 0
) -> list[ScoredStops]:
    """Score the distributions [C, K] that ``p_stops`` tells of each case."""
    found = []
    for number, case in enumerate(cases):
        at_flag = np.flatnonzero(~case.truth.retired)
        if case.state.size < SMALLEST_CLASS or not at_flag.size:
            continue
        p, came = p_stops(case)[at_flag], case.truth.stops[at_flag]
        low, middle, high = np.array(count_quantiles(p)).T
        key = np.array([seed, number], dtype=np.uint64)
        uniform = np.random.Generator(np.random.Philox(key=key)).random(at_flag.size)
        found.append(
            ScoredStops(
                case.race, case.series or "", case.state.car_class, case.fraction,
                case.length_s / 3600, case.wet, at_flag.size,
                float(np.abs(middle - came).mean()), float((middle - came).mean()),
                float(((low <= came) & (came <= high)).mean()),
                tuple(ps.randomised_pit(p, came, uniform).tolist()),
            )
        )  # fmt: skip
    return found


def stops_summary(rows: Sequence[ScoredStops]) -> list[dict[str, object]]:
    """At each fraction and kind of race: error and bias over class-races and over cars, and how
    often the band holds, ``coverage_80`` by randomised PIT.
    """
    return [
        {"fraction": fraction, "races": name, **_means(chosen)}
        for fraction, name, chosen in by_fraction_and_kind(rows)
    ]


def _means(rows: Sequence[ScoredStops]) -> dict[str, object]:
    cars = [row.cars for row in rows]

    def by_car(name: str) -> float:
        return float(np.average([getattr(row, name) for row in rows], weights=cars))

    return {
        "class_races": len(rows),
        "cars": sum(cars),
        "error": float(np.mean([row.error for row in rows])),
        "bias": float(np.mean([row.bias for row in rows])),
        "error_by_car": by_car("error"),
        "bias_by_car": by_car("bias"),
        "held": by_car("held"),
        "coverage_80": ps.interval_coverage(np.concatenate([row.pit for row in rows])),
    }
