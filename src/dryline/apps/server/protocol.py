"""Connections that take too long, stay too long or are too many are cut off.

The wire is uvicorn's; it waits for ever for the rest of a request, so the patience is here.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from dryline.apps.server.limits import Limits

_TOO_SLOW = (
    b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n"
    b"x-content-type-options: nosniff\r\n\r\n"
)
_TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\ncontent-length: 0\r\n"
    b"retry-after: 5\r\n\r\n"
)


def patient_protocol(limits: Limits) -> type[H11Protocol]:
    """The protocol with these limits, as a class for uvicorn to make instances of."""

    class Patient(PatientProtocol):
        allowed = limits

    return Patient


class PatientProtocol(H11Protocol):
    """HTTP/1.1 whose requests must arrive whole in time and whose answers must be read in time."""

    allowed = Limits()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.access_log = False  # it would write addresses down, with whatever stands in them
        self._late: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request, where there is room for one more."""
        super().connection_made(transport)
        if self._crowded():
            transport.write(_TOO_MANY)
            transport.close()
            return
        self._late = self.loop.call_later(self.allowed.request_s, self._too_slow)

    def data_received(self, data: bytes) -> None:
        """Take bytes; the time of a request runs from its first byte to its last."""
        super().data_received(data)
        if self.transport.is_closing():
            self._stop(late=True)
        elif self._arriving():
            if self._late is None:
                self._late = self.loop.call_later(self.allowed.request_s, self._too_slow)
        else:
            self._stop(late=True)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Hand the connection over; it has its own patience from now on."""
        self._stop(late=True)
        super().handle_websocket_upgrade(event)

    def pause_writing(self) -> None:
        """The client reads too slowly: the time runs until it has caught up."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self.allowed.stalled_s, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has caught up."""
        super().resume_writing()
        self._stop(late=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._stop(late=True)
        self._stop(late=False)
        super().connection_lost(exc)

    def _arriving(self) -> bool:
        """Whether a request has begun and is not whole yet."""
        return self.conn.their_state in (h11.IDLE, h11.SEND_BODY)

    def _crowded(self) -> bool:
        ours, limits = _host(self), self.allowed
        each = sum(_host(connection) == ours for connection in self.connections)
        return len(self.connections) > limits.connections or each > limits.connections_each

    def _too_slow(self) -> None:
        self._late = None
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete or not self.cycle.response_started:
            self.transport.write(_TOO_SLOW)
        self.transport.close()

    def _stop(self, *, late: bool) -> None:
        timer = self._late if late else self._stalled
        if timer is not None:
            timer.cancel()
        if late:
            self._late = None
        else:
            self._stalled = None


def _host(connection: object) -> str:
    client = getattr(connection, "client", None)
    return "" if client is None else str(client[0])
