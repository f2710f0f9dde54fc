"""The laps as the columns of a linear model of log lap time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REFERENCE_LAP = 8
"""Lap of a stint at which paces are stated: warm, and not yet worn."""
KNOT_MS = 1_800_000
COLUMNS_PER_LAP = 10


@dataclass(frozen=True)
class Blocks:
    """Where each kind of coefficient lies: ``start`` indices, ``size`` in all."""

    car: int
    driver: int
    slope: int
    car_slope: int
    second_lap: int
    early_lap: int
    rating: int
    knot: int
    size: int


@dataclass(frozen=True)
class Design:
    """Used laps as arrays, sorted by car and lap; ``n`` laps, ``p`` columns, ``m`` stints.

    ``index`` and ``value`` (n, COLUMNS_PER_LAP) are the non-zero columns of each lap and their
    values; ``log_ms`` (n,) is the natural logarithm of the lap time in milliseconds.
    """

    log_ms: Floats
    index: Ints
    value: Floats
    class_of: Ints
    stint_of: Ints
    follows: NDArray[np.bool_]
    classes: tuple[str, ...]
    cars: tuple[tuple[str, str], ...]
    drivers: tuple[tuple[str, str], ...]
    stints: tuple[tuple[str, int, str], ...]
    car_class: Ints
    driver_car: Ints
    driver_rating: Ints
    stint_driver: Ints
    ratings: tuple[str, ...]
    knots_ms: Floats
    blocks: Blocks
    start_ms: Floats


def design(judged: pl.DataFrame, ratings: Mapping[tuple[str, str], str] | None = None) -> Design:
    """Design of the laps that `clean_laps` did not refuse.

    Args:
        judged: the table that `clean_laps` returns.
        ratings: rating per ``(car_number, driver)`` where it is known.

    Raises:
        ValueError: where no lap is left.
    """
    used = judged.filter(pl.col("refused").is_null()).sort("car_number", "lap")
    if used.is_empty():
        raise ValueError("no clean lap to fit a pace to")
    car = used["car_number"].to_list()
    driver = used["driver"].fill_null("").to_list()
    classes, class_of = _codes(used["car_class"].to_list())
    cars, car_of = _codes(list(zip(car, used["car_class"].to_list(), strict=True)))
    drivers, driver_of = _codes(list(zip(car, driver, strict=True)))
    stints, stint_of = _codes(list(zip(car, used["stint"].to_list(), driver, strict=True)))
    named, driver_rating = _ratings(drivers, ratings or {})
    car_class = _first(car_of, class_of, len(cars))
    end_ms = used["elapsed_ms"].to_numpy().astype(float)
    knots = _knots(end_ms.max())
    blocks = _blocks(len(classes), len(cars), len(drivers), len(named), len(knots))
    lap_in_stint = used["stint_lap"].to_numpy().astype(float)
    driver_class = car_class[_first(driver_of, car_of, len(drivers))]
    index, value = _rows(
        blocks,
        class_of,
        car_of,
        driver_of,
        lap_in_stint,
        end_ms,
        knots,
        np.where(driver_rating >= 0, driver_rating * len(classes) + driver_class, -1)[driver_of],
    )
    lap = used["lap"].to_numpy()
    return Design(
        log_ms=np.log(used["lap_time_ms"].to_numpy().astype(float)),
        index=index,
        value=value,
        class_of=class_of,
        stint_of=stint_of,
        follows=np.r_[False, (np.diff(lap) == 1) & (np.diff(stint_of) == 0)],
        classes=classes,
        cars=cars,
        drivers=drivers,
        stints=stints,
        car_class=car_class,
        driver_car=_first(driver_of, car_of, len(drivers)),
        driver_rating=driver_rating,
        stint_driver=_first(stint_of, driver_of, len(stints)),
        ratings=named,
        knots_ms=knots,
        blocks=blocks,
        start_ms=end_ms,
    )


def lap_terms(lap_in_stint: Floats) -> tuple[Floats, Floats, Floats]:
    """Laps past the reference lap, second lap of the stint, laps three to five (as 0 or 1)."""
    second = (lap_in_stint == 2).astype(float)
    early = ((lap_in_stint >= 3) & (lap_in_stint <= 5)).astype(float)
    return lap_in_stint - REFERENCE_LAP, second, early


def knot_weights(at_ms: Floats, knots_ms: Floats) -> tuple[Ints, Floats]:
    """Left knot and the weight of the right one, for linear interpolation at ``at_ms`` (n,)."""
    last = len(knots_ms) - 2
    left = np.clip(np.searchsorted(knots_ms, at_ms, side="right") - 1, 0, last).astype(np.int64)
    width = knots_ms[left + 1] - knots_ms[left]
    return left, np.clip((at_ms - knots_ms[left]) / width, 0.0, 1.0)


def _rows(
    blocks: Blocks,
    class_of: Ints,
    car_of: Ints,
    driver_of: Ints,
    lap_in_stint: Floats,
    end_ms: Floats,
    knots: Floats,
    rating_of: Ints,
) -> tuple[Ints, Floats]:
    past, second, early = lap_terms(lap_in_stint)
    left, right_weight = knot_weights(end_ms, knots)
    one = np.ones(len(end_ms))
    rated = rating_of >= 0
    columns = [
        (class_of, one),
        (blocks.car + car_of, one),
        (blocks.driver + driver_of, one),
        (blocks.slope + class_of, past),
        (blocks.car_slope + car_of, past),
        (blocks.second_lap + class_of, second),
        (blocks.early_lap + class_of, early),
        (np.where(rated, blocks.rating + rating_of, 0), rated.astype(float)),
        (blocks.knot + left, 1 - right_weight),
        (blocks.knot + left + 1, right_weight),
    ]
    index = np.stack([column for column, _ in columns], axis=1)
    return index, np.stack([value for _, value in columns], axis=1)


def _blocks(classes: int, cars: int, drivers: int, ratings: int, knots: int) -> Blocks:
    sizes = [classes, cars, drivers, classes, cars, classes, classes, ratings * classes, knots]
    at = np.cumsum([0, *sizes]).tolist()
    return Blocks(*at[1:])


def _knots(end_ms: float) -> Floats:
    count = max(1, round(end_ms / KNOT_MS))
    return np.linspace(0.0, end_ms, count + 1)


def _codes(values: list[Any]) -> tuple[tuple[Any, ...], Ints]:
    seen: dict[Any, int] = {}
    codes = [seen.setdefault(value, len(seen)) for value in values]
    return tuple(seen), np.asarray(codes, dtype=np.int64)


def _first(of: Ints, value: Ints, size: int) -> Ints:
    """``value`` of each group, which is the same for all of its laps."""
    found = np.zeros(size, dtype=np.int64)
    found[of] = value
    return found


def _ratings(
    drivers: tuple[tuple[str, str], ...], ratings: Mapping[tuple[str, str], str]
) -> tuple[tuple[str, ...], Ints]:
    named = tuple(sorted({ratings[key] for key in drivers if key in ratings}))
    at = {name: code for code, name in enumerate(named)}
    return named, np.asarray([at[ratings[k]] if k in ratings else -1 for k in drivers], np.int64)
