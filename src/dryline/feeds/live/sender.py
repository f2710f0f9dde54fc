"""The reference sender: a timing file as a JSON-lines feed, to learn from and to test with.

    python -m dryline.feeds.live.sender LAPS.csv --to ws://127.0.0.1:8041 --speed 20
    python -m dryline.feeds.live.sender LAPS.csv --serve 8042
    python -m dryline.feeds.live.sender LAPS.csv --stdout | dryline live --feed -

It numbers its lines, asks how far the receiver has come, goes on from there, and connects again
when the connection is lost. See ``docs/live-feed.md``.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec
from websockets.exceptions import ConnectionClosedOK, WebSocketException
from websockets.sync.client import connect
from websockets.sync.connection import Connection
from websockets.sync.server import serve

from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.feeds.events import events
from dryline.feeds.live.backoff import wait_s
from dryline.feeds.live.lines import event_line, goodbye_line, heartbeat_line, hello_line
from dryline.feeds.live.websocket import ResumeAfter, only_from_here
from dryline.feeds.messages import parse_messages
from dryline.feeds.synthesised_loops import synthesised_loops

NAME = "dryline reference sender"
TOKEN = "DRYLINE_FEED_TOKEN"  # noqa: S105
HEARTBEAT_MS = 10_000
_ATTEMPTS = 20
_LET_GO_S = 60.0
"""How long a receiver that never closes is waited for after the goodbye."""


@dataclass(frozen=True, slots=True)
class TimedLine:
    """A line of the feed and the race instant at which it is sent."""

    at_ms: int
    line: bytes


class _When(msgspec.Struct):
    happened_at: int
    known_at: int | None = None


def race_lines(
    laps: Path,
    messages: Path | None = None,
    others: Path | None = None,
    *,
    loops: bool = False,
) -> list[TimedLine]:
    """The lines of a race, numbered from 1, in the order in which they became known.

    ``messages`` is a messages file; ``others`` holds lines of the feed itself, one by line, such
    as team inputs: each needs ``happened_at``. With ``loops`` the passings that the file implies
    are told too.

    Raises:
        InputError: where a file cannot be read.
    """
    sheet = parse_laps(laps.read_bytes(), laps.name)
    facts = [*events(sheet), *(synthesised_loops(sheet.crossings) if loops else ())]
    said = [] if messages is None else parse_messages(messages.read_bytes(), messages.name)
    lines = [TimedLine(fact.known_at.ms, event_line(fact)) for fact in (*facts, *said)]
    lines += [] if others is None else _own_lines(others)
    ordered = sorted(lines, key=lambda line: line.at_ms)
    return [
        TimedLine(timed.at_ms, b'{"seq":%d,' % seq + timed.line[1:])
        for seq, timed in enumerate(ordered, start=1)
    ]


def send(
    lines: Sequence[TimedLine],
    put: Callable[[bytes], object],
    info: RaceInfo,
    *,
    after: int = 0,
    speed: float = math.inf,
) -> None:
    """Hello, every line after number ``after`` at its time, heartbeats between, goodbye."""
    put(hello_line(info, NAME))
    pause = threading.Event()
    at_ms = lines[after - 1].at_ms if after else 0
    for timed in lines[after:]:
        while at_ms < timed.at_ms:
            step_ms = min(timed.at_ms - at_ms, HEARTBEAT_MS)
            if not math.isinf(speed):
                pause.wait(step_ms / 1000 / speed)
            at_ms += step_ms
            if at_ms < timed.at_ms:
                put(heartbeat_line(Instant(at_ms)))
        put(timed.line)
    put(goodbye_line())


def send_to(url: str, lines: Sequence[TimedLine], info: RaceInfo, speed: float) -> bool:
    """Connect, send, and connect again after a loss; whether everything was sent."""
    token = os.environ.get(TOKEN)
    headers = None if token is None else {"Authorization": f"Bearer {token}"}
    failed = 0
    while failed < _ATTEMPTS:
        try:
            with connect(url, additional_headers=headers, proxy=None) as connection:
                _converse(connection, lines, info, speed)
            return True
        except (OSError, WebSocketException, EOFError) as error:
            failed += 1
            _say(f"attempt {failed} failed: {error}")
            threading.Event().wait(wait_s(failed, NAME))
    return False


def serve_at(port: int, lines: Sequence[TimedLine], info: RaceInfo, speed: float) -> None:
    """Send to everybody who connects to loopback, from where each has come."""
    with serve(
        lambda connection: _converse(connection, lines, info, speed),
        "127.0.0.1",
        port,
        process_request=only_from_here,
    ) as server:
        _say(f"serving at ws://127.0.0.1:{server.socket.getsockname()[1]}")
        server.serve_forever()


def _converse(
    connection: Connection, lines: Sequence[TimedLine], info: RaceInfo, speed: float
) -> None:
    asked = msgspec.json.decode(connection.recv(), type=ResumeAfter)
    send(
        lines,
        lambda line: connection.send(line.decode()),
        info,
        after=min(asked.resume_after, len(lines)),
        speed=speed,
    )
    _be_let_go(connection)


def _be_let_go(connection: Connection) -> None:
    """Wait until the receiver closes, which says that it has everything: what was written may
    still be lost on the way. Closed in any other way it is a loss.
    """
    with suppress(ConnectionClosedOK, TimeoutError):
        while True:
            connection.recv(timeout=_LET_GO_S)


def _own_lines(path: Path) -> Iterator[TimedLine]:
    for line in path.read_bytes().splitlines():
        if line.strip():
            when = msgspec.json.decode(line, type=_When)
            at_ms = when.happened_at if when.known_at is None else when.known_at
            yield TimedLine(at_ms, line.strip() + b"\n")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Send a race; 0 when everything was sent."""
    parser = argparse.ArgumentParser(prog="python -m dryline.feeds.live.sender")
    parser.add_argument("laps", type=Path, help="a timing file")
    parser.add_argument("--messages", type=Path, help="race control and outside facts (CSV)")
    parser.add_argument("--others", type=Path, help="more lines of the feed, such as team inputs")
    parser.add_argument("--loops", action="store_true", help="tell sectors and lane as they happen")
    parser.add_argument("--speed", type=float, default=math.inf, help="race seconds per second")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--to", metavar="URL", help="connect to this receiver")
    where.add_argument("--serve", metavar="PORT", type=int, help="let receivers connect")
    where.add_argument("--stdout", action="store_true", help="write to standard output")
    said = parser.parse_args(arguments)
    lines = race_lines(said.laps, said.messages, said.others, loops=said.loops)
    info = RaceInfo(name=said.laps.stem)
    if said.stdout:
        send(lines, sys.stdout.buffer.write, info, speed=said.speed)
        sys.stdout.buffer.flush()
    elif said.to is not None:
        return 0 if send_to(said.to, lines, info, said.speed) else 1
    else:
        serve_at(said.serve, lines, info, said.speed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
