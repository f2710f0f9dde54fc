"""How much anybody may ask of the server, and counting that they keep to it."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_MOST_NAMES = 10_000


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """What is allowed.

    ``request_s`` is how long a request may take to arrive whole, ``stalled_s`` how long a client
    may leave what it was sent unread, ``linger_s`` how long a connection that is refused half-way
    is kept for its answer to be read; the pairs are requests a second and how many at once.
    """

    body_bytes: int = 65_536
    head_bytes: int = 16_384
    request_s: float = 10.0
    stalled_s: float = 60.0
    linger_s: float = 2.0
    connections: int = 1_000
    connections_each: int = 400
    streams: int = 500
    feeds: int = 4
    reads: tuple[float, float] = (100.0, 1_000.0)
    acts: tuple[float, float] = (5.0, 30.0)
    wrong_tokens: tuple[float, float] = (0.5, 20.0)


class Rate:
    """So many a second for each name, with a store for those who come in bursts.

    Args:
        limit: a second, and at once.
        now: seconds that pass, for tests.
    """

    def __init__(
        self, limit: tuple[float, float], now: Callable[[], float] = time.monotonic
    ) -> None:
        self._each_s, self._most = limit
        self._now = now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, name: str) -> bool:
        """Whether one more is allowed for ``name``; it is counted."""
        now = self._now()
        left, at = self._left.pop(name, (self._most, now))
        left = min(self._most, left + (now - at) * self._each_s)
        allowed = left >= 1.0
        self._left[name] = (left - 1.0 if allowed else left, now)
        while len(self._left) > _MOST_NAMES:
            self._left.popitem(last=False)
        return allowed
