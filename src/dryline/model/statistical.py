"""The statistical forecast: three regressions on the state at *t*, pooled into places.

A conditional logit and a top-3 Plackett-Luce on each car's columns say who wins; a pairwise
logistic regression says who ends before whom. The pairs become strengths of a contest of
lasting (`attrition`), whose winner is pooled with the other two in logarithms; the places are
drawn from it and bent to the pooled winner. It is the control that the simulator has to beat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dryline.domain.series import recognised
from dryline.domain.weekend import PracticePace
from dryline.model import attrition, outlook
from dryline.model.crew.practice import with_practice
from dryline.model.crew.to_come import crew_columns
from dryline.model.crew.wheel import NO_CREWS, Crews, wheel_of
from dryline.model.designs import car_design, pair_design, pairs
from dryline.model.features import ClassState, class_states
from dryline.model.forecast_parameters import ForecastParameters
from dryline.model.ratings import rating_columns
from dryline.model.running import Bools, Floats, running_at
from dryline.model.stops_ahead import count_quantiles, p_stops

LASTING_SHARE = 0.55  # of the pairwise model in the pooled winner; the rest is shared equally
POOL_SHARPER = 1.1  # pooling independent evidence flattens; this undoes it
SURPRISE = 0.015  # of the winner's probability, for what no column can see
SHARPER = 0.2  # the pairs' strengths are stretched by 1 + this times the fraction run


@dataclass(frozen=True)
class CarForecast:
    """What is expected of one car; ``stops_left`` holds p10, p50, p90."""

    car_number: str
    car_class: str
    p_position_in_class: tuple[float, ...]
    p_win_class: float
    p_podium_class: float
    p_win: float
    p_retire: float
    stops_left: tuple[int, int, int]


@dataclass(frozen=True)
class TrackOutlook:
    """The weather that a forecast was run under.

    ``p_wet`` and ``p_rain`` are of each sector (3,) now; ``p_rain_later`` that rain begins on a dry
    track before the end, by what races had; ``wet`` whether the present water is simulated.
    """

    p_wet: tuple[float, ...]
    p_rain: tuple[float, ...]
    p_rain_later: float
    wet: bool


@dataclass(frozen=True)
class ForecastTable:
    """A forecast of every starter, classes by name, cars in their order on the track.

    ``track`` is None where no weather was looked at.
    """

    at_ms: int
    length_ms: int
    replicates: int
    seed: int
    cars: tuple[CarForecast, ...]
    track: TrackOutlook | None = None


def forecast_statistical(
    crossings: pl.DataFrame,
    at_ms: int,
    length_ms: int,
    parameters: ForecastParameters,
    *,
    series: str | None = None,
    year: int | None = None,
    starters: Mapping[str, str] | None = None,
    crews: Crews = NO_CREWS,
    paces: Sequence[PracticePace] = (),
    replicates: int = 2000,
    seed: int = 0,
) -> ForecastTable:
    """Forecast a race of ``length_ms`` from its crossings up to ``at_ms``.

    ``crossings`` has the columns of `domain.tables.CROSSINGS`; rows after ``at_ms`` are not
    read. ``starters`` maps car numbers to classes, for cars that have not crossed yet; ``crews``
    is the entry list, where there is one; ``paces`` are of the sessions before the race.
    """
    series = series or recognised(crossings["car_class"].unique())
    running = running_at(crossings, at_ms, starters)
    states = class_states(running, length_ms / 1000, parameters.class_priors())
    wheel = with_practice(wheel_of(running, length_ms / 1000, crews), paces)
    come = crew_columns(wheel, parameters.crews, series, year)
    overall = outlook.p_class_leads_overall(states) if states else np.zeros(0)
    fraction = at_ms / max(length_ms, 1)
    cars: list[CarForecast] = []
    for stream, (state, lead) in enumerate(zip(states, overall, strict=True)):
        p_place = place_matrix(
            state, come[state.car_class], parameters, fraction, series, year,
            replicates=replicates, key=(seed, 2 * stream),
        )  # fmt: skip
        cars += _rows(state, p_place, float(lead), parameters, series)
    return ForecastTable(at_ms, length_ms, replicates, seed, tuple(cars))


def place_matrix(
    state: ClassState,
    crew: Floats,
    parameters: ForecastParameters,
    fraction: float,
    series: str | None,
    year: int | None,
    *,
    replicates: int,
    key: tuple[int, int],
) -> Floats:
    """[C, C] probability of each place in class, cars in their order on the track.

    ``crew`` [C, 6] is what the line-up to come is worth, from `crew.to_come.crew_columns`.
    """
    if state.size == 1:
        return np.ones((1, 1))
    ratings = rating_columns(state, parameters.ratings, series, year)
    winner, podium, paired = parameters.at(fraction)
    beats = pair_matrix(pair_design(state, ratings, crew, series) @ paired, state.size)
    strength = attrition.strengths(beats) * (1 + SHARPER * min(fraction, 1.0))
    design = car_design(state, ratings, crew)
    p_win = pooled_winner(design @ winner, design @ podium, strength, state.away_s <= 0)
    orders = attrition.draw_orders(strength, replicates, key)
    return attrition.with_winner(attrition.place_probabilities(orders), p_win)


def pair_matrix(log_odds: Floats, size: int) -> Floats:
    """[C, C] P(row ends before column) from the log-odds of `designs.pairs`."""
    ahead, behind = pairs(size)
    p = 1 / (1 + np.exp(-log_odds))
    beats = np.zeros((size, size))
    beats[ahead, behind], beats[behind, ahead] = p, 1 - p
    return beats


def pooled_winner(winner: Floats, podium: Floats, strength: Floats, running: Bools) -> Floats:
    """Winner probabilities [C] of the three models, pooled in logarithms.

    A small share goes evenly to all cars that are ``running``: whoever seems beaten can win.
    """
    lasting = np.log(attrition.win_probability(strength))
    rest = 0.5 * (1 - LASTING_SHARE)
    pooled = LASTING_SHARE * lasting + rest * (_log_share(winner) + _log_share(podium))
    even = running / running.sum() if running.any() else np.full(len(running), 1 / len(running))
    p = (1 - SURPRISE) * np.exp(_log_share(POOL_SHARPER * pooled)) + SURPRISE * even
    return np.asarray(p, dtype=float)


def _log_share(utility: Floats) -> Floats:
    top = utility - utility.max()
    return np.asarray(top - np.log(np.exp(top).sum()), dtype=float)


def _rows(
    state: ClassState,
    p_place: Floats,
    lead: float,
    parameters: ForecastParameters,
    series: str | None,
) -> list[CarForecast]:
    retire = outlook.p_retire(state, series, np.array(parameters.retire))
    stops = count_quantiles(p_stops(state, series, np.array(parameters.stops_ahead), retire))
    return [
        CarForecast(
            number, state.car_class, tuple(float(p) for p in p_place[i]),
            float(p_place[i, 0]), float(min(p_place[i, :3].sum(), 1.0)),
            float(lead * p_place[i, 0]), float(retire[i]), stops[i],
        )
        for i, number in enumerate(state.cars)
    ]  # fmt: skip
