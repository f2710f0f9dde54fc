"""Who led, lap by lap, and when the lead changed at the line."""

from __future__ import annotations

import polars as pl


def leaders(laps: pl.DataFrame, car_class: str | None = None) -> pl.DataFrame:
    """The car that first completed each lap, overall or in a class.

    Columns: ``lap``, ``at_ms``, ``car_number``, ``driver``; ordered by lap.
    """
    place = "position" if car_class is None else "position_in_class"
    rows = laps if car_class is None else laps.filter(pl.col("car_class") == car_class)
    return (
        rows.filter(pl.col(place) == 1)
        .sort("lap")
        .select("lap", "car_number", "driver", at_ms=pl.col("elapsed_ms"))
    )


def lead_changes(laps: pl.DataFrame, car_class: str | None = None) -> pl.DataFrame:
    """Changes of the lead, as counted at the line.

    Columns: ``lap``, ``at_ms``, ``from_car``, ``to_car``; the first leader is no change.
    """
    led = leaders(laps, car_class).with_columns(from_car=pl.col("car_number").shift(1))
    return led.filter(pl.col("from_car") != pl.col("car_number")).select(
        "lap", "at_ms", "from_car", to_car="car_number"
    )


def laps_led(laps: pl.DataFrame, car_class: str | None = None) -> pl.DataFrame:
    """Laps led by each car: ``car_number``, ``laps_led``; most first."""
    return (
        leaders(laps, car_class)
        .group_by("car_number")
        .agg(laps_led=pl.len().cast(pl.Int32))
        .sort(["laps_led", "car_number"], descending=[True, False])
    )
