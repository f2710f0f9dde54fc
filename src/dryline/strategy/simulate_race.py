"""Forecast a race by simulating it: the fit and the simulator meet here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from dryline.analysis.track.reading import TrackEstimate
from dryline.model.race_params import FittedRace, fit_race_params
from dryline.model.race_priors import Priors, shipped_priors
from dryline.race.moment import Moment
from dryline.sim.outcomes import Outcomes
from dryline.sim.params import RaceParams, SimState
from dryline.sim.simulate import simulate
from dryline.strategy.race_weather import Weather, Weathers, simulate_weather


def simulator_inputs(fit: FittedRace) -> tuple[RaceParams, SimState]:
    """The simulator's parameters and state from a fitted race."""
    tables: dict[str, Any] = dict(fit.params)
    state: dict[str, Any] = dict(fit.state)
    params = RaceParams(**tables, length_ms=fit.length_ms)
    return params, SimState(now_ms=fit.now_ms, **state)


def forecast_simulated(
    moment: Moment,
    length_ms: int,
    priors: Priors | None = None,
    replicates: int = 2000,
    seed: int = 0,
    *,
    threads: int = 1,
    starters: Mapping[str, str] | None = None,
    track: TrackEstimate | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Simulate the rest of a race from a moment on.

    ``track`` is the rain gauge's estimate then; without it the race is run dry. ``progress``
    is told how many more replicates are done.

    Returns ``cars`` and ``classes`` (names, C), and per replicate and car (R, C):
    ``class_position``, ``position``, ``laps``, ``finish_ms``, ``stops_left``, ``retired``; and
    ``p_class_position`` (C, C), row a car, column the place less one.
    """
    priors = shipped_priors() if priors is None else priors
    race = moment.race
    fit = fit_race_params(
        race.laps, race.stops, race.neutralisations, moment.at_ms, length_ms, race.series, priors,
        starters=starters, track=track,
    )  # fmt: skip
    params, state = simulator_inputs(fit)
    if track is None:
        out = simulate(
            params, state, seed=seed, replicates=replicates, threads=threads, progress=progress
        )
    else:
        weathers = Weathers(fit, params, state, Weather(track, priors["rain"]), seed)
        out = simulate_weather(weathers, replicates=replicates, threads=threads, progress=progress)
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
