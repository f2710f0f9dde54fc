"""Scores for probability forecasts that only honesty can win, and what checks their calibration.

Arrays in, numbers out. ``p`` is a probability vector [K] summing to one and ``truth`` the index
that came true; matrices [C, K] hold one car per row. Gneiting & Raftery 2007 for the scores,
Czado, Gneiting & Held 2009 for the randomised PIT.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FLOOR = 1e-9


def log_loss(p: Floats, truth: int) -> float:
    """Minus the log of the probability given to what happened; nats, floored at 1e-9."""
    return float(-np.log(max(float(p[truth]), FLOOR)))


def brier(p: Floats, truth: int) -> float:
    """Sum of squared differences between ``p`` and the outcome; 0 to 2."""
    miss = np.array(p, dtype=float)
    miss[truth] -= 1.0
    return float(miss @ miss)


def hit(p: Floats, truth: int) -> float:
    """1 when the likeliest outcome happened, shared among ties."""
    best = np.flatnonzero(p >= np.max(p) - 1e-12)
    return 1.0 / best.size if truth in best else 0.0


def expected_place(p_place: Floats) -> Floats:
    """Expected place of each car, counted from 0; ``p_place`` is [C, K]."""
    return np.asarray(p_place @ np.arange(p_place.shape[1]), dtype=float)


def expected_place_error(p_place: Floats, place: Ints) -> float:
    """Mean absolute error of the expected place over the cars of one class."""
    return float(np.mean(np.abs(expected_place(p_place) - place)))


def median_place(p_place: Floats) -> Ints:
    """Median place of each car, counted from 0: the point that absolute error rewards."""
    return np.asarray((np.cumsum(p_place, axis=1) < 0.5 - 1e-12).sum(axis=1), dtype=np.int64)


def median_place_error(p_place: Floats, place: Ints) -> float:
    """Mean absolute error of the median place over the cars of one class."""
    return float(np.mean(np.abs(median_place(p_place) - place)))


def rank_probability_score(p_place: Floats, place: Ints) -> float:
    """Mean over cars of the ranked probability score, in places (0 is perfect)."""
    reached = np.arange(p_place.shape[1])[None, :] >= np.asarray(place)[:, None]
    return float(np.mean(np.sum((np.cumsum(p_place, axis=1) - reached) ** 2, axis=1)))


def randomised_pit(p_place: Floats, place: Ints, uniform: Floats) -> Floats:
    """Probability integral transform of each car's place, jittered inside its own step by
    ``uniform`` [C] in 0..1: exactly uniform when the forecast is calibrated.
    """
    rows = np.arange(len(place))
    upto = np.cumsum(p_place, axis=1)[rows, place]
    inside = p_place[rows, place]
    return np.clip(upto - inside * (1.0 - uniform), 0.0, 1.0)


def interval_coverage(pit: Floats, level: float = 0.8) -> float:
    """Share of PIT values inside the central interval of that ``level``."""
    edge = (1.0 - level) / 2.0
    return float(np.mean((pit >= edge) & (pit <= 1.0 - edge)))


@dataclass(frozen=True)
class ReliabilityBin:
    """Forecasts of like size: how many, their mean, and how often they came true."""

    low: float
    high: float
    count: int
    forecast: float
    observed: float


def reliability(p: Floats, came_true: NDArray[np.bool_], bins: int = 10) -> list[ReliabilityBin]:
    """The reliability diagram of single-event probabilities, empty bins left out."""
    edges = np.linspace(0.0, 1.0, bins + 1)
    where = np.clip(np.digitize(p, edges) - 1, 0, bins - 1)
    out = []
    for b in range(bins):
        inside = where == b
        if inside.any():
            out.append(
                ReliabilityBin(
                    float(edges[b]), float(edges[b + 1]), int(inside.sum()),
                    float(np.mean(p[inside])), float(np.mean(came_true[inside])),
                )
            )  # fmt: skip
    return out


@dataclass(frozen=True)
class PairedGain:
    """A mean gain (positive: the model beats the reference) and its bootstrap interval."""

    mean: float
    low: float
    high: float
    races: int
    cases: int


def paired_gain(
    reference: Sequence[float] | Floats,
    model: Sequence[float] | Floats,
    races: Sequence[str],
    *,
    seed: int = 0,
    resamples: int = 2000,
    level: float = 0.9,
) -> PairedGain:
    """Mean of ``reference - model`` (losses, paired) with a bootstrap over whole races."""
    gain = np.asarray(reference, dtype=float) - np.asarray(model, dtype=float)
    names, index = np.unique(np.asarray(races), return_inverse=True)
    total = np.bincount(index, weights=gain, minlength=len(names))
    count = np.bincount(index, minlength=len(names))
    random = np.random.Generator(np.random.Philox(key=seed))
    pick = random.integers(len(names), size=(resamples, len(names)))
    means = total[pick].sum(axis=1) / count[pick].sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return PairedGain(float(gain.mean()), float(low), float(high), len(names), len(gain))
