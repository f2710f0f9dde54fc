"""One bound for every stamp: what is beyond it moves no clock, no silence, no resume point."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.event import LineCrossing
from dryline.domain.instant import Duration, Instant
from dryline.domain.race_info import UNNAMED, RaceInfo, RaceLength
from dryline.engine.live.clock import FollowingClock
from dryline.engine.live.limits import LONGEST_MS
from dryline.engine.live.session import LiveSession
from dryline.engine.live.stamps import BEFORE_MS, LEAP_MS, OVERTIME_MS, SLOWEST_LAP_MS, Stamps
from dryline.engine.live.state import digest
from dryline.feeds.live.lines import LineReader
from tests.engine.live_cases import case, needs_cases
from tests.engine.live_races import raw

HOUR_MS = 3_600_000
SIX_HOURS = RaceInfo(name="x", length=RaceLength(ms=6 * HOUR_MS))


def session(info: RaceInfo = SIX_HOURS, journal: Path | None = None) -> LiveSession:
    return LiveSession(info, FollowingClock(), journal=journal)


def crossing(number: str, lap: int, at_ms: int, **more: Any) -> dict[str, Any]:
    return {
        "event": "line_crossing", "happened_at": at_ms, "car_number": number, "lap": lap,
        "lap_time": 95_000, "sectors": [None, None, None], "driver": "D", "car_class": "GT3",
        **more,
    }  # fmt: skip


def tell(live: LiveSession, *said: dict[str, Any], source: str = "feed") -> None:
    live.receive([raw(b"".join(msgspec.json.encode(line) + b"\n" for line in said), source)])


def race(laps: int = 4) -> list[dict[str, Any]]:
    return [
        crossing(str(car), lap, 95_000 * lap + 500 * car)
        for lap in range(1, laps + 1)
        for car in (1, 2, 3)
    ]


def moved(live: LiveSession) -> tuple[Any, ...]:
    """What a stamp may move."""
    health, state = live.state.feeds["feed"], live.state
    seen = (state.now, state.race.now, live.clock.now(), health.heard_ms, health.fact_ms)
    return (*seen, health.silences, health.missing, live._desk.reader("feed").seq)


@needs_cases
@pytest.mark.parametrize("name", ["lap_known_at_13h", "heartbeat_far_future", "seq_far_future"])
def test_one_bad_stamp_is_set_aside_also_after_a_restart(name: str, tmp_path: Path) -> None:
    data = case("feed-one-bad-stamp", f"{name}.jsonl")
    live, without = session(journal=tmp_path / "j"), session()
    live.receive([raw(data)])
    bad = rb', ?"\w+": ?(46800000|999999999999|4611686018427387904)'
    good, stamps = re.subn(bad, b"", data)
    assert stamps == 1
    without.receive([raw(good)])
    assert moved(live) == moved(without)
    assert live.state.feeds["feed"].garbage == 1
    assert [finding.kind for finding in live.state.findings] == ["feed_garbage"]
    known, rows = digest(live.state), list(live.state.race.rows)
    assert len(rows) == len(without.state.race.rows)
    live._journal.close()  # type: ignore[union-attr]  # as if killed
    again = session(journal=tmp_path / "j")
    assert digest(again.state) == known
    assert again.clock.now() == without.clock.now()
    again.close()


FAR = 13 * HOUR_MS
LINES: dict[str, dict[str, Any]] = {
    "crossing": crossing("1", 5, 476_000, known_at=FAR),
    "crossing then": crossing("1", 5, FAR),
    "heartbeat": {"heartbeat": True, "known_at": FAR},
    "heartbeat then": {"heartbeat": True, "happened_at": FAR},
    "message": {"event": "race_control", "kind": "note", "happened_at": 1_000, "known_at": FAR},
    "message then": {"event": "race_control", "kind": "note", "happened_at": FAR},
    "evidence": {
        "event": "evidence", "kind": "rain", "source": "s", "happened_at": 1_000, "known_at": FAR,
    },
    "evidence then": {"event": "evidence", "kind": "rain", "source": "s", "happened_at": FAR},
    "weather": {"event": "weather", "air_c": 20.0, "happened_at": 1_000, "known_at": FAR},
    "weather then": {"event": "weather", "air_c": 20.0, "happened_at": FAR},
    "team": {"event": "team", "author": "A", "text": "note a", "happened_at": 1, "known_at": FAR},
    "team then": {"event": "team", "author": "A", "text": "note a", "happened_at": FAR},
    "correction": {
        "event": "correction", "car_number": "2", "lap": 2, "happened_at": 1_000, "known_at": FAR,
    },
    "correction then": {"event": "correction", "car_number": "2", "lap": 2, "happened_at": FAR},
    "corrected to then": {
        "event": "correction", "car_number": "2", "lap": 2, "happened_at": 300_000,
        "crossing": {**crossing("2", 2, FAR), "known_at": 0},
    },
    "goodbye": {"goodbye": True, "seq": 2**62},
    "pit lane": crossing("1", 5, 476_000, known_at=FAR, in_pit=True, pit_lane=30_000),
}  # fmt: skip
"""A bad stamp in a line of every kind."""


@pytest.mark.parametrize("info", [SIX_HOURS, RaceInfo(name=UNNAMED)], ids=["six hours", "unknown"])
@pytest.mark.parametrize("kind", LINES)
def test_a_bad_stamp_in_a_line_of_any_kind_leaps_nowhere(kind: str, info: RaceInfo) -> None:
    live, without = session(info), session(info)
    tell(live, *race(), LINES[kind])
    tell(without, *race())
    if kind in ("crossing", "pit lane"):  # the lap itself is as good as without its stamp
        tell(without, {**LINES[kind], "known_at": None})
    assert moved(live) == moved(without)
    assert live.state.feeds["feed"].garbage == 1
    assert str(live.state.findings[0]).count("cannot be used") == 1


def test_a_fact_whose_stamp_is_set_aside_is_known_when_it_came() -> None:
    live = session()
    tell(live, *race(), LINES["message"], LINES["message"])
    (said,) = live.state.race.messages
    assert said.known_at == Instant(95_000 * 4 + 1_500)
    assert live.state.feeds["feed"].duplicates == 1


def test_a_time_of_day_in_the_very_first_line_starts_no_clock() -> None:
    for first in (
        {"heartbeat": True, "known_at": FAR},
        crossing("1", 1, 95_500, known_at=FAR),
        crossing("1", 1, FAR + 95_500),
        {"event": "weather", "air_c": 20.0, "happened_at": FAR},
    ):
        live, without = session(RaceInfo(name=UNNAMED)), session(RaceInfo(name=UNNAMED))
        tell(live, first, *race())
        tell(without, {"dryline_feed": 1}, *race())
        assert live.clock.now() == without.clock.now()
        assert len(live.state.race.rows) == len(without.state.race.rows)
        assert live.state.feeds["feed"].garbage == 1


def test_a_race_that_is_joined_late_is_believed_by_its_laps() -> None:
    live = session(RaceInfo(name=UNNAMED))
    tell(live, crossing("1", 490, FAR), crossing("2", 489, FAR + 3_000))
    assert len(live.state.race.rows) == 2
    tell(live, {"heartbeat": True, "known_at": FAR + HOUR_MS})
    assert live.clock.now() == Instant(FAR + HOUR_MS)
    assert not live.state.findings


def test_a_night_under_a_red_flag_is_borne_out_by_the_lap_that_lasted_it() -> None:
    live = session(RaceInfo(name=UNNAMED))
    tell(live, *race(), crossing("1", 5, 380_500 + FAR, lap_time=FAR))
    tell(live, crossing("2", 5, 381_000 + FAR))
    assert live.state.race.now == Instant(381_000 + FAR)
    assert len(live.state.race.rows) == 14
    other = session(RaceInfo(name=UNNAMED))
    tell(other, *race(), crossing("1", 5, 380_500 + FAR))
    assert len(other.state.race.rows) == 12


@pytest.mark.parametrize(
    ("length", "now_ms", "latest_ms"),
    [
        (RaceLength(ms=6 * HOUR_MS), 0, LEAP_MS),
        (RaceLength(ms=6 * HOUR_MS), 3 * HOUR_MS, 6 * HOUR_MS + OVERTIME_MS),
        (RaceLength(ms=6 * HOUR_MS), 9 * HOUR_MS, 9 * HOUR_MS),
        (None, 0, LEAP_MS),
        (None, 31 * HOUR_MS, LONGEST_MS),
        (RaceLength(laps=100), 31 * HOUR_MS, LONGEST_MS),
        (RaceLength(ms=24 * HOUR_MS), HOUR_MS, HOUR_MS + LEAP_MS),
    ],
)
def test_both_sides_of_the_bound(length: RaceLength | None, now_ms: int, latest_ms: int) -> None:
    stamps, now = Stamps(length), Instant(now_ms)
    assert stamps.can_be(Instant(latest_ms), now)
    assert not stamps.can_be(Instant(latest_ms + 1), now)
    assert stamps.can_be(Instant(-BEFORE_MS), now)
    assert not stamps.can_be(Instant(-BEFORE_MS - 1), now)


@pytest.mark.parametrize("lap", [1, 7])
def test_both_sides_of_what_laps_bear_out(lap: int) -> None:
    latest_ms = (lap - 1) * SLOWEST_LAP_MS + 95_000 + LEAP_MS

    def at(ms: int) -> LineCrossing:
        line = {**crossing("1", lap, ms), "known_at": 0}
        (said,) = LineReader().said(msgspec.json.encode(line), Instant(0))
        event = said.event  # type: ignore[union-attr]
        assert isinstance(event, LineCrossing)
        assert event.lap_time == Duration(95_000)
        return event

    stamps = Stamps()
    assert stamps.is_borne_out(at(latest_ms), None)
    assert not stamps.is_borne_out(at(latest_ms + 1), None)
    before = at(10_000)
    assert stamps.is_borne_out(at(10_000 + LEAP_MS - SLOWEST_LAP_MS + 95_000), before)


STAMPS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.sampled_from([0, -1, 2**31, 2**53, 2**62, 2**63, 2**64, FAR, 999_999_999_999]),
)


@settings(deadline=None, max_examples=120)
@given(
    kind=st.sampled_from(sorted(LINES)),
    place=st.integers(0, 12),
    stamps=st.dictionaries(
        st.sampled_from(["known_at", "happened_at", "seq", "from_at", "until", "lap_time"]), STAMPS
    ),
)
def test_whatever_stamps_a_line_bears_the_race_goes_on_from_where_it_is(
    kind: str, place: int, stamps: dict[str, int]
) -> None:
    live, told = session(), race()
    tell(live, *told[:place], {**LINES[kind], **stamps}, *told[place:])
    assert live.clock.now().ms <= 6 * HOUR_MS + OVERTIME_MS
    assert live._desk.reader("feed").seq < 2**53
    assert not [f for f in live.state.findings if f.kind == "feed_fault"]
