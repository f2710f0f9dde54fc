"""What a feed says in the team's name: shown under the feed's name, and nothing comes of it."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dryline.domain.event import HEARD, Evidence
from dryline.domain.instant import Instant
from dryline.engine.live.belief import MOST_HEARD
from dryline.engine.live.order_sheet import decisions
from dryline.engine.live.reading import export, replay
from dryline.engine.live.replay_feed import race_events
from dryline.engine.live.session import LiveSession
from dryline.engine.live.state import digest
from dryline.engine.live.team_view import team_view
from dryline.engine.live.works import our_car, team_arguments
from dryline.feeds.live.arrival import Arrival, ArrivalForm
from dryline.feeds.live.team_lines import EXAMPLES
from tests.engine.live_races import lines, made_up, session

AT = 60_000
DECIDING = ("our car 31", "undo 1", "undo", "accept", "accept 1: agreed", "reject 1", "release")
TEXTS = st.sampled_from((*EXAMPLES, *DECIDING))
AUTHORS = st.sampled_from(("Ana (chief strategist)", "Ana", "settings", "api", "team: Ana", "feed"))
RACE = made_up(cars=3, hours=0.1)


def said(
    author: str,
    text: str,
    form: ArrivalForm = ArrivalForm.LINES,
    *,
    at_ms: int = AT,
    **more: object,
) -> Arrival:
    line = {"event": "team", "author": author, "text": text, "happened_at": at_ms, **more}
    return Arrival(source="feed", form=form, data=json.dumps(line).encode() + b"\n")


def begun(journal: Path | None = None) -> LiveSession:
    """A race with our car and one fact, both typed here."""
    live = session(journal)
    live.receive([lines(*race_events(RACE))])
    live.tell("Ana", "our car 50")
    live.tell("Ana", "energy 43")
    return live


@settings(deadline=None, max_examples=60)
@given(heard=st.lists(st.tuples(AUTHORS, TEXTS), min_size=1, max_size=6, unique_by=lambda e: e[1]))
def test_nothing_that_a_feed_says_in_the_teams_name_changes_anything(
    heard: list[tuple[str, str]],
) -> None:
    with TemporaryDirectory() as folder:
        journal = Path(folder) / "race.journal"
        live = begun(journal)
        before = live.state
        live.receive([said(*each, energy_pct=1.0, kind="retired") for each in heard])
        assert (our_car(live.state), decisions(live.state)) == ("50", ())
        assert team_arguments(live.state, "50") == team_arguments(before, "50")
        assert live.race().messages == RACE.messages
        team = team_view(live.state)
        assert {fact.author for facts in team.said.values() for fact in facts.values()} == {"Ana"}
        shown = [(one.author, one.kind, one.text) for one in team.inputs[2:]]
        assert shown == [("feed", HEARD, text) for _, text in heard]
        assert not any(one.undone for one in team.inputs)
        known = digest(live.state)
        live.close()
        assert replay(journal).digest == known
        again = session(journal)
        assert digest(again.state) == known
        again.close()


def test_a_feed_of_the_teams_own_counts_and_still_bears_its_name() -> None:
    live = begun()
    live.receive(
        [
            said("Ana", "our car 7", ArrivalForm.TEAM_LINES),
            said("Bo", "s2 wet", ArrivalForm.TEAM_LINES),
        ]
    )
    assert our_car(live.state) == "7"
    (wet,) = live.race().messages
    assert isinstance(wet, Evidence)
    assert (wet.source, wet.sector) == ("team: feed: Bo", 2)
    live.receive([said("Ana", "undo", ArrivalForm.TEAM_LINES, at_ms=AT + 1)])
    assert our_car(live.state) == "50"
    assert [one.author for one in team_view(live.state).inputs[2:]] == [
        "feed: Ana",
        "feed: Bo",
        "feed: Ana",
    ]


def test_whether_a_feed_counted_when_it_spoke_outlives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "race.journal"
    live = begun(path)
    live.receive([said("Ana", "our car 7"), said("Ana", "energy 20")])
    live.close()
    again = session(path)
    assert our_car(again.state) == "50"
    again.receive([said("Ana", "our car 31", ArrivalForm.TEAM_LINES)])
    assert our_car(again.state) == "31"
    known = digest(again.state)
    again.close()
    for _ in range(2):
        last = session(path)
        assert (digest(last.state), our_car(last.state)) == (known, "31")
        last.receive([said("Ana", "our car 92")])
        assert our_car(last.state) == "31"
        known = digest(last.state)
        last.close()
    assert replay(path).digest == known


def test_what_was_only_heard_is_only_heard_when_an_export_is_read_as_the_teams_own(
    tmp_path: Path,
) -> None:
    live = begun(tmp_path / "race.journal")
    live.receive([said("Ana", "our car 7"), said("Ana", "7 retired", kind=HEARD)])
    live.close()
    export(tmp_path / "race.journal", tmp_path / "race.jsonl", "events")
    data = (tmp_path / "race.jsonl").read_bytes()
    again = session()
    again.receive([Arrival(source="stdin", form=ArrivalForm.TEAM_LINES, data=data)])
    assert our_car(again.state) == "50"
    assert [one.kind for one in again.state.race.team] == ["our_car", "energy", HEARD, HEARD]


def test_a_feed_is_heard_so_often_in_the_teams_name_and_others_and_its_facts_still() -> None:
    live, many = begun(), [f"note {number}" for number in range(MOST_HEARD + 3)]
    live.receive([said("Ana", text) for text in many])
    heard = [one.text for one in live.state.race.team if one.kind == HEARD]
    assert heard == many[:MOST_HEARD]
    assert live.state.feeds["feed"].garbage == 3
    live.receive([said("Ana", many[0]), said("Ana", "note 1", ArrivalForm.TEAM_LINES)])
    live.receive([msgspec.structs.replace(said("Ana", "note 2"), source="other")])
    assert live.state.feeds["feed"].duplicates == 1
    assert [one.author for one in live.state.race.team][-2:] == ["feed: Ana", "other"]
    assert live.tell("Ana", "energy 40").number == len(live.state.race.team)


@pytest.mark.parametrize(("form", "source"), [
    (ArrivalForm.LINES, "feed: team: Ana"), (ArrivalForm.TEAM_LINES, "team: Ana"),
])  # fmt: skip
def test_evidence_is_a_feeds_own_whosever_eyes_it_claims(form: ArrivalForm, source: str) -> None:
    live = begun()
    at = Instant(AT)
    claims = Evidence(happened_at=at, known_at=at, kind="rain", source="team: Ana")
    spotted = msgspec.structs.replace(claims, source="spotter", kind="wet")
    live.receive([msgspec.structs.replace(lines(claims, spotted), form=form)])
    assert [one.source for one in live.race().messages] == [source, "spotter"]
