"""A sender that does everything wrong, at the race's own pace times SPEED.

python -m tests.feeds.live.bad_sender LAPS.csv URL SPEED [FILE]

Once it has dropped the connection it stays away until FILE is there.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import msgspec
from websockets.sync.client import connect

from dryline.domain.race_info import RaceInfo
from dryline.feeds.live.lines import hello_line
from dryline.feeds.live.sender import TimedLine, race_lines

GARBAGE = (b"\x00\xff\x13", b"{", b'{"event":"line_crossing"}', b"GET / HTTP/1.1", b"[" * 500)
DROP_MS = 90_000


def paced(lines: list[TimedLine], put: object, speed: float, at_ms: int) -> int:
    for timed in lines:
        time.sleep(max(0, timed.at_ms - at_ms) / 1000 / speed)
        at_ms = max(at_ms, timed.at_ms)
        put(timed.line)  # type: ignore[operator]
    return at_ms


def main(laps: Path, url: str, speed: float, come_back: Path | None = None) -> None:
    lines = race_lines(laps)
    third = len(lines) // 3
    with connect(url, proxy=None) as socket:
        socket.recv()
        socket.send(hello_line(RaceInfo(name="bad"), "bad"))
        at_ms = paced(lines[:third], socket.send, speed, 0)
        socket.send(lines[third].line[:40])
        socket.socket.close()
    time.sleep(DROP_MS / 1000 / speed)
    while come_back is not None and not come_back.exists():
        time.sleep(0.01)
    with connect(url, proxy=None) as socket:
        after = msgspec.json.decode(socket.recv())["resume_after"]
        assert after <= third, after
        for garbage in GARBAGE:
            socket.send(garbage)
        repeated = [TimedLine(0, timed.line) for timed in lines[max(0, third - 30) : third]]
        back = [TimedLine(0, timed.line) for timed in lines[:10]]
        paced([*repeated, *back], socket.send, speed, at_ms)
        at_ms = paced(lines[after : 2 * third], socket.send, speed, at_ms + DROP_MS)
        past = msgspec.json.decode(lines[third // 2].line)
        past["driver"] = "Somebody Else"
        socket.send(msgspec.json.encode(past))
        shuffled = lines[2 * third :]
        for place in range(0, len(shuffled) - 1, 5):
            shuffled[place], shuffled[place + 1] = shuffled[place + 1], shuffled[place]
        paced(shuffled, socket.send, speed, at_ms)
        socket.send(b'{"goodbye": true}')


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), *map(Path, sys.argv[4:5]))
