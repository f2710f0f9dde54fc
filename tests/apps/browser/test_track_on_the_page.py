"""What the page says of a wet track: which tyre is faster, and when that changes next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from dryline.engine.embedded_race import simulated_race
from tests.apps.browser.conftest import Opened
from tests.apps.browser.watching import ask_for_everything, wall_player
from tests.apps.served import Served, served


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    """The simulated Imola at 3:57: green, and wet since ten minutes."""
    with served(wall_player(simulated_race("imola-2024"))) as here:
        here.serving.warm()
        here.post("/api/replay", {"action": "jump", "to": "3:57:00"})
        ask_for_everything(here)
        yield here


def test_when_our_faster_tyre_changes_next_stands_under_which_is_faster(
    running: Served, opened: Opened
) -> None:
    ahead = running.get("/api/wall").json()["crossovers_ahead"]["HYPERCAR"]
    assert ahead["direction"] == "to_slick"
    page = opened(running.url)
    told = page.locator(".crossover .next")
    expect(told).to_have_count(1)
    expect(told).to_contain_text("slicks quicker")
    expect(told).to_contain_text(f"({round(100 * ahead['p_within_hour'])}%)")
