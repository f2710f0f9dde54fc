"""Colours of the paddock, each with a text label beside it: colour alone never says anything."""

from __future__ import annotations

from dryline.domain.flag import Flag
from dryline.domain.language import language
from dryline.domain.series import car_class as known_class

CLASS_COLOURS: dict[str | None, str] = {
    "first": "#ff6b6b",
    "second": "#5aa9ff",
    "third": "#b58cff",
    "gt": "#3ddc97",
    "pro": "#f2a65a",
}
FLAG_STYLES: dict[str, str] = {
    Flag.GREEN: "bold black on #3ddc97",
    Flag.YELLOW: "bold black on #ffd24d",
    Flag.FCY: "bold black on #ffd24d",
    Flag.VSC: "bold black on #ffd24d",
    Flag.SAFETY_CAR: "bold black on #ffd24d",
    Flag.CODE_60: "bold black on #ffd24d",
    Flag.SLOW_ZONE: "bold black on #ffd24d",
    Flag.RED: "bold white on #d7263d",
    Flag.CHEQUERED: "bold black on #eef2f7",
}
FLAG_WORDS: dict[str, str] = {flag: language().flag(flag).upper() for flag in Flag}
MUTED = "#8b97a8"
OVERALL_BEST = "bold #c678ff"
CLASS_BEST = "#f2a65a"
PERSONAL_BEST = "#3ddc97"
IN_LAP = "#ff6b6b"
OUT_LAP = "#4da3ff"
NEUTRALISED_LAP = "#ffd24d"
WARNING = "#ffd24d"
ERROR = "#ff6b6b"
GOOD = "#3ddc97"


def class_style(car_class: str) -> str:
    """The colour of a class; the ink's own for a class without one."""
    return CLASS_COLOURS.get(known_class(car_class).colour, "default")
