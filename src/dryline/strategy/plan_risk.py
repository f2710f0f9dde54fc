"""The risk of a plan: raced many times alone, under the neutralisations of the series.

Slow stops, slow laps and neutralisations come from other races' priors; pace, fuel, tyres and
pits are the setup's own. Every plan is held as written, and all share their luck.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.domain.tables import LAPS, NEUTRALISATIONS, STOPS
from dryline.kernels import race_columns as col
from dryline.model.race_params import fit_race_params
from dryline.sim.outcomes import Outcomes
from dryline.sim.params import NO_LIMIT_MS, FieldPlans, PlannedStop, RaceParams, SimState
from dryline.sim.simulate import simulate
from dryline.strategy.plan import Plan
from dryline.strategy.plan_setup import RaceSetup
from dryline.strategy.simulate_race import simulator_inputs

Floats = NDArray[np.float64]
KEEP, STAYS, NEW_SLICKS = 2, 99, 0
HELD = 1_000_000
SLOW_STOPS = 7
"""The stream of slow stops."""
NO_LENGTH_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Risk:
    """What becomes of a plan: simulated.

    ``laps`` and ``finish_s`` at 10, 50 and 90 %; ``p_best`` the share of runnings in which no
    other plan of the list goes farther or is sooner; ``neutralised_min`` the mean.
    """

    laps: tuple[float, float, float]
    finish_s: tuple[float, float, float]
    p_best: float
    p_best_se: float
    neutralised_min: float


def risks(
    setup: RaceSetup,
    plans: Sequence[Plan],
    *,
    replicates: int = 1000,
    seed: int = 1,
    threads: int = 1,
    tell: Callable[[int], None] = lambda _: None,
) -> tuple[Risk, ...]:
    """Race every plan ``replicates`` times with the same luck; simulated."""
    params, state = _alone(setup)
    late_s = _slow_stops(params, max(plan.stops for plan in plans), replicates, seed)
    ends = []
    for plan in plans:
        run = simulate(
            params,
            state,
            FieldPlans.of(1, {0: _stops(setup, plan)}, {0: HELD}),
            seed=seed,
            replicates=replicates,
            threads=threads,
            progress=tell,
        )
        ends.append(_end(setup, run, late_s[:, : plan.stops].sum(axis=1)))
    scores = np.array([end.laps - end.finish_s / 1.0e9 for end in ends])
    best = scores >= scores.max(axis=0) - 1.0e-12
    shares = best / best.sum(axis=0)
    return tuple(_risk(end, share) for end, share in zip(ends, shares, strict=True))


@dataclass(frozen=True, slots=True)
class _End:
    """How R runnings of a plan end: laps, seconds at the last crossing, neutralised minutes."""

    laps: Floats
    finish_s: Floats
    neutralised_min: Floats


def _end(setup: RaceSetup, run: Outcomes, late_s: Floats) -> _End:
    """The runnings with the time lost in slow stops; by the clock that costs distance."""
    laps, finish_s = run.laps[:, 0].astype(np.float64), run.finish_ms[:, 0] / 1000.0
    length_s, lap_s = setup.race.length_s, setup.car.lap_s
    if length_s is None:
        finish_s = finish_s + late_s
    else:
        reached = laps - (finish_s + late_s - length_s) / lap_s
        laps = np.minimum(laps, np.ceil(reached))
        finish_s = length_s + (laps - reached) * lap_s
    return _End(laps, finish_s, run.race[:, 2] / 60_000.0)


def _slow_stops(params: RaceParams, stops: int, replicates: int, seed: int) -> Floats:
    """Seconds lost in each stop (R, S) by slow service, the same for every plan."""
    p, mean_s = params.cls[0, col.CLASS_LONG_P], params.cls[0, col.CLASS_LONG_MS] / 1000.0
    rng = np.random.Generator(np.random.Philox(key=[seed & (2**63 - 1), SLOW_STOPS]))
    out: Floats = np.where(
        rng.random((stops, replicates)) < p, rng.exponential(mean_s, (stops, replicates)), 0.0
    ).T
    return out


def _risk(end: _End, share: Floats) -> Risk:
    at = (0.1, 0.5, 0.9)
    laps = np.quantile(end.laps, at, method="inverted_cdf")
    finish = np.quantile(end.finish_s, at)
    return Risk(
        laps=(float(laps[0]), float(laps[1]), float(laps[2])),
        finish_s=(float(finish[0]), float(finish[1]), float(finish[2])),
        p_best=float(share.mean()),
        p_best_se=float(share.std() / len(share) ** 0.5),
        neutralised_min=float(end.neutralised_min.mean()),
    )


def _alone(setup: RaceSetup) -> tuple[RaceParams, SimState]:
    """The car alone on the track: the series' priors, and over them the setup."""
    length_ms = (setup.race.length_s or 0.0) * 1000.0 or float(NO_LENGTH_MS)
    fit = fit_race_params(
        pl.DataFrame(schema=LAPS),
        pl.DataFrame(schema=STOPS),
        pl.DataFrame(schema=NEUTRALISATIONS),
        0,
        round(length_ms),
        setup.race.series,
        starters={setup.car.number: setup.car.car_class},
    )
    params, state = simulator_inputs(fit)
    params = replace(
        params,
        car=_car(setup, params.car),
        cls=_class(setup, params.cls),
        pace=_paces(setup),
        chol=np.zeros((1, len(setup.drivers), len(setup.drivers))),
        target=np.full((1, len(setup.drivers)), 1.0 / len(setup.drivers)),
        most=np.full((1, len(setup.drivers)), 1.0e12),
        length_ms=NO_LIMIT_MS if setup.race.length_s is None else length_ms,
    )
    if setup.race.laps is not None:
        params = replace(params, laps=float(setup.race.laps))
    cars = state.cars.copy()
    cars[0, col.STATE_FUEL] = setup.fuel.laps + setup.fuel.save_laps + 0.5
    cars[0, col.STATE_STINT_SD] = 0.0
    return params, replace(state, cars=cars, drive=np.zeros((1, len(setup.drivers))))


def _car(setup: RaceSetup, prior: Floats) -> Floats:
    car = prior.copy()
    car[0, col.CAR_RANGE] = setup.fuel.laps + setup.fuel.save_laps + 0.5
    car[0, col.CAR_RANGE_SD] = car[0, col.CAR_PIT_MS] = car[0, col.CAR_PIT_SD_MS] = 0.0
    car[0, col.CAR_RETIRE_X] = 0.0
    car[0, col.CAR_DRIVERS] = len(setup.drivers)
    return car


def _class(setup: RaceSetup, prior: Floats) -> Floats:
    """The class's row: the setup's own times; what other races teach of noise and slow stops."""
    lap_ms = setup.car.lap_s * 1000.0
    cls = prior.copy()
    bend_ms = (setup.tyres.loss_s - setup.fuel.burn_gain_s) * 1000.0
    new = {
        col.CLASS_BASE_MS: lap_ms,
        col.CLASS_STINT_SD: 0.0,
        col.CLASS_SLOPE: bend_ms / lap_ms,
        col.CLASS_WEAR: setup.tyres.loss_s * 1000.0 / lap_ms,
        col.CLASS_WARM_2: setup.tyres.cold_s * 1000.0 / lap_ms,
        col.CLASS_WARM_3: 0.0,
        col.CLASS_TRANSIT_MS: setup.pit.lane_s * 1000.0,
        col.CLASS_TROUBLE_PER_H: 0.0,
        col.CLASS_PENALTY_PER_H: 0.0,
    }
    for column, value in new.items():
        cls[0, column] = value
    return cls


def _paces(setup: RaceSetup) -> Floats:
    return np.array([[each.pace_s / setup.car.lap_s for each in setup.drivers]])


def _stops(setup: RaceSetup, plan: Plan) -> list[PlannedStop]:
    whole = setup.fuel.laps + setup.fuel.save_laps + 0.5
    return [
        PlannedStop(
            lap=before.last_lap,
            tyre=NEW_SLICKS if stint.new_tyres else KEEP,
            fuel=min(1.0, (stint.laps + 0.5) / whole),
            driver=stint.driver if stint.driver != before.driver else STAYS,
            standing_ms=stint.standing_s * 1000.0,
        )
        for before, stint in zip(plan.stints, plan.stints[1:], strict=False)
    ]
