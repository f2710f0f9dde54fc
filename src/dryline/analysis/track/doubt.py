"""How far a race's own first pace may be taken as dry, where nothing else tells.

Without dry times of the circuit a field that begins on a wet track looks like one that begins on a
dry one. What tells them apart is that a wet track dries: the field gets faster by more than fuel
and rubber bring. Until then a wet start stays as probable as it is anywhere.

Sources: 134 labelled races. A field begun on slicks got faster by 0.05 at most in a race, by 0.03
in nineteen of twenty; one begun on wets by 0.06 or more within an hour in seven of ten.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dryline.analysis.track.reference import Sectors

WET_START = 0.08
"""Share of races that begin on a wet track, before anything is known."""

USUAL, SCALE = 0.03, 0.006
"""By how much a field gets faster on a dry track, and how fast more than that becomes unlikely."""

PER_MINUTE = 0.0004
"""What fuel and rubber bring in a minute, log time."""

WET_SINCE = 0.5
"""The same where it was declared wet and most of the field has stopped since, before its first free
lap: of four such labelled races one was dry by then."""

SAID = 0.9
"""The same where it was declared wet and nobody has driven a free lap yet."""

WORD = 20.0
"""A word that it is dry divides the odds of a wet start by so much, as any one word may at most."""

_DRIES_FROM_MIN, _DRIES_BY_MIN, _NEVER_DRIES = 30.0, 75.0, 0.27
"""A wet track has dried by then, but for this share."""

OTHER_RACES, WEEKEND, OWN_LAPS, SAID_WET, SAID_DRY, FIRST_PACE, NONE = SOURCES = (
    "other_races",  # dry times of other races at the circuit
    "weekend",  # dry times of practice, qualifying or warm-up
    "own_laps",  # the race's own laps, since it has dried
    "said_wet",  # somebody said that it was wet: the first pace, less what wets cost
    "said_dry",  # somebody said that the first pace was a dry one
    "first_pace",  # taken as dry for want of anything better
    "none",  # nobody has driven a free lap yet
)
"""Where the dry times that wetness is measured against come from."""

OUTSIDE = (OTHER_RACES, WEEKEND)
"""Those from outside the race: it need not show its own."""


@dataclass(frozen=True)
class Reference:
    """What wetness is measured against.

    ``known`` where dry times are known, ``source`` one of ``SOURCES``, and ``doubt`` the
    probability that what is taken as dry was wet.
    """

    known: bool
    source: str
    doubt: float


UNKNOWN = Reference(known=False, source=NONE, doubt=WET_START)
"""Before anybody has driven a free lap."""


def lap_times(sectors: Mapping[str, Sectors]) -> dict[str, float]:
    """Lap times per class, ms, from log sector times."""
    return {name: sum(math.exp(time) for time in times) for name, times in sectors.items()}


@dataclass(frozen=True)
class Start:
    """The pace that was taken as dry: log sector times per class, and from when on."""

    at_ms: int
    sectors: Mapping[str, Sectors]

    def faster(self, sectors: Mapping[str, Sectors]) -> float:
        """By how much the field is faster now, log time, median over the classes."""
        then, now = lap_times(self.sectors), lap_times(sectors)
        gains = [math.log(then[name] / now[name]) for name in then if name in now]
        return float(np.median(gains)) if gains else 0.0

    def p_wet(self, sectors: Mapping[str, Sectors], at_ms: int, before: float = WET_START) -> float:
        """Probability that it was wet, given the pace taken as dry by now; ``before``: at first."""
        minutes = max(0, at_ms - self.at_ms) / 60_000
        over = self.faster(sectors) - PER_MINUTE * minutes - USUAL
        share = (minutes - _DRIES_FROM_MIN) / (_DRIES_BY_MIN - _DRIES_FROM_MIN)
        undried = _NEVER_DRIES ** min(1.0, max(0.0, share))
        grown = math.exp(min(50.0, max(0.0, over) / SCALE))
        odds: float = before / (1 - before) * undried * grown
        return odds / (1 + odds)
