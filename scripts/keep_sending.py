"""Keep one sender at a real pit wall, and see that it is never cut off and every line is taken.

    .venv/bin/python scripts/keep_sending.py [--minutes 10]

Starts ``dryline live --feed api`` on the loopback and the reference sender beside it, which sends a
made-up race of that length at its own pace. Ends with status 1 where the connection was lost once,
or a line was not taken as it was sent.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from subprocess import Popen
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.load_live import served
from tests.made_up.field import crossings

from dryline.feeds.alkamel.write import write_laps
from dryline.feeds.live.sender import race_lines

CARS, LOOK_S, GRACE_S = 30, 1.0, 120.0
LEAST_MINUTES, MOST_MINUTES = 3.0, 24 * 60.0
"""The first lap takes two minutes."""


def main() -> int:
    """Send and judge; 0 where nothing was lost."""
    parser = argparse.ArgumentParser(description="How long a sender is kept.")
    parser.add_argument("--minutes", type=float, default=10.0)
    minutes = parser.parse_args().minutes
    if not LEAST_MINUTES <= minutes <= MOST_MINUTES:
        parser.error(f"--minutes lies between {LEAST_MINUTES:g} and {MOST_MINUTES:g}")
    with tempfile.TemporaryDirectory() as folder:
        laps = Path(folder) / "laps.csv"
        laps.write_bytes(write_laps(crossings(cars=CARS, hours=minutes / 60)))
        lines = race_lines(laps)
        last_s = lines[-1].at_ms / 1000
        say(f"{len(lines)} lines in {last_s / 60:.1f} minutes")
        server, port = served("--feed", "api", "--length", "24:00")
        try:
            health, tries = sent(laps, port, last_s + GRACE_S)
        finally:
            server.terminate()
            server.wait(60)
    wrong = verdict(health, tries, len(lines))
    say(f"sent {len(lines)}, taken {health.get('facts', 0)}, lost {health.get('losses', 0)} times")
    for what in wrong:
        say(what)
    return 1 if wrong else 0


def sent(laps: Path, port: int, most_s: float) -> tuple[dict[str, Any], int]:
    """How the feed does once the sender has ended, and the attempts that failed on the way."""
    url = f"ws://127.0.0.1:{port}/api/feed"
    command = [sys.executable, "-m", "dryline.feeds.live.sender", laps, "--to", url, "--speed", "1"]
    until, said_at, health = time.monotonic() + most_s, time.monotonic(), {}
    with tempfile.TemporaryFile("w+") as remarks, Popen(command, stderr=remarks) as sender:
        while health.get("state") != "ended" and time.monotonic() < until:
            time.sleep(LOOK_S)
            health = asked(port)
            if time.monotonic() - said_at >= 60:
                said_at += 60
                say(f"taken {health.get('facts', 0)}, lost {health.get('losses', 0)} times")
            if sender.poll():
                break
        sender.kill()
        remarks.seek(0)
        return health, remarks.read().count(" failed: ")


def asked(port: int) -> dict[str, Any]:
    """What the pit wall says of the feed; nothing before its first word."""
    screen = httpx.get(f"http://127.0.0.1:{port}/api/screen", timeout=30, trust_env=False).json()
    told: dict[str, Any] = screen["feeds"].get("api", {})
    return told


def verdict(health: dict[str, Any], tries: int, lines: int) -> list[str]:
    """What is not as it should be."""
    wrong = {
        "the sender did not come to its end": health.get("state") != "ended",
        f"{tries} attempts of the sender failed": tries > 0,
        "the connection was lost": health.get("losses", 0) > 0,
        f"{lines - health.get('facts', 0)} lines were not taken": health.get("facts", 0) != lines,
        "lines are missing, repeated or garbage": any(
            health.get(what, 0) for what in ("missing", "duplicates", "garbage")
        ),
    }
    return [what for what, is_so in wrong.items() if is_so]


def say(text: str) -> None:
    """One line for whoever runs this."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
