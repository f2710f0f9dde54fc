"""Connections that take too long, stay too long or are too many are cut off.

The wire is uvicorn's; it waits for ever for the rest of a request. So a ``Patient`` stands before
the protocol that uvicorn makes and counts connections and time, whatever the bytes are. How far a
request is, the application tells it (``Telling``), which finds it in the state of the scope.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any, cast

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dryline.apps.server.limits import ServerLimits

_CONNECTION = "connection"
_HEAD_ENDS, _LONGEST_END = re.compile(rb"\n\r?\n"), 3
_TOO_SLOW = (
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n"
    b"x-content-type-options: nosniff\r\n\r\n"
)
_TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n"
    b"retry-after: 5\r\n\r\n"
)


def patient_protocol(wire: type[asyncio.Protocol], limits: ServerLimits) -> type[asyncio.Protocol]:
    """``wire`` behind these limits, as a class for uvicorn to make instances of."""

    class Ours(Patient):
        behind, allowed, others = wire, limits, set()

    return Ours


class Patient(asyncio.Protocol):
    """One connection, whose requests must arrive whole in time and whose answers be read in time.

    After an upgrade to WebSocket nothing is a request any more, and only reading is timed.
    """

    behind: type[asyncio.Protocol]
    allowed: ServerLimits
    others: set[Patient]

    def __init__(self, *, app_state: Mapping[str, Any], **given: Any) -> None:
        self._behind = self.behind(app_state={**app_state, _CONNECTION: self}, **given)  # type: ignore[call-arg]
        self._host, self._tail = "", b""
        self._answering = self._upgraded = self._unread = self._leaving = False
        self._late: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a request, where there is room for one more."""
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self._host = str(peer[0]) if peer else ""
        self.others.add(self)
        if self._crowded():
            self._behind = asyncio.Protocol()
            self._transport.write(_TOO_MANY)
            self._transport.close()
            return
        self._behind.connection_made(cast(asyncio.Transport, _Passage(self._transport, self)))
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Let bytes through; the time of a request runs from its first byte."""
        if self._leaving:
            return
        self._unread = True
        for part in self._parted(data):
            if part and not self.leaving():
                self._behind.data_received(part)
        if not self._answering and not self._upgraded:
            self._wait()

    def eof_received(self) -> bool | None:
        """The client has sent all that it will."""
        return self._behind.eof_received()

    def pause_writing(self) -> None:
        """The client reads too slowly: the time runs until it has caught up."""
        self._behind.pause_writing()
        if self._stalled is None:
            loop = asyncio.get_running_loop()
            self._stalled = loop.call_later(self.allowed.stalled_s, self._transport.abort)

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._behind.resume_writing()
        self._caught_up()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._leaving = True
        self.others.discard(self)
        self.arrived()
        self._caught_up()
        self._behind.connection_lost(exc)

    def hand_over(self, protocol: asyncio.BaseProtocol) -> None:
        """What was behind it has made it a WebSocket, which has its own patience."""
        self._behind, self._upgraded = cast(asyncio.Protocol, protocol), True
        self.arrived()

    def asked(self, *, whole: bool) -> None:
        """The application begins on a request: its head is there, or all of it."""
        self._answering = True
        if whole:
            self.read()
        else:
            self._wait()

    def arrived(self) -> None:
        """There is no more to wait for: the request is whole, or is being answered."""
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def read(self) -> None:
        """The request is whole, and read."""
        self._unread = False
        self.arrived()

    def leave(self) -> None:
        """Close; to who still sends, only once the last word can have been read.

        Closed upon bytes that nobody read, a connection is reset, and with it goes an answer that
        is on its way ("too large" above all). So what still comes is dropped, for ``linger_s`` at
        most.  Source: RFC 9112, 9.6.
        """
        if self.leaving():
            return
        if not self._unread or self._upgraded:
            self._transport.close()
            return
        self._leaving = True
        if self._transport.can_write_eof():
            self._transport.write_eof()
        self._transport.resume_reading()
        loop = asyncio.get_running_loop()
        loop.call_later(self.allowed.linger_s, self._transport.close)

    def leaving(self) -> bool:
        """Whether nothing that comes now is read any more."""
        return self._leaving or self._transport.is_closing()

    def answered(self) -> None:
        """The answer is out; what comes now is the next request."""
        self._answering = False

    def _wait(self) -> None:
        if self._late is None:
            loop = asyncio.get_running_loop()
            self._late = loop.call_later(self.allowed.request_s, self._too_slow)

    def _too_slow(self) -> None:
        if self.leaving():
            return
        self._transport.write(_TOO_SLOW)
        gone, self._behind, self._unread = self._behind, asyncio.Protocol(), True
        self.leave()
        gone.connection_lost(None)

    def _caught_up(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _crowded(self) -> bool:
        each = sum(other._host == self._host for other in self.others)
        return len(self.others) > self.allowed.connections or each > self.allowed.connections_each

    def _parted(self, data: bytes) -> tuple[bytes, bytes]:
        """The end of a head and what follows it: behind a handshake it is another protocol's."""
        if self._answering or self._upgraded:
            return data, b""
        before = len(self._tail)
        end = _HEAD_ENDS.search(self._tail + data)
        self._tail = (self._tail + data)[-_LONGEST_END + 1 :] if end is None else b""
        cut = len(data) if end is None else end.end() - before
        return data[:cut], data[cut:]


class _Passage:
    """The transport as what is behind a ``Patient`` sees it: another protocol comes behind too."""

    def __init__(self, transport: asyncio.Transport, patient: Patient) -> None:
        self._transport, self.set_protocol = transport, patient.hand_over
        self.close, self.is_closing = patient.leave, patient.leaving

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Telling:
    """An application that tells each connection how far it is with a request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; anything else is handed on as it is."""
        patient: Patient | None = scope.get("state", {}).pop(_CONNECTION, None)
        if patient is None or scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        patient.asked(whole=not _has_body(scope))

        async def receiving() -> Message:
            message = await receive()
            if not message.get("more_body", False):
                patient.read()
            return message

        async def sending(message: Message) -> None:
            patient.arrived()
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body", False):
                patient.answered()

        await self._app(scope, receiving, sending)


def _has_body(scope: Scope) -> bool:
    headers = dict(scope["headers"])
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"
