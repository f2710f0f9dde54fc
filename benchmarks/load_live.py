"""Many viewers of one pit wall: how long after an event each of them has it, and what it costs.

    python -m benchmarks.load_live RACE [--viewers 200] [--slow 20] [--minutes 5] [--speed 10]
                                   [--at 0:30:00] [--ahead]

Starts ``dryline live`` on the loopback and a process of clients beside it. The server stamps each
change of the screen with the monotonic clock at its first fact; the clients, on the same machine,
compare. The slow clients read nothing at all. Ends with status 1 where p99 is 250 ms or more, a
viewer that reads was made to begin anew, or memory grew.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import resource
import subprocess
import sys
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MARK_MS, GROWTH_MB = 250.0, 60.0
_SCREEN = re.compile(rb'event: screen\ndata: \{"version":(\d+)')
_DELTA = re.compile(rb'(?:: (\d+)\n)?event: delta\ndata: \{"since":(\d+),"version":(\d+)')
_REQUEST = b"GET /api/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n"


@dataclass
class Viewer:
    """What one viewer has seen."""

    late_ms: list[float] = field(default_factory=list)
    screens: int = 0
    holes: int = 0
    version: int | None = None
    lost: bool = False

    def hear(self, event: bytes, now_ns: int) -> None:
        """One event that came at ``now_ns``."""
        told = _DELTA.match(event)
        if told is not None:
            if told[1] is not None:
                self.late_ms.append((now_ns - int(told[1])) / 1e6)
            self.holes += self.version not in (None, int(told[2]))
            self.version = int(told[3])
        elif (whole := _SCREEN.match(event)) is not None:
            self.screens += 1
            self.version = int(whole[1])


async def read_on(port: int, viewer: Viewer) -> None:
    """Read the stream for as long as it lasts."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_REQUEST)
    unpack, rest = zlib.decompressobj(16 + zlib.MAX_WBITS), b""
    with contextlib.suppress(asyncio.IncompleteReadError), contextlib.closing(writer):
        await reader.readuntil(b"\r\n\r\n")
        while size := int(await reader.readuntil(b"\r\n"), 16):
            piece = await reader.readexactly(size + 2)
            now_ns = time.monotonic_ns()
            *whole, rest = (rest + unpack.decompress(piece[:-2])).split(b"\n\n")
            for event in whole:
                viewer.hear(event, now_ns)
    viewer.lost = True


async def listen_to_nothing(port: int) -> asyncio.StreamWriter:
    """Ask for the stream and never read it."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(_REQUEST)
    return writer


async def watch(port: int, viewers: int, slow: int, seconds: float) -> dict[str, Any]:
    """What so many viewers see in so many seconds."""
    deaf = [await listen_to_nothing(port) for _ in range(slow)]
    seen = [Viewer() for _ in range(viewers)]
    tasks = [asyncio.create_task(read_on(port, viewer)) for viewer in seen]
    await asyncio.sleep(min(5.0, seconds / 3))
    for viewer in seen:
        viewer.late_ms.clear()
    await asyncio.sleep(seconds)
    late = sorted(ms for viewer in seen for ms in viewer.late_ms)
    lost = sum(viewer.lost for viewer in seen)
    for task in tasks:
        task.cancel()
    for writer in deaf:
        writer.transport.abort()
    return {
        "viewers": viewers,
        "slow": slow,
        "seconds": seconds,
        "changes_received": len(late),
        "p50_ms": _share(late, 0.5),
        "p95_ms": _share(late, 0.95),
        "p99_ms": _share(late, 0.99),
        "most_ms": _share(late, 1.0),
        "begun_anew": sum(max(0, viewer.screens - 1) for viewer in seen),
        "holes": sum(viewer.holes for viewer in seen),
        "lost": lost,
    }


def _share(ordered: list[float], share: float) -> float | None:
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


def served(*what: str) -> tuple[subprocess.Popen[str], int]:
    """``dryline live`` of a race or a feed on a free port; the process and the port."""
    command = [sys.executable, "-m", "dryline", "live", *what, "--port", "0", "--no-screen"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    said = server.stderr.readline()
    found = re.search(r"http://127\.0\.0\.1:(\d+)", said)
    if found is None:
        server.kill()
        raise SystemExit(said + server.stderr.read())
    return server, int(found[1])


def resident_mb(process: int) -> float:
    """The memory that a process holds."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def cpu_s(process: int) -> float:
    """The processor time that a process has used, without its children."""
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return round((int(user) + int(system)) / os.sysconf("SC_CLK_TCK"), 1)


def put_ahead(process: int) -> None:
    """Let every thread of a process run before the machine's other work; needs the right to."""
    for task in Path(f"/proc/{process}/task").iterdir():
        os.sched_setscheduler(int(task.name), os.SCHED_RR, os.sched_param(1))


def measured(
    race: str, viewers: int, slow: int, seconds: float, *more: str, ahead: bool = False
) -> dict[str, Any]:
    """Server, clients in a process of their own, and the figures of both."""
    server, port = served(race, *more)
    try:
        time.sleep(min(10.0, seconds / 2))
        if ahead:
            put_ahead(server.pid)
        clients = [sys.executable, "-m", "benchmarks.load_live", "--clients", str(port)]
        clients += ["--viewers", str(viewers), "--slow", str(slow), "--seconds", str(seconds)]
        clients += ["--ahead"] if ahead else []
        memory: list[float] = []
        with subprocess.Popen(clients, stdout=subprocess.PIPE, text=True) as watching:
            while watching.poll() is None:
                memory.append(round(resident_mb(server.pid), 1))
                with contextlib.suppress(subprocess.TimeoutExpired):
                    watching.wait(max(0.5, seconds / 20))
            assert watching.stdout is not None
            told: dict[str, Any] = json.loads(watching.stdout.read())
        told["resident_mb"] = memory
        told["server_cpu_s"] = cpu_s(server.pid)
        told["load_average"] = round(os.getloadavg()[0], 1)
        return told
    finally:
        server.terminate()
        server.wait(60)
        if server.stderr is not None:
            server.stderr.close()


def verdict(told: dict[str, Any]) -> list[str]:
    """What is not as it should be."""
    settled = told["resident_mb"][len(told["resident_mb"]) // 4 :]
    wrong = {
        "nothing was received": not told["changes_received"],
        "p99 is too late": (told["p99_ms"] or 0) >= MARK_MS,
        "viewers were made to begin anew": told["begun_anew"] > 0,
        "changes are missing": told["holes"] > 0,
        "viewers were lost": told["lost"] > 0,
        "memory grew": settled[-1] - settled[0] > GROWTH_MB,
    }
    return [what for what, is_so in wrong.items() if is_so]


def main() -> int:
    """Measure and judge; 0 where all is well."""
    parser = argparse.ArgumentParser(description="Many viewers of one pit wall.")
    parser.add_argument("race", nargs="?", default="imola-2024")
    parser.add_argument("--clients", type=int, metavar="PORT", help=argparse.SUPPRESS)
    parser.add_argument("--viewers", type=int, default=200)
    parser.add_argument("--slow", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--speed", default="10")
    parser.add_argument(
        "--ahead", action="store_true", help="before the machine's other work (needs root)"
    )
    parser.add_argument("--at", default="0:30:00")
    said = parser.parse_args()
    seconds = 60 * said.minutes if said.seconds is None else said.seconds
    if said.clients is not None:
        if said.ahead:
            put_ahead(os.getpid())
        print(json.dumps(asyncio.run(watch(said.clients, said.viewers, said.slow, seconds))))
        return 0
    more = ("--speed", said.speed, "--at", said.at)
    told = measured(said.race, said.viewers, said.slow, seconds, *more, ahead=said.ahead)
    wrong = verdict(told)
    print(json.dumps({**told, "wrong": wrong}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
