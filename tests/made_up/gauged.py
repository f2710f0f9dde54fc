"""What the rain gauge might say of a race, written by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from dryline.analysis.track.crossover import CLASSES, CROSSOVERS
from dryline.analysis.track.doubt import OTHER_RACES, Reference
from dryline.analysis.track.model import FULL_WETNESS, LEVELS
from dryline.analysis.track.reading import SAMPLES, STEP_MS, TYRES, TrackEstimate
from dryline.analysis.track.state import TrackState
from dryline.analysis.track.tyres import tyre_name
from dryline.race.race import Race

HERE = Reference(known=True, source=OTHER_RACES, doubt=0.0)


def state(
    at_ms: int = 0,
    *,
    p_wet: float = 0.0,
    p_rain: float = 0.0,
    level: float = 0.1,
    reference: Reference = HERE,
) -> TrackState:
    """A track of which the second sector is so likely wet and rained on; no lap shows water."""
    masses = np.zeros((3, len(LEVELS)))
    one = np.array([0.0, 1.0, 0.0])
    return TrackState(
        at_ms, level * one, 0 * one, p_wet * one, p_rain * one, masses, masses, one,
        (), np.zeros((0, len(LEVELS))), np.zeros(0), {}, reference,
    )  # fmt: skip


def soaked(race: Race, from_ms: int, to_ms: int, by: float = 0.05) -> Race:
    """The same race with slower sectors (log time) on every lap that touches a time; the laps'
    own times stay.
    """
    begun = pl.col("elapsed_ms") - pl.col("lap_time_ms")
    touches = (pl.col("elapsed_ms") > from_ms) & (begun < to_ms)
    slower = [
        pl.when(touches)
        .then((pl.col(name) * math.exp(by)).cast(pl.Int64))
        .otherwise(name)
        .alias(name)
        for name in ("s1_ms", "s2_ms", "s3_ms")
    ]
    return replace(race, crossings=race.crossings.with_columns(slower))


def estimate(
    p_wet: Sequence[tuple[float, float, float]],
    *,
    loss: float = 0.05,
    stints: Sequence[tuple[str, int, float]] = (),
    reference: Reference = HERE,
    from_ms: int = STEP_MS,
) -> TrackEstimate:
    """A sample every half minute; where a sector is at all likely wet its laps lose ``loss``.

    ``stints`` are car, begin in ms and probability of wets.
    """
    rows = []
    for step, three in enumerate(p_wet):
        lost = [loss if p >= 0.5 else 0.0 for p in three]
        wet = [min(1.0, each / FULL_WETNESS) for each in lost]
        rows.append((from_ms + step * STEP_MS, *wet, 0.0, 0.0, 0.0, *three, *lost, 0.0))
    tyres = pl.DataFrame(
        [(car, at, p, tyre_name(p), False) for car, at, p in stints], schema=TYRES, orient="row"
    )
    return TrackEstimate(
        pl.DataFrame(rows, schema=SAMPLES, orient="row"),
        tyres,
        pl.DataFrame(schema=CLASSES),
        pl.DataFrame(schema=CROSSOVERS),
        "",
        True,
        state(reference=reference),
        tyres,
    )
