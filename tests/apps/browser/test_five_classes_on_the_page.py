"""A long lap, five classes, sixty cars: nothing is cut, on no screen and in no letters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from dryline.apps.server.page_files import PAGE
from tests.apps.browser.conftest import Opened
from tests.apps.browser.five_classes import five_classes
from tests.apps.browser.watching import jump, wall_player
from tests.apps.served import Served, served

IN_EVERY_FACE = {chr(code) for code in range(128)} | set(
    bytes(range(0xA0, 0x100)).decode("latin-1") + "–—‘’“”…•−"
)
"""Signs that every face for Latin text has; any other may be an empty box."""
LETTERS = {
    "as they are": "",
    "wide": "#timing *, .tabs * { letter-spacing: 0.13em; }",
    "narrow": "#timing *, .tabs * { letter-spacing: -0.06em; }",
    "of one width": ":root { --sans: monospace; --mono: monospace; }",
    "with feet": ":root { --sans: serif; --mono: serif; }",
}
SCREENS = ((360, 740), (390, 844), (430, 932), (1024, 768), (1366, 768), (1920, 1080),
           (2560, 1440))  # fmt: skip
DRAWN = """async () => {
    for (let frame = 0; frame < 4; frame += 1) await new Promise(requestAnimationFrame);
}"""
"""A change of size is seen in one frame and drawn in the next."""
CUT = """() => [...document.querySelectorAll('#timing :is(td, th)')].filter(cell => {
    const name = cell.querySelector('.who > b');
    if (name) return name.offsetWidth > name.parentElement.clientWidth;
    return cell.scrollWidth > cell.clientWidth && !cell.textContent.includes('Driver');
}).map(cell => `${cell.dataset.column}: ${cell.textContent}`)"""
TAGS_CUT = """() => [...document.querySelectorAll('#timing .tag')].filter(tag => {
    const [inner, outer] = [tag, tag.closest('td')].map(node => node.getBoundingClientRect());
    return inner.right > outer.right || inner.left < outer.left;
}).map(tag => tag.textContent)"""
OUTSIDE = """() => [...document.querySelectorAll('button, input, select, .plate, p')]
    .filter(node => node.getBoundingClientRect().right > innerWidth).map(node => node.outerHTML)"""


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    with served(wall_player(five_classes())) as here:
        here.post("/api/replay", {"action": "jump", "to": "0:31:00"})
        yield here


@pytest.mark.parametrize("style", LETTERS.values(), ids=list(LETTERS))
def test_no_cell_is_cut_and_no_screen_is_too_narrow(
    running: Served, opened: Opened, style: str
) -> None:
    page = opened(running.url, style=style)
    for wide, high in SCREENS:
        page.set_viewport_size({"width": wide, "height": high})
        page.evaluate(DRAWN)
        assert page.evaluate(CUT) == [], wide
        assert page.evaluate(TAGS_CUT) == [], wide
        assert page.evaluate("document.documentElement.scrollWidth") <= wide
        assert page.evaluate(OUTSIDE) == [], wide
        assert page.locator("#timing .tabs button").count() == 6
        if wide > 1300:
            assert page.locator("#timing td[data-column=pic]", has_text="LMP2 10").count() == 1


def test_more_columns_than_there_is_room_for_can_be_reached(
    running: Served, opened: Opened
) -> None:
    page = opened(running.url)
    page.get_by_role("button", name="Columns").click()
    hidden = page.locator("dialog input:not(:checked)")
    for name in hidden.evaluate_all("boxes => boxes.map(box => box.id)"):
        page.check(f"#{name}")
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#timing th")).to_have_count(page.locator("#timing col").count())
    assert page.evaluate(CUT) == []
    room = page.locator("#timing .scroll").evaluate("node => [node.scrollWidth, node.clientWidth]")
    assert room[0] > room[1]
    driver = page.locator("#timing td[data-column=driver]").first
    assert driver.evaluate("cell => cell.clientWidth") >= 108


def test_sectors_of_more_than_a_minute_are_shown_to_the_tenth(
    running: Served, opened: Opened
) -> None:
    page = opened(running.url, viewport={"width": 1920, "height": 1080})
    cars = running.get("/api/screen").json()["cars"]
    assert min(line["s1_ms"] for line in cars.values()) > 60_000
    for place in (1, 2, 3):
        shown = page.locator(f"#timing td[data-column=s{place}]").all_inner_texts()
        rows = page.eval_on_selector_all("#timing tbody tr", "rows => rows.map(r => r.dataset.car)")
        driven = [
            cars[number].get(f"now_s{place}_ms") or cars[number][f"s{place}_ms"] for number in rows
        ]
        assert shown == [minutes(ms) for ms in driven]


def minutes(ms: int) -> str:
    tenths = (ms + 50) // 100
    return f"{tenths // 600}:{tenths % 600 // 10:02d}.{tenths % 10}"


@pytest.mark.parametrize("to", ["0:28:00", "0:31:00", "0:39:00"])
def test_a_lap_is_yellow_by_its_own_flag_and_not_by_the_one_now(
    running: Served, opened: Opened, to: str
) -> None:
    hours, mins, seconds = (int(part) for part in to.split(":"))
    page = opened(running.url, viewport={"width": 1920, "height": 1080})
    jump(page, to, 1000 * (3600 * hours + 60 * mins + seconds))
    seq = running.player.session.state.seq
    page.wait_for_function("seq => Number(document.body.dataset.version) === seq", arg=seq)
    screen, wall = running.get("/api/screen").json(), running.get("/api/wall").json()
    expected = {
        number: was_neutral(line, wall["neutralisations"])
        for number, line in screen["cars"].items()
        if line["status"] == "running" and not (line["stops"] and line["stint_laps"] == 1)
    }
    assert set(expected.values()) == {True, False} or to == "0:31:00"
    assert (screen["flag"] == "green") == (to == "0:39:00")
    for number, yellow in expected.items():
        cell = page.locator(f"#timing tr[data-car='{number}'] td[data-column=last]")
        if yellow:
            expect(cell).to_have_attribute("data-tone", "neutral")
        else:
            expect(cell).not_to_have_attribute("data-tone", "neutral")


def was_neutral(line: dict[str, Any], periods: list[dict[str, Any]]) -> bool:
    end = line["elapsed_ms"]
    start = end - line["last_lap_ms"]
    return any(
        one["start_ms"] < end and (one["end_ms"] is None or one["end_ms"] > start)
        for one in periods
    )


def test_every_sign_of_the_page_is_in_every_face() -> None:
    odd = {
        f"{path.name}: {sign}"
        for path in sorted(PAGE.iterdir())
        for sign in set(path.read_text()) - IN_EVERY_FACE
    }
    assert odd == set()


def test_signs_are_pictures_with_names(running: Served, opened: Opened) -> None:
    page = opened(running.url)
    for name in ("On to the next crossing", "Play", "Taller", "Light or dark"):
        box = page.get_by_role("button", name=name).locator("svg.icon").bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 10, name
