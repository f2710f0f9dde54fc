"""Coming into the box and out of it."""

from __future__ import annotations

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.compiled import kernel, leaf
from dryline.kernels.race_neutral import period_at
from dryline.kernels.race_road import place_in_queue
from dryline.kernels.race_scalars import RACE_RAIN_DECLARED
from dryline.kernels.race_state import BEFORE_LINE_MS, FAR, G_FLAG_MS, GIVEN_UP_MS
from dryline.kernels.race_stops import (
    SAVING,
    box_now,
    draw_reserve,
    laps_left,
    prepare_stop,
    tyre_wish,
)
from dryline.kernels.race_weather import MINUTE_MS
from dryline.kernels.random import normal


@leaf
def maybe_box(
    c: int,
    k: int,
    t: float,
    t_end: float,
    trouble: float,
    w: np.ndarray,
    car: np.ndarray,
    cls: np.ndarray,
    opens: np.ndarray,
    stop_under: np.ndarray,
    pace: np.ndarray,
    target: np.ndarray,
    drive: np.ndarray,
    most: np.ndarray,
    plans: np.ndarray,
    race: np.ndarray,
    wet: np.ndarray,
    flagged: np.ndarray,
    starts: np.ndarray,
    ends: np.ndarray,
    kinds: np.ndarray,
    n: int,
    cur: int,
    scratch: np.ndarray,
    g: np.ndarray,
    key: np.uint64,
) -> float:
    """The end of the lap once the crew has decided; a car in trouble comes in with it."""
    at_entry = t_end - 0.07 * (t_end - t)
    period = period_at(at_entry, starts, ends, n, cur)
    kind = 0 if period < 0 else int(kinds[period])
    lane_open = period < 0 or at_entry - starts[period] >= opens[kind, k]
    mine = pace[c, int(w[c, col.W_DRIVER])]
    left = laps_left(w, c, t_end, mine, race)
    if g[G_FLAG_MS] < FAR:
        left = 0.0
    if w[c, col.W_FUEL] < left + 1.0 <= w[c, col.W_FUEL] * SAVING + 0.5:
        w[c, col.W_BURN] /= SAVING
    wish = 0.0
    minute = min(flagged.shape[0] - 1, int(t / MINUTE_MS))
    if flagged[minute] > 0 or w[c, col.W_TYRE] > 0.0:
        wish = tyre_wish(w, c, k, t, cls, wet, scratch, race[RACE_RAIN_DECLARED])
    w[c, col.W_INLAP] = 0.0
    if not box_now(w, c, k, t_end, kind, period, lane_open, wish, left, plans, stop_under, key):
        return t_end
    loss = prepare_stop(
        w, c, k, t_end, wish, left, car, cls, pace, target, drive, most, plans, race, key
    )
    if kind > 0:
        loss = max(0.5 * loss, loss - max(0.0, (t_end - t) - mine) * cls[k, col.CLASS_LANE_SHARE])
    before = min(car[c, col.CAR_IN_SHARE] * loss, BEFORE_LINE_MS)
    w[c, col.W_INLAP] = 1.0
    w[c, col.W_LANE_MS] = loss - before + trouble
    w[c, col.W_PITTED_MS] = loss + trouble
    return float(t_end + before)


@kernel
def enter_box(
    c: int,
    t: float,
    w: np.ndarray,
    g: np.ndarray,
    queue: np.ndarray,
    car: np.ndarray,
    cls: np.ndarray,
    box: np.ndarray,
    key: np.uint64,
) -> None:
    """An in-lap has crossed the line: serve, wait for the team-mate, and set the release."""
    k = int(car[c, col.CAR_CLASS])
    if w[c, col.W_LANE_MS] > GIVEN_UP_MS:
        w[c, col.W_INLAP], w[c, col.W_OUT] = 0.0, 1.0
        return
    b = int(car[c, col.CAR_BOX])
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
        draw_reserve(w, c, k, cls, key)
    else:
        w[c, col.W_PENALTY] = 0.0
    w[c, col.W_SERVED_MS] = w[c, col.W_PITTED_MS]
    w[c, col.W_INLAP], w[c, col.W_LANE] = 0.0, 1.0
    place_in_queue(queue, g, w, c, t + stay)
