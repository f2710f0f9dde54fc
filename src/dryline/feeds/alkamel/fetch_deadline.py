"""A time by which an answer must be whole, however slowly it comes.

The client's own timeout is between two pieces of an answer; a page that comes a byte at a time,
its headers included, never runs into it. So the connection itself is closed at the deadline.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any


class Connections:
    """The open connections of a client, learnt from what it tells of its requests."""

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """Called by the client with every step of a request (httpx's extension ``trace``)."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            made = info["return_value"].get_extra_info("socket")
            self._sockets = [*(kept for kept in self._sockets if kept.fileno() >= 0), made]

    @contextmanager
    def deadline(self, seconds: float) -> Iterator[threading.Event]:
        """Close every connection after so many seconds; the event says whether it came to it."""
        passed, ended = threading.Event(), threading.Event()

        def wait() -> None:
            if not ended.wait(seconds):
                passed.set()
                while not ended.wait(0.05):
                    self._shut()  # again, in case it was only just being opened

        watch = threading.Thread(target=wait, name="dryline-fetch-deadline", daemon=True)
        watch.start()
        try:
            yield passed
        finally:
            ended.set()
            watch.join()

    def _shut(self) -> None:
        for connection in self._sockets:
            with suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)  # TLS has no say in it
