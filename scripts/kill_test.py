"""Kill a replayed race with -9 at many random instants, and compare with one left in peace.

    .venv/bin/python scripts/kill_test.py RACE [--kills 50] [--processes 0] [--car 50]

With --car everything that the pit wall of that car computes is compared, its calls above all.
Ends with status 1 if a lap was lost or doubled or an answer differs.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests.engine import test_live_killed as killed


def main() -> int:
    """Kill, start again, compare; 0 when nothing differs."""
    parser = argparse.ArgumentParser(description="Kill a replayed race at random instants.")
    parser.add_argument("race", type=Path)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--processes", type=int, default=0, help="worker processes; 0: on the spot")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--car", default="", help="our car; without it one small thing is asked")
    said = parser.parse_args()
    more = (str(said.processes), *([said.car] if said.car else []))
    chance = random.Random(said.seed)
    with tempfile.TemporaryDirectory() as folder:
        killed.SPEED = 1e9
        start = time.monotonic()
        whole = killed.run(said.race, Path(folder) / "whole.journal", None, *more)
        say(f"uninterrupted: {len(whole['rows'])} laps, {len(whole['answers'])} answers")
        length_s = time.monotonic() - start
        journal, kills, ended = Path(folder) / "killed.journal", 0, 0
        failures: list[str] = []
        while kills < said.kills:
            told = killed.run(said.race, journal, chance.uniform(0, 0.35 * length_s), *more)
            if told is None:
                kills += 1
                if chance.random() < 0.2:
                    torn = chance.randrange(1, 400)
                    with journal.open("r+b") as file:
                        file.truncate(max(0, journal.stat().st_size - torn))
                continue
            ended += 1
            failures += _different(told, whole)
            journal.unlink()
        told = killed.run(said.race, journal, None, *more)
        failures += _different(told, whole)
        say(f"{kills} kills, {ended + 1} races told to the end, {len(failures)} differences")
        for failure in failures:
            say(failure)
    return 1 if failures else 0


def say(text: str) -> None:
    """One line for whoever runs this."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _different(told: dict[str, object], whole: dict[str, object]) -> list[str]:
    return [name for name in ("rows", "answers", "errors") if told[name] != whole[name]]


if __name__ == "__main__":
    sys.exit(main())
