"""Fit the stop priors over whole races, so that they can be fitted without the race under test."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.analysis.stops.hazard import StopOutlook, hazard_features
from dryline.analysis.stops.outlook import StopWatch
from dryline.analysis.stops.priors import Coefficients, RangePriors, StopPriors
from dryline.model.rejoin_field import RejoinField, crossings

Floats = NDArray[np.float64]
RIDGE = 1.0


@dataclass(frozen=True)
class PastRace:
    """One race to learn from: its LAPS, its series and its scheduled length."""

    race: str
    laps: pl.DataFrame
    series: str
    length_ms: float | None


@dataclass(frozen=True)
class Examples:
    """Rows (n, features) with outcomes (n,) of one race, ready for a logistic fit."""

    names: tuple[str, ...]
    rows: Floats
    outcome: NDArray[np.bool_]


def hazard_examples(race: PastRace, priors: RangePriors) -> Examples:
    """Every green lap of a race as it looked before it was driven, and whether it was an in-lap."""
    watch = StopWatch.start(priors, race.length_ms)
    ahead = pl.col("in_lap").shift(-1).over("car_number")
    yellow = pl.col("neutralised_ms").shift(-1).over("car_number")
    upcoming = (
        race.laps.sort("elapsed_ms", "line")
        .with_columns(_comes_in=ahead, _yellow=yellow)
        .select("_comes_in", "_yellow")
    )
    parts: list[StopOutlook] = []
    outcome: list[bool] = []
    for row, (comes_in, yellow_ms) in zip(crossings(race.laps), upcoming.iter_rows(), strict=True):
        watch.crossed(
            row.car_number, row.car_class, row.elapsed_ms, row.lap_ms,
            yellow_ms=row.yellow_ms, out_lap=row.out_lap, in_lap=row.in_lap,
            pit_ms=None if row.pit_s is None else 1000 * row.pit_s,
        )  # fmt: skip
        if comes_in is None or row.in_lap or yellow_ms:
            continue
        parts.append(watch.outlook([row.car_number], [1.0], row.elapsed_ms))
        outcome.append(bool(comes_in))
    fields = StopOutlook.__dataclass_fields__
    joined = StopOutlook(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in fields}
    )
    features = hazard_features(joined)
    return Examples(
        tuple(features), np.stack(list(features.values()), axis=1), np.array(outcome, dtype=bool)
    )


def fit_logistic(examples: Iterable[Examples], ridge: float = RIDGE) -> dict[str, float]:
    """Coefficients by feature name: penalised maximum likelihood by Newton's method.

    The feature ``one`` is not penalised.
    """
    parts = list(examples)
    names = parts[0].names
    rows = np.concatenate([part.rows for part in parts])
    outcome = np.concatenate([part.outcome for part in parts]).astype(float)
    penalty = np.full(len(names), ridge)
    penalty[[at for at, name in enumerate(names) if name == "one"]] = 1e-6
    beta = np.zeros(len(names))
    for _ in range(25):
        chance = 1 / (1 + np.exp(-np.clip(rows @ beta, -30, 30)))
        gradient = rows.T @ (outcome - chance) - penalty * beta
        weight = np.maximum(chance * (1 - chance), 1e-9)
        step = np.linalg.solve((rows * weight[:, None]).T @ rows + np.diag(penalty), gradient)
        beta = beta + np.clip(step, -3, 3)
        if np.abs(step).max() < 1e-6:
            break
    return {name: round(float(value), 4) for name, value in zip(names, beta, strict=True)}


Races = Mapping[str, tuple[str, Examples]]
"""Per race id, its series and its examples."""


def fit_series(races: Races, held: Coefficients, leave_out: str | None = None) -> Coefficients:
    """Coefficients of each series held, fitted to all races but ``leave_out``.

    A series without races keeps what is ``held``.
    """
    fitted = dict(held)
    for series in fitted:
        parts = [
            part
            for race, (of, part) in races.items()
            if of == series and race != leave_out and len(part.outcome)
        ]
        if parts:
            fitted[series] = fit_logistic(parts)
    return fitted


def fit_hazards(races: Races, priors: StopPriors, leave_out: str | None = None) -> StopPriors:
    """``priors`` with the stop hazard fitted to `hazard_examples` of all races but one."""
    fitted = fit_series(races, priors.hazard, leave_out)
    return msgspec.structs.replace(priors, hazard=fitted)


def fit_drivers(races: Races, priors: StopPriors, leave_out: str | None = None) -> StopPriors:
    """``priors`` with the driver change fitted to `driver_examples` of all races but one."""
    fitted = fit_series(races, priors.driver, leave_out)
    return msgspec.structs.replace(priors, driver=fitted)


def yellow_factor(races: Iterable[PastRace], priors: StopPriors, steps: int = 8) -> float:
    """What a neutralised lap takes of the tank: the factor whose hazard explains the stops best.

    Tried on a grid from 0.2 to 0.9; the log-likelihood is that of the fitted races themselves,
    the same number of coefficients being spent at every point.
    """
    listed = list(races)
    best, at = -np.inf, priors.range.yellow_factor
    for factor in np.linspace(0.2, 0.9, steps):
        trial = msgspec.structs.replace(priors.range, yellow_factor=float(factor))
        parts = [hazard_examples(race, trial) for race in listed]
        coefficients = fit_logistic(parts)
        likelihood = sum(_log_likelihood(part, coefficients) for part in parts)
        if likelihood > best:
            best, at = likelihood, float(factor)
    return at


def _log_likelihood(examples: Examples, coefficients: Mapping[str, float]) -> float:
    logit = examples.rows @ np.array([coefficients[name] for name in examples.names])
    return float(np.sum(np.where(examples.outcome, logit, 0.0) - np.logaddexp(0.0, logit)))


def driver_examples(race: PastRace, priors: StopPriors) -> Examples:
    """Every stop of a race as it looked at its in-lap's start, and whether the driver changed."""
    field = RejoinField.start(priors, race.series, race.length_ms)
    rows: list[list[float]] = []
    outcome: list[bool] = []
    names: tuple[str, ...] = ()
    waiting: dict[str, dict[str, float]] = {}
    for row in crossings(race.laps):
        runner = field.runners.get(row.car_number)
        if row.pit_s is not None and row.car_number in waiting and runner is not None:
            features = waiting.pop(row.car_number)
            names = tuple(features)
            rows.append(list(features.values()))
            outcome.append(row.driver != runner.driver)
        elif row.in_lap and runner is not None:
            waiting[row.car_number] = field.driver_features(runner, runner.last_ms)
        field.cross(row)
    return Examples(names, np.array(rows).reshape(-1, len(names)), np.array(outcome, dtype=bool))
