"""The JSON-lines feed at ``/api/feed``: senders connect to the server over WebSocket."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from dryline.feeds.live.arrival import ArrivalForm, Line
from dryline.feeds.live.inbox import Inbox
from dryline.feeds.live.lines import VERSION
from dryline.feeds.live.websocket import ResumeAfter, count_lines, received

SOURCE = "api"
TOO_MANY = 1013


class FeedDoor(Inbox):
    """Where senders come in, a few at once; their lines wait here for the session.

    When the session is behind, senders are made to wait, and nobody else.
    """

    def __init__(
        self, most: int, source: str = SOURCE, form: ArrivalForm = ArrivalForm.LINES
    ) -> None:
        super().__init__(source, form)
        self._most, self._open = most, 0
        self._pushing = ThreadPoolExecutor(most, thread_name_prefix="feed")

    def close(self) -> None:
        """Let nobody in any more."""
        super().close()
        self._pushing.shutdown(wait=False)
        self.over()

    async def welcome(self, socket: WebSocket) -> None:
        """Take what this sender says until it goes."""
        await socket.accept()
        if self._open >= self._most or self.closed.is_set():
            await socket.close(TOO_MANY, "too many senders")
            return
        self._open += 1
        reason = "the sender closed the connection"
        try:
            await self._in_a_thread(self.say, Line(state="connected"))
            await self._take(socket)
        except WebSocketDisconnect as gone:
            reason = (gone.reason or reason)[:120]
        finally:
            self._open -= 1
            if self._open == 0 and not self.closed.is_set():
                await self._in_a_thread(self.say, Line(state="lost", reason=reason))

    async def _take(self, socket: WebSocket) -> None:
        hello = ResumeAfter(dryline_feed=VERSION, resume_after=self.resume_after)
        await socket.send_text(msgspec.json.encode(hello).decode())
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1000), message.get("reason"))
            said = message.get("text")
            data = received(message.get("bytes") or b"" if said is None else said)
            goodbye = count_lines(data, self.numbering)
            await self._in_a_thread(self.push, data, self.resume_after)
            if goodbye:
                await socket.close()
                return

    async def _in_a_thread(self, done: object, *arguments: object) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._pushing, done, *arguments)  # type: ignore[arg-type]
