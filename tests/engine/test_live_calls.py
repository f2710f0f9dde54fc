"""Calls, decisions and the order sheet; a journal tells them again, whenever it was cut off."""

from __future__ import annotations

from pathlib import Path

import pytest

from dryline.answers.advice import Advice
from dryline.answers.wall import encoded_wall
from dryline.domain.errors import BadOption, InputError, JournalError, UnknownCar
from dryline.domain.event import TimingEvent
from dryline.engine.live.answered import value_of
from dryline.engine.live.order_sheet import calls, decisions, order_sheet
from dryline.engine.live.pit_wall import PitWall
from dryline.engine.live.reading import records, replay
from dryline.engine.live.record import GENESIS as FIRST
from dryline.engine.live.record import MAGIC, Kind, chained
from dryline.engine.live.replay_feed import race_events
from dryline.engine.live.state import digest
from dryline.engine.live.team_view import team_view
from dryline.engine.live.wall import public_wall
from dryline.race.race import Race
from tests.engine.wall_races import gone_on, opened, small, told

FIRST_FACTS = 24


@pytest.fixture(scope="module")
def race() -> Race:
    return small()


@pytest.fixture(scope="module")
def facts(race: Race) -> list[TimingEvent]:
    return race_events(race)


def begun(race: Race, facts: list[TimingEvent], journal: Path | None = None) -> PitWall:
    wall = opened(race, journal)
    gone_on(wall, facts[:FIRST_FACTS], at_once=True)
    wall.choose_car("50")
    wall.session.collect()
    return wall


def number(wall: PitWall) -> int:
    call = wall.team().call
    assert call is not None
    return call.number


def until_lap(wall: PitWall, facts: list[TimingEvent], car: str, lap: int) -> None:
    """On until the car has completed the lap."""
    left = facts[len(wall.session.state.race.rows) :]
    for fact in left:
        gone_on(wall, [fact])
        if wall.session.state.race.cars[car].lap >= lap:
            return


def test_nobody_is_asked_for_a_call_before_somebody_says_which_car_is_ours(
    race: Race, facts: list[TimingEvent]
) -> None:
    wall = opened(race)
    gone_on(wall, facts[:FIRST_FACTS], at_once=True)
    assert (wall.team().call, wall.team().car_number) == (None, None)
    with pytest.raises(BadOption, match="which car is ours"):
        wall.what_if({"kind": "rain", "sector": 1, "minutes": 5})
    with pytest.raises(UnknownCar, match="no car '4711'"):
        wall.choose_car("4711")
    typed = wall.tell("Ana", "our car 50")
    assert (typed.kind, typed.car_number) == ("our_car", "50")
    wall.session.collect()
    team = wall.team()
    assert team.car_number == "50"
    assert team.call is not None
    assert team.call.as_of_ms == typed.known_at.ms
    assert team.call.advice.car_number == "50"


def test_each_lap_and_each_fact_typed_replans_and_a_note_does_not(
    race: Race, facts: list[TimingEvent]
) -> None:
    wall = begun(race, facts)
    one = number(wall)
    wall.tell("Ana", "note the radio is down")
    wall.session.collect()
    assert number(wall) == one
    typed = wall.tell("Ana", "fuel 1 laps")
    wall.session.collect()
    call = wall.team().call
    assert call is not None
    assert call.number > one
    assert call.as_of_ms == typed.known_at.ms
    wall.tell("Ana", f"undo {typed.number}")
    wall.session.collect()
    (past, *_) = wall.team().previous_calls
    assert past.number == call.number
    undone = [each.undone for each in wall.team().inputs if each.number == typed.number]
    assert undone == [True]
    three = number(wall)
    until_lap(wall, facts, "50", wall.session.state.race.cars["50"].lap + 1)
    assert number(wall) > three


def test_a_fact_typed_plans_the_rest_anew_and_what_was_driven_stays(
    race: Race, facts: list[TimingEvent]
) -> None:
    wall = begun(race, facts)
    before = wall.team().plan
    assert before is not None
    assert before.plan.car_number == "50"
    typed = wall.tell("Ana", "fuel 2 laps")
    wall.session.collect()
    after = wall.team().plan
    assert after is not None
    assert after.as_of_ms == typed.known_at.ms
    assert after.plan.driven == before.plan.driven
    assert after.plan.stops
    assert after.plan.stints[0].laps <= 2


def test_what_was_typed_last_is_told_by_quantity(race: Race, facts: list[TimingEvent]) -> None:
    wall = begun(race, facts)
    wall.tell("Ana", "energy 43")
    wall.tell("Bo", "energy 41")
    wall.tell("Bo", "7 two tyres")
    said = wall.team().said
    assert (said["50"]["energy"].value.left, said["50"]["energy"].author) == (41, "Bo")
    assert said["7"]["tyres"].value.count == 2


def test_an_accepted_call_is_an_order_that_stays_until_it_is_released(
    race: Race, facts: list[TimingEvent]
) -> None:
    wall = begun(race, facts)
    first = number(wall)
    decided = wall.decide(first, "accept", "Ana", "as agreed")
    sheet = wall.team().order_sheet
    assert sheet is not None
    advice = value_of(calls(wall.session.state)[0], Advice)
    assert advice is not None
    assert (sheet.call, sheet.action, sheet.lap) == (first, advice.call.action, advice.call.lap)
    assert (sheet.accepted_by, sheet.accepted_at_ms) == ("Ana", decided.known_at.ms)
    assert (sheet.unchanged_laps, sheet.superseded_by) == (0, None)
    with pytest.raises(BadOption, match=f"call {first} is accepted and locked"):
        wall.decide(first, "accept", "Bo", "")
    lap = wall.session.state.race.cars["50"].lap
    until_lap(wall, facts, "50", lap + 2)
    later = wall.team().order_sheet
    assert later is not None
    assert (later.call, later.unchanged_laps) == (first, 2)
    wall.decide(number(wall), "reject", "Bo", "too early")
    assert order_sheet(wall.session.state) == later
    wall.decide(first, "release", "Ana", "")
    assert wall.team().order_sheet is None
    with pytest.raises(BadOption, match="nothing to release"):
        wall.decide(first, "release", "Ana", "")
    log = [(each.decision, each.call, each.author, each.note) for each in wall.team().decisions]
    assert log == [
        ("accept", first, "Ana", "as agreed"), ("reject", number(wall), "Bo", "too early"),
        ("release", first, "Ana", ""),
    ]  # fmt: skip


def test_a_decision_on_a_call_that_was_never_made_is_refused_and_one_by_feed_says_why(
    race: Race, facts: list[TimingEvent]
) -> None:
    wall = begun(race, facts)
    with pytest.raises(BadOption, match="no call 9999"):
        wall.decide(9999, "accept", "Ana", "")
    with pytest.raises(BadOption, match="no decision"):
        wall.decide(number(wall), "burn", "Ana", "")
    assert decisions(wall.session.state) == ()
    wall.tell("Ana", "accept 9999")
    (view,) = decisions(wall.session.state)
    assert view.refused == "there is no call 9999"
    assert wall.team().order_sheet is None


def test_a_journal_read_again_has_the_same_calls_and_shows_the_same_wall(
    race: Race, facts: list[TimingEvent], tmp_path: Path
) -> None:
    wall = begun(race, facts, tmp_path / "j")
    wall.decide(number(wall), "accept", "Ana", "")
    gone_on(wall, facts[FIRST_FACTS : FIRST_FACTS + 20])
    live = wall.session.state
    team, public = encoded_wall(wall.team()), encoded_wall(wall.wall())
    wall.session.close()
    again = replay(tmp_path / "j")
    assert told(again.state) == told(live)
    assert digest(again.state) == digest(wall.session.state)
    known = replay(tmp_path / "j").state
    assert encoded_wall(team_view(known))[20:] == team[20:]
    assert encoded_wall(public_wall(known))[20:] == public[20:]


def test_cut_off_at_any_record_and_gone_on_with_it_makes_the_same_calls(
    race: Race, facts: list[TimingEvent], tmp_path: Path
) -> None:
    some = facts[FIRST_FACTS : FIRST_FACTS + 14]
    whole = begun(race, facts, tmp_path / "whole")
    gone_on(whole, some)
    expected = told(whole.session.state)
    whole.session.close()
    kept = records(tmp_path / "whole")
    asked = [record.seq for record in kept if record.kind is Kind.ASKED]
    for count in (asked[2], asked[2] + 1, asked[-1], asked[-1] + 1, asked[3] + 2):
        cut, head = tmp_path / f"cut-{count}", FIRST
        parts = [MAGIC]
        for record in kept[:count]:
            data, head = chained(record, head)
            parts.append(data)
        cut.write_bytes(b"".join(parts))
        again = opened(race, cut)
        again.session.collect()
        if not again.session.state.race.team:
            again.choose_car("50")
            again.session.collect()
        done = len(again.session.state.race.rows)
        gone_on(again, facts[done : FIRST_FACTS + len(some)])
        assert told(again.session.state) == expected
        again.session.close()


def test_a_journal_that_is_closed_takes_no_more(
    race: Race, facts: list[TimingEvent], tmp_path: Path
) -> None:
    wall = begun(race, facts, tmp_path / "j")
    assert wall.session._journal is not None
    wall.session._journal.close()
    with pytest.raises((JournalError, InputError)):
        wall.tell("Ana", "note too late")
