"""The page says a call in the words that the terminal says it in, and has no others."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect
from rich.console import Console

from dryline.answers.action import Action
from dryline.answers.advice import Advice
from dryline.answers.words import Words, lower, words_of
from dryline.apps.server.page_files import PAGE
from dryline.apps.server.tokens import Role
from dryline.domain.language import language
from dryline.present.terminal.advice_screen import advice
from tests.answers.every_call import LAP, every_call
from tests.apps.browser.conftest import Opened
from tests.apps.browser.watching import (
    enter_with,
    paused_wall,
)
from tests.apps.served import Served

KINDS = ("exact", "short", "brief", "headline")


@pytest.fixture(scope="module")
def running() -> Iterator[Served]:
    with paused_wall() as here:
        yield here


@pytest.fixture(scope="module")
def module(running: Served, browser: Browser) -> Iterator[Page]:
    """A page with the modules at hand."""
    page = browser.new_page()
    page.goto(running.url)
    yield page
    page.close()


def on_the_page(page: Page, calls: list[tuple[dict[str, Any], int]]) -> list[dict[str, str]]:
    """What the page makes of each call on a lap."""
    source = (
        "([calls, kinds]) => import('/assets/says.js').then(m => calls.map(([call, lap]) =>"
        " Object.fromEntries(kinds.map(kind => [kind, m.said(call, kind, lap)]))))"
    )
    found: list[dict[str, str]] = page.evaluate(source, [calls, KINDS])
    return found


def carried(action: Action, hose_s: float | None) -> dict[str, Any]:
    """The call as the page is sent it."""
    words = words_of(action, LAP, hose_s=hose_s)
    return {**msgspec.to_builtins(action), "words": msgspec.to_builtins(words)}


def told(words: Words) -> dict[str, str]:
    return {kind: getattr(words, kind) for kind in KINDS}


def test_every_kind_of_call_reads_on_the_page_as_it_does_in_the_terminal(module: Page) -> None:
    calls = list(every_call())
    found = on_the_page(module, [(carried(action, hose), LAP) for action, hose in calls])
    for (action, hose), said in zip(calls, found, strict=True):
        assert said == told(words_of(action, LAP, hose_s=hose))


def test_as_laps_go_by_the_page_says_what_the_terminal_would_say_then(module: Page) -> None:
    boxes = [(action, hose) for action, hose in every_call() if action.action == "box"]
    later = [
        (action, hose, lap)
        for action, hose in boxes[:: len(boxes) // 120]
        for lap in range(LAP, (action.lap or 0) + 1)
    ]
    found = on_the_page(module, [(carried(action, hose), lap) for action, hose, lap in later])
    for (action, hose, lap), said in zip(later, found, strict=True):
        assert said == told(words_of(action, lap, hose_s=hose))
    gone = on_the_page(module, [(carried(*boxes[0]), LAP + 3)])[0]
    assert gone["headline"] == f"Box on lap {LAP}, gone"


def test_a_call_of_an_older_journal_has_no_words_and_stands_by_its_name(module: Page) -> None:
    bare = {"action": "box", "key": "box+0:wet", "lap": LAP}
    assert set(on_the_page(module, [(bare, LAP)])[0].values()) == {"box+0:wet"}


def test_the_call_on_the_wall_is_the_terminals(running: Served, opened: Opened) -> None:
    page = opened(running.url, rows=False)
    enter_with(page, Role.STRATEGIST)
    page.wait_for_selector("#timing tr[data-car]")
    sent = running.get("/api/team", Role.STRATEGIST).json()["call"]["advice"]
    shown = msgspec.convert(sent, Advice)
    out = io.StringIO()
    Console(file=out, width=400).print(advice(shown, "Made up", 400))
    terminal = " ".join(out.getvalue().split())
    words = shown.call.words
    assert f"{words.exact}." in terminal
    expect(page.locator("#call .big")).to_contain_text(words.headline.upper())
    expect(page.locator("#call .exactly")).to_have_text(" · ".join(words.work))
    rows = page.locator("[data-panel=options] tbody tr td:first-child").all_inner_texts()
    assert len(rows) > 1
    assert rows == [each.words.brief for each in shown.candidates[: len(rows)]]
    assert all(lower(row) in terminal for row in rows[:6])
    cards = page.locator("[data-panel=card] dd b").all_inner_texts()
    for card in shown.neutralised_now:
        assert card.call.words.short in cards
        assert f"{card.name} (lane {card.pit_lane.replace('_', ' ')})" in terminal


def test_no_phrase_about_a_call_or_a_flag_is_written_in_the_page() -> None:
    comment = re.compile(r"/\*.*?\*/|//.*?$", re.DOTALL | re.MULTILINE)
    scripts = {path.name: comment.sub("", path.read_text("utf-8")) for path in PAGE.glob("*.js")}
    assert len(scripts) > 40
    tables = language().tables
    asked = [
        name for name in tables if name.split(".")[0] not in ("size", "when", "counts", "flips")
    ]
    for table in asked:
        for phrase in tables[table].values():
            bare = re.sub(r"\s*\{\w+\}\s*", " ", phrase).strip(" :,.%()")
            if " " not in bare:
                continue
            for name, text in scripts.items():
                assert bare.lower() not in text.lower(), f"{name}: {bare}"


MARGIN = {"runner_up": "box+0", "unit": "s", "value": 0.0, "se": 1.0}
UNUSED = "fuel without what a lap takes"
RULED: dict[str, Any] = {
    "candidates": [{"key": "stay"}, {"key": "box+0", "action": "box"}],
    "call": {"key": "stay", "action": "stay"},
    "made_by": "rule", "clear": False, "flips_if": [], "evidence": "A",
    "margin": MARGIN,
    "value_of_waiting": None, "rejoin": None,
    "not_used": [UNUSED],
}  # fmt: skip


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1.9, "simulated level with"),
        (-1.9, "simulated level with"),
        (7.1, "simulated 7.1 ± 1.0 s ahead of"),
        (-7.1, "simulated 7.1 ± 1.0 s behind"),
    ],
)
def test_what_the_simulation_says_of_a_rules_call_is_said_the_right_way_round(
    value: float, words: str, module: Page
) -> None:
    source = "a => import('/assets/says.js').then(m => m.marginWords(a, 1).simulated)"
    assert module.evaluate(source, {**RULED, "margin": {**MARGIN, "value": value}}) == words


def test_what_the_team_typed_and_the_call_cannot_use_stands_beside_the_call(module: Page) -> None:
    source = "a => import('/assets/says.js').then(m => m.remarks(a, 1))"
    assert ["Not used:", UNUSED, ""] in module.evaluate(source, RULED)


FIRST_LAP: dict[str, Any] = {
    "tyres": "wet", "worth": {"value": -0.2, "se": 0.1, "unit": "class places"},
    "worth_s": {"value": 9.3, "se": 3.9}, "p_better": 0.54, "words": "in full",
}  # fmt: skip


@pytest.mark.parametrize(
    ("worth_s", "said"),
    [
        ({"value": 9.3, "se": 3.9}, "+9.3 ± 3.9 s"),
        ({"value": -9.3, "se": 3.9}, "\u22129.3 ± 3.9 s"),
        ({"value": None, "se": None}, "\u22120.20 ± 0.10 places"),
    ],
)
def test_what_waiting_for_a_first_lap_is_worth_stands_beside_the_call(
    worth_s: dict[str, float | None], said: str, module: Page
) -> None:
    source = "a => import('/assets/says.js').then(m => m.remarks(a, 1))"
    told = module.evaluate(source, {**RULED, "first_lap": {**FIRST_LAP, "worth_s": worth_s}})
    before = "Waiting for the first lap on wets"
    assert [before, said, "over boxing now, better in 54%", "in full"] in told
    assert all(line[0] != before for line in module.evaluate(source, RULED))


CALLED = {"fuel_laps": 6.4, "lap": 40, "seen": False}


@pytest.mark.parametrize(
    ("tyre", "told", "said"),
    [
        ({"laps_left": 7.2, "range_sd": 1.0}, None, "5 laps surely, probably 7"),
        ({"laps_left": 7.2, "range_sd": 0.1}, None, "7 laps surely"),
        ({"laps_left": 7.2, "range_sd": 1.0}, CALLED, "5 laps surely, probably 7"),
        ({"laps_left": 4.2, "range_sd": 0.1}, CALLED, "5 laps surely"),
        ({"laps_left": 9.0, "range_sd": 1.0}, {**CALLED, "seen": True}, "5 laps as told"),
        ({"laps_left": 2.4, "range_sd": 1.0}, None, "1 lap surely, probably 2"),
        ({"laps_left": 0.2, "range_sd": 1.0}, None, "0 laps surely"),
        ({"laps_left": None, "range_sd": None}, CALLED, ""),
        (None, CALLED, ""),
    ],
)
def test_a_range_is_said_as_sure_first_and_as_the_call_has_it(
    tyre: dict[str, Any] | None, told: dict[str, Any] | None, said: str, module: Page
) -> None:
    """The call was made on lap 40, and the car is on its next."""
    source = "([t, told]) => import('/assets/says.js').then(m => m.rangeWords(t, told, 41))"
    assert module.evaluate(source, [tyre, told]) == said
