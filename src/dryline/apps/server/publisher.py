"""Two threads that turn the session's changes into bytes for everybody, at a bearable rate.

The session only marks that something changed. The screen is made at most ten times a second, the
wall, which costs more, less often; each is serialised once and handed to the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable

from msgspec.structs import replace

from dryline.answers.wall import SessionView, encoded_wall
from dryline.answers.wall_team import Team
from dryline.apps.server.hub import Hub
from dryline.apps.server.sent import event
from dryline.apps.server.tokens import Role
from dryline.domain.tables import CROSSINGS
from dryline.engine.live.pit_wall import PitWall
from dryline.engine.live.state import SessionState
from dryline.engine.live.view import Delta, Screen, delta, encoded, screen

SCREEN_S, WALL_S, LEISURE_S = 0.1, 1.0, 5.0
LOOK_S, HEARTBEAT_S, AFTER_FAULT_S = 1.0, 2.0, 1.0
_FLAG = list(CROSSINGS).index("flag")
_LOG = logging.getLogger(__name__)


class Publisher:
    """Watches a session and keeps the hub's picture of it new."""

    def __init__(self, wall: PitWall, hub: Hub) -> None:
        self._wall, self._hub = wall, hub
        self._faults: dict[str, str] = {}
        self._stopped = threading.Event()
        self._screens = _Changes()
        self._walls = _Changes()
        self._threads: list[threading.Thread] = []
        self._unlisten: Callable[[], None] = lambda: None
        self._screen: Screen | None = None
        self._session: SessionView | None = None
        self._session_at = 0.0
        self._shown: SessionState | None = None
        self._shown_at = 0.0
        self._team: Team | None = None

    @property
    def fault(self) -> str:
        """What went wrong when a picture was last made, empty where nothing did."""
        return "; ".join(filter(None, self._faults.values()))

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Publish into the hub of this loop until ``stop``."""
        self._loop = loop
        self._unlisten = self._wall.session.listen(self._changed)
        for name, changes, make, every_s in (
            ("screens", self._screens, self._publish_screen, SCREEN_S),
            ("walls", self._walls, self._publish_wall, WALL_S),
        ):
            keep_on = (name, changes, make, every_s)
            thread = threading.Thread(target=self._keep_on, args=keep_on, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Publish nothing more."""
        if self._stopped.is_set():
            return
        self._unlisten()
        self._stopped.set()
        self._screens.mark()
        self._walls.mark()
        for thread in self._threads:
            thread.join()

    def nudge(self) -> None:
        """Something changed that is in no record: a setting, the speed."""
        self._session = None
        self._screens.mark()
        self._walls.mark()

    def _changed(self, _: SessionState) -> None:
        self._screens.mark()
        self._walls.mark()

    def _keep_on(
        self, name: str, changes: _Changes, make: Callable[[int | None], None], every_s: float
    ) -> None:
        while not self._stopped.is_set():
            since_ns = changes.wait(LOOK_S)
            begun = time.monotonic()
            try:
                make(since_ns)
                self._faults[name] = ""
                took_s = time.monotonic() - begun
                self._stopped.wait(max(every_s - took_s, took_s))
            except Exception as fault:
                _LOG.exception("a picture of the race could not be made")
                self._faults[name] = f"{type(fault).__name__}: {fault}"[:200]
                changes.mark()  # what was to be shown is not: there may be no change after it
                self._stopped.wait(AFTER_FAULT_S)

    def _publish_screen(self, since_ns: int | None) -> None:
        self._publish_new_screen(since_ns)
        self._publish_session()

    def _publish_new_screen(self, since_ns: int | None) -> None:
        before, session = self._screen, self._wall.session
        stands = before is not None and session.clock.now().ms <= before.at_ms
        if since_ns is None and stands:
            return
        now = screen(session)
        if before is None or now.at_ms < before.at_ms:
            self._screen = now
            self._call(self._hub.screen, event("screen", encoded(now)), None)
            return
        change = delta(before, now)
        if _says_something(change):
            self._screen = now
            sent = event("delta", encoded(change), since_ns)
            self._call(self._hub.screen, event("screen", encoded(now)), sent)

    def _publish_session(self) -> None:
        view, now = self._wall.about(Role.VIEWER), time.monotonic()
        still = self._session is not None and _standing(view) == _standing(self._session)
        if still and now - self._session_at < HEARTBEAT_S:
            return
        self._session, self._session_at = view, now
        roles = (Role.VIEWER, Role.STRATEGIST, Role.ADMIN)
        told = {role: encoded_wall(replace(view, role=role)) for role in roles}
        sent = {role: event("session", data) for role, data in told.items()}
        self._call(self._hub.sessions, sent)

    def _publish_wall(self, _: int | None) -> None:
        team = self._wall.team()
        if self._team is None or _still(team) != _still(self._team):
            self._team = team
            self._call(self._hub.team, event("team", encoded_wall(team)))
        state, now = self._wall.session.state, time.monotonic()
        urgent = _urgent(state, self._shown)
        leisure = now - self._shown_at >= LEISURE_S
        if urgent or (leisure and self._shown is not None and state.seq != self._shown.seq):
            self._shown, self._shown_at = state, now
            self._call(self._hub.wall, event("wall", encoded_wall(self._wall.wall())))

    def _call(self, done: Callable[..., None], *arguments: object) -> None:
        try:
            self._loop.call_soon_threadsafe(done, *arguments)
        except RuntimeError:  # the loop is closed: there is nobody left to tell
            self._stopped.set()


class _Changes:
    """That something changed, and when the first of it did."""

    def __init__(self) -> None:
        self._lock, self._some = threading.Lock(), threading.Event()
        self._since_ns: int | None = None

    def mark(self) -> None:
        with self._lock:
            if self._since_ns is None:
                self._since_ns = time.monotonic_ns()
            self._some.set()

    def wait(self, most_s: float) -> int | None:
        """Since when, on this machine's monotonic clock; ``None`` where nothing changed."""
        self._some.wait(most_s)
        with self._lock:
            since_ns, self._since_ns = self._since_ns, None
            self._some.clear()
            return since_ns


def _says_something(change: Delta) -> bool:
    return replace(change, since=0, version=0, at_ms=0) != Delta(since=0, version=0, at_ms=0)


def _urgent(state: SessionState, before: SessionState | None) -> bool:
    """Whether a flag, a message or an answer has come, or the race has gone back."""
    if before is None or state.race.now < before.race.now:
        return True
    told = [
        (
            each.race.rows[-1][_FLAG] if len(each.race.rows) else None,
            len(each.race.messages),
            {kind: answer.ask for kind, answer in each.latest.items()},
        )
        for each in (state, before)
    ]
    return told[0] != told[1]


def _standing(view: SessionView) -> SessionView:
    return replace(view, at_ms=0, version_seq=0, wall_clock_lag_ms=0)


def _still(team: Team) -> Team:
    return replace(team, version=0, at_ms=0)
