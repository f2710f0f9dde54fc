"""A session of its own process, to be killed: a race replayed into a journal, then told.

    python -m tests.engine.killed_session RACE JOURNAL OUT SPEED [processes]

RACE is a timing file. Says ``go`` when the replay begins; at the end writes to OUT what is known.
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
            str(answer.as_of_ms): json.loads(bytes(answer.value)) for answer in state.answers
        },
        "errors": [answer.error for answer in state.answers if answer.error],
        "duplicates": sum(feed.duplicates for feed in state.feeds.values()),
        "torn": [finding.kind for finding in state.findings],
    }


def main(race_file: Path, journal: Path, out: Path, speed: float, processes: int = 0) -> None:
    race = open_race(race_file)
    session = Session(
        race.info,
        ReplayClock(speed),
        journal=journal,
        seed=7,
        works={"leaders": leaders_and_luck},
        routines=[Routine("leaders", 300_000)],
        workers=ProcessWorkers(processes, most=10_000) if processes else InlineWorkers(),
    )
    player = Player(session, [ReplayFeed(race)])
    sys.stdout.write("go\n")
    sys.stdout.flush()
    player.run()
    out.write_text(json.dumps(told(session.state)))
    player.stop()


if __name__ == "__main__":
    main(
        Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), float(sys.argv[4]),
        *(int(number) for number in sys.argv[5:]),
    )  # fmt: skip
