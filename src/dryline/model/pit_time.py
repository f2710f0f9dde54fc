"""How long a car's next stop will take: the stops most like it, weighed and adjusted.

Every earlier stop of the class in this race is an example. It weighs more the nearer its load,
the likelier its driver change, the more alike the stop before it, and when it is the car's own;
its time is moved by what the difference in load costs. No shape is imposed: where the class's
stops fall into fuel only, fuel and tyres, and driver changes, so does the forecast. A small share
is spread over all of them alike, for stops that are like none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dryline.analysis.stops.history import ClassStops
from dryline.analysis.stops.priors import PitTimePriors

Floats = NDArray[np.float64]
SHORTEST_S, LONGEST_S = 15.0, 260.0


@dataclass(frozen=True)
class PitTime:
    """A distribution of seconds in the lane: weighted points (n,), smoothed by ``smooth_s``."""

    points_s: Floats
    weights: Floats
    smooth_s: float

    def quantile(self, share: float) -> float:
        """The time below which ``share`` of the distribution lies."""
        order = np.argsort(self.points_s)
        below = np.cumsum(self.weights[order]) - self.weights[order] / 2
        return float(np.interp(share, below, self.points_s[order]))

    def sample(self, uniform: Floats, normal: Floats) -> Floats:
        """One time per pair of numbers (n,)."""
        order = np.argsort(self.points_s)
        edges = np.cumsum(self.weights[order])
        at = np.minimum(np.searchsorted(edges, uniform * edges[-1]), len(order) - 1)
        return np.asarray(self.points_s[order][at] + self.smooth_s * normal)


@dataclass(frozen=True)
class NextStop:
    """The stop to come: its car, its load, chance of a driver change, the car's last stop (s).

    ``fill_load`` is what will be refilled: less than ``load`` where the race ends first.
    """

    car_number: str
    load: float
    driver_change: float
    previous_s: float


def pit_time(stop: NextStop, past: ClassStops, priors: PitTimePriors, fallback_s: float) -> PitTime:
    """The distribution of the next stop's time; around ``fallback_s`` before any example."""
    columns = past.columns()
    pit = columns["pit_s"]
    usable = (pit > SHORTEST_S) & (pit < LONGEST_S)
    if not usable.any():
        spread = fallback_s * np.linspace(0.75, 1.25, 11)
        return PitTime(spread, np.full(11, 1 / 11), priors.smooth_s)
    further = stop.load - columns["load"]
    weight = np.exp(-0.5 * (further / priors.load_width) ** 2) + priors.floor_weight
    weight = weight * np.where(columns["neutralised"] > 0, priors.neutralised_weight, 1.0)
    weight = weight * _driver_weight(stop.driver_change, columns["driver_change"], usable, priors)
    gap = stop.previous_s - columns["previous_s"]
    alike = np.exp(-0.5 * (gap / priors.previous_width_s) ** 2)
    weight = weight * (0.4 + np.where(np.isfinite(gap), alike, 0.3))
    own = columns["car"] == past.code_of(stop.car_number)
    weight = np.where(usable, weight * (1 + priors.own_car * own), 0.0)
    moved = pit + np.where(pit > 0.6 * np.median(pit[usable]),
                           priors.load_rate_s * np.clip(further, -8, 8), 0.0)  # fmt: skip
    share = (1 - priors.broad_share) * weight / weight.sum()
    share = share + priors.broad_share * usable / usable.sum()
    return PitTime(moved[usable], share[usable], priors.smooth_s)


def _driver_weight(chance: float, change: Floats, usable: NDArray[np.bool_],
                   priors: PitTimePriors) -> Floats:  # fmt: skip
    """Weight by driver change: the chance against how often the examples had one."""
    share = (float(change[usable].sum()) + 1) / (float(usable.sum()) + 2)
    ratio = np.where(change > 0, chance / share, (1 - chance) / (1 - share))
    return np.asarray(np.maximum(ratio, 0.02) ** priors.driver_weight)
