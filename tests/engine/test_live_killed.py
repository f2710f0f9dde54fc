"""A session killed with -9 at any instant goes on without losing or doubling a lap."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from dryline.engine.live.reading import verify
from dryline.feeds.alkamel.write import write_laps
from tests.made_up_race import crossings

SPEED = 4_000.0


def run(race: Path, journal: Path, kill_after_s: float | None = None, *more: str) -> Any:
    """One life of a session; what it told at its end, ``None`` if it was killed before."""
    out = journal.with_suffix(".told")
    out.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.engine.killed_session"]
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [*command, str(race), str(journal), str(out), str(SPEED), *more],
        stdout=subprocess.PIPE,
        env=environment,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"go\n"
        if kill_after_s is not None:
            time.sleep(kill_after_s)
            child.kill()
        child.communicate()
    return json.loads(out.read_text()) if out.exists() else None


def test_a_race_killed_three_times_is_told_as_if_it_had_never_been(tmp_path: Path) -> None:
    race = tmp_path / "made_up_1h.csv"
    race.write_bytes(write_laps(crossings(cars=8, hours=1.0)))
    whole = run(race, tmp_path / "whole.journal")
    assert len(whole["rows"]) == crossings(cars=8, hours=1.0).height
    assert len(whole["answers"]) == 13
    chance, journal, lives = random.Random(3), tmp_path / "killed.journal", 0
    for _ in range(3):
        lives += run(race, journal, chance.uniform(0.05, 0.3)) is None
        if lives == 1:
            with journal.open("ab") as file:
                file.write(b"\x80\x00\x00\x00torn")
    told = run(race, journal)
    assert lives >= 2
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
    wall = ("0", "50")
    whole = run(race, tmp_path / "whole.journal", None, *wall)
    calls = [key for key, value in whole["answers"].items() if key.startswith("advise") and value]
    assert len(calls) >= 6
    chance, journal, lives = random.Random(5), tmp_path / "killed.journal", 0
    for _ in range(2):
        lives += run(race, journal, chance.uniform(0.5, 2.5), *wall) is None
    told = run(race, journal, None, *wall)
    assert lives >= 1
    for name in ("rows", "answers", "errors"):
        assert told[name] == whole[name]
