"""The JSON-lines feed: whole lines, pieces of lines, and anything else."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.errors import InputError
from dryline.domain.event import RaceControlMessage, TeamInput
from dryline.domain.instant import Instant
from dryline.domain.race_info import RaceInfo
from dryline.feeds.live.lines import (
    MAX_LINE,
    LineReader,
    event_line,
    goodbye_line,
    heartbeat_line,
    hello_line,
    team_line,
)
from dryline.feeds.live.team_lines import EXAMPLES, read_team_line
from dryline.feeds.said import Garbage, Goodbye, Heartbeat, Hello, Missing, Said, StatedEvent
from tests.made_up.field import crossings, events

AT = Instant(90_000)
DOCS = Path(__file__).resolve().parents[3] / "docs" / "live-feed.md"


def read(data: bytes, at: Instant = AT) -> list[Said]:
    return list(LineReader().read(data, at))


def test_every_fact_comes_back_from_its_line() -> None:
    facts = list(events(crossings(cars=2, hours=0.1)))
    info = RaceInfo(name="a race")
    data = hello_line(info, "me") + b"".join(map(event_line, facts))
    data += heartbeat_line(AT) + goodbye_line()
    said = [Hello(info, "me"), *map(StatedEvent, facts), Heartbeat(AT), Goodbye()]
    assert read(data) == said


@settings(deadline=None, max_examples=30)
@given(cuts=st.lists(st.integers(0, 4_000), max_size=12))
def test_where_the_bytes_are_cut_does_not_matter(cuts: list[int]) -> None:
    data = b"".join(map(event_line, events(crossings(cars=2, hours=0.1))))
    reader, said, before = LineReader(), [], 0
    for cut in sorted(min(cut, len(data)) for cut in (*cuts, len(data))):
        said += list(reader.read(data[before:cut], AT))
        before = cut
    assert said == read(data)


@settings(deadline=None, max_examples=150)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error_and_the_next_line_is_understood(data: bytes) -> None:
    fact = next(events(crossings(cars=2, hours=0.1)))
    assert read(data + b"\n" + event_line(fact))[-1] == StatedEvent(fact)


@settings(deadline=None, max_examples=100)
@given(
    line=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["event", "happened_at", "known_at", "lap", "seq", "race", "x"])
                | st.text(max_size=5),
                inner | st.sampled_from(["line_crossing", "team", "weather", "correction"]),
                max_size=6,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_read_without_an_error(line: object) -> None:
    read(msgspec.json.encode(line) + b"\n")


def test_a_fact_without_known_at_is_known_when_it_arrives_but_never_before_it_happened() -> None:
    for happened, known in ((80_000, 90_000), (95_000, 95_000)):
        line = b'{"event":"race_control","kind":"note","happened_at":%d}\n' % happened
        (said,) = read(line)
        assert isinstance(said, StatedEvent)
        assert said.event.known_at == Instant(known)


def test_missing_lines_are_counted_by_their_numbers() -> None:
    note = RaceControlMessage(happened_at=AT, known_at=AT, kind="note")
    said = read(b"".join(event_line(note, seq) for seq in (4, 5, 9, 6, 10)))
    assert [s.lines for s in said if isinstance(s, Missing)] == [3]


def test_a_line_that_is_cut_off_or_endless_is_garbage_and_bounded() -> None:
    reader = LineReader()
    assert not list(reader.read(b'{"event":"li', AT))
    assert [type(said) for said in reader.cut_off()] == [Garbage]
    for _ in range(4):
        list(reader.read(b"x" * MAX_LINE, AT))
    fact = next(events(crossings(cars=2, hours=0.1)))
    said = list(reader.read(b"\n" + event_line(fact), AT))
    assert [type(each) for each in said] == [Garbage, StatedEvent]


def test_a_feed_of_another_version_is_refused_with_both_versions() -> None:
    (said,) = read(b'{"dryline_feed": 9}\n')
    assert isinstance(said, Garbage)
    assert "9" in said.reason
    assert "version 1" in said.reason


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("31 two tyres", {"kind": "tyres", "car_number": "31", "tyre_count": 2}),
        ("#007 4 wets", {"kind": "tyres", "car_number": "007", "tyre_count": 4, "tyre": "wet"}),
        ("31 slicks", {"kind": "tyres", "car_number": "31", "tyre": "slick"}),
        ("no tyres", {"kind": "tyres", "tyre_count": 0}),
        ("energy 43,5 %", {"kind": "energy", "energy_pct": 43.5}),
        ("51 fuel 12 laps", {"kind": "fuel", "car_number": "51", "fuel_laps": 12.0}),
        ("fuel 60 l", {"kind": "fuel", "fuel_l": 60.0}),
        ("51 driver James Calado", {"kind": "driver", "driver": "James Calado"}),
        ("31 box lap 120", {"kind": "plan", "car_number": "31", "lap": 120}),
        ("7 damage 1.5 s", {"kind": "damage", "car_number": "7", "seconds": 1.5}),
        ("12 out", {"kind": "retired", "car_number": "12"}),
        ("s2 wet", {"kind": "wet", "sector": 2}),
        ("rain", {"kind": "rain", "sector": None}),
        ("undo 3", {"kind": "undo", "undoes": 3}),
        ("accept box-120", {"kind": "accept", "refers_to": "box-120"}),
        ("note the radio is down", {"kind": "note"}),
    ],
)
def test_what_people_type_is_understood(text: str, facts: dict[str, object]) -> None:
    typed = TeamInput(happened_at=AT, known_at=AT, author="Ana", text=text)
    said = read_team_line(typed)
    assert {name: getattr(said, name) for name in facts} == facts
    (stated,) = read(team_line("Ana", text, AT))
    assert stated == StatedEvent(said)


def test_what_is_not_understood_is_answered_with_examples_that_are() -> None:
    def typed(text: str) -> TeamInput:
        return read_team_line(TeamInput(happened_at=AT, known_at=AT, author="Ana", text=text))

    for text in ("", "faster!", "31", "31 hello", "x" * 500, "31 two cars"):
        with pytest.raises(InputError, match="31 two tyres"):
            typed(text)
    assert all(typed(example).kind for example in EXAMPLES)


def test_every_line_of_the_documentation_is_read_as_it_says() -> None:
    text = DOCS.read_text()
    blocks = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    said = [one for block in blocks for one in read(block.encode(), Instant(20_000_000))]
    assert len(said) >= 8
    assert not [one for one in said if isinstance(one, Garbage)]
    for kind in ("line_crossing", "race_control", "evidence", "weather", "correction", "team"):
        assert f'"event": "{kind}"' in text
    for example in EXAMPLES:
        assert f"`{example}`" in text
