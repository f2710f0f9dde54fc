"""Policies that a replay can follow: a pure answer to what is known at each pit entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from math import floor
from typing import Protocol

import numpy as np
import numpy.typing as npt

from dryline.strategy.plain_rule import YELLOW_USED, takes_yellow

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Passage:
    """What a crew knows as its car comes to the pit entry at the end of a lap; times in s.

    Fuel is counted in green laps. Nothing of it lies after ``at_s``, but that the pace is the
    stint's own.
    """

    race: str
    series: str
    car_number: str
    car_class: str
    lap: int
    """The lap that ends here."""
    at_s: float
    """Race time at the pit entry."""
    length_s: float
    """The race as it was meant to be."""
    kind: str
    """The neutralisation in force; ``green`` where there is none."""
    held_s: float
    """Since nobody may pass; 0 on a green road."""
    lane_open: bool
    """Whether the class may stop now."""
    fuel_laps: float
    """Laps that the tank still holds, this one done."""
    range_laps: float
    """Laps of a full tank, as the car has shown."""
    lap_s: float
    """Its green lap."""
    to_go_laps: float
    """Laps that it expects to run from here, the last in full."""
    stop_s: float
    """Time in the lane for a stop now."""
    fill_s: Floats
    """Time in the lane by whole laps of fuel taken, from none to a full tank."""
    driven_s: float
    """What of it the car would have driven on the track at racing speed."""
    cold_s: float
    """What slowing down and cold tyres add where the road is green."""

    @property
    def used(self) -> float:
        """The share of the range that is used."""
        return 1.0 - self.fuel_laps / self.range_laps

    @property
    def needs_stop(self) -> bool:
        """Whether the tank does not reach the flag."""
        return self.fuel_laps < self.to_go_laps

    @property
    def green_price_s(self) -> float:
        """What a stop now would cost on a green road."""
        return self.stop_s + self.cold_s - self.driven_s


class Policy(Protocol):
    """A rule for stops. A car without fuel for another lap stops whatever it says."""

    @property
    def name(self) -> str:
        """What it is called in rows."""
        ...

    def boxes(self, now: Passage) -> bool:
        """Whether to stop at the end of this lap, from what is known at the pit entry alone."""
        ...


@dataclass(frozen=True)
class EndOfRange:
    """Never before the tank is empty."""

    name: str = "end_of_range"

    def boxes(self, now: Passage) -> bool:
        """Never; the replay stops an empty car."""
        del now
        return False


@dataclass(frozen=True)
class RandomLaps:
    """Any lap of the range, each as likely as any other, while a stop is needed."""

    seed: int
    name: str = "random"

    def boxes(self, now: Passage) -> bool:
        """By the seed, the car and the lap."""
        if not now.lane_open or not now.needs_stop:
            return False
        key = f"{self.seed}|{now.race}|{now.car_number}|{now.lap}".encode()
        drawn = int.from_bytes(blake2b(key, digest_size=8).digest()) / 2.0**64
        return drawn < 1.0 / (floor(now.fuel_laps) + 1.0)


@dataclass(frozen=True)
class YellowRule:
    """Box under every open yellow from a share of the range on; else at its end: as advised."""

    name: str = "yellow_rule"
    least_used: Mapping[str, float] = field(default_factory=dict)
    otherwise: float = YELLOW_USED

    def boxes(self, now: Passage) -> bool:
        """Under a neutralisation with an open lane, if enough of the range is used."""
        return takes_yellow(
            used=now.used,
            lane_open=now.kind != "green" and now.lane_open,
            needs_stop=now.needs_stop,
            least_used=self.least_used.get(now.kind, self.otherwise),
        )


BY_SERIES: Mapping[str, YellowRule] = {
    "imsa": YellowRule("series_rule", otherwise=0.2),
    "wec": YellowRule("series_rule", {"safety_car": 0.3, "vsc": 0.0, "fcy": 2.0}, 0.3),
}


@dataclass(frozen=True)
class SeriesRule:
    """The yellow rule with the shares that suit the series."""

    name: str = "series_rule"

    def boxes(self, now: Passage) -> bool:
        """By the rule of the series; the plain one where it has none."""
        return BY_SERIES.get(now.series, YellowRule()).boxes(now)
