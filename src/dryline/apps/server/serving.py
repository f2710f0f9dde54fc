"""The server beside the session: a socket, an event loop in a thread of its own, a clean end."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import threading
from collections.abc import Collection
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from dryline.apps.server.app import application
from dryline.apps.server.charts import Charts
from dryline.apps.server.feed import FeedDoor
from dryline.apps.server.hub import Hub
from dryline.apps.server.limits import ServerLimits
from dryline.apps.server.page_files import PageFiles
from dryline.apps.server.parts import Parts
from dryline.apps.server.protocol import Telling, patient_protocol
from dryline.apps.server.publisher import Publisher
from dryline.apps.server.tokens import Tokens
from dryline.domain.errors import BadOption
from dryline.engine.live.pit_wall import PitWall
from dryline.engine.live.player import Player
from dryline.feeds.live.hosts import LOOPBACK
from dryline.feeds.live.websocket import MAX_MESSAGE

PORT, HOST = 8040, "127.0.0.1"
_SEND_BUFFER, _BACKLOG, _PATIENCE_S = 65_536, 512, 10.0


class Serving:
    """A pit wall that is served from ``start`` to ``stop``.

    Args:
        player: the session that goes on.
        wall: what is shown of it.
        listener: a bound socket, see ``listen``.
        tokens: who may come in.
        names: host names beside the loopback's that it answers to; without tokens it answers to
            the loopback's alone.
        limits: how much is allowed.
        door: where senders of the feed come in, if they may.
    """

    def __init__(
        self,
        player: Player,
        wall: PitWall,
        listener: socket.socket,
        *,
        tokens: Tokens | None = None,
        names: Collection[str] = (),
        limits: ServerLimits | None = None,
        door: FeedDoor | None = None,
    ) -> None:
        self._listener, bounds = listener, limits or ServerLimits()
        self.hub = Hub()
        self._publisher = Publisher(wall, self.hub)
        known = Tokens() if tokens is None else tokens
        parts = Parts(
            player, wall, self.hub, self._publisher, known, bounds, door, PageFiles(), Charts(wall)
        )
        self.parts = parts
        self.app = application(parts, hosts_of(listener, known, names))
        self._server = uvicorn.Server(_config(self.app, bounds))
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="server", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def address(self) -> str:
        """Where it is, for a browser on this machine."""
        host, port = self._listener.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{port}"

    def start(self) -> None:
        """Serve; returns when the first request can come."""
        self._thread.start()
        self._started.wait(_PATIENCE_S)

    def warm(self) -> None:
        """Make the chart library in the background, so that the first page need not wait."""
        threading.Thread(target=self.parts.pages.vega, name="charts", daemon=True).start()

    def stop(self) -> None:
        """Send everybody away and end."""
        self._publisher.stop()
        if self._loop is not None:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self.hub.close)
        self._server.should_exit = True
        self._thread.join(_PATIENCE_S)

    def _serve(self) -> None:
        asyncio.run(self._serve_here())

    async def _serve_here(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._publisher.start(self._loop)
        self._loop.call_soon(self._started.set)
        await self._server.serve(sockets=[self._listener])


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to this address.

    Raises:
        BadOption: where it is taken, forbidden or none of this machine's.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except (OSError, UnicodeError, OverflowError) as error:
        raise BadOption(f"--host {host[:60]!r} is no address of this machine") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        why = getattr(error, "strerror", None) or str(error)
        raise BadOption(
            f"cannot serve at {host}:{port}: {why}",
            remedy="Name another with --port, or --no-server for the terminal alone.",
        ) from error
    return listener


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches that address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def hosts_of(
    listener: socket.socket, tokens: Tokens, names: Collection[str]
) -> frozenset[str] | None:
    """The host names to answer to; any where tokens guard an address beyond the loopback."""
    if not is_loopback(listener.getsockname()[0]) and tokens and not names:
        return None
    return frozenset((*LOOPBACK, *names))


def _config(app: ASGIApp, limits: ServerLimits) -> uvicorn.Config:
    """Uvicorn's own HTTP/1.1 behind our patience; no address is ever written to a log."""
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    plain = uvicorn.Config(app, http="h11", log_config=None, access_log=False)
    plain.load()
    return uvicorn.Config(
        Telling(app),
        http=patient_protocol(plain.http_protocol_class, limits),
        ws="websockets-sansio",
        ws_max_size=MAX_MESSAGE,
        ws_per_message_deflate=False,
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        h11_max_incomplete_event_size=limits.head_bytes,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=3,
    )
