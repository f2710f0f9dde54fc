"""Every text colour of the page's two themes reads on every ground that it stands on."""

from __future__ import annotations

import re

import pytest

from dryline.apps.server.page_files import PAGE
from dryline.present.charts.theme import DARK, LIGHT, Theme, contrast

GROUNDS = ("ground", "panel", "raised", "hero", "sister", "call-ground")
TEXTS = (
    "ink",
    "muted",
    "quiet",
    "wet",
    "slick",
    "call",
    "loss",
    "purple",
    "orange",
    "green",
    "cyan",
)
READABLE = 4.5


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_every_text_colour_reads_on_every_ground(theme: Theme) -> None:
    colours = tokens(theme.name)
    weak = {
        f"{text} on {ground}": round(contrast(colours[text], colours[ground]), 2)
        for text in (
            *TEXTS,
            *(name for name in colours if re.fullmatch(r"(car-\d|class-.+)", name)),
        )
        for ground in GROUNDS
        if contrast(colours[text], colours[ground]) < READABLE
    }
    assert weak == {}


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_what_stands_on_a_colour_reads_too(theme: Theme) -> None:
    colours = tokens(theme.name)
    plates = [name for name in colours if name.startswith("class-")]
    assert min(contrast(colours["on-class"], colours[name]) for name in plates) >= READABLE
    assert contrast(colours["on-call"], colours["call"]) >= READABLE
    assert contrast(colours["on-neutral"], colours["neutral"]) >= READABLE
    assert contrast(colours["ink"], colours["water"]) >= READABLE
    assert contrast(colours["ink"], colours["stint"]) >= READABLE
    assert contrast(colours["ink"], colours["stint-wet"]) >= READABLE


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_the_page_and_the_charts_have_the_same_colours(theme: Theme) -> None:
    colours = tokens(theme.name)
    for name in (
        "ground",
        "panel",
        "line",
        "ink",
        "muted",
        "others",
        "wet",
        "slick",
        "call",
        "loss",
    ):
        assert colours[name] == getattr(theme, name), name
    classes = [colours[f"class-{name}"] for name in ("first", "second", "third", "gt", "pro")]
    assert classes == list(theme.classes)
    assert [colours[f"car-{place}"] for place in range(8)] == list(theme.cars)


def tokens(theme: str) -> dict[str, str]:
    """The colours of a theme by name, from the page's style sheet."""
    text = (PAGE / "style.css").read_text()
    block = re.search(rf'\[data-theme="{theme}"\] {{(.+?)\n}}', text, re.DOTALL)
    assert block is not None
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block[1]))
