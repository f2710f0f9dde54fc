"""Feeds from other processes: over WebSocket, through a pipe, well-behaved and not."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from dryline.domain.event import RaceControlMessage
from dryline.domain.instant import Instant
from dryline.domain.race_info import UNNAMED, RaceInfo
from dryline.engine.live.clock import FollowingClock, LiveClock, ReplayClock
from dryline.engine.live.player import Player
from dryline.engine.live.reading import replay
from dryline.engine.live.session import LiveSession
from dryline.engine.live.state import SessionState, digest
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.feeds.live.arrival import ArrivalForm
from dryline.feeds.live.backoff import wait_s
from dryline.feeds.live.stream import StreamFeed
from dryline.feeds.live.websocket import WebSocketFeed, WebSocketReceiver
from dryline.race.race import Race
from tests import waiting
from tests.engine.live_races import INFO, same_race
from tests.feeds.live.sending import SENDER, process, timing_file
from tests.made_up.field import crossings


@pytest.fixture
def laps(tmp_path: Path) -> Path:
    return timing_file(tmp_path)


def batch(laps: Path) -> Race:
    return Race(INFO, parse_laps(laps.read_bytes(), "laps").crossings)


def until(player: Player, done: Callable[[], object]) -> None:
    waiting.until(done, player.turn)


def test_a_second_process_streams_a_race_messages_and_team_inputs(
    laps: Path, tmp_path: Path
) -> None:
    messages, others = tmp_path / "messages.csv", tmp_path / "others.jsonl"
    messages.write_text("at,kind,text,flag\n0:05:00,flag,debris,fcy\n0:06:00,flag,,green\n")
    others.write_text(
        '{"event":"team","author":"Ana","text":"31 two tyres","happened_at":400000}\n'
        '{"event":"evidence","kind":"rain","source":"spotter","happened_at":500000}\n'
    )
    receiver = WebSocketReceiver(0, form=ArrivalForm.TEAM_LINES)
    journal = tmp_path / "race.journal"
    session = LiveSession(INFO, FollowingClock(), journal=journal)
    player = Player(session, [receiver])
    command = [*SENDER, laps, "--to", f"ws://127.0.0.1:{receiver.port}"]
    with process([*command, "--messages", messages, "--others", others]) as sender:
        until(player, lambda: session.state.feeds.get("websocket") and _state(session) == "ended")
        assert sender.wait(20) == 0
    race = session.race()
    same_race(Race(INFO, race.crossings), batch(laps))
    said = [(type(m), m.known_at) for m in race.messages]
    assert said[0] == (RaceControlMessage, Instant(300_000))
    assert len(said) == 3
    (typed,) = session.state.race.team
    assert (typed.author, typed.tyre_count) == ("websocket: Ana", 2)
    assert typed.known_at == Instant(400_000)
    known = digest(session.state)
    player.stop()
    assert replay(journal).digest == known


def _state(session: LiveSession) -> str:
    return session.state.feeds["websocket"].state


def test_we_connect_to_a_sender_again_and_again_and_go_on_where_it_broke(laps: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    feed = WebSocketFeed(f"ws://127.0.0.1:{port}")
    session = LiveSession(RaceInfo(name=UNNAMED), FollowingClock())
    player = Player(session, [feed])
    until(player, lambda: "websocket" in session.state.feeds and _state(session) == "lost")
    assert session.state.feeds["websocket"].retry_ms > 0
    serve = [*SENDER, laps, "--serve", str(port), "--speed"]
    with process([*serve, "400"], stderr=subprocess.DEVNULL) as sender:
        until(player, lambda: len(session.state.race.rows) > 15)
        sender.kill()
    until(player, lambda: _state(session) == "lost")
    with process([*serve, "inf"], stderr=subprocess.DEVNULL) as sender:
        until(player, lambda: _state(session) == "ended")
        sender.kill()
    health = session.state.feeds["websocket"]
    assert (health.duplicates, health.missing, health.losses >= 2) == (0, 0, True)
    assert session.state.race.info.name == "laps"
    same_race(Race(INFO, session.race().crossings), batch(laps))
    player.stop()


def test_a_feed_that_does_everything_wrong_leaves_the_state_right_and_a_health_that_says_so(
    laps: Path, tmp_path: Path
) -> None:
    """Drops for 90 s, repeats, jumps back, sends garbage, changes a past lap, swaps lines."""
    speed, journal, receiver = 500.0, tmp_path / "race.journal", WebSocketReceiver(0)
    states: list[SessionState] = []
    frame = batch(laps).crossings
    session = LiveSession(INFO, ReplayClock(speed), journal=journal)
    session.listen(states.append)
    player = Player(session, [receiver])
    url = f"ws://127.0.0.1:{receiver.port}"
    command = [sys.executable, "-m", "tests.feeds.live.bad_sender", laps, url, str(speed)]
    with process(command) as sender:
        until(player, lambda: session.state.feeds.get("websocket") and _state(session) == "ended")
        assert sender.wait(20) == 0
    past = frame.sort("known_at_ms", "line")[frame.height // 3 // 2]
    changed = (pl.col("car_number") == past["car_number"]) & (pl.col("lap") == past["lap"])
    right = frame.with_columns(
        driver=pl.when(changed).then(pl.lit("Somebody Else")).otherwise("driver")
    )
    same_race(session.race(), Race(INFO, right), but=["known_at_ms"])
    health = session.state.feeds["websocket"]
    assert health.garbage == 6  # five lines of it, and the one that was cut off
    assert health.duplicates >= frame.height // 3 + 10
    assert (health.corrections, health.losses) == (1, 1)
    assert health.late >= 3
    assert any(silence.until_ms - silence.from_ms >= 85_000 for silence in health.silences)
    lost = [s.feeds["websocket"] for s in states if s.feeds["websocket"].state == "lost"]
    assert lost
    assert lost[0].is_stale(Instant(lost[0].heard_ms or 0))
    known = digest(session.state)
    player.stop()
    assert replay(journal).digest == known


def test_a_live_clock_dates_facts_when_they_arrive_and_never_before_they_happened(
    laps: Path,
) -> None:
    receiver = WebSocketReceiver(0)
    session = LiveSession(INFO, LiveClock())
    player = Player(session, [receiver])
    url = f"ws://127.0.0.1:{receiver.port}"
    with process([*SENDER, laps, "--to", url, "--speed", "2000"]):
        until(player, lambda: session.state.feeds.get("websocket") and _state(session) == "ended")
    race = session.race()
    same_race(race, batch(laps), but=["known_at_ms"])
    late_ms = race.crossings["known_at_ms"] - race.crossings["elapsed_ms"]
    assert late_ms.min() >= 0  # type: ignore[operator]
    assert late_ms.max() < 20_000  # type: ignore[operator]
    assert session.clock.now() >= race.end
    player.stop()


def test_the_bridge_of_the_documentation_works(tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "live-feed.md").read_text()
    (bridge,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    frame = crossings(cars=3, hours=0.2, flags=False)
    export = frame.select(
        "driver", "lap", car="car_number", **{"class": "car_class"},
        race_time=pl.col("elapsed_ms") / 1000, lap_time=pl.col("lap_time_ms") / 1000,
    )  # fmt: skip
    with process(
        [sys.executable, "-c", bridge], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as bridged:
        assert bridged.stdin is not None
        assert bridged.stdout is not None
        bridged.stdin.write(export.write_csv().encode())
        bridged.stdin.close()
        session = LiveSession(RaceInfo(name=UNNAMED), FollowingClock())
        player = Player(session, [StreamFeed(bridged.stdout.fileno())])
        player.run()
    race = session.race()
    assert race.info.name == "club race"
    for column in ("car_number", "lap", "elapsed_ms", "lap_time_ms", "driver", "car_class"):
        assert race.crossings[column].to_list() == frame[column].to_list()


def test_waits_double_up_to_ten_seconds_and_are_always_the_same() -> None:
    waits = [wait_s(attempt, "a feed") for attempt in range(1, 40)]
    assert waits == [wait_s(attempt, "a feed") for attempt in range(1, 40)]
    assert 0.18 < waits[0] <= 0.25
    assert waits[:5] == sorted(waits[:5])
    assert 7.5 <= min(waits[8:]) <= max(waits) <= 10.0


def test_a_crowded_inbox_makes_the_sender_wait_and_loses_nothing(laps: Path) -> None:
    receiver = WebSocketReceiver(0)
    url = f"ws://127.0.0.1:{receiver.port}"
    session = LiveSession(INFO, FollowingClock())
    with process([*SENDER, laps, "--to", url]):
        time.sleep(0.5)
        player = Player(session, [receiver])
        until(player, lambda: session.state.feeds.get("websocket") and _state(session) == "ended")
    same_race(session.race(), batch(laps))
    player.stop()
