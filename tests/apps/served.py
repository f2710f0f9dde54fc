"""A made-up race, or a feed, served on the loopback by the real server in threads of its own."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from dryline.apps.server.feed import FeedDoor
from dryline.apps.server.limits import ServerLimits
from dryline.apps.server.serving import Serving, listen
from dryline.apps.server.tokens import Role, Tokens
from dryline.engine.live.clock import FollowingClock
from dryline.engine.live.pit_wall import SETTINGS, PitWall
from dryline.engine.live.player import Player
from dryline.engine.live.session import LiveSession
from dryline.engine.live.starting import replay_session
from tests.engine.live_races import INFO, made_up
from tests.waiting import HANG_S

SECRETS = {role: f"{role}-0123456789abcdef" for role in Role}
TOKENS = Tokens(tuple((token.encode(), role) for role, token in SECRETS.items()))
ROOMY = ServerLimits(
    reads=(1e6, 1e6),
    acts=(1e6, 1e6),
    wrong_tokens=(1e6, 1e6),
    linger_s=HANG_S,
)


@dataclass
class Served:
    """A server that runs, and a client that asks it."""

    serving: Serving
    player: Player
    client: httpx.Client

    @property
    def url(self) -> str:
        return self.serving.address

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def get(self, path: str, role: Role | None = None) -> httpx.Response:
        return self.client.get(path, headers=bearer(role))

    def post(self, path: str, body: Any, role: Role | None = None) -> httpx.Response:
        return self.client.post(path, json=body, headers=bearer(role))

    def feed(self, name: str = "api") -> str:
        """How a feed stands, empty before the session has heard of it."""
        assert self.player.fault is None, self.player.fault
        health = self.player.session.state.feeds.get(name)
        return "" if health is None else health.state

    def raw(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=HANG_S)


def bearer(role: Role | None) -> dict[str, str]:
    return {} if role is None else {"Authorization": f"Bearer {SECRETS[role]}"}


@contextmanager
def served(
    player: Player,
    *,
    tokens: Tokens | None = None,
    limits: ServerLimits = ROOMY,
    door: FeedDoor | None = None,
    car: str | None = None,
    start: bool = True,
) -> Iterator[Served]:
    """The player's session behind a server on a free port."""
    serving = Serving(
        player,
        PitWall(player),
        listen("127.0.0.1", 0),
        tokens=tokens,
        limits=limits,
        door=door,
    )
    serving.start()
    if car is not None:
        player.session.tell(SETTINGS, f"our car {car}")
    if start:
        player.start()
    try:
        with httpx.Client(base_url=serving.address, timeout=HANG_S, trust_env=False) as client:
            yield Served(serving, player, client)
    finally:
        serving.stop()
        player.stop()


def replayed(speed: float = 60.0, **how: Any) -> Player:
    """A made-up race of half an hour as if it were on."""
    return replay_session(made_up(), speed=speed, **how)


def fed(door: FeedDoor, journal: Path | None = None, **how: Any) -> Player:
    """A session that is told by whoever sends to the server; the sender keeps the time."""
    return Player(LiveSession(INFO, FollowingClock(), journal=journal, **how), [door])


@contextmanager
def streamed(served: Served, role: Role | None = None) -> Iterator[Iterator[tuple[str, Any]]]:
    """The events of the stream as they come: kind and value."""
    with served.client.stream("GET", "/api/stream", headers=bearer(role)) as response:
        assert response.status_code == 200, response.read()
        yield events(response.iter_lines())


def events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    kind = ""
    for line in lines:
        if line.startswith("event: "):
            kind = line[7:]
        elif line.startswith("data: "):
            yield kind, json.loads(line[6:])


def applied(screen: Mapping[str, Any], delta: Mapping[str, Any]) -> dict[str, Any]:
    """The screen after a delta, in plain JSON, as the page works it out."""
    assert delta["since"] == screen["version"]
    cars = {n: line for n, line in screen["cars"].items() if n not in delta.get("gone", ())}
    for number, cells in delta.get("cars", {}).items():
        cars[number] = {**cars.get(number, {}), **cells}
    said = screen["messages"]
    kept = delta.get("messages_kept", len(said))
    return {
        **screen,
        **{k: delta[k] for k in ("version", "at_ms", "name", "flag", "order") if k in delta},
        "cars": cars,
        "feeds": {**screen["feeds"], **delta.get("feeds", {})},
        "messages": [*said[:kept], *delta.get("messages", ())],
    }
