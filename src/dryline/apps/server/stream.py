"""The events as a response that goes on for as long as somebody reads it."""

from __future__ import annotations

import asyncio

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from dryline.apps.server.hub import Hub, Mailbox
from dryline.apps.server.sent import GZIP_HEAD, remark
from dryline.apps.server.tokens import Role

SILENCE_S = 15.0
_ALIVE = remark("alive")


class EventStream(Response):
    """Server-sent events of one viewer, from the latest picture on."""

    media_type = "text/event-stream"

    def __init__(self, hub: Hub, role: Role, *, packed: bool = False) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        if packed:
            self.headers["Content-Encoding"] = "gzip"
        self._hub, self._role, self._packed = hub, role, packed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client goes or the server ends."""
        box = self._hub.join(self._role)
        sending = asyncio.ensure_future(self._send_on(box, send))
        leaving = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            sending.cancel()
            await asyncio.gather(leaving, sending, return_exceptions=True)
            self._hub.leave(box)

    async def _send_on(self, box: Mailbox, send: Send) -> None:
        start = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **start})
        head = GZIP_HEAD if self._packed else b""
        while not self._hub.closed:
            await box.wait(SILENCE_S)
            events = box.take(self._hub.latest) or [_ALIVE]
            body = head + b"".join(sent.as_(packed=self._packed) for sent in events)
            await send({"type": "http.response.body", "body": body, "more_body": True})
            head = b""
        await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
