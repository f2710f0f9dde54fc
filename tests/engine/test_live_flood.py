"""A feed that says more of no use than of use is counted, and no longer kept."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.instant import Instant
from dryline.engine.live.health import BUDGET, OVERHEAD, PATIENCE_MS
from dryline.engine.live.reading import replay
from dryline.engine.live.session import LiveSession
from dryline.engine.live.state import digest
from dryline.feeds.live.arrival import Arrival, ArrivalForm, Line, status
from dryline.feeds.live.lines import MAX_LINE, event_line, heartbeat_line, hello_line
from tests.engine.live_races import INFO, lines, made_up, raw, same_race, session
from tests.made_up.field import events

FACTS = [event_line(event, seq) for seq, event in enumerate(events(made_up().crossings), start=1)]
CHANCE = random.Random(3)
FLOODS: dict[str, Callable[[], bytes]] = {
    "bytes of chance": lambda: CHANCE.randbytes(60_000).replace(b"\n", b"") + b"\n",
    "no lines at all": lambda: b"x" * 300_000,
    "impossible laps": lambda: FACTS[0].replace(b'"lap":1,', b'"lap":-1,') * 100,
    "the same lap again": lambda: FACTS[0] * 100,
    "heartbeats": lambda: heartbeat_line(Instant(0)) * 400,
    "greetings": lambda: hello_line(INFO, "me") * 100,
    "empty lines": lambda: b"\n" * 100_000,
    "one byte at a time": lambda: b"\n",
    "deep nesting": lambda: b"[" * 60_000 + b"\n",
    "numbers without lines": lambda: b'{"seq":7}\n' * 500,
}
"""What costs the journal and says nothing; each in one message."""


def spoilt(live: LiveSession, flood: Callable[[], bytes], megabytes: float) -> int:
    """Flood a session; how many bytes that were."""
    sent = 0
    while sent < megabytes * 2**20:
        data = flood()
        live.receive([raw(data)])
        sent += max(len(data), OVERHEAD)
    return sent


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_of_any_kind_fills_no_journal_and_hides_no_lap(kind: str, tmp_path: Path) -> None:
    path, third = tmp_path / "j", len(FACTS) // 3
    end = b"\n" if kind == "no lines at all" else b""
    live, other = session(path), lines(*list(events(made_up().crossings))[:9], source="other")
    live.receive([raw(fact) for fact in FACTS[:third]])
    sent = spoilt(live, FLOODS[kind], 4.5)
    live.receive([raw(end), other])
    assert live.state.feeds["feed"].floods(live.state.now)
    assert live.state.feeds["other"].duplicates == 9
    for fact in FACTS[third : 2 * third]:
        live.receive([raw(FLOODS[kind]() + end + fact)])
    live.receive([raw(b"".join(FACTS[2 * third :]))])
    same_race(live.race(), made_up(), but=["known_at_ms"])
    health = live.state.feeds["feed"]
    assert (health.facts, health.missing) == (len(FACTS), 0)
    told = health.used_bytes + health.useless_bytes + health.unkept_bytes
    assert told >= min(sent, BUDGET)
    assert [f.kind for f in live.state.findings].count("feed_flood") == 1
    live.close()
    records = 6 * len(FACTS) * OVERHEAD
    assert path.stat().st_size < BUDGET + 2 * health.used_bytes + 2**20 + records
    again = session(path)
    assert digest(again.state) == digest(live.state)
    again.close()


def test_the_journal_tells_what_the_session_knew(tmp_path: Path) -> None:
    live = session(tmp_path / "j")
    spoilt(live, FLOODS["impossible laps"], 5)
    for fact in FACTS[:50]:
        live.receive([raw(FLOODS["bytes of chance"]() + fact)])
    known, kept = digest(live.state), live.state.feeds["feed"]
    live._journal.close()  # type: ignore[union-attr]  # as if killed
    replayed = replay(tmp_path / "j")
    assert replayed.digest == known
    assert replayed.state.feeds["feed"] == kept
    again = session(tmp_path / "j")
    again.receive([raw(b"".join(FACTS[50:]))])
    same_race(again.race(), made_up(), but=["known_at_ms"])
    again.close()


def test_a_race_sent_twice_is_no_flood() -> None:
    live = session()
    for _ in range(2):
        live.receive([raw(fact) for fact in FACTS])
    health = live.state.feeds["feed"]
    assert health.duplicates == len(FACTS)
    assert not health.floods(live.state.now)
    assert not live.state.findings


def test_both_sides_of_the_budget() -> None:
    live = session()
    for _ in range(BUDGET // 2**16 - 1):
        live.receive([raw(b"x" * (2**16 - OVERHEAD))])
    live.receive([raw(b"x" * (2**16 - OVERHEAD))])
    assert live.state.feeds["feed"].useless_bytes == BUDGET
    assert not live.state.feeds["feed"].is_over_budget
    live.receive([raw(b"x")])
    assert live.state.feeds["feed"].is_over_budget
    at_ms = live.state.at_ms
    assert live.state.feeds["feed"].floods(Instant(at_ms + PATIENCE_MS))
    assert not live.state.feeds["feed"].floods(Instant(at_ms + PATIENCE_MS + 1))


def test_a_line_cut_where_the_budget_ends_is_still_understood() -> None:
    live = session()
    spoilt(live, FLOODS["the same lap again"], 4)
    while not live.state.feeds["feed"].is_over_budget:
        live.receive([raw(FACTS[0])])
    for place, cut in enumerate((1, 40, len(FACTS[3]) - 1), start=1):
        live.receive([raw(FACTS[place][:cut])])
        live.receive([raw(FACTS[place][cut:])])
    assert live.state.feeds["feed"].facts == 4


def test_a_cut_connection_leaves_no_half_line_behind() -> None:
    live = session()
    spoilt(live, FLOODS["empty lines"], 5)
    live.receive([raw(FACTS[0][:50])])
    before = live.state.feeds["feed"].garbage
    live.receive([status("feed", Line(state="lost"))])
    assert live.state.feeds["feed"].garbage == before + 1
    live.receive([raw(FACTS[0])])
    assert live.state.feeds["feed"].facts == 1


@settings(deadline=None, max_examples=15)
@given(
    mix=st.lists(
        st.tuples(
            st.sampled_from(["bytes of chance", "impossible laps", "heartbeats", "greetings"]),
            st.integers(0, 6),
        ),
        min_size=1,
        max_size=8,
    ),
    cut=st.integers(700, MAX_LINE),
)
def test_laps_between_floods_are_taken_wherever_the_bytes_are_cut(
    mix: list[tuple[str, int]], cut: int
) -> None:
    """Beyond the budget as within it: the same facts, the same holes in the numbers."""
    beyond, within = session(), session()
    spoilt(beyond, FLOODS["no lines at all"], 5)
    beyond.receive([raw(b"\n")])
    data, place = b"", 0
    for kind, count in mix:
        data += FLOODS[kind]() + b"".join(FACTS[place : place + count])
        place += count + (kind == "greetings")
    for live in (beyond, within):
        live.receive(pieces(data, cut))
    one, other = (live.state.feeds["feed"] for live in (beyond, within))
    assert (one.facts, one.missing) == (other.facts, other.missing)
    assert list(beyond.state.race.rows) == list(within.state.race.rows)
    assert beyond._desk.reader("feed").seq == within._desk.reader("feed").seq or not one.facts


def pieces(data: bytes, size: int) -> Iterator[Arrival]:
    for start in range(0, len(data), size):
        piece = data[start : start + size]
        yield Arrival(source="feed", form=ArrivalForm.LINES, data=piece, position=1)
