"""Feeds that come through the server: another process sends a race, words and team inputs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from dryline.apps.server.feed import FeedDoor
from dryline.apps.server.tokens import Role
from dryline.engine.live.clock import ReplayClock
from dryline.engine.live.pit_wall import PitWall
from dryline.engine.live.player import Player
from dryline.engine.live.reading import replay
from dryline.engine.live.session import LiveSession
from dryline.engine.live.state import digest
from dryline.engine.live.works import ROUTINES, WORKS, pit_wall_workers
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.feeds.alkamel.write import write_laps
from dryline.feeds.live.arrival import ArrivalForm
from dryline.race.race import Race
from tests.apps.served import SECRETS, TOKENS, Served, fed, served
from tests.engine.live_races import INFO, same_race
from tests.feeds.live.sending import SENDER, process, timing_file
from tests.made_up.field import crossings
from tests.waiting import HANG_S, until


@pytest.fixture
def laps(tmp_path: Path) -> Path:
    return timing_file(tmp_path)


def sending(*command: object, **more: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", **more}
    return process(command, env=environment, stderr=subprocess.DEVNULL)


def feed_url(running: Served) -> str:
    return f"ws://127.0.0.1:{running.port}/api/feed"


def ended(running: Served, sender: subprocess.Popen[bytes]) -> Callable[[], bool]:
    def look() -> bool:
        assert not sender.poll(), f"the sender left with {sender.returncode}"
        return running.feed() == "ended"

    return look


def test_another_process_streams_a_race_messages_and_team_inputs_into_the_server(
    laps: Path, tmp_path: Path
) -> None:
    messages, others = tmp_path / "messages.csv", tmp_path / "others.jsonl"
    messages.write_text(
        "at,kind,text,flag\n0:05:00,flag,debris <b>here</b>,fcy\n0:06:00,flag,,green\n"
    )
    others.write_text(
        '{"event":"team","author":"Ana","text":"31 two tyres","happened_at":400000}\n'
        '{"event":"evidence","kind":"rain","source":"spotter","happened_at":500000}\n'
    )
    journal, door = tmp_path / "race.journal", FeedDoor(2, form=ArrivalForm.TEAM_LINES)
    player = fed(door, journal)
    with served(player, tokens=TOKENS, door=door) as running:
        command = [*SENDER, laps, "--to", feed_url(running), "--messages", messages]
        token = SECRETS[Role.FEED]
        with sending(*command, "--others", others, DRYLINE_FEED_TOKEN=token) as sender:
            until(ended(running, sender))
            assert sender.wait(20) == 0
        race, batch = player.session.race(), parse_laps(laps.read_bytes(), "laps")
        same_race(Race(INFO, race.crossings), Race(INFO, batch.crossings))

        def screen() -> Any:
            return running.get("/api/screen", Role.VIEWER).json()

        until(lambda: screen()["feeds"]["api"]["state"] == "ended")
        assert screen()["order"] == race.at(race.end).order
        assert screen()["messages"][0]["text"] == "debris <b>here</b>"
        team = running.get("/api/team", Role.STRATEGIST).json()
        assert [(said["author"], said["text"]) for said in team["inputs"]] == [
            ("api: Ana", "31 two tyres")
        ]
        assert "Ana" not in running.get("/api/screen", Role.VIEWER).text
        known = digest(player.session.state)
    assert replay(journal).digest == known


def test_a_feed_that_does_everything_wrong_is_shown_and_the_race_is_right_afterwards(
    laps: Path, tmp_path: Path
) -> None:
    """Drops for 90 s, repeats, jumps back, sends garbage, changes a past lap, swaps lines."""
    speed, door = 500.0, FeedDoor(2)
    frame = parse_laps(laps.read_bytes(), "laps").crossings
    player = Player(LiveSession(INFO, ReplayClock(speed)), [door])
    with served(player, door=door) as running:
        shown: dict[str, Any] = {}

        def degraded() -> bool:
            shown.update(running.get("/healthz").json())
            return any(feed["state"] == "lost" for feed in shown["feeds"])

        bad, come_back = [sys.executable, "-m", "tests.feeds.live.bad_sender"], tmp_path / "back"
        with sending(*bad, laps, feed_url(running), speed, come_back) as sender:
            until(degraded)
            come_back.touch()
            until(ended(running, sender))
            assert sender.wait(20) == 0
        until(lambda: running.get("/api/screen").json()["feeds"]["api"]["state"] == "ended")
        screen = running.get("/api/screen").json()
        health = screen["feeds"]["api"]
        past = frame.sort("known_at_ms", "line")[frame.height // 3 // 2]
        changed = (pl.col("car_number") == past["car_number"]) & (pl.col("lap") == past["lap"])
        right = Race(
            INFO,
            frame.with_columns(
                driver=pl.when(changed).then(pl.lit("Somebody Else")).otherwise("driver")
            ),
        )
        same_race(player.session.race(), right, but=["known_at_ms"])
        assert screen["order"] == right.at(right.end).order
    assert (health["corrections"], health["losses"], health["garbage"]) == (1, 1, 6)
    assert health["duplicates"] >= frame.height // 3 + 10
    assert any(until_ms - from_ms >= 85_000 for from_ms, until_ms in health["silences"])
    assert shown["status"] == "degraded"
    assert "api" in shown["reason"]


@pytest.mark.parametrize("role", [None, Role.VIEWER, Role.STRATEGIST])
def test_only_a_feed_token_or_an_admins_may_send(role: Role | None) -> None:
    door = FeedDoor(2)
    with served(fed(door), tokens=TOKENS, door=door) as running:
        headers = {} if role is None else {"Authorization": f"Bearer {SECRETS[role]}"}
        with pytest.raises(InvalidStatus) as refused:
            connect(feed_url(running), additional_headers=headers, proxy=None)
        assert refused.value.response.status_code == (401 if role is None else 403)


def test_a_page_of_another_site_cannot_send() -> None:
    door = FeedDoor(2)
    evil = "http://evil.example"
    with served(fed(door), door=door) as running, pytest.raises(InvalidStatus) as refused:
        connect(feed_url(running), origin=evil, proxy=None)  # type: ignore[arg-type]
    assert refused.value.response.status_code == 403


def test_a_feed_token_sends_to_the_feed_and_speaks_for_nobody() -> None:
    door, said = FeedDoor(2), "our car 31"
    who = {"Authorization": f"Bearer {SECRETS[Role.FEED]}"}
    with served(fed(door), tokens=TOKENS, door=door, car="50") as running:
        line = {"event": "team", "author": "Ana (chief strategist)", "text": said}
        with connect(feed_url(running), additional_headers=who, proxy=None) as sender:
            sender.send(json.dumps(line))
            until(lambda: len(running.player.session.state.race.team) == 2)
        team = running.get("/api/team", Role.STRATEGIST).json()
        assert team["car_number"] == "50"
        heard = team["inputs"][1]
        assert (heard["author"], heard["kind"], heard["text"]) == ("api", "heard", said)
        assert "Ana" not in json.dumps(team)


def test_a_message_too_large_ends_the_connection_and_nothing_else() -> None:
    door = FeedDoor(2)
    with served(fed(door), door=door) as running:
        with connect(feed_url(running), proxy=None) as sender:
            assert sender.recv() == '{"dryline_feed":1,"resume_after":0}'
            with suppress(ConnectionClosed):
                sender.send(b"x" * (1 << 21))
            with pytest.raises(ConnectionClosed) as closed:
                sender.recv(timeout=HANG_S)
        assert closed.value.rcvd is None or closed.value.rcvd.code == 1009
        until(lambda: running.feed() == "lost")
        assert running.get("/healthz").json()["status"] == "degraded"


def test_only_so_many_may_send_at_once() -> None:
    door = FeedDoor(1)
    with (
        served(fed(door), door=door) as running,
        connect(feed_url(running), proxy=None) as first,
        connect(feed_url(running), proxy=None) as second,
    ):
        first.recv()
        with pytest.raises(ConnectionClosed):
            second.recv(timeout=HANG_S)
        first.send('{"heartbeat": true, "known_at": 5000}')
        until(lambda: running.player.session.state.race.now.ms == 5000)


def test_a_replay_takes_no_feed() -> None:
    from tests.apps.served import replayed

    with served(replayed()) as running, pytest.raises(InvalidStatus):
        connect(feed_url(running), proxy=None)


def test_a_typed_line_replans_the_call(tmp_path: Path) -> None:
    laps, others = tmp_path / "laps.csv", tmp_path / "others.jsonl"
    door = FeedDoor(2, form=ArrivalForm.TEAM_LINES)
    half = crossings(cars=6, hours=0.5).filter(pl.col("elapsed_ms") < 700_000)
    laps.write_bytes(write_laps(half))
    others.write_text('{"event":"team","author":"Ana","text":"our car 50","happened_at":400000}\n')
    player = fed(door, works=WORKS, routines=ROUTINES, workers=pit_wall_workers())
    wall = PitWall(player)
    with served(player, door=door) as running:
        with sending(*SENDER, laps, "--to", feed_url(running), "--others", others) as sender:
            until(ended(running, sender))
        until(lambda: wall.team().call is not None and not wall.team().asking)
        first = wall.team().call
        answer = running.post("/api/inputs", {"text": "50 energy 40", "author": "Ana"})
        assert answer.status_code == 200
        until(lambda: wall.team().call != first)
