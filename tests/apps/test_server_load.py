"""A small ``benchmarks/load_live.py``: many watch, some read nothing, none misses a change.

How soon each change comes is measured there; here nothing depends on the machine.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack, closing

from benchmarks.load_live import Viewer, listen_to_nothing, read_on

from dryline.engine.live.starting import replay_session
from tests.apps.served import Served, served
from tests.engine.live_races import made_up
from tests.waiting import HANG_S

PAUSED_AT_MS = 1_500_000


def test_twenty_viewers_miss_no_change_beside_five_that_read_nothing() -> None:
    player = replay_session(made_up(cars=62), speed=100.0)
    with served(player) as running:
        running.post("/api/replay", {"action": "jump", "to": "0:15:00"})
        seen = asyncio.run(watched(running, viewers=20, deaf=5))
    assert len(seen) == 20
    assert [viewer.lost for viewer in seen] == [False] * 20
    assert [viewer.holes for viewer in seen] == [0] * 20
    assert min(len(viewer.late_ms) for viewer in seen) > 0


async def watched(running: Served, viewers: int, deaf: int) -> list[Viewer]:
    """What each viewer has seen when all have the newest screen of a race that was paused."""
    session, seen = running.player.session, [Viewer() for _ in range(viewers)]
    with ExitStack() as stack:
        for _ in range(deaf):
            stack.enter_context(closing(await listen_to_nothing(running.port)))
        reading = [asyncio.create_task(read_on(running.port, viewer)) for viewer in seen]
        async with asyncio.timeout(HANG_S):
            while session.state.now.ms < PAUSED_AT_MS:
                await asyncio.sleep(0.02)
            await asyncio.to_thread(running.post, "/api/replay", {"action": "pause"})
            while any((viewer.version or 0) < session.state.seq for viewer in seen):
                await asyncio.sleep(0.02)
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
    return seen
