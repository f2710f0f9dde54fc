"""What the tests do with the page: read its rows, wait for an instant, ask the workers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page

from dryline.apps.server.serving import Serving, listen
from dryline.apps.server.tokens import Role
from dryline.engine.live.pit_wall import PitWall
from dryline.engine.live.player import Player
from dryline.engine.live.starting import replay_session
from dryline.engine.live.workers import InlineWorkers
from dryline.engine.live.works import ADVISE, FORECAST, PLAN, TRACK, WORKS, team_arguments
from dryline.race.race import Race
from tests.apps.served import SECRETS, TOKENS, Served, served
from tests.engine.live_races import made_up
from tests.waiting import until

OURS = "50"


def wall_player(race: Race | None = None, speed: float = 1.0) -> Player:
    """A race that can be asked about, standing at its start; nothing is asked by itself."""
    player = replay_session(
        made_up(cars=8) if race is None else race,
        speed=speed,
        works=WORKS,
        workers=InlineWorkers(),
    )
    player.pause()
    return player


PAUSED_AT = "0:22:00"


@contextmanager
def paused_wall() -> Iterator[Served]:
    """A wall with tokens, paused at ``PAUSED_AT``, that knows the call for our car."""
    with served(wall_player(), tokens=TOKENS) as here:
        here.serving.warm()
        here.post("/api/replay", {"action": "jump", "to": PAUSED_AT}, Role.ADMIN)
        ask_for_everything(here)
        yield here


@contextmanager
def standing_at(port: int, player: Player) -> Iterator[Serving]:
    """A server at this address, which another one may have left."""
    serving = Serving(player, PitWall(player), listen("127.0.0.1", port))
    serving.start()
    player.start()
    try:
        yield serving
    finally:
        serving.stop()
        player.stop()


def order(page: Page) -> list[str]:
    """Car numbers from top to bottom."""
    rows = "rows => rows.map(row => row.dataset.car)"
    numbers: list[str] = page.eval_on_selector_all("#timing tbody tr", rows)
    return numbers


def jump(page: Page, to: str, at_ms: int) -> None:
    """Jump with the page's own field, and wait until the page has all of that instant."""
    page.fill("#jump", to)
    with page.expect_response("**/api/replay") as told:
        page.press("#jump", "Enter")
    known = told.value.json()["version_seq"]
    page.wait_for_function(
        """([ms, seq]) => Number(document.body.dataset.at) === ms
            && Number(document.body.dataset.version) >= seq""",
        arg=[at_ms, known],
    )


def ask_for_everything(running: Served, car: str = OURS) -> None:
    """Our car's call and plan, the track and a forecast of the race as it stands."""
    session = running.player.session
    assert running.post("/api/settings", {"car_number": car}, Role.ADMIN).status_code == 200
    session.ask(FORECAST)
    session.ask(TRACK)
    for kind in (ADVISE, PLAN):
        session.ask(kind, team_arguments(session.state, car))
    until(lambda: not session.state.asks)
    for kind in (FORECAST, TRACK, ADVISE, PLAN):
        assert session.state.latest[kind].error is None


def enter_with(page: Page, role: Role) -> None:
    """Show a token at the door."""
    page.fill("#token", SECRETS[role])
    page.press("#token", "Enter")
