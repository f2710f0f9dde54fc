"""Forecast a race by simulating it: the fit and the simulator meet here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl

from dryline.model.race_params import FittedRace, fit_race_params
from dryline.model.race_priors import Priors
from dryline.sim.outcomes import Outcomes
from dryline.sim.params import Plans, RaceParams, RaceState
from dryline.sim.simulate import simulate


def simulator_inputs(fit: FittedRace) -> tuple[RaceParams, RaceState]:
    """The simulator's parameters and state from a fitted race."""
    tables: dict[str, Any] = dict(fit.params)
    state: dict[str, Any] = dict(fit.state)
    params = RaceParams(**tables, length_ms=fit.length_ms)
    return params, RaceState(now_ms=fit.now_ms, **state)


def forecast_simulated(
    laps: pl.DataFrame,
    stops: pl.DataFrame,
    neutralisations: pl.DataFrame,
    t: int,
    length_ms: int,
    series: str | None,
    priors: Priors | None = None,
    replicates: int = 2000,
    seed: int = 0,
    *,
    threads: int = 1,
    starters: Mapping[str, str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Simulate the rest of a race from ``t`` (ms), reading no row after it.

    Returns ``cars`` and ``classes`` (names, C), and per replicate and car (R, C):
    ``class_position``, ``position``, ``laps``, ``finish_ms``, ``stops_left``, ``retired``; and
    ``p_class_position`` (C, C), row a car, column the place less one.
    """
    fit = fit_race_params(
        laps, stops, neutralisations, t, length_ms, series, priors, starters=starters
    )
    params, state = simulator_inputs(fit)
    out = simulate(
        params, state, Plans.none(params.cars), seed=seed, replicates=replicates, threads=threads,
        progress=progress,
    )  # fmt: skip
    return as_arrays(fit, out)


def as_arrays(fit: FittedRace, out: Outcomes) -> dict[str, Any]:
    """Outcomes beside the names of the cars and classes they belong to."""
    at = np.asarray(fit.params["car"][:, 0], dtype=np.int64)
    return {
        "cars": list(fit.cars),
        "classes": [fit.classes[k] for k in at],
        "class_position": out.class_positions(),
        "position": out.positions(),
        "laps": out.laps,
        "finish_ms": out.finish_ms,
        "stops_left": out.stops - np.asarray(fit.state["cars"][:, 9], dtype=np.int32)[None, :],
        "retired": out.retired,
        "p_class_position": out.class_position_probabilities(),
    }
