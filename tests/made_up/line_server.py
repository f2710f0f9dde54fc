"""A timing system on the loopback that plays text to whoever connects, and hangs up when told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class LineServer:
    """Plays one part to each connection in turn, then nobody answers any more.

    The last part stays connected. ``played`` is set when all has been handed over.
    """

    def __init__(self, parts: Sequence[bytes]) -> None:
        self._parts = parts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self.played = threading.Event()
        self.connections = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """Where it listens, as a feed's address."""
        return f"rmonitor://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        """Hang up and listen no more."""
        self._over.set()
        self._listener.close()
        self._thread.join(10)

    def _serve(self) -> None:
        for at, part in enumerate(self._parts):
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line:
                self.connections += 1
                line.sendall(part)
                if at == len(self._parts) - 1:
                    self.played.set()
                    self._over.wait()


@contextmanager
def playing(parts: Sequence[bytes]) -> Iterator[LineServer]:
    """A server for the time of a test."""
    server = LineServer(parts)
    try:
        yield server
    finally:
        server.close()
