"""RMonitor over TCP: we connect to whoever sends it, and again after every loss.

The sender says what stands when we connect, so nothing is asked for. It says something every
second: a line that is silent for longer than ``SILENT_S`` is taken for lost.
"""

from __future__ import annotations

import socket
import threading
import time

from dryline.feeds.live.arrival import ArrivalForm, Line
from dryline.feeds.live.backoff import wait_s
from dryline.feeds.live.inbox import Inbox

SILENT_S = 60.0
_CONNECT_S, _LOOK_S = 10.0, 0.25
_CHUNK = 65_536


class RMonitorFeed(Inbox):
    """A sender of RMonitor that we connect to; it never says that it is over.

    Args:
        host: its name or address.
        port: its port.
        source: what the feed is called.
        silent_s: after how long a silence to connect anew.
    """

    def __init__(
        self, host: str, port: int, source: str = "rmonitor", silent_s: float = SILENT_S
    ) -> None:
        super().__init__(source, ArrivalForm.RMONITOR)
        self._address, self._silent_s = (host, port), silent_s
        threading.Thread(target=self._keep_on, name=f"feed {source}", daemon=True).start()

    def _keep_on(self) -> None:
        attempt = 0
        while not self.closed.is_set():
            got_any, reason = self._take()
            attempt = 1 if got_any else attempt + 1
            pause_s = wait_s(attempt, self.source)
            self.say(
                Line(state="lost", reason=reason, attempt=attempt, retry_ms=round(pause_s * 1000))
            )
            self.closed.wait(pause_s)
        self.over()

    def _take(self) -> tuple[bool, str]:
        """One connection to its end: whether anything came, and why it ended."""
        got_any = False
        try:
            with socket.create_connection(self._address, timeout=_CONNECT_S) as line:
                self.say(Line(state="connected"))
                line.settimeout(_LOOK_S)
                heard_at = time.monotonic()
                while not self.closed.is_set():
                    try:
                        data = line.recv(_CHUNK)
                    except TimeoutError:
                        if time.monotonic() - heard_at > self._silent_s:
                            return got_any, f"silent for {self._silent_s:.0f} s"
                        continue
                    if not data:
                        return got_any, "the sender closed the connection"
                    got_any, heard_at = True, time.monotonic()
                    self.push(data)
        except OSError as error:
            return got_any, " ".join(str(error).split())[:120]
        return got_any, "closed"
