"""How fast everyone really is: by car, driver and stint, with an interval, live and after the race.

`pace_smoothed` reads a whole race; `pace_filtered` only what was known at an instant. Both judge
the laps (`clean_laps`), take the paddock's two measures (`customary_pace`) and fit the pooled model
(`pace.model`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from dryline.analysis.pace.clean_laps import clean_laps
from dryline.analysis.pace.customary import best_fifth, best_three_of_last_five
from dryline.analysis.pace.design import Design, Floats, Ints, design, knot_weights
from dryline.analysis.pace.model import PaceModel, PacePriors, fit_pace
from dryline.kernels.one_thread import one_thread

Z80 = 1.2816
"""Half-width of a normal 80 % interval, in standard deviations."""


@dataclass(frozen=True)
class Pace:
    """Paces with 80 % intervals, stated for the eighth lap of a stint.

    ``cars``, ``drivers`` and ``stints`` hold ``pace_ms``, ``lo_ms``, ``hi_ms``, ``sd_ms`` and
    ``laps_used``, and the customary ``recent_ms`` (best 3 of the last 5) and ``best_fifth_ms``
    (best 20 %); ``classes`` holds slope, warm-up, noise and spreads; ``track`` the evolution.
    ``judged`` is the LAPS table with the verdict on every lap. ``at_ms`` is the instant of a
    filtered estimate, null where the whole race was read.
    """

    cars: pl.DataFrame
    drivers: pl.DataFrame
    stints: pl.DataFrame
    classes: pl.DataFrame
    track: pl.DataFrame
    judged: pl.DataFrame
    model: PaceModel | None
    at_ms: int | None


@one_thread
def pace_smoothed(
    laps: pl.DataFrame,
    *,
    ratings: Mapping[tuple[str, str], str] | None = None,
    priors: PacePriors | None = None,
) -> Pace:
    """The paces of a whole race, on the track as it was on average.

    ``ratings`` maps ``(car_number, driver)`` to a rating, where known.
    """
    return _pace(laps, None, ratings, priors)


@one_thread
def pace_filtered(
    laps: pl.DataFrame,
    at_ms: int,
    *,
    ratings: Mapping[tuple[str, str], str] | None = None,
    priors: PacePriors | None = None,
) -> Pace:
    """The paces as they were known at ``at_ms``, on the track as it was then."""
    return _pace(laps.filter(pl.col("elapsed_ms") <= at_ms), at_ms, ratings, priors)


def _pace(
    laps: pl.DataFrame,
    at_ms: int | None,
    ratings: Mapping[tuple[str, str], str] | None,
    priors: PacePriors | None,
) -> Pace:
    judged = clean_laps(laps)
    if judged.filter(pl.col("refused").is_null()).is_empty():
        return _nothing(judged, at_ms)
    model = fit_pace(design(judged, ratings), priors)
    d = model.design
    track = _track_row(d, at_ms)
    return Pace(
        cars=_with_customary(_cars(model, track), judged, ("car_number",)),
        drivers=_with_customary(_drivers(model, track), judged, ("car_number", "driver")),
        stints=_with_customary(_stints(model), judged, ("car_number", "stint", "driver")),
        classes=_classes(model),
        track=_track(model),
        judged=judged,
        model=model,
        at_ms=at_ms,
    )


def estimates(model: PaceModel, rows: Floats, offset: Floats, extra: Floats) -> dict[str, Ints]:
    """Pace columns of linear forms ``rows`` (r, p) plus ``offset`` (r,) with more variance (r,)."""
    mean = rows @ model.coefficients + offset
    sd = np.sqrt(np.einsum("rp,rp->r", rows @ model.covariance, rows) + extra)
    return pace_columns(mean, sd)


def pace_columns(log_ms: Floats, sd: Floats) -> dict[str, Ints]:
    """``pace_ms``, ``lo_ms``, ``hi_ms`` (80 %) and ``sd_ms`` from log ms (r,) and sd (r,)."""
    pace = np.exp(log_ms)
    return {
        "pace_ms": np.rint(pace).astype(np.int64),
        "lo_ms": np.rint(pace * np.exp(-Z80 * sd)).astype(np.int64),
        "hi_ms": np.rint(pace * np.exp(Z80 * sd)).astype(np.int64),
        "sd_ms": np.rint(pace * sd).astype(np.int64),
    }


def driver_rows(model: PaceModel, track: Floats) -> Floats:
    """Linear forms (drivers, p): class, car, driver and rating on the track ``track`` (p,)."""
    d, b = model.design, model.design.blocks
    rows = np.tile(track, (len(d.drivers), 1))
    at = np.arange(len(d.drivers))
    klass = d.car_class[d.driver_car]
    rows[at, klass] += 1
    rows[at, b.car + d.driver_car] += 1
    rows[at, b.driver + at] += 1
    rated = np.flatnonzero(d.driver_rating >= 0)
    rows[rated, b.rating + d.driver_rating[rated] * len(d.classes) + klass[rated]] += 1
    return rows


def _track_row(d: Design, at_ms: int | None) -> Floats:
    """The track's part of a linear form (p,): at an instant, or averaged over the used laps."""
    row = np.zeros(d.blocks.size)
    at = d.start_ms if at_ms is None else np.array([float(at_ms)])
    left, weight = knot_weights(at, d.knots_ms)
    np.add.at(row, d.blocks.knot + left, (1 - weight) / len(at))
    np.add.at(row, d.blocks.knot + left + 1, weight / len(at))
    return row


def _drivers(model: PaceModel, track: Floats) -> pl.DataFrame:
    d = model.design
    rows = driver_rows(model, track)
    zero = np.zeros(len(rows))
    laps = np.bincount(d.stint_driver[d.stint_of], minlength=len(rows))
    return pl.DataFrame(
        {
            "car_number": [car for car, _ in d.drivers],
            "driver": [driver for _, driver in d.drivers],
            "car_class": [d.classes[k] for k in d.car_class[d.driver_car]],
            **estimates(model, rows, zero, zero),
            "laps_used": laps.astype(np.int32),
        }
    )


def _cars(model: PaceModel, track: Floats) -> pl.DataFrame:
    """A car's pace is its crew's, weighted by the laps that each drove."""
    d = model.design
    laps = np.bincount(d.stint_driver[d.stint_of], minlength=len(d.drivers)).astype(float)
    total = np.bincount(d.driver_car, laps, len(d.cars))
    share = np.zeros((len(d.cars), len(d.drivers)))
    share[d.driver_car, np.arange(len(d.drivers))] = laps / total[d.driver_car]
    rows = share @ driver_rows(model, track)
    zero = np.zeros(len(rows))
    return pl.DataFrame(
        {
            "car_number": [car for car, _ in d.cars],
            "car_class": [d.classes[k] for k in d.car_class],
            **estimates(model, rows, zero, zero),
            "laps_used": total.astype(np.int32),
        }
    )


def _stints(model: PaceModel) -> pl.DataFrame:
    """A stint's pace on the track of its own time, its own share of luck and tyres included."""
    d = model.design
    size = len(d.stints)
    left, weight = knot_weights(d.start_ms, d.knots_ms)
    laps = np.bincount(d.stint_of, minlength=size).astype(float)
    track = np.zeros((size, d.blocks.size))
    np.add.at(track, (d.stint_of, d.blocks.knot + left), (1 - weight) / laps[d.stint_of])
    np.add.at(track, (d.stint_of, d.blocks.knot + left + 1), weight / laps[d.stint_of])
    rows = driver_rows(model, np.zeros(d.blocks.size))[d.stint_driver] + track
    b = d.blocks
    car = d.driver_car[d.stint_driver]
    at = np.arange(size)
    full = rows - model.stint_rows / model.stint_precision[:, None]
    mean = rows @ model.coefficients + model.stint_effect
    variance = np.einsum("mp,mp->m", full @ model.covariance, full) + 1 / model.stint_precision
    slope = model.coefficients[b.slope + d.car_class[car]] + model.coefficients[b.car_slope + car]
    pace = pace_columns(mean, np.sqrt(variance))
    return pl.DataFrame(
        {
            "car_number": [d.stints[s][0] for s in at],
            "stint": pl.Series([d.stints[s][1] for s in at], dtype=pl.Int32),
            "driver": [d.stints[s][2] for s in at],
            "car_class": [d.classes[k] for k in d.car_class[car]],
            **pace,
            "slope_ms": np.round(slope * pace["pace_ms"], 1),
            "laps_used": laps.astype(np.int32),
        }
    )


def _classes(model: PaceModel) -> pl.DataFrame:
    d, b = model.design, model.design.blocks
    k = np.arange(len(d.classes))
    base = np.exp(model.coefficients[k])
    sd = np.sqrt(np.diag(model.covariance))

    def in_ms(start: int) -> tuple[Floats, Floats]:
        value = np.round(model.coefficients[start + k] * base, 1)
        return value, np.round(sd[start + k] * base, 1)

    slope, slope_sd = in_ms(b.slope)
    second, second_sd = in_ms(b.second_lap)
    early, early_sd = in_ms(b.early_lap)
    percent = {
        "noise_pct": model.noise.sd,
        "loss_pct": model.noise.loss,
        "loss_share_pct": model.noise.share,
        "car_spread_pct": model.spread.car,
        "driver_spread_pct": model.spread.driver,
        "stint_spread_pct": model.spread.stint,
    }
    return pl.DataFrame(
        {
            "car_class": list(d.classes),
            "slope_ms": slope,
            "slope_sd_ms": slope_sd,
            "second_lap_ms": second,
            "second_lap_sd_ms": second_sd,
            "early_laps_ms": early,
            "early_laps_sd_ms": early_sd,
            **{name: np.round(100 * values, 3) for name, values in percent.items()},
        }
    )


def _track(model: PaceModel) -> pl.DataFrame:
    d, b = model.design, model.design.blocks
    mean = model.coefficients[b.knot :]
    sd = np.sqrt(np.diag(model.covariance)[b.knot :])
    return pl.DataFrame(
        {
            "at_ms": np.rint(d.knots_ms).astype(np.int64),
            "slower_pct": np.round(100 * (mean - mean.mean()), 3),
            "sd_pct": np.round(100 * sd, 3),
        }
    )


def _with_customary(frame: pl.DataFrame, judged: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    judged = judged.with_columns(pl.col("driver").fill_null(""))
    return (
        frame.join(best_three_of_last_five(judged, by).drop("recent_laps"), on=list(by), how="left")
        .join(best_fifth(judged, by).drop("laps"), on=list(by), how="left")
        .sort("car_class", "pace_ms")
    )


_ESTIMATE: dict[str, type[pl.DataType]] = {
    "pace_ms": pl.Int64, "lo_ms": pl.Int64, "hi_ms": pl.Int64, "sd_ms": pl.Int64,
    "laps_used": pl.Int32, "recent_ms": pl.Int64, "best_fifth_ms": pl.Int64,
}  # fmt: skip


def _nothing(judged: pl.DataFrame, at_ms: int | None) -> Pace:
    """No lap to speak of yet: empty tables, the verdicts kept."""
    text: dict[str, type[pl.DataType]] = {"car_number": pl.String, "car_class": pl.String}
    driver: dict[str, type[pl.DataType]] = {"driver": pl.String}
    stint: dict[str, type[pl.DataType]] = {"stint": pl.Int32}
    return Pace(
        cars=pl.DataFrame(schema={**text, **_ESTIMATE}),
        drivers=pl.DataFrame(schema={**text, **driver, **_ESTIMATE}),
        stints=pl.DataFrame(
            schema={**text, **stint, **driver, **_ESTIMATE, "slope_ms": pl.Float64}
        ),
        classes=pl.DataFrame(schema={"car_class": pl.String, "slope_ms": pl.Float64}),
        track=pl.DataFrame(
            schema={"at_ms": pl.Int64, "slower_pct": pl.Float64, "sd_pct": pl.Float64}
        ),
        judged=judged,
        model=None,
        at_ms=at_ms,
    )
