"""The race simulator's kernel: one event per car-lap, in crossing order across classes.

The queue holds every running car by the time of its next event (a crossing, or its release from
the box). A car that starts a lap enters the queue from the tail; each car it moves ahead of is a
car it passes on the road during that lap, so traffic, battles, and holding station behind a safety
car all happen in the insertion.
"""

from __future__ import annotations

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.compiled import fold, kernel
from dryline.kernels.race_box import enter_box
from dryline.kernels.race_drive import run_lap, start_lap
from dryline.kernels.race_neutral import fill_schedule
from dryline.kernels.race_path import TimingSheet, cross_line, write_path, write_race
from dryline.kernels.race_start import start_cars
from dryline.kernels.race_state import (
    AFTER_MIN,
    FAR,
    G_CUR,
    G_FLAG_MS,
    G_HEAD,
    G_LEADER,
    G_LEADER_MS,
    G_PATH,
    G_PERIODS,
    G_TAIL,
    MINUTE_MS,
    RaceRun,
)
from dryline.kernels.race_tables import RaceTables
from dryline.kernels.race_weather import fill_wetness
from dryline.kernels.random import car_key, normal, replicate_key


@fold
def _begin(number: int, race: RaceTables, run: RaceRun, key: np.uint64) -> None:
    """Forget the replicate before; draw this one's luck, weather, neutralisations and cars."""
    w, g, minutes = run.cars, run.whole, run.surface.damp.shape[0]
    g[:] = 0.0
    g[G_FLAG_MS], g[G_LEADER], g[G_LEADER_MS] = FAR, -1.0, FAR
    run.lead[:, 0], run.lead[:, 1] = -1.0, -1.0
    run.box[:] = 0.0
    for i in range(3):
        run.luck[i] = np.exp(race.field.spread[i] * normal(key, i, col.S_RACE))
    first = max(0, min(minutes - 1, int(race.now_ms / MINUTE_MS)))
    fill_wetness(race.rain, number % race.rain.particles.shape[0], first, run.surface, key)
    until_ms = (minutes - AFTER_MIN) * MINUTE_MS + 1.2e6
    g[G_PERIODS] = fill_schedule(
        race.control, race.now_ms, until_ms, run.schedule, run.surface, key
    )
    start_cars(race, run, key)
    for c in range(w.shape[0]):
        finished = race.start.state[c, col.STATE_OUT] > 0.0
        if finished and w[c, col.W_LAST] >= race.length_ms:
            w[c, col.W_DONE] = 1.0
            g[G_FLAG_MS] = min(g[G_FLAG_MS], w[c, col.W_LAST])
    for c in race.start.order:
        if w[c, col.W_OUT] == 0.0:
            start_lap(c, race, run, car_key(key, c))


@kernel
def simulate_chunk(
    race: RaceTables, seed: int, first: int, run: RaceRun, sheet: TimingSheet
) -> int:
    """Run replicates ``first`` to ``first + R`` and return the rows written to the path."""
    w, g, ends = run.cars, run.whole, run.schedule.ends
    for r in range(sheet.laps.shape[0]):
        key = replicate_key(seed, first + r)
        _begin(first + r, race, run, key)
        while g[G_HEAD] < g[G_TAIL]:
            c = run.queue[int(g[G_HEAD])]
            g[G_HEAD] += 1.0
            t = w[c, col.W_NEXT]
            while g[G_CUR] < g[G_PERIODS] and ends[int(g[G_CUR])] <= t:
                g[G_CUR] += 1.0
            ck = car_key(key, c)
            leads = False
            if w[c, col.W_LANE] > 0.0:
                w[c, col.W_LANE] = 0.0
            else:
                if sheet.path.shape[0] > 0 and r == 0:
                    write_path(c, t, race.field, run, sheet.path, ck)
                leads = cross_line(c, t, race, run)
                if g[G_FLAG_MS] <= t:
                    w[c, col.W_DONE] = 1.0
                    continue
                if w[c, col.W_INLAP] > 0.0:
                    enter_box(c, t, race.field, run, ck)
                    continue
            run_lap(c, t, leads, -1.0, race, run, ck)
        write_race(r, race.now_ms, run, sheet)
    return int(g[G_PATH]) if sheet.laps.shape[0] == 1 else 0
