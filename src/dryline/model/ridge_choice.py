"""Who is preferred: Plackett-Luce and pairwise logistic regression with a ridge, by Newton.

Both maximise a concave log-likelihood minus ``ridge/2 |b|^2`` and can be refitted with any race
left out, starting from the fit to all and converging to the same point as a fresh fit.
McFadden 1974 (conditional logit: Plackett-Luce of depth one), Plackett 1975, Bradley-Terry 1952.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dryline.kernels.one_thread import one_thread
from dryline.model.running import Bools, Floats

TOLERANCE = 1e-5
CLOSE = 1e-3  # of a weight: where a refit with a race left out may stop
MOST_STEPS = 40
LONGEST_STEP = 2.0


@dataclass(frozen=True)
class Rankings:
    """Races as choices: ``x`` [G, C, F] with cars in finishing order, ``present`` [G, C]."""

    x: Floats
    present: Bools
    weight: Floats

    @classmethod
    def of(
        cls, designs: Sequence[Floats], places: Sequence[NDArray[np.intp]], weight: Floats
    ) -> Rankings:
        """From one design [C, F] and one vector of final places per class-race."""
        size = max(len(d) for d in designs)
        x = np.zeros((len(designs), size, designs[0].shape[1]))
        present = np.zeros((len(designs), size), dtype=bool)
        for g, (design, place) in enumerate(zip(designs, places, strict=True)):
            x[g, : len(design)] = design[np.argsort(place)]
            present[g, : len(design)] = True
        return cls(x, present, np.asarray(weight, dtype=float))


def plackett_luce_parts(
    data: Rankings, b: Floats, depth: int, decay: float, *, curved: bool = True
) -> tuple[Floats, Floats, Floats]:
    """Log-likelihood [G], its gradient [G, F] and minus its Hessian [G, F, F] per class-race.

    The Hessian stays zero unless ``curved``.

    The first ``depth`` places are chosen one after the other from those left; the k-th choice
    weighs ``decay**k``.
    """
    groups, size, columns = data.x.shape
    utility = np.where(data.present, data.x @ b, -np.inf)
    like, slope = np.zeros(groups), np.zeros((groups, columns))
    curve = np.zeros((groups, columns, columns))
    for k in range(min(depth, size - 1)):
        weight = data.weight * data.present[:, k + 1] * decay**k
        left, rows = utility[:, k:], data.x[:, k:]
        top = np.where(weight > 0, left.max(axis=1), 0.0)
        share = np.exp(np.where(weight[:, None] > 0, left - top[:, None], 0.0))
        total = share.sum(axis=1)
        share /= total[:, None]
        chosen = np.where(weight > 0, left[:, 0], 0.0)
        like += weight * (chosen - top - np.log(total))
        mean = np.einsum("gc,gcf->gf", share, rows)
        slope += weight[:, None] * (rows[:, 0] - mean)
        if not curved:
            continue
        spread = (rows - mean[:, None]) * np.sqrt(share * weight[:, None])[..., None]
        curve += np.matmul(spread.transpose(0, 2, 1), spread)
    return like, slope, curve


@one_thread
def fit_plackett_luce(
    data: Rankings, *, ridge: float, depth: int = 1, decay: float = 1.0
) -> Floats:
    """The weights [F] of the utilities; ``depth=1`` is the conditional logit of the winner."""

    def parts(b: Floats) -> tuple[Floats, Floats]:
        _, slope, curve = plackett_luce_parts(data, b, depth, decay)
        return slope.sum(axis=0) - ridge * b, curve.sum(axis=0) + ridge * np.eye(len(b))

    return _newton(parts, np.zeros(data.x.shape[2]))


@one_thread
def refit_plackett_luce(
    data: Rankings, groups: Sequence[str], *, ridge: float, depth: int = 1, decay: float = 1.0
) -> tuple[Floats, dict[str, Floats]]:
    """The fit to all, and for each name in ``groups`` [G] the fit with its class-races left out."""
    full = fit_plackett_luce(data, ridge=ridge, depth=depth, decay=decay)
    labels = np.asarray(groups)
    curve = plackett_luce_parts(data, full, depth, decay)[2]
    whole = curve.sum(axis=0) + ridge * np.eye(len(full))
    out = {}
    for name in dict.fromkeys(groups):
        rest = replace(data, weight=np.where(labels == name, 0.0, data.weight))

        def slope(b: Floats, rest: Rankings = rest) -> Floats:
            slopes = plackett_luce_parts(rest, b, depth, decay, curved=False)[1]
            return np.asarray(slopes.sum(axis=0) - ridge * b, dtype=float)

        out[name] = _descend(slope, whole - curve[labels == name].sum(axis=0), full)
    return full, out


@one_thread
def fit_pairwise(x: Floats, y: Floats, weight: Floats, *, ridge: Floats) -> Floats:
    """Weights [F] of P(first of the pair stays ahead) = 1/(1+exp(-x b)); ``ridge`` is [F]."""

    def parts(b: Floats) -> tuple[Floats, Floats]:
        p = 1 / (1 + np.exp(-(x @ b)))
        curve = (x * (weight * p * (1 - p))[:, None]).T @ x
        return x.T @ (weight * (y - p)) - ridge * b, curve + np.diag(ridge)

    return _newton(parts, np.zeros(x.shape[1]))


@one_thread
def refit_pairwise(
    x: Floats, y: Floats, weight: Floats, groups: NDArray[np.str_], *, ridge: Floats
) -> tuple[Floats, dict[str, Floats]]:
    """The fit to all, and for each name in ``groups`` [N] the fit with its pairs left out."""
    full = fit_pairwise(x, y, weight, ridge=ridge)
    p = 1 / (1 + np.exp(-(x @ full)))
    bend = (weight * p * (1 - p))[:, None]
    whole = (x * bend).T @ x + np.diag(ridge)
    names = list(dict.fromkeys(groups.tolist()))
    mine = groups[:, None] == np.array(names)[None, :]
    curves = [whole - (x[m] * bend[m]).T @ x[m] for m in mine.T]
    fits = np.repeat(full[:, None], len(names), axis=1)
    for _ in range(MOST_STEPS):
        missed = y[:, None] - 1 / (1 + np.exp(-(x @ fits)))
        missed *= weight[:, None] * ~mine
        slopes = x.T @ missed - ridge[:, None] * fits
        steps = np.stack([np.linalg.solve(c, s) for c, s in zip(curves, slopes.T, strict=True)])
        fits += steps.T
        if float(np.abs(steps).max(initial=0.0)) < CLOSE:
            break
    return full, {name: fits[:, k] for k, name in enumerate(names)}


def _newton(parts: Callable[[Floats], tuple[Floats, Floats]], b: Floats) -> Floats:
    for _ in range(MOST_STEPS):
        slope, curve = parts(b)
        step = np.linalg.solve(curve, slope)
        size = float(np.abs(step).max(initial=0.0))
        b = b + step * min(1.0, LONGEST_STEP / max(size, 1e-12))
        if size < TOLERANCE:
            break
    return b


def _descend(slope: Callable[[Floats], Floats], curve: Floats, b: Floats) -> Floats:
    """Newton with the curvature held: from the fit to all the optimum is a few steps away."""
    for _ in range(MOST_STEPS):
        step = np.linalg.solve(curve, slope(b))
        b = b + step
        if float(np.abs(step).max(initial=0.0)) < CLOSE:
            break
    return b
