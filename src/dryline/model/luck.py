"""Random numbers as arrays, each a function of its key: the numpy side of ``kernels.random``.

SplitMix64's finaliser over a Weyl sequence (Steele, Lea, Flood 2014). The same key gives the same
numbers whatever was drawn before, and more replicates extend the array without reshuffling it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

_WORD = 0xFFFFFFFFFFFFFFFF
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_S27, _S30, _S31, _S11 = (np.uint64(shift) for shift in (27, 30, 31, 11))


def uniforms(replicates: int, *keys: int) -> NDArray[np.float64]:
    """Uniform numbers in (0, 1), shape (replicates,), for the event that ``keys`` name."""
    state = np.zeros((), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for key in keys:
            state = _mix(np.asarray(state + np.uint64(key & _WORD) * _GOLDEN))
        counter = np.arange(1, replicates + 1, dtype=np.uint64)
        words = _mix(state + counter * _GOLDEN)
    return ((words >> _S11).astype(np.float64) + 0.5) / 9007199254740992.0


def normals(replicates: int, *keys: int) -> NDArray[np.float64]:
    """Standard normal numbers, shape (replicates,), for the event that ``keys`` name."""
    return np.asarray(ndtri(uniforms(replicates, *keys)))


def _mix(word: NDArray[np.uint64]) -> NDArray[np.uint64]:
    word = (word + _GOLDEN) & np.uint64(0xFFFFFFFFFFFFFFFF)
    word = (word ^ (word >> _S30)) * _M1
    word = (word ^ (word >> _S27)) * _M2
    return np.asarray(word ^ (word >> _S31))
