"""Partial pooling of lap times over class, car, driver and stint, with noise that only costs time.

``log lap time = class + car + driver + stint + slope·(lap of stint - 8) + warm-up + track(t) + e``

Cars, drivers and stints are drawn from their class's spread, so that a driver with few laps sits
near his car, and a car with few laps near its class. The noise of a lap is normal, or, with a
probability fitted per class, normal plus an exponential loss: traffic and mistakes only ever cost
time. Fitted by expectation-maximisation; each step solves one ridge system in closed form, with
the stints eliminated (their block is diagonal).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix
from scipy.special import log_ndtr

from dryline.analysis.pace.design import Design, Floats, Ints
from dryline.kernels.one_thread import one_thread

STEPS = 10


@dataclass(frozen=True)
class PacePriors:
    """What is believed before the first lap: relative spreads (1.0 is the whole lap time).

    Sources: noise, driver spread and slopes counted over 66 races; each spread counts as much as
    ``weight`` observed cars or drivers.
    """

    car_sd: float = 0.006
    driver_sd: float = 0.006
    stint_sd: float = 0.003
    noise_sd: float = 0.005
    loss: float = 0.015
    loss_share: float = 0.25
    slope: float = 1.0e-4
    slope_sd: float = 4.0e-4
    car_slope_sd: float = 1.0e-4
    second_lap: float = 0.005
    early_lap: float = 0.002
    warm_up_sd: float = 0.006
    rating_sd: float = 0.02
    track_step_sd: float = 0.003
    track_sd: float = 0.01
    weight: float = 4.0


@dataclass(frozen=True)
class Noise:
    """Per class (k,): sd of an undisturbed lap, mean loss of a disturbed one, share of those."""

    sd: Floats
    loss: Floats
    share: Floats


@dataclass(frozen=True)
class PaceSpread:
    """Per class (k,): sd of cars round the class, of drivers in a car, of stints of a driver."""

    car: Floats
    driver: Floats
    stint: Floats


@dataclass(frozen=True)
class PaceModel:
    """A fitted model: coefficients (p,) with covariance (p, p), stints (m,), noise and spreads.

    ``clean`` (n,) is the probability that a lap was undisturbed; ``residual`` (n,) its relative
    distance from the model. ``stint_rows`` (m, p) and ``stint_precision`` (m,) are what the
    uncertainty of a stint needs.
    """

    design: Design
    coefficients: Floats
    covariance: Floats
    stint_effect: Floats
    stint_rows: Floats
    stint_precision: Floats
    noise: Noise
    spread: PaceSpread
    clean: Floats
    residual: Floats
    autocorrelation: float
    priors: PacePriors


@one_thread
def fit_pace(design: Design, priors: PacePriors | None = None, steps: int = STEPS) -> PaceModel:
    """Fit the model to a design; ``steps`` rounds of expectation-maximisation."""
    priors = priors or PacePriors()
    k = len(design.classes)
    spread = PaceSpread(
        *(np.full(k, sd) for sd in (priors.car_sd, priors.driver_sd, priors.stint_sd))
    )
    noise = Noise(*(np.full(k, v) for v in (priors.noise_sd, priors.loss, priors.loss_share)))
    clean = _quick_laps(design)
    matrix = _matrix(design)
    inflation, autocorrelation = 1.0, 0.0
    for step in range(steps):
        solved = _solve(design, matrix, clean, noise, spread, priors, inflation)
        residual = solved.residual
        noise = _noise(design, residual, clean, noise, priors)
        clean = clean_probability(residual, noise, design.class_of)
        if step % 2:
            spread = _spread(design, solved, spread, priors)
            autocorrelation = _lag_one(design, residual, clean)
            inflation = (1 + autocorrelation) / (1 - autocorrelation)
    solved = _solve(design, matrix, clean, noise, spread, priors, inflation)
    return PaceModel(
        design,
        solved.coefficients,
        solved.covariance,
        solved.stint_effect,
        solved.stint_rows,
        solved.stint_precision,
        noise,
        spread,
        clean,
        solved.residual,
        autocorrelation,
        priors,
    )


def clean_probability(residual: Floats, noise: Noise, class_of: Ints) -> Floats:
    """Probability (n,) that each lap was undisturbed, given its residual (n,)."""
    sd, loss, share = (part[class_of] for part in (noise.sd, noise.loss, noise.share))
    plain = -0.5 * (residual / sd) ** 2 - np.log(sd) - 0.5 * np.log(2 * np.pi)
    lost = (
        -np.log(loss)
        + 0.5 * (sd / loss) ** 2
        - residual / loss
        + log_ndtr(residual / sd - sd / loss)
    )
    odds = np.log(share) - np.log1p(-share) + lost - plain
    return np.asarray(1 / (1 + np.exp(np.clip(odds, -30, 30))))


@dataclass(frozen=True)
class _Solved:
    coefficients: Floats
    covariance: Floats
    stint_effect: Floats
    stint_rows: Floats
    stint_precision: Floats
    residual: Floats


def _solve(
    design: Design,
    matrix: csr_matrix,
    clean: Floats,
    noise: Noise,
    spread: PaceSpread,
    priors: PacePriors,
    inflation: float,
) -> _Solved:
    weight = clean / noise.sd[design.class_of] ** 2 / inflation
    m, y = len(design.stints), design.log_ms
    weighted = matrix.multiply(weight[:, None]).tocsr()
    at_stint = csr_matrix(
        (np.ones(len(y)), (design.stint_of, np.arange(len(y)))), shape=(m, len(y))
    )
    rows = np.asarray((at_stint @ weighted).todense())
    driver_class = design.car_class[design.driver_car]
    prior_precision = 1 / spread.stint[driver_class[design.stint_driver]] ** 2
    precision = np.bincount(design.stint_of, weight, m) + prior_precision
    stint_y = np.bincount(design.stint_of, weight * y, m)
    penalty, pull = _penalty(design, spread, priors)
    gram = np.asarray((matrix.T @ weighted).todense()) + penalty
    gram -= rows.T @ (rows / precision[:, None])
    right = weighted.T @ y + pull - rows.T @ (stint_y / precision)
    covariance = cho_solve(cho_factor(gram), np.eye(len(gram)))
    beta = covariance @ right
    effect = (stint_y - rows @ beta) / precision
    residual = y - matrix @ beta - effect[design.stint_of]
    return _Solved(beta, covariance, effect, rows, precision, residual)


def _penalty(design: Design, spread: PaceSpread, priors: PacePriors) -> tuple[Floats, Floats]:
    """Prior precision (p, p) and precision times prior mean (p,)."""
    b, k = design.blocks, len(design.classes)
    diagonal, mean = np.full(b.size, 1 / 10.0**2), np.zeros(b.size)
    mean[:k] = [np.median(design.log_ms[design.class_of == c]) for c in range(k)]
    diagonal[b.car : b.driver] = 1 / spread.car[design.car_class] ** 2
    driver_class = design.car_class[design.driver_car]
    diagonal[b.driver : b.slope] = 1 / spread.driver[driver_class] ** 2
    for start, stop, centre, sd in (
        (b.slope, b.car_slope, priors.slope, priors.slope_sd),
        (b.car_slope, b.second_lap, 0.0, priors.car_slope_sd),
        (b.second_lap, b.early_lap, priors.second_lap, priors.warm_up_sd),
        (b.early_lap, b.rating, priors.early_lap, priors.warm_up_sd),
        (b.rating, b.knot, 0.0, priors.rating_sd),
        (b.knot, b.size, 0.0, priors.track_sd),
    ):
        diagonal[start:stop], mean[start:stop] = 1 / sd**2, centre
    penalty = np.diag(diagonal)
    knots = np.arange(b.knot, b.size)
    step = 1 / priors.track_step_sd**2
    penalty[knots[:-1], knots[:-1]] += step
    penalty[knots[1:], knots[1:]] += step
    penalty[knots[:-1], knots[1:]] -= step
    penalty[knots[1:], knots[:-1]] -= step
    return penalty, diagonal * mean


def _noise(
    design: Design, residual: Floats, clean: Floats, noise: Noise, priors: PacePriors
) -> Noise:
    """New noise per class; on loss and its share the prior counts as much as the laps.

    A little skewness can be told either as a wide noise or as many small losses; without a firm
    prior the split drifts to one end or the other.
    """
    k, laps = len(design.classes), 40.0
    sums = [
        np.bincount(design.class_of, part, k)
        for part in (clean, clean * residual**2, 1 - clean, (1 - clean) * np.maximum(residual, 0))
    ]
    kept, squares, lost, losses = sums
    sd = np.sqrt((squares + laps * priors.noise_sd**2) / (kept + laps))
    firm = laps + kept + lost
    loss = (losses + firm * priors.loss_share * priors.loss) / (lost + firm * priors.loss_share)
    share = (lost + firm * priors.loss_share) / (kept + lost + firm)
    return Noise(np.maximum(sd, 0.0015), np.maximum(loss, 1.5 * sd), np.clip(share, 0.02, 0.5))


def _spread(design: Design, solved: _Solved, spread: PaceSpread, priors: PacePriors) -> PaceSpread:
    """New spreads per class: mean squared effects plus their variances, and the prior."""
    b, k = design.blocks, len(design.classes)
    second = solved.coefficients**2 + np.diag(solved.covariance)
    driver_class = design.car_class[design.driver_car]
    stint_class = driver_class[design.stint_driver]
    drift = (
        np.einsum(
            "mp,pq,mq->m", solved.stint_rows, solved.covariance, solved.stint_rows, optimize=True
        )
        / solved.stint_precision**2
    )
    stint_second = solved.stint_effect**2 + 1 / solved.stint_precision + drift

    def pooled(values: Floats, classes: Ints, prior: float) -> Floats:
        total = np.bincount(classes, values, k) + priors.weight * prior**2
        return np.asarray(np.sqrt(total / (np.bincount(classes, minlength=k) + priors.weight)))

    return PaceSpread(
        pooled(second[b.car : b.driver], design.car_class, priors.car_sd),
        pooled(second[b.driver : b.slope], driver_class, priors.driver_sd),
        pooled(stint_second, stint_class, priors.stint_sd),
    )


def _lag_one(design: Design, residual: Floats, clean: Floats) -> float:
    """Lag-one autocorrelation of undisturbed laps' residuals, between 0 and 0.5."""
    here = np.flatnonzero(design.follows)
    weight = clean[here] * clean[here - 1]
    scale = float(np.sum(weight * residual[here - 1] ** 2))
    if scale <= 0:
        return 0.0
    product = float(np.sum(weight * residual[here] * residual[here - 1]))
    return min(max(product / scale, 0.0), 0.5)


def _quick_laps(design: Design) -> Floats:
    """A first guess of undisturbed laps: those below the stint's 60 % quantile, softly."""
    guess = np.full(len(design.log_ms), 0.3)
    order = np.lexsort((design.log_ms, design.stint_of))
    starts = np.r_[0, np.flatnonzero(np.diff(design.stint_of[order])) + 1, len(order)]
    for begin, end in pairwise(starts.tolist()):
        guess[order[begin : begin + max(1, int(0.6 * (end - begin)))]] = 1.0
    return guess


def _matrix(design: Design) -> csr_matrix:
    n, width = design.index.shape
    return csr_matrix(
        (design.value.ravel(), design.index.ravel(), np.arange(0, n * width + 1, width)),
        shape=(n, design.blocks.size),
    )
