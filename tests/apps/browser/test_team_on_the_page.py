"""What the team sees and does on the page, what a viewer never sees, and a server that restarts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from dryline.apps.server.tokens import Role
from dryline.domain.event import RaceControlMessage
from dryline.domain.instant import Instant
from dryline.engine.live.health import BUDGET
from dryline.engine.live.pit_wall import PitWall
from dryline.engine.live.state import Ask
from dryline.engine.live.workers import ProcessWorkers
from dryline.feeds.live.arrival import Arrival, ArrivalForm, Line, status
from dryline.race.race import Race
from tests.apps.browser.conftest import Opened
from tests.apps.browser.watching import (
    OURS,
    PAUSED_AT,
    enter_with,
    paused_wall,
    standing_at,
    wall_player,
)
from tests.apps.served import Served, served
from tests.engine.live_races import made_up


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    with paused_wall() as here:
        yield here


@pytest.fixture
def page(running: Served, opened: Opened) -> Page:
    """The page as a strategist sees it."""
    page = opened(running.url, rows=False)
    enter_with(page, Role.STRATEGIST)
    page.wait_for_selector("#timing tr[data-car]")
    return page


def test_who_has_no_token_is_asked_and_a_wrong_one_is_refused(
    running: Served, opened: Opened
) -> None:
    page = opened(running.url, rows=False)
    page.fill("#token", "a-token-that-nobody-gave-out")
    page.press("#token", "Enter")
    expect(page.locator("dialog .warn")).to_be_visible()
    assert page.locator("#timing tr[data-car]").count() == 0
    page.keyboard.press("Escape")
    expect(page.locator("#token")).to_be_visible()
    enter_with(page, Role.VIEWER)
    page.wait_for_selector("#timing tr[data-car]")
    page.keyboard.press("?")
    expect(page.locator("dialog kbd").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()
    assert _secret_places(page) == [True, False, False]


def _secret_places(page: Page) -> list[bool]:
    """Whether a token is in the tab's storage, in what outlives it, in the address."""
    held: list[bool] = page.evaluate(
        "[sessionStorage, localStorage].map(one => JSON.stringify(one).includes('0123456789'))"
        ".concat(location.href.includes('0123456789'))"
    )
    return held


def test_a_viewer_sees_timing_and_forecast_and_no_call_at_all(
    running: Served, opened: Opened
) -> None:
    page = opened(running.url, rows=False)
    enter_with(page, Role.VIEWER)
    page.wait_for_selector("#timing tr[data-car]")
    expect(page.locator("[data-panel=water] .sector")).to_have_count(3)
    for hidden in ("#call", "[data-panel=card]", ".team-line", "#side-tab-log"):
        expect(page.locator(hidden)).to_be_hidden()
    page.keyboard.press("w")
    page.keyboard.press("d")
    expect(page.locator("dialog")).to_be_hidden()
    words = page.evaluate("document.body.textContent")
    assert "runner-up" not in words
    assert "Accept" not in words
    assert page.evaluate("document.querySelector('#call').textContent").strip() == ""


def test_a_call_is_accepted_becomes_the_order_sheet_and_is_released(
    running: Served, page: Page
) -> None:
    call = running.get("/api/team", Role.STRATEGIST).json()["call"]
    words = {"stay": "STAY OUT", "box": "BOX", "save": "SAVE"}[call["advice"]["call"]["action"]]
    expect(page.locator("#call .big")).to_contain_text(words)
    page.fill("#author", "Ana <b>")
    page.press("#author", "Tab")
    page.locator("body").click(position={"x": 640, "y": 22})
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    expect(page.locator("#call .order")).to_contain_text("Ana <b>")
    expect(page.locator("#accept")).to_have_count(0)
    page.keyboard.press("d")
    expect(page.locator("[data-decision=accept]").first).to_contain_text(f"call {call['number']}")
    page.click("#release")
    page.click("#release-now")
    expect(page.locator("#accept")).to_be_enabled()
    expect(page.locator("[data-decision=release]").first).to_contain_text("Ana <b>")
    page.click("#reject")
    expect(page.locator("[data-decision=reject]").first).to_be_visible()


def test_an_order_is_not_released_by_enter_pressed_once_too_often(page: Page) -> None:
    page.locator("body").click(position={"x": 640, "y": 22})
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    expect(page.locator("#release")).to_be_visible()
    released = page.locator("[data-decision=release]").count()
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    expect(page.locator("#keep")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_be_hidden()
    expect(page.locator("#call .order")).to_be_visible()
    assert page.locator("[data-decision=release]").count() == released
    page.click("#release")
    page.click("#release-now")
    expect(page.locator("#accept")).to_be_enabled()
    expect(page.locator("[data-decision=release]")).to_have_count(released + 1)


def test_the_plan_lists_the_stops_to_come_in_the_log(page: Page, running: Served) -> None:
    view = PitWall(running.player).team().plan
    assert view is not None
    page.click("#side-tab-log")
    panel = page.locator("[data-panel=plan]")
    expect(panel.locator("li")).to_have_count(len(view.plan.stops))
    expect(panel).to_contain_text(f"{view.plan.laps} laps if all is green, home at")


def test_a_what_if_is_asked_by_key_and_answered_in_the_log(page: Page) -> None:
    page.keyboard.press("w")
    page.select_option("dialog select[name=kind]", "rival_stop")
    page.select_option("dialog select[name=car_number]", "92")
    page.get_by_role("button", name="Ask").click()
    asked = page.locator("[data-panel=whatifs] li").first
    expect(asked).to_contain_text("#92 stops on lap")
    expect(asked.locator("tbody tr").first).to_contain_text(f"#{OURS}")
    page.keyboard.press("w")
    page.select_option("dialog select[name=kind]", "compare")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("[data-panel=whatifs] li")).to_have_count(2)


def test_what_is_typed_is_listed_with_its_author_can_be_undone_and_stays_text(page: Page) -> None:
    page.keyboard.press("i")
    page.keyboard.type("note <img src=x onerror=alert(1)>")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    typed = page.locator("[data-panel=inputs] li", has_text="onerror").first
    expect(typed).to_contain_text("<img src=x")
    assert page.locator("img").count() == 0
    typed.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-undone]", has_text="onerror")).to_have_count(1)
    page.fill("#team-line", "fizz buzz ???")
    page.press("#team-line", "Enter")
    expect(page.locator("#toast[data-tone=bad]")).not_to_be_empty()


def test_what_a_feed_says_in_the_teams_name_is_shown_as_heard_and_nothing_else(
    running: Served, page: Page
) -> None:
    line = b'{"event":"team","author":"Ana","text":"our car 7","happened_at":1200000}\n'
    running.player.session.receive([Arrival(source="api", form=ArrivalForm.LINES, data=line)])
    page.keyboard.press("d")
    heard = page.locator("[data-panel=inputs] li", has_text="our car 7").first
    expect(heard).to_contain_text("api our car 7 heard, counts for nothing")
    expect(heard.get_by_role("button")).to_have_count(0)
    expect(page.locator("[data-panel=inputs]")).not_to_contain_text("Ana our car 7")
    assert running.get("/api/session", Role.STRATEGIST).json()["car_number"] == OURS


def test_what_race_control_says_is_listed_with_the_penalties_that_are_pending(
    opened: Opened,
) -> None:
    at = Instant(1_200_000)
    words = "<b>speeding</b> in the pit lane"
    said = [
        RaceControlMessage(
            happened_at=at, known_at=at, kind="penalty", text=words, car_number=OURS,
            penalty="drive_through",
        ),
        RaceControlMessage(happened_at=at, known_at=at, kind="note", text="rain at turn 9"),
    ]  # fmt: skip
    race = replace(made_up(cars=8), messages=tuple(said))
    with served(wall_player(race)) as here:
        here.post("/api/replay", {"action": "jump", "to": "0:19:00"})
        page = opened(here.url)
        page.keyboard.press("r")
        expect(page.locator("[data-panel=penalties]")).to_contain_text("None pending")
        expect(page.locator("[data-panel=messages] li")).to_have_count(1)
        here.post("/api/replay", {"action": "jump", "to": "0:21:00"})
        expect(page.locator("[data-panel=messages] li").first).to_contain_text("turn 9")
        expect(page.locator("[data-panel=messages] li")).to_have_count(3)
        penalty = page.locator("[data-panel=penalties] li")
        expect(penalty).to_contain_text(f"#{OURS} drive through")
        expect(penalty).to_contain_text(words)
        assert penalty.locator("b b").count() == 0


def test_flags_and_calls_are_announced_to_screen_readers(running: Served, page: Page) -> None:
    expect(page.locator("#announce")).to_contain_text(f"Call for car {OURS}")
    running.post("/api/replay", {"action": "jump", "to": "0:15:00"}, Role.ADMIN)
    expect(page.locator("#announce")).to_contain_text("Flag: SAFETY CAR")
    expect(page.locator("#flag")).to_have_text("SAFETY CAR")
    running.post("/api/replay", {"action": "jump", "to": PAUSED_AT}, Role.ADMIN)
    expect(page.locator("#flag")).to_have_text("GREEN")


def test_the_charts_are_drawn_under_the_content_policy(page: Page) -> None:
    page.keyboard.press("g")
    expect(page.locator(".vega svg")).to_be_visible()
    assert page.locator(".vega svg path").count() > 4
    page.select_option(".chart-bar select", "positions")
    expect(page.locator(".vega[data-chart=positions] svg")).to_be_visible()


@pytest.mark.parametrize("letters", [6, 11, 22])
def test_a_chart_takes_the_room_there_is_however_wide_its_letters_are(
    page: Page, letters: int
) -> None:
    page.route("**/api/charts/*", lambda route: _with_letters(route, letters))
    page.keyboard.press("g")
    expect(page.locator(".vega[data-chart=gap] svg")).to_be_visible()
    sides = "node => [node.scrollWidth, node.clientWidth, node.firstChild.scrollWidth]"
    wide, room, drawn = page.locator(".vega").evaluate(sides)
    assert wide == room
    assert room - 10 <= drawn <= room
    sizes = "texts => texts.map(text => parseFloat(getComputedStyle(text).fontSize))"
    assert set(page.locator(".vega svg text").evaluate_all(sizes)) == {letters}


def _with_letters(route: Route, letters: int) -> None:
    """The chart as the server drew it, in letters of this size."""

    def sized(value: Any) -> Any:
        if isinstance(value, list):
            return [sized(each) for each in value]
        if not isinstance(value, dict):
            return value
        return {
            name: letters if name.lower().endswith("fontsize") else sized(each)
            for name, each in value.items()
        }

    answer = route.fetch()
    route.fulfill(response=answer, json=sized(answer.json()))


def test_when_the_server_restarts_the_page_says_so_and_comes_back_by_itself(
    opened: Opened,
) -> None:
    before = wall_player()
    before.jump(Instant(480_000))
    with standing_at(0, before) as first:
        page, port = opened(first.address), int(first.address.rpartition(":")[2])
    expect(page.locator("#alerts")).to_contain_text("CONNECTION LOST")
    expect(page.locator("html.lost")).to_have_count(1)
    with page.expect_request("**/api/stream*"):
        page.get_by_role("button", name="Try now").click()
    after = wall_player()
    after.jump(Instant(1_500_000))
    with standing_at(port, after):
        page.wait_for_function("() => Number(document.body.dataset.at) === 1_500_000")
        expect(page.locator("#alerts")).to_be_hidden()
        expect(page.locator("html.lost")).to_have_count(0)


def test_another_car_is_looked_at_and_made_ours(running: Served, page: Page) -> None:
    page.keyboard.type("31")
    page.locator("#call .make-ours").click()
    expect(page.locator("#timing tr[data-ours]")).to_have_attribute("data-car", "31")
    expect(page.locator("#call h2")).to_contain_text("#31")
    page.keyboard.type("50")
    page.locator("#call .make-ours").click()
    expect(page.locator("#timing tr[data-ours]")).to_have_attribute("data-car", "50")


def test_a_lost_feed_is_said_across_the_page_until_it_is_back(opened: Opened) -> None:
    player = wall_player()
    with served(player) as here:
        here.post("/api/replay", {"action": "jump", "to": "0:12:00"})
        page = opened(here.url)
        expect(page.locator("#alerts")).to_be_hidden()
        (source,) = player.session.state.feeds
        player.session.receive([status(source, Line(state="lost", reason="cable pulled"))])
        expect(page.locator("#alerts")).to_contain_text(f"FEED LOST: {source}")
        expect(page.locator("#alerts")).to_contain_text("cable pulled")
        player.session.receive([status(source, Line(state="connected"))])
        expect(page.locator("#alerts")).to_be_hidden()


def test_a_feed_that_floods_and_workers_that_fail_are_said_across_the_page(
    opened: Opened,
) -> None:
    player = wall_player()
    with served(player) as here:
        here.post("/api/replay", {"action": "jump", "to": "0:12:00"})
        page = opened(here.url)
        expect(page.locator("#alerts")).to_be_hidden()
        (source,) = player.session.state.feeds
        player.session.receive([lines_of(source, b"x" * (BUDGET + 1_000_000))])
        expect(page.locator("#alerts")).to_contain_text(f"FEED FLOODS: {source}")
        assert here.get("/healthz").json()["reason"] == (
            f"feed {source} floods with what is of no use"
        )
        player.session._workers = ProcessWorkers(1)
        player.session._works["forecast"] = dies
        player.session.ask("forecast")
        expect(page.locator("#alerts")).to_contain_text("NO ANSWER")
        assert "'forecast'" in here.get("/healthz").json()["reason"]
        assert here.get("/healthz").json()["status"] == "degraded"


def lines_of(source: str, data: bytes) -> Arrival:
    return Arrival(source=source, form=ArrivalForm.LINES, data=data)


def dies(race: Race, ask: Ask) -> None:
    os._exit(3)
