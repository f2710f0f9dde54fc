"""Coming into the box and out of it."""

from __future__ import annotations

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.compiled import fold, part
from dryline.kernels.race_neutral import period_at
from dryline.kernels.race_road import place_in_queue
from dryline.kernels.race_state import (
    BEFORE_LINE_MS,
    FAR,
    G_FLAG_MS,
    GIVEN_UP_MS,
    MINUTE_MS,
    RaceRun,
)
from dryline.kernels.race_stops import (
    SAVING,
    box_now,
    draw_reserve,
    laps_left,
    prepare_stop,
    tyre_wish,
)
from dryline.kernels.race_tables import FieldTables, RaceTables
from dryline.kernels.random import normal


@fold
def maybe_box(
    c: int,
    k: int,
    t: float,
    t_end: float,
    trouble: float,
    race: RaceTables,
    run: RaceRun,
    key: np.uint64,
) -> float:
    """The end of the lap once the crew has decided; a car in trouble comes in with it."""
    w, damp = run.cars, run.surface.damp
    at_entry = t_end - 0.07 * (t_end - t)
    period = period_at(at_entry, run)
    kind = 0 if period < 0 else int(run.schedule.kinds[period])
    lane_open = period < 0 or at_entry - run.schedule.starts[period] >= race.control.opens[kind, k]
    mine = run.pace[c, int(w[c, col.W_DRIVER])]
    left = laps_left(c, t_end, mine, race, run)
    if run.whole[G_FLAG_MS] < FAR:
        left = 0.0
    if w[c, col.W_FUEL] < left + 1.0 <= w[c, col.W_FUEL] * SAVING + 0.5:
        w[c, col.W_BURN] /= SAVING
    wish = 0.0
    minute = min(damp.shape[0] - 1, int(t / MINUTE_MS))
    if damp[minute] > 0 or w[c, col.W_TYRE] > 0.0:
        wish = tyre_wish(c, k, t, race, run)
    w[c, col.W_INLAP] = 0.0
    if not box_now(c, k, at_entry, kind, period, lane_open, wish, left, race, run, key):
        return t_end
    loss = prepare_stop(c, k, t_end, wish, left, race, run, key)
    if kind > 0:
        w[c, col.W_ANSWERED] = period + 1.0
        skipped = race.field.cls[k, col.CLASS_LANE_SHARE]
        loss = max(0.5 * loss, loss - max(0.0, (t_end - t) - mine) * skipped)
    before = min(race.field.car[c, col.CAR_IN_SHARE] * loss, BEFORE_LINE_MS)
    w[c, col.W_INLAP] = 1.0
    w[c, col.W_LANE_MS] = loss - before + trouble
    w[c, col.W_PITTED_MS] = loss + trouble
    return float(t_end + before)


@part
def enter_box(c: int, t: float, field: FieldTables, run: RaceRun, key: np.uint64) -> None:
    """An in-lap has crossed the line: serve, wait for the team-mate, and set the release."""
    w, box, cls = run.cars, run.box, field.cls
    k = int(field.car[c, col.CAR_CLASS])
    if w[c, col.W_LANE_MS] > GIVEN_UP_MS:
        w[c, col.W_INLAP], w[c, col.W_OUT] = 0.0, 1.0
        return
    b = int(field.car[c, col.CAR_BOX])
    wait = max(0.0, box[b] - t)
    stay = w[c, col.W_LANE_MS] + (wait if w[c, col.W_SERVICE] > 0.0 else 0.0)
    w[c, col.W_PITTED_MS] += stay - w[c, col.W_LANE_MS]
    if w[c, col.W_SERVICE] > 0.0:
        box[b] = t + max(0.0, stay - 0.4 * cls[k, col.CLASS_TRANSIT_MS])
        if w[c, col.W_CHANGES] > 0.0:
            w[c, col.W_AGE] = 0.0
        w[c, col.W_TYRE], w[c, col.W_FUEL] = w[c, col.W_NEW_TYRE], w[c, col.W_NEW_FUEL]
        w[c, col.W_DRIVER] = w[c, col.W_NEW_DRIVER]
        w[c, col.W_STOPS] += 1.0
        w[c, col.W_STINT_LAPS] = 0.0
        w[c, col.W_STINT] = cls[k, col.CLASS_STINT_SD] * normal(
            key, int(w[c, col.W_STOPS]), col.S_STINT
        )
        draw_reserve(c, k, field, run, key)
    else:
        w[c, col.W_PENALTY] = 0.0
    w[c, col.W_SERVED_MS] = w[c, col.W_PITTED_MS]
    w[c, col.W_INLAP], w[c, col.W_LANE] = 0.0, 1.0
    place_in_queue(c, t + stay, run)
