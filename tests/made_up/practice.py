"""A made-up session that is no race: every car leaves its garage when it likes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from dryline.feeds.alkamel.write import write_laps
from tests.made_up.field import crossings

MINUTE_MS = 60_000
Q1, HYPERPOLE = "23_Analysis_Qualifying GT3.CSV", "23_Analysis_Hyperpole GT3.CSV"
FEW = 4
"""So many get into Hyperpole."""


def practised(
    *,
    cars: int = 6,
    hours: float = 1.0,
    seed: int = 1,
    within_min: float = 20.0,
    lanes: bool = True,
) -> pl.DataFrame:
    """Runs of ``cars`` cars, the first of each begun ``within_min`` of the start of the session.

    Where ``lanes`` are stated, each first lap has the time from the garage to the line.
    """
    rows = crossings(cars=cars, hours=hours, seed=seed)
    chance = np.random.default_rng(seed)
    numbers = rows["car_number"].unique(maintain_order=True)
    waits = chance.uniform(0, within_min * MINUTE_MS, len(numbers)).round().astype(int)
    wait = pl.col("car_number").replace_strict(dict(zip(numbers, waits, strict=True)))
    later = {name: pl.col(name) + wait for name in ("elapsed_ms", "known_at_ms", "time_of_day_ms")}
    first = pl.col("lap") == 1
    lane = pl.when(first).then(wait + 20_000).otherwise("pit_lane_ms")
    rows = rows.with_columns(
        lap_time_ms=pl.when(first).then(pl.col("lap_time_ms") + wait).otherwise("lap_time_ms"),
        pit_lane_ms=lane if lanes else pl.lit(None, pl.Int64),
        in_pit=pl.col("in_pit") if lanes else pl.lit(value=False),
        flag=pl.lit("green"),
        **later,
    )
    return rows.sort("elapsed_ms", "line", maintain_order=True)


def qualified_in_parts(folder: Path) -> None:
    """Q1 of eight cars of one class, and a Hyperpole of the four that were quickest there."""
    first, second = (
        practised(cars=8, hours=0.3, seed=seed).with_columns(car_class=pl.lit("LMGT3"))
        for seed in (1, 2)
    )
    best = first.filter(pl.col("lap") > 1).group_by("car_number").agg(pl.col("lap_time_ms").min())
    through = best.sort("lap_time_ms")["car_number"][:FEW]
    (folder / Q1).write_bytes(write_laps(first))
    later = second.filter(pl.col("car_number").is_in(through.implode()))
    (folder / HYPERPOLE).write_bytes(write_laps(later))
