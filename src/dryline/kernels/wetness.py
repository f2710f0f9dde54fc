"""Kernels of the rain gauge: sectors' wetness on a grid, each car's tyre beside it.

Letters: N sector observations, B time bins, G grid levels, S tyre segments (a car between two
stops), K classes; three sectors. A state is (rain falling?, level): 2G numbers, dry weather
first. All arrays are C-contiguous float64 or int64.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class RainSteps(NamedTuple):
    """How the level moves in one bin, (G, G) each, and the chances per bin of rain."""

    dry: Floats  # without rain
    onset: Floats  # in the bin in which rain begins
    rain: Floats  # while it rains
    begins: float  # in a sector of its own accord
    reaches: float  # because it rains in another sector
    ends: float


class Observations(NamedTuple):
    """Sector times, and decisions to stop or stay out, with what each says of every level."""

    bin: Ints  # (N,)
    sector: Ints  # (N,)
    segment: Ints  # tyre segment, (N,)
    on_slick: Floats  # log-likelihood on slicks, (N, G)
    on_wet: Floats  # log-likelihood on wets, (N, G)
    use: Floats  # weight, 0 to ignore, (N,)


class Trust(NamedTuple):
    """How far observations are believed, which are not independent of one another."""

    temper: float  # power of the observations for wetness
    wet_tells: float  # how far a car on wets tells: its level is known to a common error only
    tyre_temper: float  # power of the observations for the tyre


class TyreSegments(NamedTuple):
    """Each car's running between two stops; ``frozen`` and ``p_wet`` are written to."""

    previous: Ints  # the car's previous segment in this window or -1, (S,)
    start: Floats  # probability of wets where there is no previous segment, (S,)
    stop_bin: Ints  # bin of the stop that began it; -1: it has left the window, (S,)
    klass: Ints  # (S,)
    seen: Ints  # 0 or 1 where the tyre was seen, -1 otherwise, (S,)
    absorbed: Floats  # log odds of wets from observations that have left the window, (S,)
    frozen: Floats  # chances to wets and to slicks at a stop that has left the window, (S, 2)
    p_wet: Floats  # probability of wets; in: first guess, out: result, (S,)


class Choice(NamedTuple):
    """What makes a crew change its tyres at a stop."""

    contrast: Floats  # loss on wets minus loss on slicks, (K, G)
    share: Floats  # of a lap spent in each sector, (3,)
    switch: Floats  # least chance to change, greatest chance, scale in log time, shift, (4,)


@njit(cache=True)
def response_tables(
    y: Floats,
    noise: Floats,
    klass: Ints,
    sector: Ints,
    slick: Floats,
    wet: Floats,
    wet_shift: Floats,
    wet_noise: Floats,
    spread_slick: float,
    spread_wet: float,
    outlier: float,
) -> tuple[Floats, Floats]:
    """Log-likelihood of each observation on slicks and on wets, per level.

    The noise is Student's t with four degrees of freedom, wider towards the slow side.

    Args:
        y: log of sector time over the car's dry expectation, (N,).
        noise: scale of a clean dry lap, (N,).
        klass: class of each observation, (N,).
        sector: 0, 1, 2, (N,).
        slick: loss on slicks, (K, G).
        wet: loss on wets, (K, G).
        wet_shift: what was learned of the loss on wets, (K, 3).
        wet_noise: what is not known of the loss on wets, as a scale, (K, 3).
        spread_slick: growth of the noise with the loss, on slicks.
        spread_wet: the same on wets.
        outlier: share of laps that say nothing (a mistake, traffic).

    Returns:
        Two arrays (N, G).
    """
    n, g = y.shape[0], slick.shape[1]
    on_slick = np.empty((n, g))
    on_wet = np.empty((n, g))
    for i in range(n):
        unknown = wet_noise[klass[i], sector[i]]
        for j in range(g):
            for tyre in range(2):
                if tyre == 0:
                    mean = slick[klass[i], j]
                    scale = np.sqrt(noise[i] ** 2 + (spread_slick * mean) ** 2)
                else:
                    mean = wet[klass[i], j] + wet_shift[klass[i], sector[i]]
                    scale = np.sqrt(noise[i] ** 2 + (spread_wet * mean) ** 2 + unknown**2)
                z = (y[i] - mean) / scale
                if z > 0:
                    z /= 1.4
                q = 1.0 + z * z / 4.0
                density = 0.32 / (scale * q * q * np.sqrt(q))
                value = np.log((1.0 - outlier) * density + outlier * 0.8)
                if tyre == 0:
                    on_slick[i, j] = value
                else:
                    on_wet[i, j] = value
    return on_slick, on_wet


@njit(cache=True)
def _forward_backward(
    start: Floats, evidence: Floats, rain: RainSteps, hazard: Floats, forward: Floats
) -> tuple[Floats, float]:
    dry_step, onset, rain_step, stop_rain = rain.dry, rain.onset, rain.rain, rain.ends
    bins, g = evidence.shape
    back = np.ones(2 * g)
    gamma = np.empty((bins, 2 * g))
    scale_sum = 0.0
    prev = start.copy()
    for b in range(bins):
        d = np.zeros(g)
        r = np.zeros(g)
        for i in range(g):
            to_dry = prev[i] * (1.0 - hazard[b]) + prev[g + i] * stop_rain
            begins = prev[i] * hazard[b]
            lasts = prev[g + i] * (1.0 - stop_rain)
            for j in range(g):
                d[j] += to_dry * dry_step[i, j]
                r[j] += begins * onset[i, j] + lasts * rain_step[i, j]
        top = evidence[b].max()
        total = 0.0
        for j in range(g):
            e = np.exp(evidence[b, j] - top)
            forward[b, j] = d[j] * e + 1e-300
            forward[b, g + j] = r[j] * e + 1e-300
            total += forward[b, j] + forward[b, g + j]
        for j in range(2 * g):
            forward[b, j] /= total
        scale_sum += np.log(total) + top
        prev = forward[b]
    for b in range(bins - 1, -1, -1):
        total = 0.0
        for j in range(2 * g):
            gamma[b, j] = forward[b, j] * back[j]
            total += gamma[b, j]
        for j in range(2 * g):
            gamma[b, j] /= total
        top = evidence[b].max()
        d = np.empty(g)
        r = np.empty(g)
        for j in range(g):
            e = np.exp(evidence[b, j] - top)
            d[j] = back[j] * e
            r[j] = back[g + j] * e
        new = np.zeros(2 * g)
        biggest = 0.0
        for i in range(g):
            dries = 0.0
            starts = 0.0
            rains = 0.0
            for j in range(g):
                dries += dry_step[i, j] * d[j]
                starts += onset[i, j] * r[j]
                rains += rain_step[i, j] * r[j]
            new[i] = (1.0 - hazard[b]) * dries + hazard[b] * starts
            new[g + i] = stop_rain * dries + (1.0 - stop_rain) * rains
            biggest = max(biggest, new[i], new[g + i])
        for j in range(2 * g):
            back[j] = new[j] / biggest
    return gamma, scale_sum


@njit(cache=True)
def sweep(
    rounds: int,
    start: Floats,
    outside: Floats,
    zone: Floats,
    rain: RainSteps,
    seen: Observations,
    trust: Trust,
    tyres: TyreSegments,
    choice: Choice,
) -> tuple[Floats, Floats, Floats, float]:
    """Alternate between the sectors' wetness and the cars' tyres.

    Args:
        rounds: how often to alternate.
        start: state before the first bin, (3, 2G).
        outside: log-likelihood of outside evidence, (B, 3, G).
        zone: 1 where the sector is slowed by something else, (B, 3).
        rain: how a sector wets and dries.
        seen: the observations.
        trust: how far they are believed.
        tyres: the cars' tyre segments; their beliefs are revised in place.
        choice: what makes a crew change.

    Returns:
        gamma (B, 3, 2G), forward (B, 3, 2G), evidence (B, 3, G), log evidence.
    """
    bins, g = outside.shape[0], outside.shape[2]
    at, sector, segment = seen.bin, seen.sector, seen.segment
    on_slick, on_wet, use = seen.on_slick, seen.on_wet, seen.use
    n = at.shape[0]
    gamma = np.empty((bins, 3, 2 * g))
    forward = np.empty((bins, 3, 2 * g))
    evidence = np.empty((bins, 3, g))
    hazard = np.full(bins, rain.begins)
    raining = np.zeros((bins, 3))
    total = 0.0
    for _ in range(rounds):
        evidence[:] = outside
        for o in range(n):
            if use[o] > 0:
                p = tyres.p_wet[segment[o]]
                top = on_wet[o].max()
                for j in range(g):
                    on_wets = top + trust.wet_tells * (on_wet[o, j] - top)
                    mixed = (1.0 - p) * np.exp(on_slick[o, j]) + p * np.exp(on_wets)
                    evidence[at[o], sector[o], j] += trust.temper * use[o] * np.log(mixed)
        total = 0.0
        for k in range(3):
            for b in range(bins):
                other = 0.0
                for i in ((k + 1) % 3, (k + 2) % 3):
                    if zone[b, k] == 0.0 and zone[b, i] == 0.0:
                        other = max(other, raining[b, i])
                hazard[b] = min(0.9, rain.begins + rain.reaches * other**3)
            fwd = np.empty((bins, 2 * g))
            gam, part = _forward_backward(start[k], evidence[:, k].copy(), rain, hazard, fwd)
            gamma[:, k] = gam
            forward[:, k] = fwd
            total += part
            for b in range(bins):
                raining[b, k] = gam[b, g:].sum()
        emission = tyres.absorbed.copy()
        for o in range(n):
            if use[o] > 0:
                a_wet = 0.0
                a_slick = 0.0
                for j in range(g):
                    mass = gamma[at[o], sector[o], j] + gamma[at[o], sector[o], g + j]
                    a_wet += mass * np.exp(on_wet[o, j])
                    a_slick += mass * np.exp(on_slick[o, j])
                emission[segment[o]] += (
                    trust.tyre_temper * use[o] * (np.log(a_wet) - np.log(a_slick))
                )
        _tyre_chains(emission, gamma, tyres, choice)
    return gamma, forward, evidence, total


@njit(cache=True)
def _tyre_chains(emission: Floats, gamma: Floats, tyres: TyreSegments, choice: Choice) -> None:
    previous, seen, frozen, p_wet = tyres.previous, tyres.seen, tyres.frozen, tyres.p_wet
    contrast, switch = choice.contrast, choice.switch
    segments, g = previous.shape[0], contrast.shape[1]
    to_wet = np.zeros(segments)
    to_slick = np.zeros(segments)
    ahead = np.empty(segments)
    for s in range(segments):
        prior = tyres.start[s]
        if previous[s] >= 0:
            gain = 0.0
            at = min(gamma.shape[0] - 1, max(0, tyres.stop_bin[s]) + 6)
            for k in range(3):
                for j in range(g):
                    mass = gamma[at, k, j] + gamma[at, k, g + j]
                    gain += choice.share[k] * mass * contrast[tyres.klass[s], j]
            up = 1.0 / (1.0 + np.exp(min(50.0, max(-50.0, (gain - switch[3]) / switch[2]))))
            to_wet[s] = switch[0] + (switch[1] - switch[0]) * up
            to_slick[s] = switch[0] + (switch[1] - switch[0]) * (1.0 - up)
            if tyres.stop_bin[s] < 0:
                to_wet[s], to_slick[s] = frozen[s, 0], frozen[s, 1]
            frozen[s, 0], frozen[s, 1] = to_wet[s], to_slick[s]
            before = ahead[previous[s]]
            prior = before * (1.0 - to_slick[s]) + (1.0 - before) * to_wet[s]
        if seen[s] >= 0:
            prior = 0.999 if seen[s] == 1 else 0.001
            emission[s] = 0.0
        odds = np.log(max(prior, 1e-9)) - np.log(max(1.0 - prior, 1e-9)) + emission[s]
        ahead[s] = 1.0 / (1.0 + np.exp(min(50.0, max(-50.0, -odds))))
    back_wet = np.ones(segments)
    back_slick = np.ones(segments)
    for s in range(segments - 1, -1, -1):
        w = ahead[s] * back_wet[s]
        d = (1.0 - ahead[s]) * back_slick[s]
        p_wet[s] = min(1.0 - 1e-6, max(1e-6, w / (w + d)))
        if previous[s] >= 0:
            lift = np.exp(min(50.0, max(-50.0, 0.5 * emission[s])))
            if seen[s] >= 0:
                lift = 30.0 if seen[s] == 1 else 1.0 / 30.0
            vw, vs = lift * back_wet[s], back_slick[s] / lift
            p = previous[s]
            back_wet[p] *= (1.0 - to_slick[s]) * vw + to_slick[s] * vs
            back_slick[p] *= to_wet[s] * vw + (1.0 - to_wet[s]) * vs
            largest = max(back_wet[p], back_slick[p])
            back_wet[p] /= largest
            back_slick[p] /= largest


@njit(cache=True)
def held_field(
    bin_from: Ints,
    bin_to: Ints,
    sector: Ints,
    y: Floats,
    level: Floats,
    bins: int,
    slow_from: float,
    free_below: float,
) -> tuple[Floats, Floats]:
    """Bins in which the whole field is held back although no flag says so.

    A bin counts where in two sectors at least three cars are slow and outnumber those at racing
    speed; or where the classes drive the same lap time, which water does not bring about.

    Args:
        bin_from: first bin that the sector time touches, (N,).
        bin_to: the last one, (N,).
        sector: 0, 1, 2, (N,).
        y: log of sector time over the car's dry expectation, (N,).
        level: log of the class's dry sector time, against the classes' mean, (N,).
        bins: number of bins.
        slow_from: what counts as slow.
        free_below: what counts as at racing speed.

    Returns:
        0 or 1 per bin, (B,), and the sectors in which the cars are slow, (B, 3).
    """
    held = np.zeros((bins, 3))
    free = np.zeros((bins, 3))
    sums = np.zeros((bins, 6))
    for o in range(sector.shape[0]):
        for b in range(max(0, bin_from[o]), min(bins - 1, bin_to[o]) + 1):
            if y[o] > slow_from:
                held[b, sector[o]] += 1
            elif y[o] < free_below:
                free[b, sector[o]] += 1
            if -0.1 < y[o] < 1.5:
                sums[b, 0] += 1
                sums[b, 1] += y[o]
                sums[b, 2] += level[o]
                sums[b, 3] += y[o] * level[o]
                sums[b, 4] += level[o] * level[o]
    out = np.zeros(bins)
    slow = np.zeros((bins, 3))
    for b in range(bins):
        sectors = 0
        for k in range(3):
            if held[b, k] >= 3 and held[b, k] > free[b, k]:
                sectors += 1
                slow[b, k] = 1.0
        if sectors >= 2:
            out[b] = 1.0
        total = np.zeros(5)
        for c in range(max(0, b - 2), min(bins, b + 3)):
            for i in range(5):
                total[i] += sums[c, i]
        if total[0] >= 12 and total[1] / total[0] > 0.12:
            spread = total[4] - total[2] * total[2] / total[0]
            if spread / total[0] > 0.0004:
                slope = (total[3] - total[1] * total[2] / total[0]) / spread
                if slope < -0.8:
                    out[b] = 1.0
    return out, slow
