"""Whether a car stops at the end of the lap it is on, for what, and how long that takes.

A crew sees what a pit wall sees: its own car, the flag at the pit entry, the track as it is now.
Nobody enters a closed lane.
"""

from __future__ import annotations

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.compiled import fold, part
from dryline.kernels.race_state import RaceRun
from dryline.kernels.race_tables import FieldTables, RaceTables
from dryline.kernels.race_weather import RECKONED, lap_loss, mean_wetness, threshold
from dryline.kernels.random import bits, normal, normal_of, uniform

SAVING = 1.08
"""How much farther than its usual range a car gets by saving, where that spares it a stop."""
ONE_LAP_SD = 0.02
"""How far one flying lap of one car misleads about the gap between the tyres, as a share: on slicks
in the wet laps differ by 1.3 % and cars by 1.75 % (docs/advice.md)."""
HELD = 4.0
"""Laps for which a car stays out once that lap has shown nothing to be gained."""


@fold
def laps_left(c: int, t_end: float, pace_ms: float, race: RaceTables, run: RaceRun) -> float:
    """Laps still to run after the one that ends at ``t_end``, as a crew would reckon them."""
    by_time = (race.length_ms - t_end) / (1.01 * pace_ms) + 1.0
    by_laps = race.laps - run.cars[c, col.W_LAPS] - 1.0
    return float(max(0.0, min(by_time, by_laps)))


@fold
def _shown(k: int, field: FieldTables, run: RaceRun) -> bool:
    """Whether classes of the same kin have driven a flying lap on either tyre."""
    kin = int(field.cls[k, col.CLASS_KIN])
    return bool(run.shown[kin, 0] > 0.0 and run.shown[kin, 1] > 0.0)


@fold
def tyre_wish(c: int, k: int, t: float, race: RaceTables, run: RaceRun) -> float:
    """How much a lap on the other tyre would gain now, as a share; negative where it would lose.

    What is not known of the tyres before a car has driven a flying lap on either is left out.
    """
    wet = run.surface.wet
    slick = lap_loss(k, 0, t, race.field.cls, wet, run.losses)
    tyre = 1 if _shown(k, race.field, run) else RECKONED
    on_wet = lap_loss(k, tyre, t, race.field.cls, wet, run.losses)
    if run.cars[c, col.W_TYRE] == 0.0:
        return float(slick - on_wet) if mean_wetness(wet, t) >= race.rain.declared else -1.0
    return float(on_wet - slick)


@fold
def _spares(full: float, fuel: float, left: float) -> bool:
    """Whether a stop now, with fuel to spare, costs no stop more than one at the range's end."""
    full *= 1.03
    now = 1.0 + max(0.0, np.ceil((left - full) / full))
    return bool(now <= max(1.0, np.ceil((left - fuel) / full)))


@fold
def _looks_quicker(
    c: int, k: int, lap: int, race: RaceTables, run: RaceRun, key: np.uint64
) -> bool:
    """Whether the first flying lap on the planned tyre looks quicker than laps on the car's own."""
    wet = run.surface.wet
    t = run.cars[c, col.W_LAST]
    slick = lap_loss(k, 0, t, race.field.cls, wet, run.losses)
    gain = slick - lap_loss(k, 1, t, race.field.cls, wet, run.losses)
    if run.cars[c, col.W_TYRE] > 0.0:
        gain = -gain
    return bool(gain + ONE_LAP_SD * normal(key, lap, col.S_SEEN) > 0.0)


@fold
def _waits(
    c: int,
    k: int,
    lap: int,
    kind: int,
    at_entry: float,
    race: RaceTables,
    run: RaceRun,
    key: np.uint64,
) -> bool:
    """Whether the plan's stop still waits for the first flying lap on its tyre, or is given up.

    It is decided on once, on what that lap looks like: the gap itself nobody sees.
    """
    w, plan = run.cars, race.plans.stops
    at = int(w[c, col.W_PLAN])
    patience = plan[c, at, col.PLAN_SHOWN]
    if patience < 0.0 or w[c, col.W_SHOWN] > 0.0:
        return False
    kin, tyre = int(race.field.cls[k, col.CLASS_KIN]), int(plan[c, at, col.PLAN_TYRE])
    shown_ms = run.shown[kin, tyre]
    if kind != col.GREEN or shown_ms == 0.0 or shown_ms > at_entry:
        if lap >= plan[c, at, col.PLAN_LAP] + patience:
            w[c, col.W_PLAN] += 1.0
        return True
    if _looks_quicker(c, k, lap, race, run, key):
        w[c, col.W_SHOWN] = 1.0
        return False
    w[c, col.W_PLAN] += 1.0
    w[c, col.W_ALLOWED_LAP] = max(w[c, col.W_ALLOWED_LAP], lap + HELD)
    return True


@fold
def _due(c: int, lap: int, race: RaceTables, run: RaceRun) -> bool:
    """Whether the plan's next stop is due, as far as it waits for no flying lap."""
    w, plan = run.cars, race.plans.stops
    at = int(w[c, col.W_PLAN])
    if at >= plan.shape[1] or plan[c, at, col.PLAN_LAP] > lap:
        return False
    return bool(plan[c, at, col.PLAN_SHOWN] < 0.0 or w[c, col.W_SHOWN] > 0.0)


@fold
def _planned(
    c: int,
    k: int,
    lap: int,
    kind: int,
    at_entry: float,
    race: RaceTables,
    run: RaceRun,
    key: np.uint64,
) -> bool:
    """Whether the plan's next stop is due; one that waits for a neutralisation is gone without."""
    w, plan = run.cars, race.plans.stops
    at = int(w[c, col.W_PLAN])
    if at >= plan.shape[1] or plan[c, at, col.PLAN_LAP] > lap:
        return False
    if _waits(c, k, lap, kind, at_entry, race, run, key):
        return False
    if plan[c, at, col.PLAN_YELLOW] > 0.0 and kind == col.GREEN:
        w[c, col.W_PLAN] += 1.0
        return False
    return True


@fold
def _answer(
    c: int,
    k: int,
    lap: int,
    kind: int,
    period: int,
    left: float,
    reach: float,
    race: RaceTables,
    run: RaceRun,
    key: np.uint64,
) -> bool:
    """Whether a crew takes an open lane under a neutralisation; it is asked once in each."""
    w, stop_under = run.cars, race.control.stop_under
    if w[c, col.W_ANSWERED] == period + 1.0:
        return False
    w[c, col.W_ANSWERED] = period + 1.0
    used = 1.0 - max(0.0, w[c, col.W_FUEL] - w[c, col.W_BURN]) / w[c, col.W_RANGE]
    logit = stop_under[kind, k, 0] + stop_under[kind, k, 1] * used
    if left <= reach:
        logit += stop_under[kind, k, 3]
    elif left <= w[c, col.W_RANGE]:
        logit += stop_under[kind, k, 2]
    return bool(uniform(key, lap, col.S_NEUTRAL) < 1.0 / (1.0 + np.exp(-logit)))


@fold
def box_now(
    c: int,
    k: int,
    at_entry: float,
    kind: int,
    period: int,
    lane_open: bool,
    wish: float,
    left: float,
    race: RaceTables,
    run: RaceRun,
    key: np.uint64,
) -> bool:
    """Whether the car comes in at the end of this lap; sets ``W_SERVICE``."""
    w = run.cars
    lap = int(w[c, col.W_LAPS]) + 1
    planned = _planned(c, k, lap, kind, at_entry, race, run, key)
    if not lane_open or left < 0.5:
        return False
    w[c, col.W_SERVICE] = 1.0
    if planned:
        return True
    if w[c, col.W_PENALTY] > 0.0 and kind == col.GREEN:
        w[c, col.W_SERVICE] = 0.0
        return True
    fuel = w[c, col.W_FUEL] - w[c, col.W_BURN]
    reach = fuel * SAVING + 0.5
    if fuel < 1.0 and left > reach:
        return True
    if lap < w[c, col.W_ALLOWED_LAP]:
        reacts = race.plans.reacts[c] > 0.0 and kind != col.GREEN
        return bool(
            reacts
            and run.schedule.starts[period] > race.now_ms
            and _answer(c, k, lap, kind, period, left, reach, race, run, key)
        )
    if left > reach and fuel <= w[c, col.W_RESERVE] and _spares(w[c, col.W_RANGE], fuel, left):
        return True
    want = w[c, col.W_TO_WET] if w[c, col.W_TYRE] == 0.0 else w[c, col.W_TO_SLICK]
    if wish > want and left > 3.0:
        w[c, col.W_WANT] += 1.0
        if w[c, col.W_WANT] > w[c, col.W_DELAY]:
            return True
    else:
        w[c, col.W_WANT] = 0.0
    if kind != col.GREEN:
        return bool(_answer(c, k, lap, kind, period, left, reach, race, run, key))
    return False


@part
def prepare_stop(
    c: int,
    k: int,
    t_end: float,
    wish: float,
    left: float,
    race: RaceTables,
    run: RaceRun,
    key: np.uint64,
) -> float:
    """Decide what is done in the box; return the loss of the whole stop, in ms."""
    w, cls, plan = run.cars, race.field.cls, race.plans.stops
    at = int(w[c, col.W_PLAN])
    lap = int(w[c, col.W_LAPS]) + 1
    planned = _due(c, lap, race, run)
    w[c, col.W_NEW_FUEL] = w[c, col.W_FUEL] - w[c, col.W_BURN]
    w[c, col.W_NEW_TYRE] = w[c, col.W_TYRE]
    w[c, col.W_NEW_DRIVER] = w[c, col.W_DRIVER]
    w[c, col.W_CHANGES] = 0.0
    if w[c, col.W_SERVICE] == 0.0:
        return float(cls[k, col.CLASS_TRANSIT_MS] + w[c, col.W_PENALTY])
    fuel = w[c, col.W_NEW_FUEL]
    goal = min(w[c, col.W_RANGE], left + 1.0)
    if planned and plan[c, at, col.PLAN_FUEL] >= 0.0:
        goal = plan[c, at, col.PLAN_FUEL] * w[c, col.W_RANGE]
    add = max(0.0, goal - fuel)
    w[c, col.W_NEW_FUEL] = fuel + add
    word = bits(key, int(w[c, col.W_STOPS]), col.S_STOP)
    stand = cls[k, col.CLASS_STAND_MS] + add * cls[k, col.CLASS_FILL_MS]
    if _tyres(c, k, wish, add, planned, race, run, key):
        stand += cls[k, col.CLASS_TYRES_MS]
    _driver(c, k, t_end, add, planned, race, run, key)
    stand *= np.exp(cls[k, col.CLASS_STAND_SD] * normal_of(word))
    if planned and plan[c, at, col.PLAN_MS] >= 0.0:
        stand = plan[c, at, col.PLAN_MS]
    elif uniform(key, int(w[c, col.W_STOPS]), col.S_STAND) < cls[k, col.CLASS_LONG_P]:
        tail = uniform(key, int(w[c, col.W_STOPS]), col.S_GONE)
        stand -= cls[k, col.CLASS_LONG_MS] * np.log(tail)
    if planned or (race.plans.reacts[c] > 0.0 and at < plan.shape[1]):
        w[c, col.W_PLAN] += 1.0
        w[c, col.W_SHOWN] = 0.0
    return float(cls[k, col.CLASS_TRANSIT_MS] + max(1000.0, stand + w[c, col.W_PIT_MS]))


@fold
def _tyres(
    c: int,
    k: int,
    wish: float,
    add: float,
    planned: bool,
    race: RaceTables,
    run: RaceRun,
    key: np.uint64,
) -> bool:
    w, cls, plan = run.cars, race.field.cls, race.plans.stops
    at = int(w[c, col.W_PLAN])
    want = w[c, col.W_TO_WET] if w[c, col.W_TYRE] == 0.0 else w[c, col.W_TO_SLICK]
    fresh = uniform(key, int(w[c, col.W_STOPS]), col.S_TYRE) < cls[k, col.CLASS_TYRES_P]
    other = wish > 0.3 * want
    if planned and plan[c, at, col.PLAN_TYRE] >= 0.0:
        kind = plan[c, at, col.PLAN_TYRE]
        if kind == 2.0:
            fresh = other = False
        else:
            other = kind != w[c, col.W_TYRE]
            fresh = True
    elif add < 0.35 * w[c, col.W_RANGE]:
        fresh = False
    if other:
        w[c, col.W_NEW_TYRE] = 1.0 - w[c, col.W_TYRE]
    w[c, col.W_CHANGES] = 1.0 if fresh or other else 0.0
    return bool(fresh or other)


@part
def _driver(
    c: int,
    k: int,
    t_end: float,
    add: float,
    planned: bool,
    race: RaceTables,
    run: RaceRun,
    key: np.uint64,
) -> None:
    w, pace, drive = run.cars, run.pace, run.drive
    plan, most = race.plans.stops, race.field.most
    at = int(w[c, col.W_PLAN])
    now = int(w[c, col.W_DRIVER])
    crew = int(race.field.car[c, col.CAR_DRIVERS])
    stop = int(w[c, col.W_STOPS])
    if planned and plan[c, at, col.PLAN_DRIVER] >= 0.0:
        if plan[c, at, col.PLAN_DRIVER] < crew:
            w[c, col.W_NEW_DRIVER] = plan[c, at, col.PLAN_DRIVER]
        return
    stint_ms = w[c, col.W_RANGE] * pace[c, now]
    tired = drive[c, now] + stint_ms > most[c, now]
    u = uniform(key, stop, col.S_DRIVER)
    full = add > 0.35 * w[c, col.W_RANGE]
    if crew < 2 or (not tired and (not full or u > race.field.cls[k, col.CLASS_DRIVER_P])):
        return
    to_go = race.length_ms - t_end
    last = to_go < 1.5 * stint_ms and normal(key, stop, col.S_PACE) < 0.7
    best, chosen = -1.0e300, now
    for d in range(crew):
        if d == now and tired:
            continue
        if last:
            score = -pace[c, d]
        elif d == now:
            continue
        else:
            luck = 0.3 * stint_ms * normal(key, stop * 8 + d, col.S_SECTOR)
            score = race.field.target[c, d] * (t_end + stint_ms) - drive[c, d] + luck
        if score > best and drive[c, d] + 0.3 * stint_ms < most[c, d]:
            best, chosen = score, d
    w[c, col.W_NEW_DRIVER] = float(chosen)


@fold
def draw_reserve(c: int, k: int, field: FieldTables, run: RaceRun, key: np.uint64) -> None:
    """Draw how early the next stop comes and how long the next change of tyres is put off."""
    w, cls = run.cars, field.cls
    stop = int(w[c, col.W_STOPS])
    early = cls[k, col.CLASS_EARLY] * w[c, col.W_RANGE]
    w[c, col.W_RESERVE] = 0.5 - early * np.log(uniform(key, stop, col.S_STINT))
    w[c, col.W_DELAY] = np.floor(
        -cls[k, col.CLASS_DELAY] * np.log(uniform(key, stop + 512, col.S_STINT))
    )
    w[c, col.W_WANT] = 0.0


@fold
def draw_crew(c: int, k: int, field: FieldTables, run: RaceRun, key: np.uint64) -> None:
    """Draw what is the crew's own for the whole replicate: range, pit work, thresholds."""
    w, car, cls = run.cars, field.car, field.cls
    w[c, col.W_RANGE] = max(
        3.0, car[c, col.CAR_RANGE] + car[c, col.CAR_RANGE_SD] * normal(key, 1, col.S_RACE)
    )
    w[c, col.W_PIT_MS] = car[c, col.CAR_PIT_MS] + car[c, col.CAR_PIT_SD_MS] * normal(
        key, 2, col.S_RACE
    )
    to_wet = threshold(key, 1000, cls[k, col.CLASS_TO_WET], cls[k, col.CLASS_TO_WET_SD])
    to_slick = threshold(key, 1001, cls[k, col.CLASS_TO_SLICK], cls[k, col.CLASS_TO_SLICK_SD])
    w[c, col.W_TO_WET], w[c, col.W_TO_SLICK] = to_wet, to_slick
