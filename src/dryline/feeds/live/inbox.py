"""A feed that others fill: threads push, the session polls and never waits."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence

from dryline.domain.instant import Instant
from dryline.feeds.live.arrival import Arrival, Form, Line, status

CAPACITY = 4_000
AT_ONCE = 500
_PATIENCE_S = 0.2


class Inbox:
    """Arrivals on their way from a thread to the session; when it is full, who pushes waits.

    Args:
        source: what the feed is called, in health and journal.
        form: how far its lines count.
    """

    def __init__(self, source: str, form: Form = Form.LINES) -> None:
        self.source, self._form = source, form
        self.closed = threading.Event()
        self.arrived = threading.Event()
        self.resume_after = 0
        self._over = False
        self._waiting: queue.Queue[Arrival] = queue.Queue(CAPACITY)

    @property
    def ended(self) -> bool:
        """Whether the other side is done and everything was handed over."""
        return self._over and self._waiting.empty()

    def push(self, data: bytes, position: int = 0) -> None:
        """Bytes of JSON lines, as they came."""
        self.put(Arrival(source=self.source, form=self._form, data=data, position=position))

    def put(self, arrival: Arrival) -> None:
        """One arrival; waits while the inbox is full, unless it is closed."""
        while not self.closed.is_set():
            try:
                self._waiting.put(arrival, timeout=_PATIENCE_S)
            except queue.Full:
                continue
            self.arrived.set()
            return

    def say(self, line: Line) -> None:
        """A change of the connection."""
        self.put(status(self.source, line))

    def over(self) -> None:
        """Nothing more will be pushed."""
        self._over = True
        self.arrived.set()

    def poll(self, now: Instant) -> Sequence[Arrival]:
        """What has been pushed, at most ``AT_ONCE`` at a time."""
        got: list[Arrival] = []
        while len(got) < AT_ONCE:
            try:
                got.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return got

    def next_at(self) -> Instant | None:
        """Nobody knows."""
        return None

    def resume(self, position: int) -> None:
        """Tell the other side, when it connects, what we have already."""
        self.resume_after = position

    def close(self) -> None:
        """Refuse everything from now on."""
        self.closed.set()
