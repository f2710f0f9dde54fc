"""A session of its own process, to be killed: a race replayed into a journal, then told.

    python -m tests.engine.killed_session RACE JOURNAL OUT SPEED [PROCESSES [CAR]]

RACE is a timing file. Says ``go`` when the replay begins; at the end writes to OUT what is known.
With CAR the pit wall of that car computes everything that it does; else one small thing is asked.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from dryline.domain.instant import Instant
from dryline.engine.live.clock import ReplayClock
from dryline.engine.live.player import Player
from dryline.engine.live.replay_feed import ReplayFeed
from dryline.engine.live.session import Routine, Session
from dryline.engine.live.state import Ask, SessionState
from dryline.engine.live.workers import InlineWorkers, ProcessWorkers
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
    race_file: Path, journal: Path, out: Path, speed: float, processes: int = 0, car: str = ""
) -> None:
    race = open_race(race_file)
    session = Session(
        race.info,
        ReplayClock(speed),
        journal=journal,
        seed=7,
        works=WORKS if car else {"leaders": leaders_and_luck},
        routines=ROUTINES if car else [Routine("leaders", 300_000)],
        workers=ProcessWorkers(processes, most=10_000) if processes else InlineWorkers(),
    )
    player = Player(session, [ReplayFeed(race)])
    if car and not session.state.race.team:
        session.tell("Ana", f"our car {car}")
    sys.stdout.write("go\n")
    sys.stdout.flush()
    player.run()
    out.write_text(json.dumps(told(session.state)))
    player.stop()


if __name__ == "__main__":
    said = (*sys.argv[1:], "0", "") if len(sys.argv) == 5 else (*sys.argv[1:], "")
    main(Path(said[0]), Path(said[1]), Path(said[2]), float(said[3]), int(said[4]), said[5])
