"""A session of its own process, to be killed: a race replayed into a journal, then told.

    python -m tests.engine.killed_session RACE JOURNAL OUT SPEED CAR KILL_AT

RACE is a timing file. At the end writes to OUT what is known. With CAR, not ``-``, the pit wall of
that car computes everything that it does; else one small thing is asked. With KILL_AT, not ``-``,
it kills itself, as -9 does, once that many crossings are known: however fast the machine is.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from dryline.domain.instant import Instant
from dryline.engine.live.clock import ReplayClock
from dryline.engine.live.player import Player
from dryline.engine.live.replay_feed import ReplayFeed
from dryline.engine.live.session import LiveSession, Routine
from dryline.engine.live.state import Ask, SessionState
from dryline.engine.live.workers import InlineWorkers
from dryline.engine.live.works import ROUTINES, WORKS
from dryline.engine.opening import open_race
from dryline.race.race import Race


def leaders_and_luck(race: Race, ask: Ask) -> dict[str, Any]:
    """Something that depends on the race as it was known, the instant and the seed."""
    import numpy as np

    order = race.at(Instant(ask.as_of_ms)).order
    luck = np.random.default_rng([ask.seed, ask.as_of_ms]).integers(0, 1 << 40)
    return {"order": order, "laps": race.crossings.height, "luck": int(luck)}


def told(state: SessionState) -> dict[str, Any]:
    """What must be the same however often the session was killed."""
    return {
        "rows": [list(row) for row in state.race.rows],
        "answers": {
            f"{answer.kind} {answer.as_of_ms}": json.loads(bytes(answer.value))
            for answer in state.answers
        },
        "errors": [answer.error for answer in state.answers if answer.error],
        "duplicates": sum(feed.duplicates for feed in state.feeds.values()),
        "torn": [finding.kind for finding in state.findings],
    }


def main(
    race_file: Path, journal: Path, out: Path, speed: float, car: str | None, kill_at: int | None
) -> None:
    race = open_race(race_file)
    session = LiveSession(
        race.info,
        ReplayClock(speed),
        journal=journal,
        seed=7,
        works=WORKS if car else {"leaders": leaders_and_luck},
        routines=ROUTINES if car else [Routine("leaders", 300_000)],
        workers=InlineWorkers(),
    )
    player = Player(session, [ReplayFeed(race)])
    if car and not session.state.race.team:
        session.tell("Ana", f"our car {car}")
    while kill_at is not None and player.step() is not None:
        if len(session.state.race.rows) >= kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
    player.run()
    out.write_text(json.dumps(told(session.state)))
    player.stop()


if __name__ == "__main__":
    race_file, journal, out = map(Path, sys.argv[1:4])
    speed, (car, kill_at) = float(sys.argv[4]), (None if s == "-" else s for s in sys.argv[5:])
    main(race_file, journal, out, speed, car, None if kill_at is None else int(kill_at))
