"""Qualifying in parts: which came later, and what a car did in one.

Whoever gets into the later part (Hyperpole, superpole, Q2) starts before all who did not, however
fast these were.
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from dryline.domain.fields import CarClassIfAny, CarNumber, TeamIfAny
from dryline.domain.meaning import means

_LAST = re.compile(r"(hyper|super)[ _-]?pole")
_NUMBER = re.compile(r"(?:\b[qh]|part|qualifying|qualification|pole)[ _-]?(\d)\b")


class PartLap(msgspec.Struct, frozen=True, kw_only=True):
    """A car's best lap in one part of qualifying."""

    part: Annotated[str, means("which part, as its name has it")]
    later: Annotated[tuple[int, int], means("the greater, the later was the part")]
    car_number: CarNumber
    car_class: CarClassIfAny
    team: TeamIfAny
    lap_time_ms: Annotated[int | None, means("its best lap there; null: none counts", "ms")]
    at_ms: Annotated[int | None, means("when it was completed", "ms since its start")]


def part_rank(name: str) -> tuple[int, int]:
    """The greater, the later is the part of qualifying of that name.

    Hyperpole and superpole come last, else the number decides: Q1, Q2, Part 2.
    """
    low = name.casefold()
    number = _NUMBER.search(low)
    return int(_LAST.search(low) is not None), 0 if number is None else int(number[1])
