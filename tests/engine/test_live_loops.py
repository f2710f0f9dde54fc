"""Loops between two crossings in a live session: believed, kept, shown, told again."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import pytest

from dryline.answers.advice import Advice
from dryline.domain.event import LineCrossing
from dryline.domain.instant import Instant
from dryline.domain.race_info import UNNAMED, RaceInfo, RaceLength
from dryline.engine.live.answered import value_of
from dryline.engine.live.clock import FollowingClock
from dryline.engine.live.player import Player
from dryline.engine.live.reading import export, replay
from dryline.engine.live.replay_feed import ReplayFeed, race_events
from dryline.engine.live.session import LiveSession
from dryline.engine.live.starting import replay_session
from dryline.engine.live.state import digest
from dryline.engine.live.view import applied, delta, screen
from dryline.engine.live.works import ADVISE, WORKS, team_arguments
from dryline.feeds.live.stream import StreamFeed
from dryline.feeds.synthesised_loops import synthesised_loops
from tests.conftest import ROOT
from tests.engine.live_races import lines, made_up, raw, same_race, session
from tests.feeds.live.sending import process
from tests.made_up.field import crossings


def said(live: LiveSession, **fact: Any) -> None:
    live.receive([raw(msgspec.json.encode({"event": "loop_passing", **fact}) + b"\n")])


def first_laps(live: LiveSession, count: int = 8) -> list[LineCrossing]:
    facts = [fact for fact in race_events(made_up()) if isinstance(fact, LineCrossing)][:count]
    live.receive([lines(*facts)])
    return facts


def test_a_passing_without_a_lap_is_of_the_one_after_the_cars_last_crossing() -> None:
    live = session()
    *_, last = first_laps(live)
    at_ms = last.happened_at.ms + 30_000
    said(live, happened_at=at_ms, car_number=last.car_number, loop="sector", sector=1)
    (event,) = live.state.race.loops
    assert (event.lap, event.known_at.ms) == (last.lap + 1, at_ms)
    line = screen(live).cars[last.car_number]
    assert (line["loop"], line["loop_ms"], line["now_s1_ms"]) == ("S1", at_ms, 30_000)
    assert line["now_s2_ms"] is None
    said(live, happened_at=at_ms + 31_000, car_number=last.car_number, loop="sector", sector=2)
    assert screen(live).cars[last.car_number]["now_s2_ms"] == 31_000


def test_a_passing_said_twice_counts_once_and_said_anew_the_later_word_holds() -> None:
    live = session()
    *_, last = first_laps(live)
    fact = {"car_number": last.car_number, "loop": "pit_in", "lap": last.lap + 1}
    at_ms = last.happened_at.ms + 60_000
    for instant in (at_ms, at_ms, at_ms - 500):
        said(live, happened_at=instant, known_at=at_ms, **fact)
    health = live.state.feeds["feed"]
    assert (health.duplicates, health.garbage) == (1, 0)
    assert screen(live).cars[last.car_number]["doing_since_ms"] == at_ms - 500


@pytest.mark.parametrize(
    "odd",
    [
        {"loop": "sector"},
        {"loop": "sector", "sector": 10},
        {"loop": "intermediate", "sector": 1},
        {"loop": "intermediate", "sector": 1, "number": 100},
        {"loop": "pit_in", "lap": 0},
        {"loop": "pit_in", "car_number": "no such long number"},
        {"loop": "pit_in", "happened_at": -1},
        {"loop": "portal"},
        {"loop": "pit_in", "happened_at": 10**9},
    ],
)
def test_a_passing_that_cannot_be_is_set_aside_with_a_reason(odd: dict[str, Any]) -> None:
    live = session()
    first_laps(live)
    before = live.state.race
    said(live, **{"happened_at": 200_000, "car_number": "7", **odd})
    assert live.state.race.loops is before.loops
    assert live.state.feeds["feed"].garbage == 1
    assert len(live.state.findings) == 1


def test_a_replay_with_loops_tells_the_same_race_and_marks_what_it_made_up(tmp_path: Path) -> None:
    race, journal = made_up(), tmp_path / "journal"
    player = replay_session(race, journal=journal)
    player.run()
    state = player.session.state
    same_race(player.session.race(), race)
    assert list(state.race.loops) == synthesised_loops(race.crossings)
    known = digest(state)
    player.stop()
    again = replay(journal)
    assert again.digest == known
    assert again.marks_that_differ == ()
    export(journal, tmp_path / "events", "events")
    live = session()
    live.receive([raw((tmp_path / "events").read_bytes())])
    assert list(live.state.race.loops) == list(state.race.loops)
    same_race(live.race(), race)


def test_the_digest_knows_the_loops() -> None:
    live, other = session(), session()
    *_, last = first_laps(live)
    first_laps(other)
    assert digest(live.state) == digest(other.state)
    for each, at_ms in ((live, 0), (other, 1)):
        at_ms += last.happened_at.ms
        said(each, happened_at=at_ms, known_at=at_ms + 2, car_number="7", loop="pit_in", lap=9)
    assert digest(live.state) != digest(other.state)


def test_a_screen_follows_from_its_deltas_while_cars_pass_loops() -> None:
    race = made_up()
    player = Player(LiveSession(race.info, FollowingClock()), [])
    feed = ReplayFeed(race, loops=True)
    shown, states = None, set()
    for at_ms in range(60_000, 1_200_000, 7_000):
        player.session.receive(feed.poll(Instant(at_ms)))
        now = screen(player.session, Instant(at_ms))
        if shown is not None:
            assert applied(shown, delta(shown, now)) == now
        shown = now
        states |= {(line["doing"], line["doing_source"]) for line in now.cars.values()}
    assert ("pit", "synthesised") in states
    assert ("out_lap", "synthesised") in states
    assert not {doing for doing, _ in states} & {"unseen", "out_about", "in_lap"}


def test_a_silent_feed_misses_no_car() -> None:
    live = session()
    *_, last = first_laps(live, 60)
    said_at = [
        {number: line["doing"] for number, line in screen(live, Instant(at_ms)).cars.items()}
        for at_ms in (last.happened_at.ms + 1_000, last.happened_at.ms + 3_600_000)
    ]
    assert said_at[0] == said_at[1]
    assert set(said_at[0].values()) == {"running", "in_lap"}


def test_the_bridge_of_the_documentation_has_a_call() -> None:
    text = (ROOT / "docs" / "live-feed.md").read_text(encoding="utf-8")
    (bridge,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    frame = crossings(cars=8, hours=0.6, flags=False)
    export_rows = frame.select(
        "driver", "lap", car="car_number", **{"class": "car_class"},
        race_time=pl.col("elapsed_ms") / 1000, lap_time=pl.col("lap_time_ms") / 1000,
    )  # fmt: skip
    here = RaceInfo(name=UNNAMED, series="wec", length=RaceLength(ms=6 * 3_600_000))
    live = LiveSession(here, FollowingClock(), works=WORKS)
    with process(
        [sys.executable, "-c", bridge], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as bridged:
        assert bridged.stdin is not None
        assert bridged.stdout is not None
        bridged.stdin.write(export_rows.write_csv().encode())
        bridged.stdin.close()
        Player(live, [StreamFeed(bridged.stdout.fileno())]).run()
    info = live.state.race.info
    assert (info.name, info.series, info.length) == ("club race", "wec", here.length)
    live.ask(ADVISE, team_arguments(live.state, "50"))
    live.collect()
    answer = live.state.latest[ADVISE]
    assert answer.error is None
    advice = value_of(answer, Advice)
    assert advice is not None
    assert advice.car_number == "50"
    assert len(advice.candidates) > 1
