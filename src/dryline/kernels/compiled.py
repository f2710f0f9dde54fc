"""How kernels are compiled: cached on disk, without the interpreter's lock, without counting.

A ``kernel`` can be called from Python, and so can a ``leaf``, which is folded into its callers. A
``part`` and a ``fold`` are the same for kernels only: unpacking their bundles for Python would take
a quarter of the compile time. None of them counts references to arrays (``_nrt``): with counting,
three quarters of the race kernel's time went into atomic increments. The price is that a kernel may
not create or slice an array: room to work in is an argument.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., object])
_njit: Any = numba.njit  # its stubs leave ``_nrt`` out


def kernel(function: F) -> F:
    """Compile on first call; keep the machine code on disk."""
    return _compiled(function, no_cfunc_wrapper=True)


def leaf(function: F) -> F:
    """Compile into the callers."""
    return _compiled(function, forceinline=True, no_cfunc_wrapper=True)


def part(function: F) -> F:
    """Compile on its own, for other kernels to call."""
    return _compiled(function, no_cfunc_wrapper=True, no_cpython_wrapper=True)


def fold(function: F) -> F:
    """Compile into the callers, which are kernels."""
    return _compiled(function, forceinline=True, no_cfunc_wrapper=True, no_cpython_wrapper=True)


def _compiled(function: F, **options: bool) -> F:
    options |= {"cache": True, "nogil": True, "_nrt": False}
    compiled: F = _njit(error_model="numpy", **options)(function)
    return compiled
