"""What people type on the pit wall: ``31 two tyres``, ``s2 wet``, ``undo`` (docs/live-feed.md)."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from dryline.domain.clock_text import parse_race_clock
from dryline.domain.errors import BadTime, InputError
from dryline.domain.event import TeamInput
from dryline.domain.instant import Instant
from dryline.domain.legible import legible_fact

EXAMPLES = (
    "31 two tyres", "31 four wets", "51 energy 43", "51 fuel 60 l", "51 driver Calado",
    "31 box lap 120", "7 damage 1.5 s", "12 retired", "rain s2", "undo 3", "note radio is down",
    "31 two tyres, hose 25 s", "51 energy 43 use 2.9", "51 set 4 hard right 12 laps 60 %",
    "no wets left", "51 drivers Pier Guidi, Calado", "51 Mann until 2:10", "51 without Calado",
    "splits entry 18 hose 32 tyres 11 release 9", "51 no driver change at stop 7",
    "51 no stop between laps 120 and 126",
)  # fmt: skip
MAX_TEXT = 200
SHOWN = 6
"""So many examples stand in an error."""
_COUNTS = {"no": 0, "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "left": 2, "right": 2}
_TYRES = {
    "wet": "wet", "wets": "wet", "inter": "inter", "inters": "inter", "slick": "slick",
    "slicks": "slick", "soft": "soft", "softs": "soft", "medium": "medium", "mediums": "medium",
    "hard": "hard", "hards": "hard", "tyre": None, "tyres": None,
}  # fmt: skip
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_USE = rf"(?:[, ]+uses?\s+{_NUMBER}\s*(?:%|l|litres)?(?:\s*(?:/|a|per)\s*lap)?)?"
_CAR = re.compile(r"#?(\d[\w-]{0,7})\s+(.+)", re.DOTALL)
_TYRE_WORDS = re.compile(
    r"(?:(\d|no|zero|one|two|three|four|left|right)\s+)?(?:(?:new|fresh)\s+)?"
    rf"({'|'.join(_TYRES)})(?:\s+tyres?)?"
)
_ENERGY = re.compile(rf"(?:energy|ve)\s+{_NUMBER}\s*%?{_USE}")
_FUEL = re.compile(rf"fuel\s+{_NUMBER}\s*(l|litres|laps?)?{_USE}")
_HOSE = re.compile(rf"hose\s+{_NUMBER}\s*s?")
_SPLIT = re.compile(rf"(entry|hose|tyres|release)\s+{_NUMBER}\s*s?")
_SPLITS = re.compile(rf"splits?((?:[, ]+{_SPLIT.pattern.replace('(entry', '(?:entry')})+)")
_SET = re.compile(
    rf"set\s+(\S+)(?:\s+({'|'.join(word for word, kind in _TYRES.items() if kind)}))?"
    rf"(?:\s+(left|right|fl|fr|rl|rr))?(?:\s+(\d+)\s*laps?)?(?:\s+{_NUMBER}\s*%|\s+(gone))?"
)
_STOCK = re.compile(r"(?:no|out of)\s+(wets?|inters?|slicks?|softs?|mediums?|hards?)(?:\s+left)?")
_DRIVER = re.compile(r"driver\s+(\S.*)", re.IGNORECASE | re.DOTALL)
_ORDER = re.compile(r"drivers\s+(\S.*)", re.IGNORECASE | re.DOTALL)
_PIN = re.compile(r"(\S.*?)\s+until\s+(\d[\d:.]*)", re.IGNORECASE | re.DOTALL)
_AWAY = re.compile(r"(without|with)\s+(\S.*)", re.IGNORECASE | re.DOTALL)
_PLAN = re.compile(r"(?:box(?:es)?|stops?|in)(?:\s+(?:on\s+)?lap\s+(\d+)|\s+(now))?")
_NO_CHANGE = re.compile(r"no\s+(?:driver\s+)?changes?\s+at\s+stop\s+(\d{1,4})")
_NO_STOP = re.compile(
    r"no\s+stops?\s+(?:between\s+laps?\s+(\d{1,5})\s+and\s+(?:lap\s+)?(\d{1,5})|on\s+lap\s+(\d{1,5}))"
)
_DAMAGE = re.compile(rf"damage(?:d)?(?:\s+{_NUMBER}\s*s?)?")
_SKY = re.compile(
    r"(?:(rain|wet|dry)(?:\s+s(?:ector\s*)?(\d))?|s(?:ector\s*)?(\d)\s+(rain|wet|dry))"
)
_CALL = re.compile(r"(accept|reject|release)(?:\s+#?([^\s:]+))?(?:\s*:\s*.*)?")
_OURS = re.compile(r"our\s+car\s+#?(\d[\w-]{0,7})", re.IGNORECASE)
_UNDO = re.compile(r"undo(?:\s+(\d+))?")


def read_team_line(typed: TeamInput) -> TeamInput:
    """The input with ``kind`` and what belongs to it, read from ``text``.

    Raises:
        InputError: where the line says nothing that is known, with examples.
    """
    typed = legible_fact(typed)
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
    if (ours := _OURS.fullmatch(text)) is not None:
        return {"kind": "our_car", "car_number": ours[1]}
    if (undo := _UNDO.fullmatch(low)) is not None:
        return {"kind": "undo", "undoes": None if undo[1] is None else int(undo[1])}
    if (call := _CALL.fullmatch(low)) is not None:
        return {"kind": call[1], "refers_to": call[2]}
    return None


def _about_a_car(text: str) -> dict[str, Any] | None:
    """What is said of the car named before, or of our own."""
    low = text.lower()
    head, comma, tail = low.rpartition(",")
    if comma and (hose := _HOSE.fullmatch(tail.strip())) is not None:
        work = _about_a_stop(head.strip())
        return None if work is None else {**work, "hose_s": _number(hose[1])}
    return _about_a_stop(low) or _about_clocks(low) or _about_people(text) or _about_plans(low)


def _about_a_stop(low: str) -> dict[str, Any] | None:
    if (stock := _STOCK.fullmatch(low)) is not None:
        return {"kind": "stock", "tyre": _TYRES[stock[1]], "tyre_count": 0}
    if (tyres := _TYRE_WORDS.fullmatch(low)) is not None:
        count = tyres[1]
        number = None if count is None else int(_COUNTS.get(count, count))
        return {"kind": "tyres", "tyre": _TYRES[tyres[2]], "tyre_count": number}
    if (splits := _SPLITS.fullmatch(low)) is not None:
        times = {f"{name}_s": _number(value) for name, value in _SPLIT.findall(splits[1])}
        return {"kind": "splits", **times}
    if (one := _SET.fullmatch(low)) is not None:
        left = 0.0 if one[6] else None if one[5] is None else _number(one[5])
        age = None if one[4] is None else int(one[4])
        return {
            "kind": "set", "tyre_set": one[1], "tyre": None if one[2] is None else _TYRES[one[2]],
            "side": one[3], "age_laps": age, "left_pct": left,
        }  # fmt: skip
    return None


def _about_clocks(low: str) -> dict[str, Any] | None:
    if (energy := _ENERGY.fullmatch(low)) is not None:
        used = None if energy[2] is None else _number(energy[2])
        return {"kind": "energy", "energy_pct": _number(energy[1]), "per_lap": used}
    if (fuel := _FUEL.fullmatch(low)) is not None:
        what = "fuel_laps" if (fuel[2] or "l").startswith("lap") else "fuel_l"
        used = None if fuel[3] is None else _number(fuel[3])
        return {"kind": "fuel", what: _number(fuel[1]), "per_lap": used}
    if (hose := _HOSE.fullmatch(low)) is not None:
        return {"kind": "hose", "hose_s": _number(hose[1])}
    return None


def _about_people(text: str) -> dict[str, Any] | None:
    if (order := _ORDER.fullmatch(text)) is not None:
        names = tuple(name.strip() for name in order[1].split(",") if name.strip())
        return {"kind": "order", "drivers": names} if names else None
    if (pin := _PIN.fullmatch(text)) is not None:
        name = re.sub(r"^(?:driver|pin)\s+", "", pin[1], flags=re.IGNORECASE)
        try:
            return {"kind": "pin", "driver": name, "until": Instant(parse_race_clock(pin[2]))}
        except BadTime:
            return None
    if (away := _AWAY.fullmatch(text)) is not None:
        kind = "driver_out" if away[1].lower() == "without" else "driver_back"
        return {"kind": kind, "driver": away[2]}
    if (driver := _DRIVER.fullmatch(text)) is not None:
        return {"kind": "driver", "driver": driver[1]}
    return None


def _about_plans(low: str) -> dict[str, Any] | None:
    if (plan := _PLAN.fullmatch(low)) is not None:
        return {"kind": "plan", "lap": None if plan[1] is None else int(plan[1])}
    if (same := _NO_CHANGE.fullmatch(low)) is not None:
        return {"kind": "no_change", "stop": int(same[1])}
    if (closed := _NO_STOP.fullmatch(low)) is not None:
        first, last = sorted(int(each) for each in (closed[1] or closed[3], closed[2] or closed[3]))
        return {"kind": "no_stop", "lap": first, "last_lap": last}
    if (damage := _DAMAGE.fullmatch(low)) is not None:
        return {"kind": "damage", "seconds": None if damage[1] is None else _number(damage[1])}
    return {"kind": "retired"} if low in ("retired", "out", "stopped") else None


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _not_understood(text: str) -> InputError:
    return InputError(
        f"{text[:40]!r} is no team input",
        remedy=f"Write for instance: {'; '.join(EXAMPLES[:SHOWN])}; docs/live-feed.md has all.",
    )
