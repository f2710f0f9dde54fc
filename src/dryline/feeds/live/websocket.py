"""The JSON-lines feed over WebSocket: we connect to it, or it connects to us.

Whoever receives says first, in one message, ``{"dryline_feed": 1, "resume_after": N}``: the last
``seq`` that it has. Then every message is one line or several.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from websockets.exceptions import WebSocketException
from websockets.http11 import Request, Response
from websockets.sync.client import connect
from websockets.sync.connection import Connection
from websockets.sync.server import Server, ServerConnection, serve

from dryline.feeds.live.arrival import ArrivalForm, Line
from dryline.feeds.live.backoff import wait_s
from dryline.feeds.live.hosts import FOREIGN, LOOPBACK, is_answered_to, is_foreign
from dryline.feeds.live.inbox import Inbox
from dryline.feeds.live.lines import VERSION
from dryline.feeds.live.numbering import Numbering

MAX_MESSAGE = 1 << 20
_LOOK_S = 0.25


class _Numbered(msgspec.Struct):
    seq: int | None = None
    goodbye: bool = False


_NUMBERED = msgspec.json.Decoder(_Numbered)


class ResumeAfter(msgspec.Struct):
    """What a receiver says when it connects."""

    dryline_feed: int
    resume_after: int = 0


def received(message: str | bytes) -> bytes:
    """One message as the bytes of whole lines."""
    data = message.encode() if isinstance(message, str) else message
    return data if data.endswith(b"\n") else data + b"\n"


def count_lines(data: bytes, numbering: Numbering) -> bool:
    """Count the lines that bear a number; whether one says goodbye."""
    goodbye = False
    for line in data.splitlines():
        try:
            envelope = _NUMBERED.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        if envelope.seq is not None:
            numbering.take(envelope.seq)
        goodbye = goodbye or envelope.goodbye
    return goodbye


def only_from_here(connection: ServerConnection, request: Request) -> Response | None:
    """The refusal of a handshake that a page makes, or that was told another name than ours."""
    said = request.headers.get_all
    if is_answered_to(said("Host"), LOOPBACK) and not is_foreign(said("Origin"), None):
        return None
    return connection.respond(HTTPStatus.FORBIDDEN, f"{FOREIGN}\n")


class _Receiving(Inbox):
    """What both directions share: take messages until the connection ends."""

    def _take(self, connection: Connection) -> None:
        hello = ResumeAfter(dryline_feed=VERSION, resume_after=self.resume_after)
        connection.send(msgspec.json.encode(hello).decode())
        goodbye = False
        while not self.closed.is_set() and not goodbye:
            try:
                data = received(connection.recv(timeout=_LOOK_S))
            except TimeoutError:
                continue
            goodbye = count_lines(data, self.numbering)
            self.push(data, self.resume_after)


class WebSocketFeed(_Receiving):
    """A feed that we connect to, and again after every loss until it says goodbye.

    Args:
        url: ``ws://`` or ``wss://``; a token belongs into ``headers``, never here.
        source: what the feed is called.
        headers: sent with every attempt.
        form: how far its lines count.
    """

    def __init__(
        self,
        url: str,
        source: str = "websocket",
        headers: Mapping[str, str] | None = None,
        form: ArrivalForm = ArrivalForm.LINES,
    ) -> None:
        super().__init__(source, form)
        self._url, self._headers = url, dict(headers or {})
        self._thread = threading.Thread(target=self._keep_on, name=f"feed {source}", daemon=True)
        self._thread.start()

    def _keep_on(self) -> None:
        attempt = 0
        while not self.closed.is_set():
            try:
                with connect(
                    self._url,
                    additional_headers=self._headers,
                    max_size=MAX_MESSAGE,
                    proxy=None,
                ) as connection:
                    attempt = 0
                    self.say(Line(state="connected"))
                    self._take(connection)
                    break
            except (OSError, WebSocketException, EOFError) as error:
                attempt += 1
                pause_s = wait_s(attempt, self.source)
                reason = " ".join(str(error).split())[:120]
                retry_ms = round(pause_s * 1000)
                self.say(Line(state="lost", reason=reason, attempt=attempt, retry_ms=retry_ms))
                self.closed.wait(pause_s)
        self.over()


class WebSocketReceiver(_Receiving):
    """A feed that connects to us: a server on the loopback, for programs and for no page.

    One sender at a time; a second one that comes is heard too, its lines between the others'.
    """

    def __init__(
        self, port: int, source: str = "websocket", form: ArrivalForm = ArrivalForm.LINES
    ) -> None:
        super().__init__(source, form)
        self._open, self._counting = 0, threading.Lock()
        self._server: Server = serve(
            self._serve_one,
            "127.0.0.1",
            port,
            process_request=only_from_here,
            max_size=MAX_MESSAGE,
        )
        self.port: int = self._server.socket.getsockname()[1]
        threading.Thread(
            target=self._server.serve_forever, name=f"feed {source}", daemon=True
        ).start()

    def close(self) -> None:
        """Stop listening."""
        super().close()
        self._server.shutdown()
        self.over()

    def _serve_one(self, connection: ServerConnection) -> None:
        self._count(1, Line(state="connected"))
        reason = "the sender closed the connection"
        try:
            self._take(connection)
        except (OSError, WebSocketException, EOFError) as error:
            reason = " ".join(str(error).split())[:120]
        self._count(-1, Line(state="lost", reason=reason))

    def _count(self, change: int, line: Line) -> None:
        """Say that it is connected, or lost where nobody else is still sending."""
        with self._counting:
            self._open += change
            if change > 0 or self._open == 0:
                self.say(line)
