"""Neutralisations as chances, learnt from other races, and the policy that knows no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from dryline.kernels.replay_hazard import (
    YellowChance,
    costs_to_come,
    still_to_come,
    stop_and_go,
)
from dryline.kernels.replay_road import FOREVER, SLOW_USE
from dryline.studies.advice.replay import Replay
from dryline.studies.advice.replay_decisions import YellowDecision
from dryline.studies.advice.replay_policies import Passage

Floats = npt.NDArray[np.float64]

SLOWER = 1.8
"""A lap under a neutralisation against a green one."""
WORTH_S = 1.0
"""On a green road a stop may wait unless it is better now by so much."""
LEAST_LEFT_S = 180.0
"""A neutralisation whose lane is open lasts at least so much longer, on average."""


@dataclass(frozen=True)
class YellowFacts:
    """What one race tells of neutralisations; sums, so that races can be added."""

    series: str
    hours: float
    count: int
    held_s: float
    classes: int
    opened: int
    price_s: float
    green_price_s: float


@dataclass(frozen=True)
class Hazards:
    """How often neutralisations come, how long they last, whether the lane opens, what it saves."""

    per_hour: float
    mean_s: float
    opens: float
    share: float

    def chance(self, lap_s: float) -> YellowChance:
        """The same in laps of a car."""
        held = self.mean_s / lap_s
        return YellowChance(
            self.per_hour * lap_s / 3600.0,
            self.opens,
            held,
            SLOW_USE * held / SLOWER,
            self.share,
            lap_s,
        )


def yellow_facts(replay: Replay, decisions: Sequence[YellowDecision]) -> YellowFacts:
    """The facts of one race."""
    spans = zip(replay.field.slow_from, replay.field.slow_to, strict=True)
    lengths = [float(b - a) for a, b in spans if a < replay.length_s]
    opens = {crew.car_class: crew.car.opens for crew in replay.crews}.values()
    return YellowFacts(
        replay.series, replay.length_s / 3600.0, len(lengths), float(sum(lengths)),
        len(lengths) * len(opens),
        int(sum((each[: len(lengths)] < FOREVER / 2).sum() for each in opens)),
        float(sum(each.price_s for each in decisions)),
        float(sum(each.at.green_price_s for each in decisions)),
    )  # fmt: skip


def learn_hazards(facts: Sequence[YellowFacts], series: str) -> Hazards:
    """Hazards of a series from races other than the one at hand; of all where it has none."""
    mine = [each for each in facts if each.series == series] or list(facts)
    count, green = sum(f.count for f in mine), sum(f.green_price_s for f in mine)
    return Hazards(
        count / max(1.0, sum(f.hours for f in mine)),
        sum(f.held_s for f in mine) / max(1, count),
        sum(f.opened for f in mine) / max(1, sum(f.classes for f in mine)),
        float(np.clip(sum(f.price_s for f in mine) / green, 0.0, 1.0)) if green else 1.0,
    )


@dataclass(frozen=True)
class HazardOracle:
    """The best that can be done without foresight, where neutralisations come by chance."""

    hazards: Hazards
    name: str = "hazard_oracle"
    _known: dict[tuple[str, str], Floats] = field(default_factory=dict, repr=False)

    def boxes(self, now: Passage) -> bool:
        """Whether stopping now is expected to cost less, over all stops to come."""
        if not now.lane_open or not now.needs_stop:
            return False
        n, fuel, prices = now.to_go_laps, now.fuel_laps, _green_prices(now)
        to_come = self._to_come(now, prices)
        if now.kind == "green":
            stay = still_to_come(n, fuel, to_come)
            return stop_and_go(n, fuel, now.lap_s, prices, to_come) < stay - WORTH_S
        left = max(self.hazards.mean_s - now.held_s, LEAST_LEFT_S) / now.lap_s
        burnt = SLOW_USE * left / SLOWER
        full = min(now.range_laps, n - left + burnt)
        box = self.hazards.share * float(
            prices[int(np.ceil(np.clip(full - fuel, 0.0, len(prices) - 1.0)))]
        )
        box += still_to_come(n - left, full - burnt, to_come)
        return box < still_to_come(n - left, fuel - burnt, to_come)

    def _to_come(self, now: Passage, prices: Floats) -> Floats:
        key = now.race, now.car_number
        if key not in self._known:
            laps = int(now.length_s / now.lap_s) + 30
            table = np.zeros((laps, len(prices)))
            costs_to_come(self.hazards.chance(now.lap_s), prices, table)
            self._known[key] = table
        return self._known[key]


def _green_prices(now: Passage) -> Floats:
    return np.asarray(now.fill_s) + now.cold_s - now.driven_s
