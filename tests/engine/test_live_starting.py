"""Sessions from what a person asks for."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import pytest
from websockets.sync.client import connect

from dryline.domain.errors import BadOption, RaceNotFound
from dryline.domain.event import HEARD
from dryline.domain.instant import Instant
from dryline.domain.session_kind import SessionKind
from dryline.engine.live.clock import LiveClock
from dryline.engine.live.session import Routine
from dryline.engine.live.starting import feed_at, live_session, names_of, replay_session
from dryline.engine.live.state import Ask
from dryline.feeds.alkamel.write import write_laps
from dryline.feeds.live.growing import GrowingFiles
from dryline.feeds.live.websocket import WebSocketReceiver
from dryline.feeds.synthesised_loops import synthesised_loops
from dryline.race.race import Race
from tests.engine.live_races import INFO, made_up, same_race


def test_a_replay_begins_where_it_is_told_and_goes_on_from_its_journal(tmp_path: Path) -> None:
    race, journal = made_up(), tmp_path / "race.journal"
    first = replay_session(race, speed=1e-9, at=Instant(900_000), journal=journal)
    first.turn()
    same_race(first.session.race(), race.cut(Instant(900_000)))
    first.stop()
    second = replay_session(race, speed=math.inf, journal=journal)
    assert second.session.clock.now() >= race.cut(Instant(900_000)).end
    second.run()
    same_race(second.session.race(), race)
    second.stop()


def test_the_clock_of_a_replay_stands_still_at_the_end_of_the_race() -> None:
    race = made_up(cars=3, hours=0.2)
    player = replay_session(race, speed=1e6)
    player.run()
    player.session.clock.wait(None, player.wake)
    assert player.session.clock.now() == race.end == player.session.state.now
    assert not player.session.state.feeds["replay"].is_stale(player.session.clock.now())
    player.jump(Instant(60_000))
    assert player.session.clock.now() >= Instant(60_000)
    player.stop()


def test_a_race_that_is_on_is_followed_from_its_file_in_a_thread_of_its_own(
    tmp_path: Path,
) -> None:
    race = made_up()
    path = tmp_path / "laps.csv"
    path.write_bytes(write_laps(race.crossings))
    player = live_session([str(path)], info=INFO)
    player.start()
    for _ in range(500):
        if len(player.session.state.race.rows) == race.crossings.height:
            break
        player.wake.wait(0.02)
    same_race(Race(INFO, player.session.race().crossings), race)
    assert isinstance(player.session.clock, LiveClock)
    assert player.session.clock.now() >= race.end
    assert player.fault is None
    player.stop()


def test_an_address_is_a_file_a_folder_or_a_socket(tmp_path: Path) -> None:
    assert isinstance(feed_at(str(tmp_path)), GrowingFiles)
    assert isinstance(feed_at(str(tmp_path / "comes-later.csv")), GrowingFiles)
    listening = feed_at("listen:0")
    assert isinstance(listening, WebSocketReceiver)
    assert listening.port > 0
    listening.close()


def test_what_is_no_address_is_refused_with_what_would_be() -> None:
    for address, error in (
        ("http://example.org/feed", BadOption),
        ("listen:70000", BadOption),
        ("/no/such/folder/laps.csv", RaceNotFound),
    ):
        with pytest.raises(error, match="listen:PORT"):
            feed_at(address)


def _as_of(race: Race, ask: Ask) -> int:
    return ask.as_of_ms


def test_a_replay_that_begins_late_asks_about_its_present_and_not_about_its_past() -> None:
    race, begin = made_up(cars=4, hours=0.5), Instant(1_200_000)
    player = replay_session(
        race, at=begin, works={"as_of": _as_of}, routines=[Routine("as_of", 60_000)]
    )
    while player.session.state.now.ms < begin.ms + 200_000:
        player.turn()
    asked = [answer.as_of_ms for answer in player.session.state.answers]
    player.stop()
    told = [*race.laps["elapsed_ms"], *(e.known_at.ms for e in synthesised_loops(race.crossings))]
    assert asked[0] == max(at for at in told if at <= begin.ms)
    assert len(asked) >= 3


def test_every_feed_has_a_name_of_its_own() -> None:
    addresses = ["listen:1", "-", "ws://a", "a/laps.csv", "wss://b", "b/laps.csv", "b"]
    assert names_of(addresses) == [
        "websocket", "stdin", "websocket #2", "laps.csv", "websocket #3", "laps.csv #2", "b",
    ]  # fmt: skip


def test_a_feed_counts_as_the_teams_where_it_is_named_so_and_a_file_cannot(tmp_path: Path) -> None:
    player = live_session(["listen:0"], team_feeds=["listen:0"], info=INFO)
    line = '{"event":"team","author":"Ana","text":"our car %d","happened_at":1}'
    for count, (feed, car) in enumerate(zip(player.feeds, (7, 50), strict=True), start=1):
        assert isinstance(feed, WebSocketReceiver)
        with connect(f"ws://127.0.0.1:{feed.port}", proxy=None) as sender:
            sender.recv()
            sender.send(line % car)
            while len(player.session.state.race.team) < count:
                player.turn()
    player.stop()
    said = [(one.author, one.kind) for one in player.session.state.race.team]
    assert said == [("websocket", HEARD), ("websocket #2: Ana", "our_car")]
    with pytest.raises(BadOption, match="a file has no team lines"):
        live_session([], team_feeds=[str(tmp_path)], info=INFO)


@pytest.mark.parametrize("kind", SessionKind)
def test_a_pit_wall_asks_nothing_about_races_of_another_session(kind: SessionKind) -> None:
    made = made_up(cars=4, hours=0.3)
    race = Race(msgspec.structs.replace(made.info, session_kind=kind), made.crossings)
    player = replay_session(race, works={"as_of": _as_of}, routines=[Routine("as_of", 60_000)])
    player.run()
    asked = [answer.kind for answer in player.session.state.answers]
    player.stop()
    assert (len(asked) > 3) is kind.is_race
    assert kind.is_race or not asked
