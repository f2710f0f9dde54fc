"""The answers in a journal: the records of the questions, and those of an older edition."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from dryline.answers.advice import Advice
from dryline.answers.answer import Answer
from dryline.answers.forecast import Forecast, Rejoin
from dryline.answers.live_track import LiveTrack
from dryline.answers.meanings import meanings_of
from dryline.answers.wall import SessionView, Wall
from dryline.answers.wall_team import Team
from dryline.answers.what_if import WhatIf
from dryline.engine.live.answered import OLDER_EDITION, answers_of, value_of
from dryline.engine.live.clock import FollowingClock
from dryline.engine.live.pit_wall import PitWall
from dryline.engine.live.player import Player
from dryline.engine.live.reading import replay
from dryline.engine.live.replay_feed import race_events
from dryline.engine.live.session import LiveSession
from dryline.engine.live.state import Ask
from dryline.engine.live.works import ADVISE, FORECAST, REJOIN, TRACK, WHAT_IF, WORKS
from dryline.race.race import Race
from tests.engine.live_races import lines
from tests.engine.wall_races import opened, small

RECORDS: dict[str, type[Answer]] = {
    FORECAST: Forecast, TRACK: LiveTrack, ADVISE: Advice, REJOIN: Rejoin, WHAT_IF: WhatIf,
}  # fmt: skip
RAIN = {"kind": "rain", "sector": 2, "minutes": 10}
OURS = "50"


def older(told: dict[str, Any]) -> Callable[[Race, Ask], dict[str, Any]]:
    """A work that answers as an edition before this one did."""

    def work(_: Race, __: Ask) -> dict[str, Any]:
        return told

    return work


BEFORE = {
    FORECAST: older({"length_ms": 1, "replicates": 512, "cars": {OURS: {"p_win": 0.5}}}),
    TRACK: older({"words": "dry", "classes": {}, "tyres": {OURS: [0.0, False]}, "ranges": {}}),
    ADVISE: older({"car_number": OURS, "call": {"key": "stay", "action": "stay"}}),
    WHAT_IF: older({"question": RAIN, "error": "the race is over"}),
}


def pit_wall(race: Race, journal: Path, works: Any) -> PitWall:
    session = LiveSession(
        race.info, FollowingClock(), journal=journal, works=works, crews=race.crews
    )
    return PitWall(Player(session, []))


def asked(wall: PitWall) -> None:
    """Everything that this wall can be asked, about our car and the race as it stands."""
    session = wall.session
    wall.choose_car(OURS)
    for kind in (FORECAST, TRACK):
        session.ask(kind)
    session.ask(ADVISE, {"car_number": OURS, "said": []})
    wall.what_if(RAIN)
    session.collect()


@pytest.fixture
def race() -> Race:
    return small()


def test_every_work_answers_with_the_record_of_its_question(race: Race) -> None:
    wall = opened(race)
    facts = race_events(race)
    wall.session.receive([lines(*facts[: len(facts) // 2])])
    asked(wall)
    wall.rejoin(OURS)
    wall.session.collect()
    for kind, record in RECORDS.items():
        answered = wall.session.state.latest[kind]
        value = value_of(answered, record)
        assert value is not None, answered.error
        assert msgspec.json.encode(value) == bytes(answered.value)


def test_answers_of_an_older_edition_are_passed_over_and_said_to_be_so(
    race: Race, tmp_path: Path
) -> None:
    journal = tmp_path / "wall.journal"
    facts = race_events(race)
    before = pit_wall(race, journal, BEFORE)
    before.session.receive([lines(*facts[: len(facts) // 2])])
    asked(before)
    call = before.session.state.latest[ADVISE].ask
    before.decide(call, "accept", "Ana")
    before.session.close()

    assert replay(journal).marks_that_differ == ()
    wall = pit_wall(race, journal, WORKS)
    shown, team = wall.wall(), wall.team()
    assert (shown.forecast, shown.track, shown.worm, shown.classes) == (None, None, {}, {})
    assert (team.call, team.call_error, team.order_sheet) == (None, OLDER_EDITION, None)
    (refused,) = team.what_ifs
    assert (refused.result, refused.error) == (None, OLDER_EDITION)
    assert msgspec.to_builtins(refused.question) == RAIN

    asked(wall)
    shown, team = wall.wall(), wall.team()
    assert shown.forecast is not None
    assert shown.track is not None
    assert team.call is not None
    assert team.call_error is None
    assert len(list(answers_of(wall.session.state, FORECAST, Forecast))) == 1
    wall.session.close()


def test_a_what_if_that_makes_no_sense_says_why_beside_what_was_asked(race: Race) -> None:
    wall = opened(race)
    facts = race_events(race)
    wall.session.receive([lines(*facts[: len(facts) // 2])])
    wall.choose_car(OURS)
    wall.what_if({"kind": "rival_stop", "car_number": "4711", "lap": 9})
    wall.session.collect()
    (refused,) = wall.team().what_ifs
    assert refused.error is not None
    assert refused.error.startswith("no car '4711'")
    assert msgspec.to_builtins(refused.question)["car_number"] == "4711"


@pytest.mark.parametrize("record", [SessionView, Wall, Team], ids=lambda each: each.__name__)
def test_every_field_of_what_the_wall_shows_says_what_it_means(
    record: type[msgspec.Struct],
) -> None:
    for path, each in meanings_of(record).items():
        assert each.text, path
        if path.rsplit(".", 1)[-1].endswith(("_ms", "_s")):
            assert each.unit, path


def test_chances_over_time_have_no_more_places_than_the_forecast_on_the_wall(race: Race) -> None:
    wall = opened(race)
    facts = race_events(race)
    wall.session.receive([lines(*facts[: len(facts) // 2])])
    asked(wall)
    shown = wall.wall()
    assert shown.forecast is not None
    latest = {car: told[-1][1] for cars in shown.worm.values() for car, told in cars.items()}
    assert latest == {car: shown.forecast.cars[car].p_win_class for car in latest}
    assert len(latest) > 1
