"""The page's modules by themselves, run where they live: words, stream, changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from dryline.domain.instant import Instant
from dryline.engine.live.view import delta, encoded, screen
from tests.apps.browser.watching import wall_player
from tests.apps.served import served


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """A page that has nothing to show, with the modules at hand."""
    with served(wall_player()) as here:
        page = browser.new_page()
        page.goto(here.url)
        yield page
        page.close()


def run(page: Page, module: str, body: str, argument: Any = None) -> Any:
    """What ``body`` makes of ``m``, the module, and ``given``."""
    source = f"given => import('/assets/{module}.js').then(m => {body})"
    return page.evaluate(source, argument)


def test_times_and_gaps_are_spelled_as_in_the_paddock(page: Page) -> None:
    said = run(
        page,
        "format",
        "[m.gap(0, 12345), m.gap(1, 250000, 95000), m.gap(1, 7000, 95000), m.gap(1, -79156, 95000),"
        " m.gap(12, null), m.gap(0, null), m.lapTime(122531), m.lapTime(58214), m.lapTime(612421),"
        " m.sector(38349), m.sector(95020), m.clock(14220999), m.percent(0.004), m.percent(0.996)]",
    )
    assert said == [
        "+12.345", "1 lap", "+7.000", "1 lap", "12 laps", "", "2:02.531", "58.214", "10:12.4",
        "38.3", "1:35", "3:57:00", "<1%", ">99%",
    ]  # fmt: skip


def test_surnames_keep_their_particles_and_lose_their_capitals(page: Page) -> None:
    names = [
        "Antonio GIOVINAZZI",
        "Sheldon van der Linde",
        "Robert DE HAAN",
        "Ye",
        "",
        "S. v d Linde",
    ]
    assert run(page, "format", "given.map(m.surname)", names) == [
        "Giovinazzi", "van der Linde", "De Haan", "Ye", "", "v d Linde",
    ]  # fmt: skip


def test_the_stream_is_read_alike_however_it_is_cut(page: Page) -> None:
    stream = (
        ': hello\r\nevent: delta\r\ndata: {"a":\r\ndata: 1}\r\n\r\n'
        'event: wall\ndata: {}\n\nid: 7\n\nevent: team\ndata:{"x":2}\n\ndata: never ended'
    )
    expected = [
        {"event": "delta", "data": '{"a":\n1}'},
        {"event": "wall", "data": "{}"},
        {"event": "team", "data": '{"x":2}'},
    ]
    body = """{
        return given.map(size => {
            const parser = new m.EventParser();
            const heard = [];
            for (let at = 0; at < TEXT.length; at += size) {
                heard.push(...parser.take(TEXT.slice(at, at + size)));
            }
            return heard;
        });
    }""".replace("TEXT", json.dumps(stream))
    assert run(page, "stream", body, [1, 2, 3, 7, 1000]) == [expected] * 5


def test_changes_are_applied_as_the_engine_applies_them(page: Page) -> None:
    player = wall_player()
    screens = []
    for minute in (0, 2, 9, 10, 16, 31, 4, 12):
        player.jump(Instant(minute * 60_000))
        screens.append(screen(player.session))
    player.stop()
    steps = [
        [json.loads(encoded(each)) for each in (one, delta(one, other), other)]
        for one, other in pairwise(screens)
    ]
    applied = run(page, "delta", "given.map(([one, change]) => m.applied(one, change))", steps)
    assert applied == [after for _, _, after in steps]
    refused = run(
        page,
        "delta",
        "{ try { m.applied(given[0], {...given[1], since: -5}); return ''; }"
        " catch (fault) { return fault.constructor.name; } }",
        steps[0],
    )
    assert refused == "RangeError"
