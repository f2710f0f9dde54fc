"""Laps as they would have been on a dry track, by the rain gauge: what pace is fitted on.

A wet lap says little about a car's dry pace and nothing about its usual noise. Where a class has
dry laps enough, its wet ones are left out; where it has none yet, they are scaled by what the gauge
says that the water cost on the tyre that the car was on.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.analysis.track.model import response_of
from dryline.analysis.track.reading import TrackEstimate

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
WET_P = 0.5
"""A lap with a sector that is likelier wet than not, at any time around it, is a wet one."""
MARGIN_MS = 120_000.0
"""The gauge sees rain a little late, and the end of it too: so much around a lap counts with it."""
WET_START_MS = 900_000
"""Rain seen within this of the start was there at the start."""
ENOUGH_LAPS = 4
"""Dry laps per car of a class that make its wet ones dispensable."""


def dry_laps(laps: pl.DataFrame, track: TrackEstimate | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The laps to count stops and stints by, and those to fit paces on.

    In both a wet lap's ``lap_time_ms`` is scaled to a dry track. In the first every lap is there,
    and wet ones are not green where their class has dry ones enough; from the second those are
    left out. ``elapsed_ms`` stays. Without a gauge, or on a dry track, both are ``laps`` itself.
    """
    if track is None or laps.is_empty():
        return laps, laps
    wet, level = _water(laps, track)
    if not wet.any():
        return laps, laps
    loss = np.where(wet, _loss(laps, level, _on_wets(laps, track)), 0.0)
    neutral = laps["neutralised_ms"].cast(pl.Float64).fill_null(0.0).to_numpy() > 0.0
    time = laps["lap_time_ms"].cast(pl.Float64).to_numpy()
    scaled = np.where(neutral, time, time * np.exp(-loss))
    spare = wet & _dispensable(laps, wet)
    out = laps.with_columns(
        lap_time_ms=pl.Series(np.rint(scaled), nan_to_null=True).cast(
            laps.schema["lap_time_ms"], strict=False
        ),
        is_green=pl.col("is_green") & pl.Series(~spare),
    )
    return out, out.filter(pl.Series(~spare))


def _water(laps: pl.DataFrame, track: TrackEstimate) -> tuple[Bools, Floats]:
    """Which laps were wet (N,), and what an average car on slicks lost on each, log time (N,)."""
    at = track.samples["at_ms"].cast(pl.Float64).to_numpy()
    p_wet = track.samples.select("p_wet1", "p_wet2", "p_wet3").to_numpy().max(axis=1)
    level = track.samples.select("loss1", "loss2", "loss3").to_numpy() @ track.last.share
    _carry_to_the_start(at, p_wet, level)
    end = laps["elapsed_ms"].cast(pl.Float64).to_numpy()
    begin = end - laps["lap_time_ms"].cast(pl.Float64).fill_null(0.0).to_numpy()
    middle = np.interp(0.5 * (begin + end), at, level)
    wet_until = np.concatenate([[0], np.cumsum(p_wet > WET_P)])
    first = np.searchsorted(at, begin - MARGIN_MS)
    last = np.searchsorted(at, end + MARGIN_MS, side="right")
    return wet_until[last] > wet_until[first], middle


def _carry_to_the_start(at: Floats, p_wet: Floats, level: Floats) -> None:
    """What the gauge found soon after the start was there before it could be told."""
    first = int(np.argmax(p_wet > WET_P))
    if p_wet[first] > WET_P and at[first] < WET_START_MS:
        p_wet[:first], level[:first] = p_wet[first], np.maximum(level[:first], level[first])


def _on_wets(laps: pl.DataFrame, track: TrackEstimate) -> Floats:
    """Probability of wets per lap (N,), as it was believed when the lap ended."""
    if track.tyres.is_empty():
        return np.zeros(laps.height)
    believed = track.tyres.select("car_number", "from_ms", "p_wet_tyre").sort("from_ms")
    asked = laps.select("car_number", "elapsed_ms").with_row_index("row").sort("elapsed_ms")
    found = asked.with_columns(pl.col("elapsed_ms").cast(pl.Int64)).join_asof(
        believed, left_on="elapsed_ms", right_on="from_ms", by="car_number",
        check_sortedness=False,
    )  # fmt: skip
    return found.sort("row")["p_wet_tyre"].fill_null(0.0).to_numpy()


def _loss(laps: pl.DataFrame, level: Floats, on_wets: Floats) -> Floats:
    """Log time lost to water per lap (N,)."""
    out = np.zeros(laps.height)
    names = laps["car_class"].to_numpy()
    for name in set(names.tolist()):
        mine, response = names == name, response_of(str(name))
        slick = response.slick * level[mine]
        wet = response.wet_dry + response.wet_slope * level[mine]
        out[mine] = on_wets[mine] * wet + (1.0 - on_wets[mine]) * slick
    return out


def _dispensable(laps: pl.DataFrame, wet: Bools) -> Bools:
    """Whether each lap's class has dry green laps enough without it (N,)."""
    dry = laps.filter(pl.Series(~wet) & pl.col("is_green").fill_null(value=False))
    seen = dict(dry.group_by("car_class").len().iter_rows())
    cars = dict(laps.group_by("car_class").agg(pl.col("car_number").n_unique()).iter_rows())
    enough = {name: seen.get(name, 0) >= ENOUGH_LAPS * size for name, size in cars.items()}
    return np.array([enough[name] for name in laps["car_class"]], dtype=bool)
