"""Bytes on the wire: slow, stuck, oversized and malformed clients get clean refusals."""

from __future__ import annotations

import select
import socket
from contextlib import suppress
from dataclasses import replace

import pytest

from dryline.apps.server.limits import ServerLimits
from dryline.engine.live.starting import replay_session
from tests.apps.served import ROOMY, Served, replayed, served
from tests.engine.live_races import made_up
from tests.waiting import until

HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
HASTY = ServerLimits(
    request_s=0.5, stalled_s=0.5, connections_each=12, reads=ROOMY.reads, acts=ROOMY.acts
)


@pytest.fixture(scope="module")
def hasty():
    with served(replayed(), limits=HASTY) as running:
        yield running


def everything(connection: socket.socket) -> bytes:
    parts = []
    try:
        while part := connection.recv(65_536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def test_a_request_that_dribbles_in_is_cut_off_in_time(hasty: Served) -> None:
    with hasty.raw() as slow:
        slow.sendall(HEAD + b"X-Slow: ")
        while not select.select([slow], [], [], 0.02)[0]:
            slow.sendall(b"a")
        assert everything(slow).startswith(b"HTTP/1.1 408 ")


def test_a_body_that_dribbles_in_is_cut_off_in_time(hasty: Served) -> None:
    with hasty.raw() as slow:
        slow.sendall(
            b"POST /api/inputs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 1000\r\n\r\n{"
        )
        assert everything(slow).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("said", [b"", b"\r\n", b"G", b"\r\n\r\n\r\n"])
def test_who_says_nothing_is_sent_away(hasty: Served, said: bytes) -> None:
    with hasty.raw() as silent:
        silent.sendall(said)
        everything(silent)


def test_slow_clients_do_not_hold_up_the_others() -> None:
    with served(replayed(), limits=replace(HASTY, request_s=600.0)) as running:
        stuck = [running.raw() for _ in range(8)]
        for connection in stuck:
            connection.sendall(HEAD)
        assert running.get("/healthz").status_code == 200
        for connection in stuck:
            connection.close()


def test_one_host_has_only_so_many_connections(hasty: Served) -> None:
    hasty.client.get("/healthz")
    many = [hasty.raw() for _ in range(14)]
    many[-1].sendall(HEAD + b"\r\n")
    assert everything(many[-1]).startswith(b"HTTP/1.1 503 ")
    for connection in many:
        connection.close()
    with hasty.raw() as later:
        later.sendall(HEAD + b"Connection: close\r\n\r\n")
        assert everything(later).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "bytes_",
    [
        b"\x00\xff\x13\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: local\x00host\r\n\r\n",
        b"GET /\xe9 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        HEAD + b"X: " + b"a" * 70_000 + b"\r\n\r\n",
        HEAD + b"a: b\r\n" * 12_000 + b"\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nzz\r\n",
        HEAD + b"Content-Length: 99999999999999999999\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
        HEAD + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    ],
)
def test_malformed_requests_are_refused_and_the_server_goes_on(
    hasty: Served, bytes_: bytes
) -> None:
    with hasty.raw() as odd:
        with suppress(ConnectionError):
            odd.sendall(bytes_)
            odd.shutdown(socket.SHUT_WR)
        answer = everything(odd)
    assert not answer or answer.split()[1][:1] == b"4", answer[:100]
    assert hasty.get("/healthz").status_code == 200


def test_who_reads_nothing_is_cut_off_and_forgotten() -> None:
    limits = replace(ROOMY, stalled_s=0.4)
    player = replay_session(made_up(cars=60), speed=2000.0)
    with served(player, limits=limits) as running, running.raw() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.sendall(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")

        def tell_more() -> None:
            for to in ("0:10:00", "0:20:00"):
                running.post("/api/replay", {"action": "jump", "to": to})

        assert deaf.recv(1)  # it was a viewer, and reads nothing from now on
        until(lambda: running.serving.hub.viewers == 0, meanwhile=tell_more)
