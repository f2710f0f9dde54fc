"""Every car as the simulation finds it, with what is drawn for it once per replicate."""

from __future__ import annotations

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.compiled import fold, part
from dryline.kernels.race_state import (
    FLYING,
    G_LEAD_LAPS,
    G_LEADER,
    G_LEADER_MS,
    G_TRAIN_MS,
    KNOWN_BY,
    RaceRun,
)
from dryline.kernels.race_stops import draw_crew, draw_reserve
from dryline.kernels.race_tables import FieldTables, RaceTables
from dryline.kernels.random import car_key, normal, uniform


@fold
def draw_paces(c: int, k: int, field: FieldTables, run: RaceRun, key: np.uint64) -> None:
    """Draw each driver's lap on an empty track, in ms, from the fit's joint uncertainty."""
    for d in range(int(field.car[c, col.CAR_DRIVERS])):
        x = field.pace[c, d]
        for e in range(d + 1):
            x += field.chol[c, d, e] * normal(key, e, col.S_PACE)
        run.pace[c, d] = field.cls[k, col.CLASS_BASE_MS] * (1.0 + x)


@part
def start_cars(race: RaceTables, run: RaceRun, key: np.uint64) -> None:
    """Set every car to the state at the start, and draw what is its own in this replicate."""
    w, g, lead = run.cars, run.whole, run.lead
    car, state, stops = race.field.car, race.start.state, race.plans.stops
    for c in range(car.shape[0]):
        ck = car_key(key, c)
        k = int(car[c, col.CAR_CLASS])
        for i in range(w.shape[1]):
            w[c, i] = 0.0
        w[c, col.W_LAPS], w[c, col.W_LAST] = state[c, col.STATE_LAPS], state[c, col.STATE_LAST_MS]
        w[c, col.W_START] = state[c, col.STATE_LAST_MS]
        w[c, col.W_TYRE], w[c, col.W_AGE] = state[c, col.STATE_TYRE], state[c, col.STATE_TYRE_AGE]
        w[c, col.W_DRIVER], w[c, col.W_OUT] = state[c, col.STATE_DRIVER], state[c, col.STATE_OUT]
        w[c, col.W_STOPS] = state[c, col.STATE_STOPS]
        w[c, col.W_PENALTY] = state[c, col.STATE_PENALTY_MS]
        w[c, col.W_STINT_LAPS] = state[c, col.STATE_STINT_LAPS]
        w[c, col.W_ALLOWED_LAP] = race.plans.allowed[c]
        while (
            w[c, col.W_PLAN] < stops.shape[1]
            and stops[c, int(w[c, col.W_PLAN]), col.PLAN_LAP] <= w[c, col.W_LAPS]
        ):
            w[c, col.W_PLAN] += 1.0
        draw_crew(c, k, race.field, run, ck)
        w[c, col.W_FUEL] = min(w[c, col.W_RANGE], state[c, col.STATE_FUEL]) + (
            w[c, col.W_RANGE] - car[c, col.CAR_RANGE]
        )
        w[c, col.W_STINT] = state[c, col.STATE_STINT_PACE] + state[c, col.STATE_STINT_SD] * normal(
            ck, int(w[c, col.W_STOPS]), col.S_STINT
        )
        draw_reserve(c, k, race.field, run, ck)
        if uniform(ck, 0, col.S_GONE) < car[c, col.CAR_GONE_P]:
            w[c, col.W_OUT] = 1.0
        draw_paces(c, k, race.field, run, ck)
        for d in range(run.drive.shape[1]):
            run.drive[c, d] = race.start.drive[c, d]
        laps, last = w[c, col.W_LAPS], w[c, col.W_LAST]
        first = int(lead[k, 1])
        if laps > lead[k, 0] or (laps == lead[k, 0] and (first < 0 or last < w[first, col.W_LAST])):
            lead[k, 0], lead[k, 1] = laps, float(c)
        if laps > g[G_LEAD_LAPS] or (laps == g[G_LEAD_LAPS] and last < g[G_LEADER_MS]):
            g[G_LEAD_LAPS], g[G_LEADER], g[G_LEADER_MS] = laps, float(c), last
    g[G_TRAIN_MS] = g[G_LEADER_MS]
    _count_tyres(race.field, run)


@fold
def _count_tyres(field: FieldTables, run: RaceRun) -> None:
    """What the tyres have shown already: a kind on which two cars have driven a flying lap."""
    w, shown = run.cars, run.shown
    shown[:] = 0.0
    for c in range(w.shape[0]):
        if w[c, col.W_OUT] == 0.0 and w[c, col.W_STINT_LAPS] >= FLYING:
            kin = int(field.cls[int(field.car[c, col.CAR_CLASS]), col.CLASS_KIN])
            shown[kin, int(w[c, col.W_TYRE])] += 1.0
    for kin in range(shown.shape[0]):
        for tyre in range(2):
            shown[kin, tyre] = 1.0 if shown[kin, tyre] >= KNOWN_BY else 0.0
