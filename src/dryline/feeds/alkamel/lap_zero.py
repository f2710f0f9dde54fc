"""Laps numbered 0 or less: laps of the race under a wrong number, or rows from before it."""

from __future__ import annotations

import numpy as np
import polars as pl

from dryline.feeds.alkamel.chains import Ints, car_codes, chains_of, in_order_of_car_and_time, ints
from dryline.feeds.remarks import Mask

_FEW = 0.5  # of the cars; where as many or more begin with 0, the file means laps before the race
QUICK_SHARE, QUICKER = 0.05, 0.7  # nobody laps in under 0.7 of the quickest twentieth's time


def raced_below_one(cells: pl.DataFrame) -> Mask:
    """Rows (n,) whose number is below 1 though a numbered lap of the car joins up with them.

    A row that ends before the car's first lap begins joins up with none; nor does one count that
    is too short for a lap, as the way from the grid to the line is.
    """
    raced = np.zeros(len(cells), np.bool_)
    if not (cells["lap"] < 1).any():
        return raced
    timed = (pl.col("elapsed_ms") > 0) & (pl.col("lap_time_ms") > 0) & (pl.col("car_number") != "")
    place = pl.Series("place", np.arange(len(cells)))
    rows = in_order_of_car_and_time(cells.with_columns(place).filter(timed))
    if len(rows):
        raced[rows["place"].to_numpy()[_joined_below_one(rows)]] = True
    return raced


def _joined_below_one(rows: pl.DataFrame) -> Mask:
    chains, code, lap = chains_of(rows, 0), car_codes(rows), ints(rows["lap"])
    lap_time, low = ints(rows["lap_time_ms"]), rows["lap"].is_not_null().to_numpy() & (lap < 1)
    numbered = np.bincount(chains.head, lap > 0, len(rows))[chains.head] > 0
    joined: Mask = low & numbered & (lap_time >= shortest_lap_ms(lap_time))
    begins = joined & low[chains.head]
    if len(np.unique(code[begins])) < _FEW * len(np.unique(code)):
        return joined
    return joined & ~begins


def shortest_lap_ms(lap_times_ms: Ints) -> float:
    """The time in which no car does a lap, by those of all cars."""
    return QUICKER * float(np.quantile(lap_times_ms, QUICK_SHARE))
