"""Rain and wetness by sector over one simulated race, and what they cost a lap."""

from __future__ import annotations

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.compiled import fold, kernel, part
from dryline.kernels.race_state import MINUTE_MS, Surface
from dryline.kernels.race_tables import RainTables
from dryline.kernels.random import bits, car_key, normal, normal_of, uniform

RAIN_STREAM_CAR = 1 << 20
DAMP = 0.004  # below this a track is dry
RECKONED = 2  # a wet tyre without what nobody knows of it before it is driven


@kernel
def fill_wetness(
    rain: RainTables, guess: int, first: int, surface: Surface, key: np.uint64
) -> None:
    """Run the rain and each sector's wetness from minute ``first`` on, from one of the guesses.

    Before that, where laps under way began, it is as wet as the guess says.
    """
    wet, damp, given, rates = surface.wet, surface.damp, rain.given, rain.rates
    stream = car_key(key, RAIN_STREAM_CAR)
    shift = round(rain.shift_sd_min * normal(stream, 0, 0))
    scale = np.exp(rain.scale_log_sd * normal(stream, 1, 0))
    drying = rain.dry_per_min * np.exp(rain.dry_log_sd * normal(stream, 2, 0))
    particles = rain.particles
    w0, w1, w2 = particles[guess, 0], particles[guess, 1], particles[guess, 2]
    regime = int(particles[guess, 3])
    r0, r1, r2 = 1.0, 1.0, 1.0
    for m in range(first):
        wet[m, 0], wet[m, 1], wet[m, 2] = w0, w1, w2
        damp[m] = 1 if w0 > DAMP or w1 > DAMP or w2 > DAMP else 0
    quiet = given.shape[0] == 0 and rates[0, 1] + rates[0, 2] == 0.0 and regime == 0
    for m in range(first, wet.shape[0]):
        if quiet and w0 + w1 + w2 == 0.0:
            wet[m, 0] = wet[m, 1] = wet[m, 2] = 0.0
            damp[m] = 0
            continue
        g = m - shift
        if 0 <= g < given.shape[0]:
            i0, i1, i2 = given[g, 0] * scale, given[g, 1] * scale, given[g, 2] * scale
        elif m < given.shape[0]:
            i0 = i1 = i2 = 0.0
        else:
            u = uniform(stream, m, 1) * 60.0
            for to in range(3):
                if to != regime and u >= 0.0:
                    u -= rates[regime, to]
                    if u < 0.0:
                        if regime == 0:
                            reach = rain.reach_spread
                            r0 = 1.0 - reach * uniform(stream, m, 2)
                            r1 = 1.0 - reach * uniform(stream, m, 3)
                            r2 = 1.0 - reach * uniform(stream, m, 4)
                        regime = to
                        break
            level = rain.intensity[regime]
            i0, i1, i2 = level * r0, level * r1, level * r2
        gain = rain.gain_per_min
        w0 = max(0.0, w0 + min(1.0, gain * i0) * (1.0 - w0) - drying * w0 - 0.001 * (w0 > 0))
        w1 = max(0.0, w1 + min(1.0, gain * i1) * (1.0 - w1) - drying * w1 - 0.001 * (w1 > 0))
        w2 = max(0.0, w2 + min(1.0, gain * i2) * (1.0 - w2) - drying * w2 - 0.001 * (w2 > 0))
        wet[m, 0], wet[m, 1], wet[m, 2] = w0, w1, w2
        damp[m] = 1 if w0 > DAMP or w1 > DAMP or w2 > DAMP else 0


@fold
def sector_loss(cls: np.ndarray, k: int, tyre: int, w: float) -> float:
    """Loss of a sector at wetness ``w``, as a share of its time.

    ``tyre``: 0 slick, 1 wet, ``RECKONED`` the wet as everybody reckons with it.
    """
    if tyre == 0:
        if w <= 0.0:
            return 0.0
        return float(cls[k, col.CLASS_SLICK_GAIN] * w ** cls[k, col.CLASS_SLICK_POWER])
    dry, doubt = 1.0 - w, 0.0 if tyre == RECKONED else cls[k, col.CLASS_WET_DOUBT]
    on_dry, on_wet = cls[k, col.CLASS_WET_DRY] + doubt, cls[k, col.CLASS_WET_WET] + doubt
    return float(on_dry * dry * dry + on_wet * w)


@part
def lap_loss(
    k: int,
    tyre: int,
    t: float,
    cls: np.ndarray,
    wet: np.ndarray,
    out: np.ndarray,  # (3,) each sector's loss, share
) -> float:
    """Loss of a lap that begins at ``t``, reading each sector's wetness when the car is there."""
    base = cls[k, col.CLASS_BASE_MS]
    share1, share2 = cls[k, col.CLASS_SHARE_1], cls[k, col.CLASS_SHARE_2]
    last = wet.shape[0] - 1
    m0 = min(last, int((t + 0.5 * share1 * base) / MINUTE_MS))
    m1 = min(last, int((t + (share1 + 0.5 * share2) * base) / MINUTE_MS))
    m2 = min(last, int((t + 0.5 * (1.0 + share1 + share2) * base) / MINUTE_MS))
    out[0] = sector_loss(cls, k, tyre, wet[m0, 0])
    out[1] = sector_loss(cls, k, tyre, wet[m1, 1])
    out[2] = sector_loss(cls, k, tyre, wet[m2, 2])
    return float(share1 * out[0] + share2 * out[1] + (1.0 - share1 - share2) * out[2])


@fold
def mean_wetness(wet: np.ndarray, t: float) -> float:
    """Mean wetness of the three sectors at ``t``: what race control judges by."""
    m = min(wet.shape[0] - 1, int(t / MINUTE_MS))
    return float((wet[m, 0] + wet[m, 1] + wet[m, 2]) / 3.0)


@fold
def threshold(key: np.uint64, lap: int, mean: float, sd: float) -> float:
    """A crew's own threshold, drawn once per replicate."""
    return float(max(0.005, mean + sd * normal_of(bits(key, lap, col.S_TYRE))))
