"""A real browser before the real server; without a Chromium on the machine the tests say so."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Route, expect, sync_playwright

from tests.waiting import HANG_S

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NETWORK = "Failed to load resource"
"""The browser's own remark on a refused or lost request, which some tests provoke."""
WIDE = {"width": 1366, "height": 768}
PATIENCE_MS = 1000 * HANG_S
Opened = Callable[..., Page]


def chromium() -> str | None:
    """The browser of this machine: ``DRYLINE_CHROMIUM``, or one on the path."""
    named = os.environ.get("DRYLINE_CHROMIUM")
    found = (shutil.which(name) for name in (named, *NAMES) if name)
    return next((path for path in found if path), None)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Closed with this folder's tests: while it is open no other event loop may run."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on this machine: run scripts/install-chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


def _with_style(route: Route, style: str) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, body=f"{answer.text()}\n{style}")


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Opens the pit wall; at the end no page may have complained."""
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and NETWORK not in message.text:
            complaints.append(message.text)

    with ExitStack() as stack:

        def page_at(url: str, *, rows: bool = True, style: str = "", **how: Any) -> Page:
            """A page at ``url``, with ``style`` beyond its own: other letters, another face."""
            context = browser.new_context(**{"viewport": WIDE, "color_scheme": "dark", **how})
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(PATIENCE_MS)
            page.on("console", heard)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            if style:
                page.route("**/assets/style.css", lambda route: _with_style(route, style))
            page.goto(url)
            if rows:
                page.wait_for_selector("#timing tr[data-car]")
            return page

        yield page_at
    assert complaints == []
