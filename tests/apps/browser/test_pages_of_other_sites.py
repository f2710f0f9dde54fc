"""A page of another site, in a real browser on the machine of the pit wall, sends nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser

from dryline.apps.server.feed import FeedDoor
from dryline.engine.live.clock import FollowingClock
from dryline.engine.live.player import Player
from dryline.engine.live.replay_feed import race_events
from dryline.engine.live.session import LiveSession
from dryline.engine.live.works import our_car
from dryline.feeds.live.arrival import ArrivalForm
from dryline.feeds.live.websocket import WebSocketReceiver
from tests.apps.browser.conftest import PATIENCE_MS
from tests.apps.served import fed, served
from tests.conftest import CASES
from tests.engine.live_races import INFO, lines, made_up

PAGE = """<script>
const wire = new WebSocket("ws://127.0.0.1:8041/api/feed");
wire.onopen = () => {
  wire.send('{"event":"team","author":"web page","text":"our car 31"}');
  document.title = "sent";
};
wire.onerror = () => { document.title = "refused"; };
</script>"""


@contextmanager
def elsewhere(page: str, port: int) -> Iterator[str]:
    """The page, about the feed at that port, at another address of this machine."""
    body = page.replace("8041", str(port)).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def title(browser: Browser, url: str) -> str:
    """What the page calls itself once its WebSocket has opened or failed."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(url)
        page.wait_for_function("document.title !== ''", timeout=PATIENCE_MS)
        return page.title()


def begun(session: LiveSession) -> None:
    """Our car is 50, and everything has happened."""
    session.receive([lines(*race_events(made_up()))])
    session.tell("Ana", "our car 50")


def test_a_page_cannot_send_where_senders_connect_to_the_feed(browser: Browser) -> None:
    feed = WebSocketReceiver(0, form=ArrivalForm.TEAM_LINES)
    player = Player(LiveSession(INFO, FollowingClock()), [feed])
    begun(player.session)
    before = player.session.state
    with elsewhere(PAGE, feed.port) as url:
        assert title(browser, url) == "refused"
    player.turn()
    player.stop()
    assert player.session.state is before


def test_nor_at_the_servers_own_door(browser: Browser) -> None:
    door = FeedDoor(2, form=ArrivalForm.TEAM_LINES)
    with served(fed(door), door=door) as running, elsewhere(PAGE, running.port) as url:
        begun(running.player.session)
        assert title(browser, url) == "refused"
        assert our_car(running.player.session.state) == "50"


@pytest.mark.needs_data
def test_the_page_of_the_case_is_refused_and_takes_no_lap_back(browser: Browser) -> None:
    assert CASES is not None
    feed = WebSocketReceiver(0)
    player = Player(LiveSession(INFO, FollowingClock()), [feed])
    begun(player.session)
    before = player.session.state
    page = (CASES / "any-web-page-may-send" / "page.html").read_text()
    with elsewhere(page, feed.port) as url:
        assert title(browser, url) == "refused"
    player.turn()
    player.stop()
    assert player.session.state is before
