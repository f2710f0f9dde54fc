"""A small version of ``benchmarks/load_live.py``: many watch, some read nothing, nobody waits."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.load_live import MARK_MS, measured, verdict

from dryline.feeds.alkamel.write import write_laps
from tests.made_up_race import crossings


def test_twenty_viewers_have_every_change_in_time_beside_five_that_read_nothing(
    tmp_path: Path,
) -> None:
    race = tmp_path / "made_up_6h.csv"
    race.write_bytes(write_laps(crossings(cars=62, hours=1.0)))
    told = measured(str(race), 20, 5, 5.0, "--speed", "20", "--at", "0:15:00")
    busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    wrong = [what for what in verdict(told) if what != "p99 is too late"]
    assert wrong == [], told
    assert told["p99_ms"] < MARK_MS * busy, told
    assert told["changes_received"] > 20 * 5
