"""Counter-based random numbers: a draw is a function of its key and counter, never of history.

The mixing step is SplitMix64's finaliser (Steele, Lea, Flood 2014); the counter walks the Weyl
sequence of the golden ratio, as SplitMix64 itself does. Salmon et al. 2011 give the reasons for
preferring counters to states: the same bits for any number of threads or chunks, N replicates are
the first N of more, and two plans share their luck event by event.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from dryline.kernels.compiled import leaf

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_CAR = np.uint64(0xD1342543DE82EF95)
_S27, _S30, _S31 = np.uint64(27), np.uint64(30), np.uint64(31)
_S11, _S52 = np.uint64(11), np.uint64(52)
_LOW52 = np.uint64(0x000FFFFFFFFFFFFF)
_TO_UNIT = 1.0 / 9007199254740992.0
_TO_UNIT52 = 1.0 / 4503599627370496.0
_STEPS = 4096
_QUANTILES = ndtri((np.arange(_STEPS + 1) + 0.0) / _STEPS)
_QUANTILES[0], _QUANTILES[-1] = -4.2, 4.2


@leaf
def mix(x: np.uint64) -> np.uint64:
    """Scramble 64 bits (SplitMix64's finaliser, a bijection)."""
    x = (x ^ (x >> _S30)) * _M1
    x = (x ^ (x >> _S27)) * _M2
    return x ^ (x >> _S31)


@leaf
def replicate_key(seed: int, replicate: int) -> np.uint64:
    """The key of one simulated race."""
    return mix(mix(np.uint64(seed) + GOLDEN) + np.uint64(replicate) * GOLDEN)


@leaf
def car_key(key: np.uint64, car: int) -> np.uint64:
    """The key of one car (or other stream of events) within a simulated race."""
    return mix(key ^ (np.uint64(car + 1) * _CAR))


@leaf
def bits(key: np.uint64, lap: int, stream: int) -> np.uint64:
    """64 random bits for event ``lap`` (below 2**24) of ``stream`` (0 to 15)."""
    return mix(key + np.uint64(lap * 16 + stream) * GOLDEN)


@leaf
def uniform(key: np.uint64, lap: int, stream: int) -> float:
    """A uniform number in (0, 1)."""
    return (float(bits(key, lap, stream) >> _S11) + 0.5) * _TO_UNIT


@leaf
def normal_of(word: np.uint64) -> float:
    """A standard normal number from 64 bits, by its quantile function tabled in 4,096 steps.

    Beyond +-3.49 the quantile is interpolated to +-4.2: the far tail is short on purpose, since
    the models add their own heavy tails.
    """
    cell = int(word >> _S52)
    step = _QUANTILES[cell + 1] - _QUANTILES[cell]
    return float(_QUANTILES[cell] + step * (float(word & _LOW52) * _TO_UNIT52))


@leaf
def normal(key: np.uint64, lap: int, stream: int) -> float:
    """A standard normal number for event ``lap`` of ``stream``."""
    return normal_of(bits(key, lap, stream))
