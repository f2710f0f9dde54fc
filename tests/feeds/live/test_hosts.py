"""A door on this machine lets programs of this machine in, and no page of another site."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from dryline.domain.instant import Instant
from dryline.feeds.live.hosts import LOOPBACK, is_answered_to, is_foreign
from dryline.feeds.live.websocket import WebSocketReceiver
from tests.waiting import HANG_S

PORTS = st.none() | st.integers(0, 65_535)
HERE = st.builds(
    lambda name, capitals, dot, port: (
        (name.upper() if capitals else name) + dot + ("" if port is None else f":{port}")
    ),
    st.sampled_from(LOOPBACK), st.booleans(), st.sampled_from(["", "."]), PORTS,
)  # fmt: skip
ODD = [
    "", ":", ":8041", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example",
    "evil.example:localhost", "localhost:80:80", "localhost:", "localhost..", "127.0.0.2",
    "0.0.0.0", "::1", "[::1", "[::1]x", "[::2]", "[::ffff:127.0.0.1]", "user@localhost",
    "localhost/", "2130706433", "localhost, evil.example", " localhost", "localhost:²", "127.1",
]  # fmt: skip


@given(said=HERE)
def test_the_loopbacks_names_are_answered_to_however_they_are_written(said: str) -> None:
    assert is_answered_to([said], LOOPBACK)
    assert not is_answered_to([said, said], LOOPBACK)


@pytest.mark.parametrize("said", ODD)
def test_no_other_name_is_answered_to(said: str) -> None:
    assert not is_answered_to([said], LOOPBACK)


@given(said=st.text(max_size=30), port=st.integers(0, 65_535))
def test_nothing_else_is_taken_for_a_name_of_the_loopback(said: str, port: int) -> None:
    bare = said.lower().removesuffix(".")
    assert is_answered_to([said], LOOPBACK) <= (
        bare in LOOPBACK or bare.rpartition(":")[0].removesuffix(".") in LOOPBACK
    )
    assert is_answered_to([f"{said}:{port}"], LOOPBACK) <= (bare in LOOPBACK)
    assert not is_answered_to([], LOOPBACK)


@given(origin=st.text(max_size=30), host=HERE, scheme=st.sampled_from(["http", "https"]))
def test_a_page_is_our_own_only_where_it_came_from_the_host_that_is_asked(
    origin: str, host: str, scheme: str
) -> None:
    ours = f"{scheme}://{host}"
    assert not is_foreign([], host)
    assert not is_foreign([ours], host)
    assert is_foreign([ours, "http://evil.example"], host)
    assert is_foreign([ours + ".evil.example"], host)
    assert is_foreign([origin], host) == (origin.lower().partition("://")[2] != host.lower())
    assert is_foreign([origin], None)
    assert is_foreign([host], host)
    assert is_foreign(["null"], host)


@pytest.fixture(scope="module")
def receiver() -> Iterator[WebSocketReceiver]:
    """A feed that senders connect to."""
    feed = WebSocketReceiver(0)
    yield feed
    feed.close()


def knocked(feed: WebSocketReceiver, host: str | None, *more: str) -> bytes:
    """The first line of the answer to a handshake with these headers."""
    head = [
        "GET / HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", *more,
    ]  # fmt: skip
    head += [] if host is None else [f"Host: {host}"]
    with socket.create_connection(("127.0.0.1", feed.port), timeout=HANG_S) as knock:
        knock.sendall("\r\n".join([*head, "", ""]).encode("latin-1"))
        return knock.makefile("rb").readline()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8041", "LOCALHOST.:1", "[::1]:8041"])
def test_a_program_of_this_machine_may_send(receiver: WebSocketReceiver, host: str) -> None:
    assert knocked(receiver, host).startswith(b"HTTP/1.1 101 ")


@pytest.mark.parametrize(
    "host", [None, "evil.example", "evil.example:8041", "localhost.evil.example", "127.0.0.2"]
)
def test_who_was_told_another_name_may_not(receiver: WebSocketReceiver, host: str | None) -> None:
    assert knocked(receiver, host).startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize("twice", ["Host: localhost", "Host: evil.example"])
def test_nor_who_was_told_two(receiver: WebSocketReceiver, twice: str) -> None:
    assert knocked(receiver, "localhost", twice).startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "", "file://", "http://localhost:8000", "http://127.0.0.1",
     "http://{here}", "chrome-extension://abc", "HTTP://LOCALHOST"],
)  # fmt: skip
def test_no_page_may_send_for_none_is_the_feeds_own(
    receiver: WebSocketReceiver, origin: str
) -> None:
    here = f"127.0.0.1:{receiver.port}"
    said = f"Origin: {origin.replace('{here}', here)}"
    assert knocked(receiver, here, said).startswith(b"HTTP/1.1 403 ")


def test_a_refused_page_is_not_even_noticed_by_the_session() -> None:
    feed = WebSocketReceiver(0)
    with pytest.raises(InvalidStatus):
        connect(f"ws://127.0.0.1:{feed.port}", origin="https://evil.example", proxy=None)  # type: ignore[arg-type]
    feed.close()
    assert feed.poll(Instant(0)) == []
