"""A session killed with -9 at any instant goes on without losing or doubling a lap."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from dryline.engine.live.reading import verify
from dryline.feeds.alkamel.write import write_laps
from tests.made_up.field import crossings

SPEED = 4_000.0


def run(race: Path, journal: Path, kill_at: int | None = None, car: str | None = None) -> Any:
    """One life of a session; what it told at its end, ``None`` if it was killed before."""
    out = journal.with_suffix(".told")
    out.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.engine.killed_session", race, journal, out, SPEED]
    said = ["-" if one is None else one for one in (car, kill_at)]
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    lived = subprocess.run(list(map(str, [*command, *said])), env=environment, check=False)
    assert lived.returncode == (0 if kill_at is None else -signal.SIGKILL)
    return json.loads(out.read_text()) if out.exists() else None


def some(crossings_: int, lives: int, seed: int) -> list[int]:
    """At how many crossings each life ends, in order, before the last."""
    return sorted(random.Random(seed).sample(range(1, crossings_), lives))


def test_a_race_killed_three_times_is_told_as_if_it_had_never_been(tmp_path: Path) -> None:
    race = tmp_path / "made_up_1h.csv"
    race.write_bytes(write_laps(crossings(cars=8, hours=1.0)))
    whole = run(race, tmp_path / "whole.journal")
    assert len(whole["rows"]) == crossings(cars=8, hours=1.0).height
    assert len(whole["answers"]) == 13
    journal = tmp_path / "killed.journal"
    for life, kill_at in enumerate(some(len(whole["rows"]), 3, seed=3)):
        assert run(race, journal, kill_at) is None
        if life == 0:
            with journal.open("ab") as file:
                file.write(b"\x80\x00\x00\x00torn")
    told = run(race, journal)
    assert told["torn"] == ["journal_torn"]
    assert told["rows"] == whole["rows"]
    assert told["answers"] == whole["answers"]
    assert told["duplicates"] == 0
    assert verify(journal).sound


def test_the_calls_of_a_pit_wall_that_was_killed_are_those_of_one_that_was_not(
    tmp_path: Path,
) -> None:
    race = tmp_path / "made_up_1h.csv"
    race.write_bytes(write_laps(crossings(cars=4, hours=0.25)))
    whole = run(race, tmp_path / "whole.journal", car="50")
    calls = [key for key, value in whole["answers"].items() if key.startswith("advise") and value]
    assert len(calls) >= 6
    journal = tmp_path / "killed.journal"
    for kill_at in some(len(whole["rows"]), 2, seed=5):
        assert run(race, journal, kill_at, car="50") is None
    told = run(race, journal, car="50")
    for name in ("rows", "answers", "errors"):
        assert told[name] == whole[name]
