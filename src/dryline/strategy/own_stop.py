"""A car's own stop and its saving, as the simulator takes them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dryline.kernels import race_columns as col
from dryline.sim.params import RaceParams, SimState

SAVING_PRICE = 0.15
"""A lap's loss per share of its consumption that is saved: assumed (1 % saved costs 0.15 %)."""
WEAR = 1.0e-4
"""A lap's loss per lap of a tyre's age beyond the stint's own: assumed, where tyres are weighed."""
FEWER_TYRES = {0: 0.0, 2: 0.6, 4: 1.0}
"""The share of four tyres' time that a change of fewer takes: assumed for two."""


@dataclass(frozen=True)
class ServiceTimes:
    """The team's own times: the hose for a full fill, four tyres; ``together`` at once.

    ``beside_ms`` is what the simulator adds for the crew and must not count twice.
    """

    hose_ms: float
    tyres_ms: float | None
    together: bool
    beside_ms: float = 0.0

    def standing_ms(self, added: float, count: int | None) -> float:
        """Standing time for so much of a full fill and so many tyres (None: the crew's four)."""
        hose = added * self.hose_ms
        tyres = FEWER_TYRES[4 if count is None else count] * (self.tyres_ms or 0.0)
        told = max(hose, tyres) if self.together else hose + tyres
        return max(0.0, told - self.beside_ms)


def saved(
    params: RaceParams, state: SimState, car: int, share: float
) -> tuple[RaceParams, SimState]:
    """The inputs where a car cuts its consumption by ``share`` for the rest of the race.

    Its fuel and its range last longer, each lap costs ``SAVING_PRICE`` of the share.
    """
    table, cars, pace = params.car.copy(), state.cars.copy(), params.pace.copy()
    table[car, col.CAR_RANGE] /= 1.0 - share
    cars[car, col.STATE_FUEL] /= 1.0 - share
    pace[car] += SAVING_PRICE * share
    return replace(params, car=table, pace=pace), replace(state, cars=cars)


def splash_ms(params: RaceParams, car: int, missing_laps: float) -> float:
    """What a stop under green costs that takes fuel for so many laps and nothing else."""
    row = params.cls[int(params.car[car, col.CAR_CLASS])]
    standing = row[col.CLASS_STAND_MS] + max(0.0, missing_laps) * row[col.CLASS_FILL_MS]
    return float(row[col.CLASS_TRANSIT_MS] + max(0.0, standing + params.car[car, col.CAR_PIT_MS]))


def stop_ms(params: RaceParams, car: int, laps: float) -> float:
    """What the car's usual stop under green costs that fills up for so many laps."""
    row = params.cls[int(params.car[car, col.CAR_CLASS])]
    tyres = row[col.CLASS_TYRES_P] * row[col.CLASS_TYRES_MS]
    return splash_ms(params, car, laps) + float(tyres)


def with_wear(params: RaceParams) -> RaceParams:
    """The parameters with old tyres losing time, where the fit has no figure of its own."""
    cls = params.cls.copy()
    cls[:, col.CLASS_WEAR] = np.where(cls[:, col.CLASS_WEAR] == 0.0, WEAR, cls[:, col.CLASS_WEAR])
    return replace(params, cls=cls)


def halved_tyres(state: SimState, car: int) -> SimState:
    """The state where a car's tyres are half as old: what a change of two leaves on average."""
    cars = state.cars.copy()
    cars[car, col.STATE_TYRE_AGE] *= 0.5
    return replace(state, cars=cars)
