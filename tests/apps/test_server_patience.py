"""How long a connection is kept: a request has its time, a sender and a viewer have no end.

``patience_runs_out`` waits until the server itself says that a request has taken too long.
"""

from __future__ import annotations

import asyncio
import base64
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.exceptions import InvalidHandshake
from websockets.frames import Frame, Opcode
from websockets.sync.client import ClientConnection, connect

from dryline.apps.server.feed import FeedDoor
from dryline.apps.server.limits import ServerLimits
from dryline.apps.server.protocol import Telling, patient_protocol
from dryline.apps.server.serving import listen
from dryline.feeds.live.lines import event_line
from tests.apps.served import ROOMY, Served, fed, replayed, served, streamed
from tests.apps.test_server_feed import feed_url
from tests.apps.test_server_wire import everything
from tests.made_up.field import crossings, events
from tests.waiting import HANG_S, until

HASTY = replace(ROOMY, request_s=0.2)
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
HANDSHAKE = (
    b"GET /api/feed HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: " + base64.b64encode(b"k" * 16) + b"\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
EMPTY = b"0 bytes\n"
WHY = b"too large " * 400_000


def patience_runs_out(raw: Callable[[], socket.socket], times: int = 2) -> None:
    """Somebody else says nothing and is sent away for it, so many times, one after another."""
    for _ in range(times):
        with raw() as silent:
            assert everything(silent).startswith(b"HTTP/1.1 408 ")


def joined(running: Served) -> ClientConnection:
    """A sender that came in; on a loaded machine even its handshake may take too long."""
    while True:
        try:
            return connect(feed_url(running), proxy=None)
        except InvalidHandshake:
            continue


def said(connection: socket.socket, ends: bytes) -> bytes:
    """What is sent until it ends like this, or the connection does."""
    heard = b""
    with suppress(ConnectionError):
        while not heard.endswith(ends) and (part := connection.recv(65_536)):
            heard += part
    return heard


def test_a_sender_is_kept_much_longer_than_a_request_may_take_and_loses_nothing() -> None:
    door, facts = FeedDoor(2), list(events(crossings(cars=4, hours=0.2)))
    with served(fed(door), limits=HASTY, door=door) as running, joined(running) as sender:
        sender.recv()
        share = len(facts) // 3
        for begin in range(0, len(facts), share):
            for seq, fact in enumerate(facts[begin : begin + share], start=begin + 1):
                sender.send(event_line(fact, seq))
            patience_runs_out(running.raw)
        sender.send('{"goodbye": true}')
        until(lambda: running.feed() == "ended")
        health = running.player.session.state.feeds["api"]
    assert (health.facts, health.losses) == (len(facts), 0)
    assert (health.missing, health.garbage, health.duplicates) == (0, 0, 0)


def test_a_viewer_is_kept_much_longer_than_a_request_may_take() -> None:
    with served(replayed(speed=2000.0), limits=HASTY) as running, streamed(running) as heard:
        next(heard)
        patience_runs_out(running.raw)
        running.post("/api/replay", {"action": "jump", "to": "0:05:00"})
        assert any(kind == "screen" and value["at_ms"] >= 300_000 for kind, value in heard)


@dataclass
class Wire:
    """Uvicorn behind the limits: bytes come to it in pieces of these sizes, then whole."""

    place: Any
    cuts: list[int] = field(default_factory=list)

    def raw(self) -> socket.socket:
        return socket.create_connection(self.place, timeout=HANG_S)


@contextmanager
def at_the_wire(limits: ServerLimits, app: ASGIApp | None = None) -> Iterator[Wire]:
    listener = listen("127.0.0.1", 0)
    wire, app = Wire(listener.getsockname()), app or echo
    plain = uvicorn.Config(app, http="h11", log_config=None, access_log=False)
    plain.load()
    patient = patient_protocol(plain.http_protocol_class, limits)

    class InPieces(patient):  # type: ignore[misc, valid-type]
        def data_received(self, data: bytes) -> None:
            for size in wire.cuts:
                piece, data = data[:size], data[size:]
                if piece:
                    super().data_received(piece)
            if data:
                super().data_received(data)

    how = {"lifespan": "off", "log_config": None, "access_log": False}
    sansio = {"ws": "websockets-sansio", "ws_per_message_deflate": False}
    server = uvicorn.Server(uvicorn.Config(Telling(app), http=InPieces, **how, **sansio))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])))
    thread.start()
    try:
        yield wire
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def roomy() -> Iterator[Wire]:
    """A wire that nobody is too slow for."""
    with at_the_wire(ROOMY) as wire:
        yield wire


@pytest.fixture(scope="module")
def hasty() -> Iterator[Wire]:
    """A wire that has hardly any patience with a request."""
    with at_the_wire(HASTY) as wire:
        yield wire


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """A WebSocket hears what it said; a request hears how large its body was."""
    if scope["type"] == "http":
        size, more = 0, True
        while more:
            message = await receive()
            size, more = size + len(message.get("body", b"")), message.get("more_body", False)
        await answer(send, b"%d bytes\n" % size)
        return
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] != "websocket.disconnect":
        if (text := message.get("text")) is not None:
            await send({"type": "websocket.send", "text": text})


async def answer(send: Send, body: bytes, status: int = 200) -> None:
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def frames(*texts: bytes) -> bytes:
    return b"".join(Frame(Opcode.TEXT, text).serialize(mask=True) for text in texts)


PIECES = st.lists(st.integers(1, 400), max_size=30)


@settings(deadline=None, max_examples=60)
@given(cuts=PIECES, early=st.integers(0, 5))
def test_however_the_bytes_come_a_websocket_is_kept_and_all_it_says_is_heard(
    roomy: Wire, cuts: list[int], early: int
) -> None:
    """``early`` messages come with the handshake, in the same bytes, the others behind it."""
    texts = [b"line %d" % number for number in range(8)]
    echoed = [Frame(Opcode.TEXT, text).serialize(mask=False) for text in texts]
    roomy.cuts = cuts
    with roomy.raw() as sender:
        sender.sendall(HANDSHAKE + frames(*texts[:early]))
        before = b"".join(echoed[:early]) or b"\r\n\r\n"
        heard = said(sender, before)
        assert heard.startswith(b"HTTP/1.1 101 ")
        assert heard.endswith(before)
        sender.sendall(frames(*texts[early:]))
        assert said(sender, b"".join(echoed[early:])) == b"".join(echoed[early:])


@settings(deadline=None, max_examples=60)
@given(cuts=PIECES, sizes=st.lists(st.integers(0, 200), min_size=1, max_size=5))
def test_however_the_bytes_come_every_request_of_a_connection_is_answered_in_turn(
    roomy: Wire, cuts: list[int], sizes: list[int]
) -> None:
    """All at once, one behind the other; a blank line in a body is no end of a head."""
    head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
    roomy.cuts = cuts
    with roomy.raw() as client:
        client.sendall(b"".join(head % size + b"\n" * size for size in sizes))
        heard = b""
        while heard.count(b"bytes\n") < len(sizes):
            heard += client.recv(65_536)
    assert [int(size) for size in re.findall(rb"(\d+) bytes\n", heard)] == sizes
    assert heard.count(b"HTTP/1.1 200 ") == len(sizes)


@pytest.mark.parametrize("odd", [b"\r\n\r\n" + HANDSHAKE, b"GET\r\n\r\n" + GET, b"\n\n\n"])
def test_what_follows_a_request_that_is_none_is_not_read(
    roomy: Wire, odd: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    roomy.cuts = [1, 2, 3]
    with roomy.raw() as client:
        client.sendall(odd)
        assert everything(client).startswith(b"HTTP/1.1 400 ")
    assert "Fatal error" not in caplog.text


def test_a_connection_that_is_kept_alive_has_its_time_anew_for_each_request(hasty: Wire) -> None:
    with kept_alive(hasty) as client:
        for _ in range(3):
            patience_runs_out(hasty.raw)
            client.sendall(GET)
            assert said(client, EMPTY).startswith(b"HTTP/1.1 200 ")
        client.sendall(GET[:-2])
        assert everything(client).startswith(b"HTTP/1.1 408 ")


@contextmanager
def kept_alive(wire: Wire) -> Iterator[socket.socket]:
    """A connection whose first request came in time and was answered."""
    while True:
        with wire.raw() as client:
            with suppress(ConnectionError):
                client.sendall(GET)
            if said(client, EMPTY).startswith(b"HTTP/1.1 200 "):
                yield client
                return


def test_an_answer_may_take_as_long_as_it_takes() -> None:
    asked, go_on = threading.Event(), threading.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/slow":
            asked.set()
            await asyncio.get_running_loop().run_in_executor(None, go_on.wait)
        await answer(send, EMPTY)

    with at_the_wire(HASTY, slow) as wire, kept_alive(wire) as client:
        client.sendall(GET.replace(b"/ ", b"/slow ", 1))
        assert asked.wait(20)
        patience_runs_out(wire.raw)
        go_on.set()
        assert said(client, EMPTY).startswith(b"HTTP/1.1 200 ")


def test_a_body_that_never_ends_is_cut_off_though_it_was_refused_before() -> None:
    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, EMPTY, 401 if scope["method"] == "POST" else 200)

    with at_the_wire(HASTY, refusing) as wire, kept_alive(wire) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n{")
        assert said(client, EMPTY).startswith(b"HTTP/1.1 401 ")
        client.sendall(b"x")
        assert everything(client).startswith(b"HTTP/1.1 408 ")


def test_a_websocket_that_reads_nothing_is_cut_off() -> None:
    lost = threading.Event()

    async def shouting(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        with suppress(OSError):
            while True:
                await send({"type": "websocket.send", "bytes": b"x" * 65_536})
        lost.set()

    with at_the_wire(replace(ROOMY, stalled_s=0.2), shouting) as wire, wire.raw() as deaf:
        deaf.sendall(HANDSHAKE)
        assert lost.wait(20)


@settings(deadline=None, max_examples=25)
@given(
    size=st.integers(0, 2_000_000),
    piece=st.sampled_from([1_000, 30_000, 200_000]),
    refusal=st.sampled_from(["early", "in between", "no request"]),
)
def test_who_still_sends_hears_why_it_is_refused(
    refusing: Wire, size: int, piece: int, refusal: str
) -> None:
    """The client reads when it has sent all: a reset loses what of the answer is on its way."""
    path = {"early": b"/early", "in between": b"/between", "no request": b"no path"}[refusal]
    head = b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
    refusing.cuts = []
    with refusing.raw() as client:
        client.sendall(head % (path, size + 1))
        for begin in range(0, size, piece):
            client.sendall(b"x" * min(piece, size - begin))
        heard = everything(client)
    assert heard.startswith(b"HTTP/1.1 4"), heard[:60]
    assert heard.endswith((WHY, b"received."))


@pytest.fixture(scope="module")
def refusing() -> Iterator[Wire]:
    """A wire that refuses every body, at once or after some of it, and closes."""

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/between":
            await receive()
        headers = [(b"content-length", b"%d" % len(WHY)), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 413, "headers": headers})
        await send({"type": "http.response.body", "body": WHY})

    with at_the_wire(ROOMY, refuse) as wire:
        yield wire
