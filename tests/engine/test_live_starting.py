"""Sessions from what a person asks for."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from dryline.domain.errors import BadOption, RaceNotFound
from dryline.domain.instant import Instant
from dryline.engine.live.clock import LiveClock
from dryline.engine.live.starting import feed_at, live_session, replay_session
from dryline.feeds.alkamel.write import write_laps
from dryline.feeds.live.growing import GrowingFiles
from dryline.feeds.live.websocket import WebSocketReceiver
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
