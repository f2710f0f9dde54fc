"""The timing screen in a real browser: order, cells, the hero, classes, columns, the replay."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from playwright.sync_api import Page, expect

from dryline.domain.clock_text import format_clock
from dryline.domain.event import LoopPassing
from dryline.domain.loop import Loop
from dryline.engine.opening import open_race
from dryline.feeds.synthesised_loops import synthesised_loops
from tests.apps.browser.conftest import Opened
from tests.apps.browser.watching import jump, order, wall_player
from tests.apps.progress import progress
from tests.apps.served import Served, served
from tests.engine.live_races import made_up
from tests.waiting import until

ROOMY = {"width": 1920, "height": 1080}
"""Every column that is asked about here has room, in whatever face."""


@pytest.fixture(scope="module")
def running(race_file: Path) -> Iterator[Served]:
    """A race of an hour on the wall, paused at its start."""
    with served(wall_player(open_race(race_file))) as here:
        yield here


@pytest.fixture
def page(running: Served, opened: Opened) -> Page:
    running.post("/api/replay", {"action": "pause"})
    running.post("/api/replay", {"action": "jump", "to": "0:20:00"})
    return opened(running.url, viewport=ROOMY)


def test_the_order_on_the_page_is_that_at_the_last_loops_with_the_classifications_laps(
    page: Page, race_file: Path, answer: Callable[..., Any]
) -> None:
    race = open_race(race_file)
    for minute in (12, 41, 5, 59):
        at = format_clock(minute * 60_000)
        jump(page, at, minute * 60_000)
        rows = answer("classification", race_file, "--at", at)["rows"]
        completed = {row["car_number"]: str(row["laps"]) for row in rows if row["laps"]}
        assert order(page) == progress(race, minute * 60_000)
        laps = page.locator("#timing td[data-column=laps]").all_inner_texts()
        assert laps == [completed[number] for number in order(page)]


def test_after_a_thousand_changes_the_page_shows_what_the_server_knows(
    running: Served, page: Page
) -> None:
    running.post("/api/replay", {"action": "speed", "speed": 600})
    running.post("/api/replay", {"action": "play"})
    page.wait_for_function("() => Number(document.body.dataset.at) > 2_400_000")
    running.post("/api/replay", {"action": "pause"})

    def laps(numbers: list[str]) -> list[str]:
        cells = [f"#timing tr[data-car='{number}'] td[data-column=laps]" for number in numbers]
        return [page.locator(cell).inner_text() for cell in cells]

    def level() -> bool:  # what was on its way at the pause is still shown
        screen = running.get("/api/screen").json()
        known = [str(screen["cars"][number]["laps"]) for number in screen["order"]]
        return order(page) == screen["order"] and laps(screen["order"]) == known

    until(level)


def test_a_number_typed_makes_a_car_the_hero_and_escape_ours_again(
    running: Served, page: Page
) -> None:
    running.post("/api/settings", {"car_number": "7"})
    expect(page.locator("#timing tr[data-role=hero]")).to_have_attribute("data-car", "7")
    page.keyboard.type("046")
    expect(page.locator("#timing tr[data-role=hero]")).to_have_attribute("data-car", "046")
    expect(page.locator("#timing tr[data-ours]")).to_have_attribute("data-car", "7")
    page.keyboard.press("Escape")
    expect(page.locator("#timing tr[data-role=hero]")).to_have_attribute("data-car", "7")
    page.keyboard.type("999")
    page.keyboard.press("Enter")
    expect(page.locator("#toast")).to_contain_text("no car 999")
    page.click("#timing tr[data-car='31'] td[data-column=last]")
    expect(page.locator("#timing tr[data-role=hero]")).to_have_attribute("data-car", "31")
    page.keyboard.press("+")
    page.keyboard.press("Escape")
    expect(page.locator("#timing tr[data-role=followed]")).to_have_attribute("data-car", "31")


def test_classes_and_words_filter_the_rows_and_the_choice_outlives_a_reload(
    running: Served, page: Page
) -> None:
    cars = running.get("/api/screen").json()["cars"]
    of_class = {number for number, line in cars.items() if line["car_class"] == "LMGT3"}
    page.get_by_role("button", name="GT3 4").click()
    expect(page.locator("#timing tbody tr")).to_have_count(len(of_class))
    assert set(order(page)) == of_class
    page.reload()
    expect(page.locator("#timing tbody tr")).to_have_count(len(of_class))
    assert set(order(page)) == of_class
    page.keyboard.press("[")
    page.keyboard.press("[")
    page.wait_for_function(
        f"() => document.querySelectorAll('#timing tbody tr').length === {len(cars)}"
    )
    page.keyboard.press("/")
    page.keyboard.type("team 31")
    expect(page.locator("#timing tbody tr")).to_have_count(1)
    assert order(page) == ["31"]


def test_columns_are_hidden_ordered_and_remembered(page: Page) -> None:
    heads = page.locator("#timing th")
    expect(heads.first).to_be_visible()
    before = heads.all_inner_texts()
    assert "S1" in before
    page.get_by_role("button", name="Columns").click()
    page.uncheck("#column-s1")
    page.get_by_role("button", name="Gap further left", exact=True).click()
    page.get_by_role("button", name="Close").click()
    expect(heads).to_have_count(len(before) - 1)
    after = heads.all_inner_texts()
    assert "S1" not in after
    assert after.index("Gap") == before.index("Gap") - 1
    page.reload()
    page.wait_for_selector("#timing tr[data-car]")
    assert heads.all_inner_texts() == after


def test_the_best_laps_come_first_when_asked_for(running: Served, page: Page) -> None:
    page.get_by_role("button", name="Last", exact=True).click()
    cars = running.get("/api/screen").json()["cars"]
    fastest = sorted(
        cars, key=lambda number: (cars[number]["last_lap_ms"], cars[number]["position"])
    )
    page.wait_for_function(
        "number => document.querySelector('#timing tbody tr').dataset.car === number",
        arg=fastest[0],
    )
    assert order(page) == fastest


def test_a_replay_is_played_paused_hurried_and_stepped_by_keys(running: Served, page: Page) -> None:
    clock = running.player.session.clock
    page.select_option("#speed", "60")
    until(lambda: getattr(clock, "speed", 0) == 60)
    page.keyboard.press("Escape")
    page.locator("body").click(position={"x": 640, "y": 22})
    page.keyboard.press("Space")
    until(lambda: not getattr(clock, "paused", True))
    expect(page.locator("#play")).to_have_attribute("aria-label", "Pause")
    page.keyboard.press("Space")
    until(lambda: getattr(clock, "paused", False))
    leader = page.locator("#timing tr[data-role=hero]").get_attribute("data-car")
    laps = running.get("/api/screen").json()["cars"][leader]["laps"]
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "([car, laps]) => [...document.querySelectorAll('#timing td[data-column=laps]')].some("
        "cell => cell.parentElement.dataset.car === car && cell.textContent === laps)",
        arg=[leader, str(laps + 1)],
    )
    page.keyboard.press("ArrowLeft")
    until(lambda: running.get("/api/screen").json()["cars"][leader]["laps"] == laps)
    seen = running.player.session.state.seq
    page.click("#step")
    until(lambda: running.player.session.state.seq > seen)


def test_the_page_fits_a_laptop_without_scrolling_and_a_phone_in_one_column(
    running: Served, opened: Opened
) -> None:
    wide = opened(running.url)
    assert wide.evaluate("document.documentElement.scrollHeight <= innerHeight")
    phone = opened(running.url, viewport={"width": 390, "height": 844})
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tops = phone.evaluate(
        "['hero-line', 'call', 'side', 'timing'].map(id => document.getElementById(id).offsetTop)"
    )
    assert tops == sorted(tops)


def test_the_hero_stays_in_sight_however_far_down_it_is(running: Served, opened: Opened) -> None:
    running.post("/api/replay", {"action": "jump", "to": "0:20:00"})
    page = opened(running.url, viewport={"width": 1366, "height": 480})
    last = order(page)[-1]
    page.keyboard.type(last)
    page.locator("#timing .scroll").evaluate("node => node.scrollTo(0, 0)")
    inside = page.evaluate(
        """number => {
            const frame = document.querySelector('#timing .scroll').getBoundingClientRect();
            return [...document.querySelectorAll(`#timing tr[data-car='${number}'] td`)].every(
                cell => cell.getBoundingClientRect().bottom <= frame.bottom + 1);
        }""",
        last,
    )
    assert inside


def test_names_that_look_like_markup_stay_text(opened: Opened) -> None:
    bad = '<img src=x onerror="document.body.dataset.bad=1"><script>x()</script>'
    race = made_up(cars=4)
    columns = {"driver": bad, "team": f"{bad} racing", "car_class": "<b>LMGT3</b>"}
    named = race.crossings.with_columns(**{name: pl.lit(text) for name, text in columns.items()})
    with served(wall_player(type(race)(race.info, named))) as here:
        here.post("/api/replay", {"action": "jump", "to": "0:10:00"})
        page = opened(here.url)
        expect(page.locator("#timing tbody tr").first).to_contain_text("onerror")
        assert page.locator("img, #timing script, #timing td b b").count() == 0
        assert page.locator("body").get_attribute("data-bad") is None


def next_passing(race_file: Path, loop: Loop) -> LoopPassing:
    """The first in the second third of the race, of a sector the first."""
    told = synthesised_loops(open_race(race_file).crossings)
    return next(
        event
        for event in told
        if event.loop is loop and event.happened_at.ms > 1_300_000 and event.sector in (None, 1)
    )


def test_a_sector_stands_there_as_it_is_driven_and_the_last_laps_are_grey_until_then(
    running: Served, page: Page, race_file: Path
) -> None:
    at_ms = 1_000 + next_passing(race_file, Loop.SECTOR).happened_at.ms // 1_000 * 1_000
    jump(page, format_clock(at_ms), at_ms)
    cars = running.get("/api/screen").json()["cars"]
    loops = {number: line["loop"] for number, line in cars.items()}
    assert {"S1", "line"} <= set(loops.values())
    for number, loop in loops.items():
        row = page.locator(f"#timing tr[data-car='{number}']")
        for place, is_old in ((1, False), (2, loop == "S1"), (3, loop != "line")):
            cell = row.locator(f"td[data-column=s{place}]")
            tone = cell.get_attribute("data-tone")
            assert (tone == "old") is is_old


def test_the_lane_clock_runs_from_the_entry_and_says_how_it_is_known(
    page: Page, race_file: Path
) -> None:
    entered = next_passing(race_file, Loop.PIT_IN)
    at_ms = entered.happened_at.ms // 1_000 * 1_000 + 21_000
    jump(page, format_clock(at_ms), at_ms)
    state = page.locator(f"#timing tr[data-car='{entered.car_number}'] td[data-column=state]")
    expect(state).to_have_text("PIT 0:20")
    expect(state).to_have_attribute("title", "worked out from the file that is replayed")
