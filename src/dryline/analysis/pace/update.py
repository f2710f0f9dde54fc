"""The live update of one car's pace between two fits of the whole field."""

from __future__ import annotations

import numpy as np
import polars as pl

from dryline.analysis.pace.design import Floats, Ints, knot_weights, lap_terms
from dryline.analysis.pace.estimate import pace_columns
from dryline.analysis.pace.model import PaceModel, clean_probability

ROUNDS = 4


def update_car(model: PaceModel, car_number: str, judged: pl.DataFrame) -> pl.DataFrame:
    """A car's drivers again after new laps, the rest of the field's fit held: in under 5 ms.

    Class, track, slope and noise stay as fitted; the car and its drivers are pooled anew over all
    of the car's laps. ``judged`` holds (at least) this car's laps from `clean_laps`; at the next
    fit of the field the two agree up to what the field has learnt meanwhile.

    Returns:
        ``driver``, ``pace_ms``, ``lo_ms``, ``hi_ms``, ``sd_ms``, ``laps_used`` per driver, on the
        track of the car's last lap. Empty where the car's class is not in the fit.
    """
    laps = judged.filter((pl.col("car_number") == car_number) & pl.col("refused").is_null())
    d, b = model.design, model.design.blocks
    if laps.is_empty() or laps["car_class"][0] not in d.classes:
        return _empty()
    k = d.classes.index(laps["car_class"][0])
    end_ms = laps["elapsed_ms"].to_numpy().astype(float)
    left, weight = knot_weights(end_ms, d.knots_ms)
    past, second, early = lap_terms(laps["stint_lap"].to_numpy().astype(float))
    c = model.coefficients
    track = c[b.knot + left] * (1 - weight) + c[b.knot + left + 1] * weight
    slope = c[b.slope + k] + _car_slope(model, car_number)
    known = c[k] + track + slope * past + c[b.second_lap + k] * second + c[b.early_lap + k] * early
    y = np.log(laps["lap_time_ms"].to_numpy().astype(float)) - known
    names, driver_of = np.unique(laps["driver"].fill_null("").to_numpy(), return_inverse=True)
    driver_of = driver_of.astype(np.int64)
    _, stint_of = np.unique(
        laps["stint"].to_numpy().astype(np.int64) * 1000 + driver_of, return_inverse=True
    )
    mean, covariance = _pool(model, k, y, driver_of, stint_of.astype(np.int64), len(names))
    now = c[k] + track[-1]
    sd = np.sqrt(np.diag(covariance) + _drift(model, k, left, weight, past, second, early))
    return pl.DataFrame(
        {
            "driver": names.tolist(),
            **pace_columns(now + mean, sd),
            "laps_used": np.bincount(driver_of, minlength=len(names)).astype(np.int32),
        }
    )


def _drift(
    model: PaceModel,
    k: int,
    left: Ints,
    weight: Floats,
    past: Floats,
    second: Floats,
    early: Floats,
) -> float:
    """Variance of the held part between the car's laps and now; the class's level cancels out."""
    b, n = model.design.blocks, len(past)
    form = np.zeros(b.size)
    np.add.at(form, b.knot + left, -(1 - weight) / n)
    np.add.at(form, b.knot + left + 1, -weight / n)
    form[b.knot + left[-1]] += 1 - weight[-1]
    form[b.knot + left[-1] + 1] += weight[-1]
    for start, values in ((b.slope, past), (b.second_lap, second), (b.early_lap, early)):
        form[start + k] -= float(values.mean())
    return float(form @ model.covariance @ form)


def _pool(
    model: PaceModel, k: int, y: Floats, driver_of: Ints, stint_of: Ints, drivers: int
) -> tuple[Floats, Floats]:
    """Posterior mean (drivers,) and covariance of car + driver from offsets ``y`` (n,)."""
    noise, spread, n = model.noise, model.spread, len(y)
    size = 1 + drivers
    rows = np.zeros((n, size))
    rows[:, 0] = 1
    rows[np.arange(n), 1 + driver_of] = 1
    stints = int(stint_of.max()) + 1
    prior = np.diag(np.r_[1 / spread.car[k] ** 2, np.full(drivers, 1 / spread.driver[k] ** 2)])
    inflation = (1 + model.autocorrelation) / (1 - model.autocorrelation)
    clean, klass = np.full(n, 1.0), np.full(n, k)
    beta, covariance = np.zeros(size), np.eye(size)
    for _ in range(ROUNDS):
        weight = clean / noise.sd[k] ** 2 / inflation
        by_stint = np.zeros((stints, size))
        np.add.at(by_stint, stint_of, rows * weight[:, None])
        precision = np.bincount(stint_of, weight, stints) + 1 / spread.stint[k] ** 2
        stint_y = np.bincount(stint_of, weight * y, stints)
        gram = rows.T @ (rows * weight[:, None]) + prior
        gram -= by_stint.T @ (by_stint / precision[:, None])
        covariance = np.linalg.inv(gram)
        beta = covariance @ (rows.T @ (weight * y) - by_stint.T @ (stint_y / precision))
        effect = (stint_y - by_stint @ beta) / precision
        clean = clean_probability(y - rows @ beta - effect[stint_of], noise, klass)
    form = np.c_[np.ones(drivers), np.eye(drivers)]
    return form @ beta, form @ covariance @ form.T


def _car_slope(model: PaceModel, car_number: str) -> float:
    d = model.design
    for at, (car, _) in enumerate(d.cars):
        if car == car_number:
            return float(model.coefficients[d.blocks.car_slope + at])
    return 0.0


def _empty() -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "driver": pl.String,
            "pace_ms": pl.Int64,
            "lo_ms": pl.Int64,
            "hi_ms": pl.Int64,
            "sd_ms": pl.Int64,
            "laps_used": pl.Int32,
        }
    )
