"""How far the cars that ask go on their own tanks: what they have shown, or what their teams said.

What rivals show that they count on says nothing of one's own tank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from dryline.analysis.stops.fuel_range import fold_range
from dryline.analysis.stops.priors import stop_priors
from dryline.analysis.stops.reach import Reach, told_reach
from dryline.kernels import race_columns as col
from dryline.race.moment import Moment
from dryline.sim.params import RaceParams, SimState
from dryline.strategy.team_said import CarSaid
from dryline.strategy.told_race import TOLD_RANGE_SD, full_range, laps_left


def own_reaches(moment: Moment, said: Mapping[str, CarSaid]) -> dict[str, Reach]:
    """The range of each car that asks and has crossed the line.

    It is as its team said, else as its laps and its class's show.
    """
    laps = moment.race.laps
    tracker = fold_range(laps, stop_priors().range)
    sprint = moment.is_sprint
    return {
        car: _as_told(
            tracker.reach(car, sprint=sprint), facts, laps.filter(pl.col("car_number") == car)
        )
        for car, facts in said.items()
        if car in tracker.class_of
    }


def with_own_ranges(
    params: RaceParams, state: SimState, cars: Sequence[str], reaches: Mapping[str, Reach]
) -> tuple[RaceParams, SimState]:
    """The simulator's inputs with the cars' own ranges and levels."""
    table, rows = params.car.copy(), state.cars.copy()
    for car, reach in reaches.items():
        c = cars.index(car)
        table[c, col.CAR_RANGE], table[c, col.CAR_RANGE_SD] = reach.mean, reach.sd
        rows[c, col.STATE_FUEL] = max(0.0, reach.mean - reach.load)
    return replace(params, car=table), replace(state, cars=rows)


def _as_told(reach: Reach, said: CarSaid, laps: pl.DataFrame) -> Reach:
    """The range as the team told it; the inferred one where it told nothing that still holds."""
    full, left = full_range(said), laps_left(said, laps)
    if full is None and left is None:
        return reach
    tank = max(2.0, reach.mean if full is None else full, left or 0.0)
    return told_reach(tank, TOLD_RANGE_SD, max(0.0, tank - reach.load) if left is None else left)
