"""What people type on the pit wall: ``31 two tyres``, ``s2 wet``, ``undo`` (docs/live-feed.md)."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from dryline.domain.errors import InputError
from dryline.domain.event import TeamInput

EXAMPLES = (
    "31 two tyres", "31 four wets", "51 energy 43", "51 fuel 60 l", "51 driver Calado",
    "31 box lap 120", "7 damage 1.5 s", "12 retired", "rain s2", "undo 3", "note radio is down",
)  # fmt: skip
MAX_TEXT = 200
_COUNTS = {"no": 0, "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "left": 2, "right": 2}
_TYRES = {
    "wet": "wet", "wets": "wet", "inter": "inter", "inters": "inter", "slick": "slick",
    "slicks": "slick", "soft": "soft", "softs": "soft", "medium": "medium", "mediums": "medium",
    "hard": "hard", "hards": "hard", "tyre": None, "tyres": None,
}  # fmt: skip
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_CAR = re.compile(r"#?(\d[\w-]{0,7})\s+(.+)", re.DOTALL)
_TYRE_WORDS = re.compile(
    r"(?:(\d|no|zero|one|two|three|four|left|right)\s+)?(?:(?:new|fresh)\s+)?"
    rf"({'|'.join(_TYRES)})(?:\s+tyres?)?"
)
_ENERGY = re.compile(rf"(?:energy|ve)\s+{_NUMBER}\s*%?")
_FUEL = re.compile(rf"fuel\s+{_NUMBER}\s*(l|litres|laps?)?")
_DRIVER = re.compile(r"driver\s+(\S.*)", re.IGNORECASE | re.DOTALL)
_PLAN = re.compile(r"(?:box(?:es)?|stops?|in)(?:\s+(?:on\s+)?lap\s+(\d+)|\s+(now))?")
_DAMAGE = re.compile(rf"damage(?:d)?(?:\s+{_NUMBER}\s*s?)?")
_SKY = re.compile(
    r"(?:(rain|wet|dry)(?:\s+s(?:ector\s*)?(\d))?|s(?:ector\s*)?(\d)\s+(rain|wet|dry))"
)
_CALL = re.compile(r"(accept|reject|release)(?:\s+(\S+))?")
_UNDO = re.compile(r"undo(?:\s+(\d+))?")


def read_team_line(typed: TeamInput) -> TeamInput:
    """The input with ``kind`` and what belongs to it, read from ``text``.

    Raises:
        InputError: where the line says nothing that is known, with examples.
    """
    text = " ".join(typed.text.split())
    if not text or len(text) > MAX_TEXT:
        raise _not_understood(text)
    facts = _about_everybody(text)
    if facts is None:
        car = _CAR.fullmatch(text)
        facts = None if car is None else _about_a_car(car[2])
        if car is None:
            facts = _about_a_car(text)
        elif facts is not None:
            facts = {"car_number": car[1], **facts}
    if facts is None:
        raise _not_understood(text)
    return msgspec.structs.replace(typed, **facts)


def _about_everybody(text: str) -> dict[str, Any] | None:
    low = text.lower()
    if low.startswith("note "):
        return {"kind": "note"}
    if (sky := _SKY.fullmatch(low)) is not None:
        sector = sky[2] or sky[3]
        return {"kind": sky[1] or sky[4], "sector": None if sector is None else int(sector)}
    if (undo := _UNDO.fullmatch(low)) is not None:
        return {"kind": "undo", "undoes": None if undo[1] is None else int(undo[1])}
    if (call := _CALL.fullmatch(low)) is not None:
        return {"kind": call[1], "refers_to": call[2]}
    return None


def _about_a_car(text: str) -> dict[str, Any] | None:
    """What is said of the car named before, or of our own."""
    low = text.lower()
    if (tyres := _TYRE_WORDS.fullmatch(low)) is not None:
        count = tyres[1]
        number = None if count is None else int(_COUNTS.get(count, count))
        return {"kind": "tyres", "tyre": _TYRES[tyres[2]], "tyre_count": number}
    if (energy := _ENERGY.fullmatch(low)) is not None:
        return {"kind": "energy", "energy_pct": _number(energy[1])}
    if (fuel := _FUEL.fullmatch(low)) is not None:
        what = "fuel_laps" if (fuel[2] or "l").startswith("lap") else "fuel_l"
        return {"kind": "fuel", what: _number(fuel[1])}
    if (driver := _DRIVER.fullmatch(text)) is not None:
        return {"kind": "driver", "driver": driver[1]}
    if (plan := _PLAN.fullmatch(low)) is not None:
        return {"kind": "plan", "lap": None if plan[1] is None else int(plan[1])}
    if (damage := _DAMAGE.fullmatch(low)) is not None:
        return {"kind": "damage", "seconds": None if damage[1] is None else _number(damage[1])}
    return {"kind": "retired"} if low in ("retired", "out", "stopped") else None


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _not_understood(text: str) -> InputError:
    return InputError(
        f"{text[:40]!r} is no team input", remedy=f"Write for instance: {'; '.join(EXAMPLES)}."
    )
