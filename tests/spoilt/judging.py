"""What may be said of a spoilt timing file: the right order, a doubt that is named, or a refusal.

A *false winner* is told where the order differs from the sound file's and nothing on the first
screen (``show``) says what is wrong.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from tests.spoilt.files import Mutant

_TOLD_ANYWAY = re.compile(r"\s*\d+\s+\d+\s|The lead changed|Neutralised|Laps led|next:")
_CONTEXT = re.compile(r"\d:\d\d:\d\d\s{2,}([A-Z ]+?)\s{2,}[\d,]+ cars")


@dataclass(frozen=True)
class Sound:
    """A sound file and what is told of it."""

    name: str
    data: bytes
    rows: tuple[tuple[str, str], ...]  # car and status, first to last
    screen: frozenset[str]
    flag: str

    @classmethod
    def told(cls, name: str, data: bytes, screen: str, classification: str) -> Sound:
        """From what ``show`` prints and ``classification --json`` says of it."""
        rows = standing(classification)
        return cls(name, data, rows, frozenset(below(screen)), flag(screen))


def standing(classification: str) -> tuple[tuple[str, str], ...]:
    """Car and status, first to last, from the JSON of ``classification``."""
    rows = json.loads(classification)["rows"]
    return tuple((row["car_number"], row["status"]) for row in rows)


def below(screen: str) -> list[str]:
    """The lines of a screen that may name a doubt: no row of its table, no sum of the race."""
    return [line for line in screen.splitlines() if not _TOLD_ANYWAY.match(line)]


def flag(screen: str) -> str:
    """The flag above the table: chequered where the race is told to its end."""
    found = _CONTEXT.search(screen)
    return "" if found is None else found[1]


def plain(number: str) -> str:
    """A car's number as a spreadsheet would leave it."""
    return number.removesuffix(".0").lstrip("0") or "0"


def false_winner(
    sound: Sound, mutant: Mutant, rows: tuple[tuple[str, str], ...], screen: str
) -> bool:
    """Whether another order is told and nothing on the first screen says what is wrong."""
    if [plain(car) for car, _ in rows] == [plain(car) for car, _ in sound.rows]:
        return False
    was, now = dict(sound.rows), dict(rows)
    if any(now.get(car) not in (None, was[car]) for car in mutant.cars & was.keys()):
        return False  # the car itself is shown in another state: stopped, not classified
    if flag(screen) != sound.flag:
        return False  # the order of a race that is not over, under the flag of that instant
    news = [line for line in below(screen) if line not in sound.screen]
    if not mutant.cars:
        return not any(re.search(r"warning|error|doubt|set aside", line) for line in news)
    names = "|".join(re.escape(car) for car in sorted(mutant.cars))
    lines = "|".join(str(line) for line in sorted(mutant.lines))
    named = re.compile(rf"(?:car |cars |#)(?:{names})\b|line (?:{lines})\b")
    return not any(named.search(line) for line in news)
