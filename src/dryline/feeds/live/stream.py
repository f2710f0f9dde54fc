"""JSON lines from standard input, a pipe, or any open file."""

from __future__ import annotations

import os
import threading

from dryline.feeds.live.arrival import ArrivalForm, Line
from dryline.feeds.live.inbox import Inbox

_CHUNK = 65_536


class StreamFeed(Inbox):
    """Bytes from an open file descriptor, read by a thread of its own."""

    def __init__(
        self, descriptor: int, source: str = "stdin", form: ArrivalForm = ArrivalForm.LINES
    ) -> None:
        super().__init__(source, form)
        self._descriptor = descriptor
        threading.Thread(target=self._pump, name=f"feed {source}", daemon=True).start()

    def _pump(self) -> None:
        self.say(Line(state="connected"))
        reason = ""
        try:
            while not self.closed.is_set() and (data := os.read(self._descriptor, _CHUNK)):
                self.push(data)
        except OSError as error:
            reason = error.strerror or str(error)
        self.say(Line(state="lost" if reason else "ended", reason=reason))
        self.over()
