"""Frames from outside the race: their columns, and what to say where one is missing."""

from __future__ import annotations

import polars as pl

from dryline.domain.errors import BadOption
from dryline.present.charts.bands import WET_PERIODS
from dryline.present.charts.gantt import STINT_FORECAST, STINT_TYRES
from dryline.present.charts.gap import PIT_LOSS
from dryline.present.charts.movement import MOVEMENT
from dryline.present.charts.pace_boxes import PACE_ESTIMATES
from dryline.present.charts.wetness_panels import TRACK_SAMPLES, TYRE_CHANGES
from dryline.present.charts.worm import WIN_PROBABILITY

SCHEMAS: dict[str, dict[str, type[pl.DataType]]] = {
    "samples": TRACK_SAMPLES,
    "tyre_changes": TYRE_CHANGES,
    "wet": WET_PERIODS,
    "win_probability": WIN_PROBABILITY,
    "movement": MOVEMENT,
    "estimates": PACE_ESTIMATES,
    "stint_tyres": STINT_TYRES,
    "stint_forecast": STINT_FORECAST,
    "pit_loss": PIT_LOSS,
}
"""The frames a chart may be given, by name."""
_OPTIONAL = {"p_rain"}
_FUTURE = {"stint_forecast"}


def checked(name: str, frame: pl.DataFrame, at_ms: int | None = None) -> pl.DataFrame:
    """``frame`` with the columns of that schema cast to their types, others kept as they are.

    Rows later than ``at_ms`` are dropped, and a period that ends later is still open.

    Raises:
        BadOption: naming the columns that are missing or of the wrong type.
    """
    schema = SCHEMAS[name]
    missing = [column for column in schema if column not in {*frame.columns, *_OPTIONAL}]
    if missing:
        raise BadOption(
            f"the {name} table has no column {', '.join(missing)}",
            remedy=f"Columns: {', '.join(schema)}.",
        )
    try:
        typed = frame.with_columns(
            pl.col(column).cast(kind) for column, kind in schema.items() if column in frame.columns
        )
    except pl.exceptions.PolarsError as error:
        raise BadOption(f"the {name} table does not hold what its columns say: {error}") from error
    return typed if at_ms is None or name in _FUTURE else _known_by(typed, at_ms)


def _known_by(frame: pl.DataFrame, at_ms: int) -> pl.DataFrame:
    if "at_ms" in frame.columns:
        return frame.filter(pl.col("at_ms") <= at_ms)
    if "start_ms" in frame.columns and "end_ms" in frame.columns:
        open_yet = pl.when(pl.col("end_ms") <= at_ms).then("end_ms")
        return frame.filter(pl.col("start_ms") <= at_ms).with_columns(end_ms=open_yet)
    return frame
