"""Linear algebra on one thread, so that its last bits are the same wherever it runs.

OpenBLAS splits a product or a factorisation by the threads it has, and sums in another order with
another number of them. Our matrices are small: threads that spin cost a pace fit ten times its
processor time, so that nothing is lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
R = TypeVar("R")

_limited = threading.RLock()
"""The limit is the process's: who sets it lifts it before the next may set it."""


def one_thread(work: Callable[P, R]) -> Callable[P, R]:
    """``work`` with linear algebra held to one thread, and left as it was found afterwards."""

    @wraps(work)
    def alone(*args: P.args, **kwargs: P.kwargs) -> R:
        with _limited, _libraries().limit(limits=1, user_api="blas"):
            return work(*args, **kwargs)

    return alone


@cache
def _libraries() -> ThreadpoolController:
    """The libraries of numpy and scipy, looked up once both are loaded."""
    import scipy.linalg  # noqa: F401

    return ThreadpoolController()
