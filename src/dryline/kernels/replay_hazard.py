"""What stops still to come will cost, where neutralisations come by chance.

Letters: N laps to go, F laps of fuel of a full tank.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dryline.kernels.compiled import kernel, part
from dryline.kernels.replay_road import CLOSED_S

Floats = npt.NDArray[np.float64]


class YellowChance(NamedTuple):
    """A neutralisation to come, in laps of the car."""

    per_lap: float  # the chance that one begins on a lap
    opens: float  # the chance that the lane opens for the class
    laps: float  # laps that a neutralisation takes from the race
    burnt: float  # laps of fuel used under it
    share: float  # what a stop under it costs, of the price on a green road
    lap_s: float  # the car's green lap


@part
def _price(taken: float, green_s: Floats) -> float:
    full = green_s.shape[0] - 1.0
    return float(green_s[int(np.ceil(min(max(taken, 0.0), full)))])


@kernel
def stop_and_go(n: float, fuel: float, lap_s: float, green_s: Floats, to_come: Floats) -> float:
    """Expected cost of stopping now on a green road, s: this stop's and those to come."""
    left = n - green_s[0] / lap_s
    full = min(green_s.shape[0] - 1.0, np.ceil(left))
    return _price(full - fuel, green_s) + still_to_come(left, full, to_come)


@kernel
def still_to_come(n: float, fuel: float, to_come: Floats) -> float:
    """Expected cost of the stops to come with ``n`` laps to go and so much fuel, s."""
    if fuel >= n:
        return 0.0
    i = int(min(np.ceil(max(n, 0.0)), to_come.shape[0] - 1.0))
    return float(to_come[i, int(min(max(np.floor(fuel), 0.0), to_come.shape[1] - 1.0))])


@part
def _under_yellow(
    n: int, fuel: float, chance: YellowChance, green_s: Floats, to_come: Floats
) -> float:
    left, after = max(0.0, n - chance.laps), fuel - chance.burnt
    stay = still_to_come(left, after, to_come)
    if after < 1.0 and fuel < n:
        stay = CLOSED_S + stop_and_go(left, after, chance.lap_s, green_s, to_come)
    full = min(green_s.shape[0] - 1.0, np.ceil(left) + chance.burnt)
    box = chance.share * _price(full - fuel, green_s)
    box += still_to_come(left, full - chance.burnt, to_come)
    return chance.opens * min(stay, box) + (1.0 - chance.opens) * stay


@kernel
def costs_to_come(chance: YellowChance, green_s: Floats, to_come: Floats) -> None:
    """Fill ``to_come`` (N + 1, F + 1): expected cost, s, of the stops after a decision.

    The best is done lap by lap on what is known then: when a neutralisation begins is not. A car
    stops when the tank is empty, before, or under a yellow whose lane opens.

    Args:
        chance: neutralisations to come.
        green_s: price of a green stop by laps of fuel taken, (F + 1,).
        to_come: written to, by laps to go and laps of fuel left.
    """
    size, tank = to_come.shape
    for f in range(tank):
        to_come[0, f] = 0.0
    for n in range(1, size):
        for f in range(tank - 1, -1, -1):
            if f >= n:
                to_come[n, f] = 0.0
            elif f < 1:
                to_come[n, f] = stop_and_go(n, f, chance.lap_s, green_s, to_come)
            else:
                stay = to_come[n - 1, f - 1]
                green = min(stay, stop_and_go(n - 1.0, f - 1.0, chance.lap_s, green_s, to_come))
                held = _under_yellow(n - 1, f - 1.0, chance, green_s, to_come)
                to_come[n, f] = (1.0 - chance.per_lap) * green + chance.per_lap * held
