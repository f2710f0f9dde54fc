"""How kernels are compiled: cached on disk, without the interpreter's lock, without counting.

``kernel`` compiles a function of its own; ``leaf`` one that is folded into its callers. Neither
counts references to arrays (``_nrt``): with counting, three quarters of the race kernel's time went
into atomic increments. The price is that a kernel may not create or slice an array: room to work
in is an argument.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., object])
_njit: Any = numba.njit  # its stubs leave ``_nrt`` out


def kernel(function: F) -> F:
    """Compile on first call; keep the machine code on disk."""
    compiled: F = _njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function)
    return compiled


def leaf(function: F) -> F:
    """Compile into the callers."""
    compiled: F = _njit(cache=True, nogil=True, error_model="numpy", forceinline=True, _nrt=False)(
        function
    )
    return compiled
