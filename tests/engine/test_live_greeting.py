"""A greeting tells what nobody here has said, and takes nothing away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.event import RaceControlMessage
from dryline.domain.instant import Instant
from dryline.domain.race_info import UNNAMED, RaceInfo, RaceLength, first_said
from dryline.engine.live.clock import FollowingClock
from dryline.engine.live.reading import replay
from dryline.engine.live.session import LiveSession
from dryline.engine.live.stamps import OVERTIME_MS
from dryline.engine.live.state import digest
from dryline.feeds.live.lines import hello_line
from tests.domain.test_race_info import INFOS
from tests.engine.live_cases import case, needs_cases
from tests.engine.live_races import lines, raw

HOUR_MS = 3_600_000
HERE = RaceInfo(name=UNNAMED, series="wec", year=2025, length=RaceLength(ms=6 * HOUR_MS))


def session(info: RaceInfo = HERE, journal: Path | None = None) -> LiveSession:
    return LiveSession(info, FollowingClock(), journal=journal)


def greet(live: LiveSession, source: str = "feed", **race: Any) -> None:
    hello = {"dryline_feed": 1, "race": {"name": "club race", **race}, "sender": "my bridge"}
    live.receive([raw(msgspec.json.encode(hello) + b"\n", source)])


def hour(live: LiveSession, at: int) -> bool:
    """Whether a message of that hour, said then, is believed."""
    live.clock.sync(Instant(at * HOUR_MS))
    before = len(live.state.race.messages)
    happened = Instant(at * HOUR_MS)
    note = RaceControlMessage(happened_at=happened, known_at=happened, kind="note", text=str(at))
    live.receive([lines(note)])
    return len(live.state.race.messages) > before


@needs_cases
def test_the_greeting_of_the_documentation_erases_neither_length_nor_series_nor_year() -> None:
    live = session()
    live.receive([raw(case("greeting-erases-what-was-said", "feed.jsonl"))])
    info = live.state.race.info
    assert (info.name, info.series, info.year) == ("club race", "wec", 2025)
    assert info.length == HERE.length


@settings(deadline=None, max_examples=60)
@given(
    here=INFOS,
    greetings=st.lists(st.tuples(st.sampled_from(["one", "other"]), INFOS), max_size=5),
)
def test_whoever_says_what_the_first_word_of_each_field_counts_here_before_feeds(
    here: Any, greetings: list[Any]
) -> None:
    live = session(here[1])
    for source, (_, info) in greetings:
        live.receive([raw(hello_line(info, "a sender"), source)])
    told: dict[str, list[RaceInfo]] = {}
    for source, (_, info) in greetings:
        told.setdefault(source, []).insert(0, info)
    expected = first_said(here[1], *(info for infos in told.values() for info in infos))
    assert live.state.race.info == expected
    assert not live.state.findings


def test_a_sender_may_mend_its_own_word_and_not_that_of_a_feed_before_it() -> None:
    live = session(RaceInfo(name=UNNAMED))
    greet(live, "laps", length={"ms": 4 * HOUR_MS})
    greet(live, "weather", year=2025, length={"ms": 9 * HOUR_MS})
    assert live.state.race.info.length == RaceLength(ms=4 * HOUR_MS)
    greet(live, "laps", length={"ms": 6 * HOUR_MS}, year=None)
    assert live.state.race.info.length == RaceLength(ms=6 * HOUR_MS)
    assert live.state.race.info.year == 2025


def test_how_late_anything_can_be_follows_the_length_that_holds() -> None:
    assert OVERTIME_MS == 2 * HOUR_MS
    live = session()
    greet(live)
    greet(live, length={"ms": 24 * HOUR_MS})
    assert hour(live, 8)
    assert live.state.race.info.length == HERE.length
    unsaid = session(RaceInfo(name=UNNAMED))
    greet(unsaid, length={"ms": 3 * HOUR_MS})
    for at, is_believed in ((5, True), (6, False)):
        happened = Instant(at * HOUR_MS)
        note = RaceControlMessage(happened_at=happened, known_at=happened, kind="note")
        unsaid.receive([lines(note)])
        assert (len(unsaid.state.race.messages) == 1) is is_believed or unsaid.state.findings


def test_a_greeting_that_cannot_be_is_set_aside_field_by_field() -> None:
    live = session(RaceInfo(name=UNNAMED))
    greet(live, series="wec", year=2**60, length={"ms": 2**62}, event="x" * 5_000)
    info = live.state.race.info
    assert (info.name, info.series, info.year, info.event) == ("club race", "wec", None, None)
    assert info.length is None
    assert live.state.feeds["feed"].garbage == 3
    greet(live, length={"ms": 0})
    greet(live, length={"ms": -5})
    greet(live, length={"laps": 10**6})
    assert live.state.race.info.length is None
    greet(live, length={"laps": 120})
    assert live.state.race.info.length == RaceLength(laps=120)


def test_what_was_said_here_is_known_after_a_restart_and_may_be_said_then(tmp_path: Path) -> None:
    path = tmp_path / "j"
    live = session(RaceInfo(name=UNNAMED, series="wec"), path)
    greet(live, series="imsa", year=2024, length={"ms": 4 * HOUR_MS})
    live.close()
    again = session(RaceInfo(name=UNNAMED), path)
    greet(again, series="imsa", year=2024, length={"ms": 4 * HOUR_MS})
    info = again.state.race.info
    assert (info.series, info.year, info.length) == ("wec", 2024, RaceLength(ms=4 * HOUR_MS))
    again.close()
    said = session(HERE, path)
    greet(said, series="imsa", year=2024, length={"ms": 4 * HOUR_MS})
    assert first_said(HERE, RaceInfo(name="club race")) == said.state.race.info
    known = digest(said.state)
    said.close()
    assert replay(path).digest == known
    last = session(RaceInfo(name=UNNAMED), path)
    assert digest(last.state) == known
    last.close()
