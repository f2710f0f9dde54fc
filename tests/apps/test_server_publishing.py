"""The picture that everybody gets: made anew after every change, whatever went wrong before."""

from __future__ import annotations

import threading
from typing import Any

from dryline.apps.server.feed import FeedDoor
from dryline.engine.live.clock import FollowingClock
from dryline.engine.live.player import Player
from dryline.engine.live.session import LiveSession
from dryline.feeds.live.lines import event_line, goodbye_line
from dryline.race.race import Race
from tests.apps.served import served
from tests.engine.live_races import INFO
from tests.made_up.field import crossings, events
from tests.waiting import until


class _Stumbling(LiveSession):
    """A session whose race cannot be had once for a screen, when its feed has just ended."""

    fell = False

    def race(self) -> Race:
        health, thread = self.state.feeds.get("api"), threading.current_thread()
        over = health is not None and health.state == "ended"
        if over and thread.name == "screens" and not self.fell:
            self.fell = True
            raise RuntimeError("the race cannot be had")
        return super().race()


def test_a_picture_that_could_not_be_made_is_made_although_nothing_changes_any_more() -> None:
    door = FeedDoor(1)
    session = _Stumbling(INFO, FollowingClock())
    with served(Player(session, [door]), door=door) as running:

        def shown() -> dict[str, Any]:
            return dict(running.get("/api/screen").json())

        facts = list(events(crossings(cars=3, hours=0.1)))
        for seq, fact in enumerate(facts, start=1):
            door.push(event_line(fact, seq), seq)
        until(lambda: shown()["at_ms"] == facts[-1].known_at.ms)
        door.push(goodbye_line())
        until(lambda: shown()["feeds"]["api"]["state"] == "ended")
        assert session.fell
