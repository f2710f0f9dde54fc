"""How far one car's full tank goes: a distribution, from what the car and its class have shown.

What a car has run is certain: its tank holds that much. Its class bounds it from below, within a
few percent. Above that stints say little where crews stop before the tank is empty: there what is
usual for the class, wide, is all that is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

Floats = NDArray[np.float64]
CARS_DIFFER = 0.03
"""How cars of a class differ in range, log sd: the scatter of full stints in one race."""
SPRINT_MORE, SPRINT_SD = 0.10, 0.20
"""In sprints crews stop before the tank is empty: how much farther than the class's usual longest
stint it goes, and the log sd of that: of a grid, these two gave the least false "no stop" in IMSA's
sprints (docs/advice.md)."""
FAR_SD, POINTS = 4.5, 181
"""The grid: so many standard deviations to each side of the middle, in so many points."""
NOTHING_LEFT = 1.0e-6


@dataclass(frozen=True)
class Reach:
    """A car's range in laps at racing speed, and what it has used since its last stop.

    ``laps`` (N,) rise, ``below`` (N,) is the probability that a full tank holds no more; ``told``
    by the team, and not inferred.
    """

    laps: Floats
    below: Floats
    load: float
    told: bool = False

    def p_reaches(self, laps: float) -> float:
        """Probability that what is left lasts for ``laps`` more laps at racing speed."""
        need = self.load + laps
        if need <= self.laps[0]:
            return 1.0
        return float(1.0 - np.interp(need, self.laps, self.below))

    def p_lasts(self, chances: Iterable[tuple[float, float]]) -> float:
        """The same where the laps to come are not known: pairs of laps and their probability."""
        return sum(p * self.p_reaches(laps) for laps, p in chances)

    def quantile(self, share: float) -> float:
        """The range that a full tank exceeds with probability ``1 - share``."""
        return float(np.interp(share, self.below, self.laps))

    def left(self, share: float) -> float:
        """The same for what is left now; never negative."""
        return max(0.0, self.quantile(share) - self.load)

    @property
    def mean(self) -> float:
        """Mean range."""
        return float(self._mass @ self._middle)

    @property
    def sd(self) -> float:
        """Standard deviation of the range."""
        variance = float(self._mass @ self._middle**2) - self.mean**2
        return math.sqrt(max(0.0, variance))

    @property
    def _mass(self) -> Floats:
        return np.diff(self.below)

    @property
    def _middle(self) -> Floats:
        return 0.5 * (self.laps[1:] + self.laps[:-1])


def told_reach(range_laps: float, sd_laps: float, left_laps: float) -> Reach:
    """What the team told: its range with a small doubt, and what is left of it."""
    z = np.linspace(-FAR_SD, FAR_SD, POINTS)
    return Reach(range_laps + sd_laps * z, _rising(ndtr(z)), range_laps - left_laps, told=True)


def shown_reach(
    usual_laps: float, log_sd: float, *, of_class: float, of_car: float, load: float
) -> Reach:
    """A car's range from what is usual and what has been run.

    Args:
        usual_laps: the middle of what the class is believed to run on a full tank.
        log_sd: its spread.
        of_class: what the class's cars have run: its range is hardly less.
        of_car: what this car has run; ``load`` counts too.
        load: laps at racing speed since its last stop.
    """
    z = np.linspace(-FAR_SD, FAR_SD, POINTS)
    classes = np.log(usual_laps) + log_sd * z
    weight = np.exp(-0.5 * z**2) * ndtr((classes - np.log(max(of_class, 1.0))) / CARS_DIFFER)
    shown = np.log(max(of_car, load, 1.0))
    edge = max(classes[-1], shown) + FAR_SD * CARS_DIFFER
    begin = max(shown, classes[0] - FAR_SD * CARS_DIFFER)
    grid = np.linspace(begin, max(edge, begin + CARS_DIFFER), POINTS)
    above = weight @ (1.0 - ndtr((grid[None, :] - classes[:, None]) / CARS_DIFFER))
    if above[0] <= NOTHING_LEFT * weight.sum():  # beyond all belief: it cannot last much longer
        above = np.exp(-(grid - begin) / CARS_DIFFER)
    return Reach(np.exp(grid), _rising(1.0 - above / above[0]), load)


def _rising(below: Floats) -> Floats:
    """A distribution that begins at nothing and ends at all, so that quantiles are defined."""
    out = np.maximum.accumulate(below - below[0])
    even = np.linspace(0.0, 1.0, len(out))
    return np.asarray((1.0 - NOTHING_LEFT) * out / out[-1] + NOTHING_LEFT * even, dtype=float)
