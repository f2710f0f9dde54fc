"""How long a car's next stop will take: the stops most like it, weighed and adjusted.

Every earlier stop of the class in this race is an example. It weighs more the nearer what it
refilled, the likelier its driver change, the more alike the two stops before it, and when it is the
car's own; its time is moved by what the difference in fuel costs. No shape is imposed: where these
fall into fuel only, fuel and tyres, and driver changes, so does the forecast. A small share
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
    """A distribution of seconds in the lane: weighted points (n,), smoothed by ``smooth_s``.

    ``over_s`` (n,): what each of the stops lost besides, nan where that is not known.
    """

    points_s: Floats
    weights: Floats
    smooth_s: float
    over_s: Floats

    def quantile(self, share: float) -> float:
        """The time below which ``share`` of the distribution lies."""
        order = np.argsort(self.points_s)
        below = np.cumsum(self.weights[order]) - self.weights[order] / 2
        return float(np.interp(share, below, self.points_s[order]))

    def sample(self, uniform: Floats, normal: Floats) -> tuple[Floats, Floats]:
        """One time per pair of numbers (n,), and what the same stop lost besides."""
        order = np.argsort(self.points_s)
        edges = np.cumsum(self.weights[order])
        at = order[np.minimum(np.searchsorted(edges, uniform * edges[-1]), len(order) - 1)]
        return self.points_s[at] + self.smooth_s * normal, self.over_s[at]


@dataclass(frozen=True)
class NextStop:
    """The stop to come: its car, what it refills, chance of a driver change, last stops (s).

    ``fill_laps`` of ``range_laps`` are refilled: what was used, or what the race still asks for.
    ``fill_s`` is what a whole tank takes.
    """

    car_number: str
    fill_laps: float
    range_laps: float
    fill_s: float
    driver_change: float
    previous_s: float
    earlier_s: float = float("nan")


def pit_time(stop: NextStop, past: ClassStops, priors: PitTimePriors, fallback_s: float) -> PitTime:
    """The distribution of the next stop's time; around ``fallback_s`` before any example."""
    columns = past.columns()
    pit = columns["pit_s"]
    usable = (pit > SHORTEST_S) & (pit < LONGEST_S)
    if not usable.any():
        spread = fallback_s * np.linspace(0.75, 1.25, 11)
        return PitTime(spread, np.full(11, 1 / 11), priors.smooth_s, np.full(11, np.nan))
    further = (stop.fill_laps - columns["fill_laps"]) / stop.range_laps
    weight = np.exp(-0.5 * (further / priors.fill_width) ** 2) + priors.floor_weight
    weight = weight * np.where(columns["neutralised"] > 0, priors.neutralised_weight, 1.0)
    weight = weight * _driver_weight(stop.driver_change, columns["driver_change"], usable, priors)
    weight = weight * (0.4 + _alike(stop.previous_s - columns["previous_s"], priors))
    weight = weight * (0.5 + _alike(stop.earlier_s - columns["earlier_s"], priors))
    own = columns["car"] == past.code_of(stop.car_number)
    weight = np.where(usable, weight * (1 + priors.own_car * own), 0.0)
    moved = pit + np.where(pit > 0.6 * np.median(pit[usable]),
                           priors.fill_rate * stop.fill_s * further, 0.0)  # fmt: skip
    share = (1 - priors.broad_share) * weight / weight.sum()
    share = share + priors.broad_share * usable / usable.sum()
    return PitTime(moved[usable], share[usable], priors.smooth_s, columns["over_s"][usable])


def _alike(gap_s: Floats, priors: PitTimePriors) -> Floats:
    """How alike an earlier stop was, 0 to 1, by the seconds between the two."""
    alike = np.exp(-0.5 * (gap_s / priors.previous_width_s) ** 2)
    return np.asarray(np.where(np.isfinite(gap_s), alike, 0.3))


def _driver_weight(chance: float, change: Floats, usable: NDArray[np.bool_],
                   priors: PitTimePriors) -> Floats:  # fmt: skip
    """Weight by driver change: the chance against how often the examples had one."""
    share = (float(change[usable].sum()) + 1) / (float(usable.sum()) + 2)
    ratio = np.where(change > 0, chance / share, (1 - chance) / (1 - share))
    return np.asarray(np.maximum(ratio, 0.02) ** priors.driver_weight)
