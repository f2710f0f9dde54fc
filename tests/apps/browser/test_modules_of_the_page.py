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
        " m.gap(1, 83450, 95000), m.gap(12, null), m.gap(0, null),"
        " m.lapTime(122531), m.lapTime(58214), m.lapTime(612421), m.lapTime(60000),"
        " m.lapTime(4500123), m.lapTime(null), m.clock(14220999), m.percent(0.004),"
        " m.percent(0.996)]",
    )
    assert said == [
        "+12.345", "1 lap", "+7.000", "1 lap", "+1:23.5", "12 laps", "",
        "2:02.531", "58.214", "10:12.421", "1:00.000", "75:00.123", "", "3:57:00", "<1%", ">99%",
    ]  # fmt: skip


def test_sectors_are_spelled_to_the_tenth_however_long(page: Page) -> None:
    cases = {
        0: "0.0", 949: "0.9", 38_349: "38.3", 38_350: "38.4", 59_949: "59.9", 59_950: "1:00.0",
        60_000: "1:00.0", 69_950: "1:10.0", 95_020: "1:35.0", 119_999: "2:00.0", 725_060: "12:05.1",
    }  # fmt: skip
    assert run(page, "format", "given.map(m.sector)", list(cases)) == list(cases.values())


def test_the_times_of_a_lap_lie_before_its_crossing_also_where_one_is_missing(page: Page) -> None:
    lap = {"elapsed_ms": 500, "last_lap_ms": 100, "s1_ms": 20, "s2_ms": 30, "s3_ms": 50}
    lines = [lap, {**lap, "s1_ms": None}, {**lap, "s1_ms": None, "s3_ms": None},
             {**lap, "last_lap_ms": None}]  # fmt: skip
    assert run(page, "neutral", "given.map(m.lastLapTimes)", lines) == [
        {"lap": [400, 500], "sectors": [[400, 420], [420, 450], [450, 500]]},
        {"lap": [400, 500], "sectors": [None, [420, 450], [450, 500]]},
        {"lap": [400, 500], "sectors": [None, None, None]},
        {"lap": None, "sectors": [None, None, None]},
    ]


def test_time_is_under_a_period_where_they_share_an_instant_not_where_they_touch(
    page: Page,
) -> None:
    periods = [{"start_ms": 100, "end_ms": 200}, {"start_ms": 300, "end_ms": None}]
    asked = [[0, 100], [0, 101], [199, 250], [200, 300], [200, 301], [900, 901]]
    body = "given[1].map(([from, until]) => m.isUnder(given[0], from, until))"
    assert run(page, "neutral", body, [periods, asked]) == [False, True, True, False, True, True]


def test_surnames_keep_their_particles_and_lose_their_capitals(page: Page) -> None:
    names = [
        "Antonio GIOVINAZZI",
        "Sheldon van der Linde",
        "Robert DE HAAN",
        "Ye",
        "",
        "S. v d Linde",
        "Blake MCDONALD",
        "Blake Mcdonald",
        "Blake McDonald",
    ]
    assert run(page, "format", "given.map(m.surname)", names) == [
        "Giovinazzi", "van der Linde", "De Haan", "Ye", "", "v d Linde", "McDonald", "McDonald",
        "McDonald",
    ]  # fmt: skip


def test_names_shorten_by_rule_and_at_last_give_way(page: Page) -> None:
    names = ["Sheldon van der Linde", "Antonio GIOVINAZZI", "Ye", ""]
    assert run(page, "format", "given.map(m.shorterNames)", names) == [
        ["van der Linde", "Linde", "LIN", ""], ["Giovinazzi", "GIO", ""], ["Ye", "YE", ""], [""],
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
