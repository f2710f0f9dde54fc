"""What the tests of the pit wall share: races gone on with to an instant, with the real works."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dryline.domain.event import TimingEvent
from dryline.domain.instant import Instant
from dryline.engine.embedded_race import simulated_race
from dryline.engine.live.clock import FollowingClock
from dryline.engine.live.pit_wall import PitWall
from dryline.engine.live.player import Player
from dryline.engine.live.replay_feed import race_events
from dryline.engine.live.session import LiveSession
from dryline.engine.live.state import Answered, SessionState
from dryline.engine.live.works import ROUTINES, WORKS
from dryline.race.race import Race
from tests.engine.live_races import lines, made_up

IMOLA_MS = 14_220_000
"""3:57 of the simulated Imola: green, and wet since ten minutes."""


def opened(race: Race, journal: Path | None = None) -> PitWall:
    """A pit wall before the start, that answers on the spot."""
    session = LiveSession(
        race.info, FollowingClock(), journal=journal, works=WORKS, routines=ROUTINES, seed=5,
        crews=race.crews,
    )  # fmt: skip
    return PitWall(Player(session, []))


def small() -> Race:
    return made_up(cars=6, hours=0.5)


def gone_on(wall: PitWall, facts: list[TimingEvent], *, at_once: bool = False) -> None:
    """Hand the session its facts, one by one unless all at once, with every answer in place."""
    if at_once:
        wall.session.receive([lines(*facts)])
        wall.session.collect()
        return
    for fact in facts:
        wall.session.receive([lines(fact)])
        wall.session.collect()


def imola_facts() -> tuple[Race, list[TimingEvent], list[TimingEvent]]:
    """The simulated race, its facts until ``IMOLA_MS`` and those after it."""
    race = simulated_race("imola-2024")
    facts = race_events(race)
    before = [fact for fact in facts if fact.known_at <= Instant(IMOLA_MS)]
    return race, before, facts[len(before) :]


def told(state: SessionState) -> list[tuple[Any, ...]]:
    """The answers, without the numbers of the records that hold them."""
    return [_told(answer) for answer in state.answers]


def _told(answer: Answered) -> tuple[Any, ...]:
    return (answer.kind, answer.as_of_ms, answer.seed, bytes(answer.value), answer.error)
