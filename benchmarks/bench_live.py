"""A live session at full speed: run with ``make bench``. Marks: memory flat and under 1 GB.

The whole way is counted: bytes of the feed, journal with its hashes, reading, belief, the fold.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from tests.conftest import DATA

from dryline.engine.live.clock import ReplayClock
from dryline.engine.live.player import Player
from dryline.engine.live.reading import replay, verify
from dryline.engine.live.replay_feed import ReplayFeed
from dryline.engine.live.session import LiveSession
from dryline.engine.live.state import digest
from dryline.engine.live.view import delta, encoded, screen
from dryline.engine.opening import open_race

pytestmark = pytest.mark.skipif(DATA is None, reason="the real races are not beside the project")
RACE = "wec/2024/le_mans_24h.csv"
MARK_MB = 1_000

_MEMORY = """
import json, resource, sys
from pathlib import Path
from dryline.domain.instant import Instant
from dryline.engine.live.clock import ReplayClock
from dryline.engine.live.player import Player
from dryline.engine.live.replay_feed import ReplayFeed
from dryline.engine.live.session import LiveSession
from dryline.engine.live.view import screen
from dryline.engine.opening import open_race

def resident_mb():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * resource.getpagesize() / 1e6)

race = open_race(sys.argv[1])
session = LiveSession(race.info, ReplayClock(), journal=Path(sys.argv[2]))
player = Player(session, [ReplayFeed(race)])
player.pause()
seen = []
for hour in range(1, 25):
    player.jump(Instant(hour * 3_600_000))
    screen(session)
    seen.append(resident_mb())
player.resume()
player.run()
peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
print(json.dumps({"hourly_mb": seen, "peak_mb": peak}))
"""


def test_a_24_hour_race_at_full_speed(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    assert DATA is not None
    race = open_race(DATA / RACE)
    count = iter(range(100))

    def run() -> LiveSession:
        journal = tmp_path / f"{next(count)}.journal"
        session = LiveSession(race.info, ReplayClock(), journal=journal)
        player = Player(session, [ReplayFeed(race)])
        player.run()
        player.stop()
        return session

    session = benchmark.pedantic(run, rounds=3, warmup_rounds=1)
    assert session.race().laps.equals(race.laps)
    assert session.race().at(race.end) == race.at(race.end)
    seconds = benchmark.stats.stats.median
    benchmark.extra_info["events_per_second"] = round(race.crossings.height / seconds)


def test_memory_of_a_24_hour_race(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    assert DATA is not None
    command = [sys.executable, "-c", _MEMORY, str(DATA / RACE), str(tmp_path / "journal")]

    def run() -> dict[str, list[int] | int]:
        out = subprocess.run(command, capture_output=True, check=True).stdout
        return dict(json.loads(out))

    told = benchmark.pedantic(run, rounds=1, warmup_rounds=0)
    benchmark.extra_info |= told
    assert told["peak_mb"] < MARK_MB  # type: ignore[operator]


def test_reading_the_journal_of_a_24_hour_race_again(
    benchmark: BenchmarkFixture, tmp_path: Path
) -> None:
    assert DATA is not None
    race, journal = open_race(DATA / RACE), tmp_path / "race.journal"
    player = Player(LiveSession(race.info, ReplayClock(), journal=journal), [ReplayFeed(race)])
    player.run()
    known = digest(player.session.state)
    player.stop()
    replayed = benchmark.pedantic(lambda: replay(journal), rounds=3, warmup_rounds=0)
    assert (replayed.digest, replayed.marks_that_differ) == (known, ())
    report = verify(journal)
    assert report.sound
    benchmark.extra_info["journal_mb"] = round(report.bytes / 1e6, 1)
    benchmark.extra_info["records"] = report.records


def test_a_screen_and_its_delta_after_one_more_event(benchmark: BenchmarkFixture) -> None:
    """What the server does for all viewers together when something has happened."""
    assert DATA is not None
    race = open_race(DATA / RACE)
    player = Player(LiveSession(race.info, ReplayClock()), [ReplayFeed(race)])
    player.jump(race.instant("23:00:00"))
    shown = [screen(player.session)]

    def go_on() -> None:
        player.step()
        after = screen(player.session)
        encoded(delta(shown[0], after))
        shown[0] = after

    benchmark.pedantic(go_on, rounds=60, warmup_rounds=5)
