"""Times as the files write them, to whole milliseconds and back.

The timing files know ``52.588``, ``1:35.020``, ``1:02:03.4`` and the wall clock's
``17:31:33.055``; laps of more than 17 hours occur. A fraction may have one to three digits,
and zeros behind them: ``.4`` and ``.400000`` are 400 ms.
"""

from __future__ import annotations

import re

from dryline.domain.errors import BadTime

_CLOCK = re.compile(
    r"(?P<sign>[-+]?)(?:(?:(?P<h>\d{1,3}):)?(?P<m>\d{1,3}):)?(?P<s>\d{1,6})(?:\.(?P<f>\d{1,3})0*)?"
)
DAY_MS = 86_400_000


def parse_ms(text: str) -> int:
    """Whole milliseconds in ``text``, in any form of the timing files.

    Raises:
        BadTime: where the text is no time, or has 60 or more minutes or seconds behind a colon.
    """
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        raise BadTime(text)
    hours, minutes, seconds = found["h"], found["m"], int(found["s"])
    if (minutes is not None and seconds >= 60) or (hours is not None and int(minutes) >= 60):
        raise BadTime(text)
    fraction = (found["f"] or "0").ljust(3, "0")
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + seconds
    ms = whole * 1000 + int(fraction)
    return -ms if found["sign"] == "-" else ms


def format_ms(ms: int, *, places: int = 3) -> str:
    """``ms`` as the paddock writes it: ``52.588``, ``1:35.020``, ``6:01:10.521``.

    ``places`` is the number of decimals shown (0 to 3); the rest is cut off, as on a timing
    screen, never rounded up into the next second.
    """
    sign, ms = ("-", -ms) if ms < 0 else ("", ms)
    seconds, thousandths = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    tail = f".{thousandths:03d}"[: places + 1] if places else ""
    if hours:
        return f"{sign}{hours}:{minutes:02d}:{seconds:02d}{tail}"
    if minutes:
        return f"{sign}{minutes}:{seconds:02d}{tail}"
    return f"{sign}{seconds}{tail}"


def format_clock(ms: int) -> str:
    """``ms`` as a race clock without decimals: ``0:07:05``, ``3:55:00``."""
    sign, ms = ("-", -ms) if ms < 0 else ("", ms)
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}:{minutes:02d}:{seconds:02d}"


def parse_race_clock(text: str) -> int:
    """Milliseconds of an instant typed by a person: ``3:55:00``, ``3:55`` (hours and minutes).

    Two fields mean hours and minutes here, as on a race clock; with decimals they are minutes
    and seconds. A bare number with a unit is taken too: ``90m``, ``2.5h``, ``45s``.

    Raises:
        BadTime: where the text is none of these.
    """
    bare = text.strip()
    unit = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(h|m|min|s)", bare)
    if unit is not None:
        return round(
            float(unit[1]) * {"h": 3_600_000, "m": 60_000, "min": 60_000, "s": 1000}[unit[2]]
        )
    if re.fullmatch(r"\d{1,3}:\d{2}", bare):
        bare += ":00"
    return parse_ms(bare)
