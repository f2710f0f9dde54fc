"""Which tyre is faster now, per class; when that changed, and when it may change next."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import ndtr

from dryline.analysis.track.model import BIN_MS, LEVELS, WET_FROM, TrackModel
from dryline.analysis.track.state import TrackState

RESPONSE_SD = 0.03
"""What is not known of the difference between the tyres at a given wetness, log time."""

COLD_SLICKS = 0.02
"""What slicks lose besides on a wet track because they do not come up to temperature, log time."""

DOUBT = 0.2
"""Share of the confidence given up on a wet track: what looked certain there was wrong that often
against the waves of tyre changes, some of which the reference itself dates in doubt."""

CLASSES = {
    "car_class": pl.String,
    "at_ms": pl.Int64,
    "wet_minus_slick_ms": pl.Float64,
    "sd_ms": pl.Float64,
    "p_wet_faster": pl.Float64,
}
CROSSOVERS = {
    "car_class": pl.String,
    "at_ms": pl.Int64,
    "direction": pl.String,
    "confidence": pl.Float64,
}
WETS_P, WET_SECTORS = 0.5, 2
"""Wets are offered once they are likelier than not to be faster with so many sectors likelier wet
than dry: in none of 42 dry races (from 10 % on in 176 minutes of them), and before, or within two
minutes of, the first tenth of a class going to wets in eight waves of nine (docs/advice.md)."""


@dataclass(frozen=True)
class TyreContrast:
    """A class's lap time on wets minus that on slicks, ms, its sd, and P(wets are faster)."""

    car_class: str
    wet_minus_slick_ms: float
    sd_ms: float
    p_wet_faster: float


def tyre_contrasts(state: TrackState) -> list[TyreContrast]:
    """The contrast between the tyres for every class with a dry lap time."""
    out = []
    for i, name in enumerate(state.classes):
        if not math.isfinite(state.lap_ms[i]):
            continue
        gap = state.contrast[i]
        per_sector = state.masses @ gap - COLD_SLICKS * state.p_wet
        mean = float(state.share @ per_sector)
        variance = float(state.share**2 @ (state.masses @ gap**2 - (state.masses @ gap) ** 2))
        sd = math.sqrt(max(0.0, variance) + RESPONSE_SD**2)
        kept = (1 - DOUBT * float(state.p_wet.max())) * (1 - state.reference.doubt)
        p = 0.5 + kept * (float(ndtr(-mean / sd)) - 0.5)
        lap = float(state.lap_ms[i])
        out.append(TyreContrast(name, lap * mean, lap * sd, p))
    return out


def wets_likely(state: TrackState, p_wet_faster: float) -> bool:
    """Whether wets are worth offering to a car on slicks."""
    wet_sectors = int((state.as_seen().p_wet > WETS_P).sum())
    return p_wet_faster > WETS_P and wet_sectors >= WET_SECTORS


def classes_frame(states: Iterable[TrackState]) -> pl.DataFrame:
    """Schema ``CLASSES``: one row per class and state."""
    rows = [
        (c.car_class, s.at_ms, c.wet_minus_slick_ms, c.sd_ms, c.p_wet_faster)
        for s in states
        for c in tyre_contrasts(s)
    ]
    return pl.DataFrame(rows, schema=CLASSES, orient="row")


def crossovers_frame(classes: pl.DataFrame, sure: float = 0.6) -> pl.DataFrame:
    """Schema ``CROSSOVERS``: when the faster tyre changed, per class.

    A change counts once P reaches ``sure`` on the other side; its time is where P last passed
    one half, its confidence the greatest P within the following five minutes.
    """
    rows = []
    for (name,), g in classes.sort("at_ms").group_by("car_class", maintain_order=True):
        at, p = g["at_ms"].to_numpy(), g["p_wet_faster"].to_numpy()
        wet, passed = False, 0
        for i in range(1, len(p)):
            if (p[i] > 0.5) != (p[i - 1] > 0.5):
                passed = i
            if (p[i] >= sure and not wet) or (p[i] <= 1 - sure and wet):
                wet = not wet
                ahead = p[i : i + 1 + int(np.searchsorted(at[i:], at[i] + 300_000))]
                sure_of = float(ahead.max() if wet else 1 - ahead.min())
                rows.append((name, int(at[passed]), "to_wet" if wet else "to_slick", sure_of))
    return pl.DataFrame(rows, schema=CROSSOVERS, orient="row").sort("at_ms", "car_class")


@dataclass(frozen=True)
class CrossoverForecast:
    """When a class's faster tyre changes next.

    ``p_within`` is the chance that it does within the horizon; the quantiles are of the minutes
    until then, None where they lie beyond the horizon.
    """

    car_class: str
    direction: str
    p_within: float
    p10_min: float | None
    p50_min: float | None
    p90_min: float | None


def forecast_crossovers(
    state: TrackState,
    model: TrackModel,
    rng: np.random.Generator,
    horizon_min: float = 60.0,
    paths: int = 400,
) -> list[CrossoverForecast]:
    """The next crossover per class, from futures of rain and drying drawn with ``rng``."""
    bins = int(horizon_min * 60_000 / BIN_MS)
    levels = _future_levels(state, model, rng, bins, paths)
    doubt = rng.normal(0.0, RESPONSE_SD, paths)
    out = []
    for i, name in enumerate(state.classes):
        gap = np.zeros((paths, bins))
        for k in range(3):
            gap += state.share[k] * state.contrast[i][levels[:, k]]
            gap -= state.share[k] * COLD_SLICKS * (levels[:, k] >= WET_FROM)
        wets_faster = gap + doubt[:, None] < 0
        now = wets_faster[:, 0].mean() > 0.5
        changed = wets_faster != now
        first = np.where(changed.any(1), changed.argmax(1), bins * 10) * BIN_MS / 60_000
        p10, p50, p90 = (
            None if q > horizon_min else float(q) for q in np.quantile(first, [0.1, 0.5, 0.9])
        )
        share = float((first <= horizon_min).mean())
        out.append(CrossoverForecast(name, "to_slick" if now else "to_wet", share, p10, p50, p90))
    return out


def _future_levels(
    state: TrackState, model: TrackModel, rng: np.random.Generator, bins: int, paths: int
) -> npt.NDArray[np.int64]:
    """Levels drawn forward, (paths, 3, bins)."""
    dry, onset, rain = (np.cumsum(step, axis=1) for step in model.steps())
    begins, _, ends = model.rain_chances()
    g = len(LEVELS)
    out = np.zeros((paths, 3, bins), dtype=np.int64)
    for k in range(3):
        joint = np.concatenate([state.masses[k] - state.rain_masses[k], state.rain_masses[k]])
        joint = np.maximum(joint, 0)
        drawn = rng.choice(2 * g, size=paths, p=joint / joint.sum())
        level, raining = drawn % g, drawn >= g
        for b in range(bins):
            out[:, k, b] = level
            turn, u = rng.random(paths), rng.random(paths)
            starts = ~raining & (turn < begins)
            stays = raining & (turn >= ends)
            table = np.where(
                stays[:, None], rain[level], np.where(starts[:, None], onset[level], dry[level])
            )
            level = np.minimum((u[:, None] > table).sum(axis=1), g - 1)
            raining = stays | starts
    return out
