"""A feed that others fill: threads push, the session polls and never waits."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from dryline.domain.instant import Instant
from dryline.feeds.live.arrival import Arrival, ArrivalForm, Line, status
from dryline.feeds.live.numbering import Numbering

CAPACITY, CAPACITY_BYTES = 4_000, 16 << 20
AT_ONCE, AT_ONCE_BYTES = 500, 1 << 20
_PATIENCE_S = 0.2


class Inbox:
    """Arrivals on their way from a thread to the session; when it is full, who pushes waits.

    Args:
        source: what the feed is called, in health and journal.
        form: how far its lines count.
    """

    def __init__(self, source: str, form: ArrivalForm = ArrivalForm.LINES) -> None:
        self.source, self._form = source, form
        self.closed = threading.Event()
        self.arrived = threading.Event()
        self.numbering = Numbering()
        self._over = False
        self._waiting: deque[Arrival] = deque()
        self._waiting_bytes = 0
        self._room = threading.Condition()

    @property
    def ended(self) -> bool:
        """Whether the other side is done and everything was handed over."""
        return self._over and not self._waiting

    @property
    def resume_after(self) -> int:
        """The number of the last line that we have, for whoever connects."""
        return self.numbering.last

    def push(self, data: bytes, position: int = 0) -> None:
        """Bytes of JSON lines, as they came."""
        self.put(Arrival(source=self.source, form=self._form, data=data, position=position))

    def put(self, arrival: Arrival) -> None:
        """One arrival; waits while the inbox is full, unless it is closed."""
        with self._room:
            while self._is_full() and not self.closed.is_set():
                self._room.wait(_PATIENCE_S)
            if self.closed.is_set():
                return
            self._waiting.append(arrival)
            self._waiting_bytes += len(arrival.data)
        self.arrived.set()

    def say(self, line: Line) -> None:
        """A change of the connection."""
        self.put(status(self.source, line))

    def over(self) -> None:
        """Nothing more will be pushed."""
        self._over = True
        self.arrived.set()

    def poll(self, now: Instant) -> Sequence[Arrival]:
        """What has been pushed, at most ``AT_ONCE`` arrivals and about ``AT_ONCE_BYTES``."""
        got: list[Arrival] = []
        size = 0
        with self._room:
            while self._waiting and len(got) < AT_ONCE and size < AT_ONCE_BYTES:
                got.append(self._waiting.popleft())
                size += len(got[-1].data)
            self._waiting_bytes -= size
            self._room.notify_all()
        return got

    def next_at(self) -> Instant | None:
        """Nobody knows."""
        return None

    def resume(self, position: int) -> None:
        """Tell the other side, when it connects, what we have already."""
        self.numbering = Numbering(position)

    def close(self) -> None:
        """Refuse everything from now on."""
        self.closed.set()

    def _is_full(self) -> bool:
        return len(self._waiting) >= CAPACITY or self._waiting_bytes >= CAPACITY_BYTES
