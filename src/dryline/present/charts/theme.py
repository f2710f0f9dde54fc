"""Colours and letters of the charts, dark for the pit wall at night, light for paper and noon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dryline.domain.errors import BadOption
from dryline.domain.series import car_class as known_class

FONT = "Arial, Liberation Sans, Helvetica, sans-serif"
"""Faces whose figures are all of one width, so that times stand under each other."""

MOST_CARS = 8
"""As many highlighted cars as can be told apart by colour, dash and label."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One set of colours; every text colour reads at 4.5:1 or better on ``ground`` and ``panel``.

    ``others`` draws the cars that are not being looked at; ``cars`` the ones that are, in the
    order in which they were named. ``classes`` runs prototype, second prototype, third, GT, GT
    with professionals.
    """

    name: str
    ground: str
    panel: str
    line: str
    ink: str
    muted: str
    others: str
    wet: str
    slick: str
    call: str
    loss: str
    neutralised: str
    neutralised_text: str
    band_opacity: float
    cars: tuple[str, ...]
    classes: tuple[str, str, str, str, str]


DARK = Theme(
    name="dark",
    ground="#0d1117",
    panel="#141a23",
    line="#232b38",
    ink="#eef2f7",
    muted="#8b97a8",
    others="#4a5668",
    wet="#4da3ff",
    slick="#e8b04a",
    call="#19c37d",
    loss="#ff6b6b",
    neutralised="#ffd24d",
    neutralised_text="#ffd24d",
    band_opacity=0.17,
    cars=(
        "#eef2f7", "#ff8a4c", "#56b4e9", "#3ddc97", "#f0a6d0", "#ffe08a", "#b58cff", "#2fd0b5",
    ),
    classes=("#ff6b6b", "#5aa9ff", "#b58cff", "#3ddc97", "#f2a65a"),
)  # fmt: skip

LIGHT = Theme(
    name="light",
    ground="#ffffff",
    panel="#f4f6f9",
    line="#dde2ea",
    ink="#14181f",
    muted="#5a6472",
    others="#b3bcc9",
    wet="#1f5fbf",
    slick="#8a5a00",
    call="#0a7048",
    loss="#c22f2f",
    neutralised="#f2b705",
    neutralised_text="#7d5b00",
    band_opacity=0.22,
    cars=(
        "#14181f", "#b4460f", "#0b69a3", "#0a7048", "#a12c74", "#7d5b00", "#6c3fb5", "#00706a",
    ),
    classes=("#c22f2f", "#1f5fbf", "#6c3fb5", "#0a7048", "#a34f00"),
)  # fmt: skip

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}

_PLACES: tuple[str | None, ...] = ("first", "second", "third", "gt", "pro")
_MARKERS = ("circle", "square", "cross", "triangle-up", "diamond")
DASHES: tuple[list[int], ...] = (
    [1, 0], [1, 0], [1, 0], [1, 0], [6, 3], [6, 3], [2, 2], [2, 2],
)  # fmt: skip


def class_colour(theme: Theme, car_class: str) -> str:
    """The colour of a class; the ink's own for a class that nobody has given one."""
    place = _place(car_class)
    return theme.ink if place is None else theme.classes[place]


def class_marker(car_class: str) -> str:
    """The shape that says the class without colour."""
    place = _place(car_class)
    return "triangle-down" if place is None else _MARKERS[place]


def car_colours(theme: Theme, cars: Sequence[str]) -> dict[str, str]:
    """A colour for each car that is looked at, in the order given.

    Raises:
        BadOption: where they are more than can be told apart.
    """
    if len(cars) > MOST_CARS:
        raise BadOption(
            f"{len(cars)} cars are too many to tell apart in one chart",
            remedy=f"Choose at most {MOST_CARS}, or a class.",
        )
    return dict(zip(cars, theme.cars, strict=False))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21, as WCAG 2 defines it."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def config(theme: Theme) -> dict[str, Any]:
    """The Vega-Lite configuration of a theme."""
    return {
        "font": FONT,
        "aria": False,  # one label for the whole picture instead of one for every mark
        "background": theme.ground,
        "view": {"stroke": None},
        "text": {"color": theme.ink, "fontSize": 11},
        "point": {"opacity": 1},
        "tick": {"opacity": 1},
        "title": {
            "anchor": "start", "frame": "group", "color": theme.ink, "fontSize": 16,
            "fontWeight": 600, "offset": 14, "subtitleColor": theme.muted,
            "subtitleFontSize": 12, "subtitlePadding": 5,
        },
        "axis": {
            "labelColor": theme.muted, "titleColor": theme.muted, "labelFontSize": 11,
            "titleFontSize": 11, "titleFontWeight": "normal", "gridColor": theme.line,
            "domainColor": theme.line, "tickColor": theme.line, "labelPadding": 5,
        },
        "header": {
            "labelColor": theme.ink, "titleColor": theme.muted, "labelFontSize": 12,
            "labelAnchor": "start", "labelFontWeight": 600,
        },
        "legend": {
            "labelColor": theme.ink, "titleColor": theme.muted, "labelFontSize": 11,
            "orient": "top", "direction": "horizontal", "title": None, "offset": 6,
        },
    }  # fmt: skip


def _place(car_class: str) -> int | None:
    colour = known_class(car_class).colour
    return None if colour is None else _PLACES.index(colour)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
