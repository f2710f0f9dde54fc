"""The bridge on the page about Le Mans Ultimate, run against a stand-in of its REST service."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from dryline.domain.event import LineCrossing
from dryline.domain.instant import START
from dryline.domain.session_kind import SessionKind
from dryline.feeds.live.lines import LineReader
from dryline.feeds.said import Goodbye, Hello, StatedEvent
from tests.conftest import ROOT
from tests.feeds.live.sending import process

PAGE = ROOT / "docs" / "how-to" / "le-mans-ultimate.md"


def car(number: str, laps: int, begun: float, last: float = -1.0, **more: Any) -> dict[str, Any]:
    told = {"lastSectorTime1": last * 0.25, "lastSectorTime2": last * 0.75, "pitting": False}
    known = {"driverName": f"Driver {number}", "carClass": "LMGT3", "fullTeamName": "A Team"}
    now = {"carNumber": number, "lapsCompleted": laps, "lapStartET": begun, "lastLapTime": last}
    return {**now, **known, **told, **more}


STEPS: list[tuple[str, list[dict[str, Any]]]] = [
    ("RACE1", [car("7", 0, 20.0), car("12", 0, 20.0)]),
    ("RACE1", [car("7", 1, 120.0, 100.0), car("12", 0, 20.0)]),
    ("RACE1", [car("7", 1, 120.0, 100.0), car("12", 1, 121.0)]),
    ("RACE1", [car("7", 2, 220.5, 100.5, pitting=True), car("12", 1, 121.0, 101.0)]),
    ("PRACTICE1", []),
]


@contextmanager
def stand_in() -> Iterator[str]:
    """A service that goes on by one step each time that the standings are asked for."""
    step = 0

    class Watched(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            nonlocal step
            session, cars = STEPS[min(step, len(STEPS) - 1)]
            told: object = cars
            if self.path.endswith("sessionInfo"):
                told = {"session": session, "trackName": "Nowhere"}
            else:
                step += 1
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_request(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Watched)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_the_bridge_on_the_page_tells_every_lap_once_in_lines_of_the_feed(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    bridge = tmp_path / "bridge.py"
    bridge.write_text(code.replace("time.sleep(1)", "time.sleep(0.01)"))
    with stand_in() as base, process([sys.executable, bridge, base], stdout=-1) as running:
        out = running.communicate()[0]
    said = list(LineReader().read(out, START))
    (hello,) = (each for each in said if isinstance(each, Hello))
    assert hello.info is not None
    assert hello.info.session_kind is SessionKind.RACE
    assert hello.info.simulated
    assert isinstance(said[-1], Goodbye)
    laps = [each.event for each in said if isinstance(each, StatedEvent)]
    assert all(isinstance(lap, LineCrossing) for lap in laps)
    assert len(said) == len(laps) + 2
    assert [
        (lap.car_number, lap.lap, lap.happened_at.ms, lap.lap_time.ms, lap.in_pit)
        for lap in laps
        if isinstance(lap, LineCrossing)
    ] == [
        ("7", 1, 100_000, 100_000, False),
        ("7", 2, 200_500, 100_500, True),
        ("12", 1, 101_000, 101_000, False),
    ]
    first = laps[0]
    assert isinstance(first, LineCrossing)
    assert [sector and sector.ms for sector in first.sectors] == [25_000, 50_000, 25_000]
