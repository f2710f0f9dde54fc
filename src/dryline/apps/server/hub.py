"""Where every viewer gets the same bytes, and a slow one the latest picture instead of them all.

The hub lives in the event loop: everything here is called from there.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from dryline.apps.server.sent import Sent
from dryline.apps.server.tokens import Role

MOST_DELTAS = 30
"""How many changes of the screen may wait for a viewer before it gets the screen anew."""


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest of everything, for whoever comes now."""

    screen: Sent | None = None
    wall: Sent | None = None
    team: Sent | None = None
    sessions: Mapping[Role, Sent] = field(default_factory=dict)


class Mailbox:
    """What one viewer has not been sent yet: changes in order, of everything else the newest."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self.restarts = 0
        self._deltas: deque[Sent] = deque()
        self._newest: dict[str, Sent] = {}
        self._anew = True
        self._there = asyncio.Event()
        self._there.set()

    def put_screen(self, delta: Sent | None) -> None:
        """A change of the screen; ``None`` where the viewer must begin with a whole one."""
        if not self._anew and delta is not None and len(self._deltas) < MOST_DELTAS:
            self._deltas.append(delta)
        else:
            self.restarts += not self._anew and delta is not None
            self._deltas.clear()
            self._anew = True
        self._there.set()

    def put(self, kind: str, sent: Sent) -> None:
        """The newest ``session``, ``wall`` or ``team``; the one before it is not needed now."""
        self._newest[kind] = sent
        self._there.set()

    def close(self) -> None:
        """Let whoever waits look again."""
        self._there.set()

    async def wait(self, most_s: float) -> None:
        """Until there is something, or the time is over."""
        try:
            async with asyncio.timeout(most_s):
                await self._there.wait()
        except TimeoutError:
            return

    def take(self, latest: Latest) -> list[Sent]:
        """Everything that waits, at once; nothing is left behind."""
        self._there.clear()
        parts: list[Sent] = []
        if self._anew:
            if latest.screen is None or not latest.sessions:
                return []
            parts = [latest.sessions[self.role], latest.screen]
            self._anew = False
            self._newest.pop("session", None)
            if latest.wall is not None:
                self._newest["wall"] = latest.wall
            if latest.team is not None and self.role.may(Role.STRATEGIST):
                self._newest["team"] = latest.team
        parts += self._deltas
        parts += self._newest.values()
        self._deltas.clear()
        self._newest.clear()
        return parts


class Hub:
    """The viewers and what they are sent."""

    def __init__(self) -> None:
        self.latest = Latest()
        self.closed = False
        self._boxes: set[Mailbox] = set()

    @property
    def viewers(self) -> int:
        """How many are watching."""
        return len(self._boxes)

    def join(self, role: Role) -> Mailbox:
        """A mailbox for one more viewer."""
        box = Mailbox(role)
        self._boxes.add(box)
        return box

    def leave(self, box: Mailbox) -> None:
        """One viewer less."""
        self._boxes.discard(box)

    def screen(self, whole: Sent, delta: Sent | None) -> None:
        """A new screen, and the change that leads to it where it follows the one before."""
        self.latest = replace(self.latest, screen=whole)
        for box in self._boxes:
            box.put_screen(delta)

    def sessions(self, sessions: Mapping[Role, Sent]) -> None:
        """How the session stands, in the words for each role."""
        self.latest = replace(self.latest, sessions=sessions)
        for box in self._boxes:
            box.put("session", sessions[box.role])

    def wall(self, sent: Sent) -> None:
        """A new wall, for everybody."""
        self.latest = replace(self.latest, wall=sent)
        for box in self._boxes:
            box.put("wall", sent)

    def team(self, sent: Sent) -> None:
        """What the team may see; viewers get nothing of it."""
        self.latest = replace(self.latest, team=sent)
        for box in self._boxes:
            if box.role.may(Role.STRATEGIST):
                box.put("team", sent)

    def close(self) -> None:
        """Send everybody away."""
        self.closed = True
        for box in list(self._boxes):
            box.close()
