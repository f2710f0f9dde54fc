"""One lap of a replayed race: own pace on a green road, the train's behind a safety car.

Letters: C cars, J laps of the longest run, S stretches in which nobody passes, N knots of the
road's speed, P paces, H halts. Times are seconds of race time, phases shares of a lap.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dryline.kernels.compiled import kernel, part

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

AHEAD, BEHIND = 0.5, 0.3
"""Cars of the class within these shares of a lap say where the class goes."""
HEADWAY_S = 0.8
FOREVER = 1e17
SLOW_USE = 0.6
"""Fuel for a lap behind a safety car, in green laps of fuel."""
CLOSED_S = 90.0
"""What an emergency stop through a closed entry costs beyond the stop."""


class ReplayField(NamedTuple):
    """The rest of the field as it ran, and the road as it was. Nothing is written to."""

    begin: Floats  # when a car's lap begins: the crossing, or the pit exit, (C, J)
    end: Floats  # the crossing that ends it; FOREVER where there is none, (C, J)
    at_line: Floats  # when its place on the road is at the line: sooner where it stops, (C, J)
    entered: Floats  # the phase at which it begins, (C, J)
    follows: Floats  # 1 where the car kept its place on the road all lap, (C, J)
    down: Floats  # 1 where the car was a lap down on its class as it began the lap, (C, J)
    laps: Ints  # laps run, (C,)
    green_s: Floats  # the car's green lap, (C,)
    group: Ints  # its class, (C,)
    slow_from: Floats  # stretches in which nobody passes, in order, (S,)
    slow_to: Floats  # (S,)
    knot: Floats  # instants at which the road's speed changes, from 0, (N,)
    work: Floats  # green seconds driven by then at the speed of a clear road, (N,)
    speed: Floats  # share of green speed from that knot on, (N,)


class ReplayCar(NamedTuple):
    """The car whose stops are replayed."""

    row: int  # its own row in the field, which it does not follow
    until: Floats  # the last of them FOREVER, (P,)
    pace_s: Floats  # green lap until then, (P,)
    halt_at: Floats  # when it stood still for reasons of its own, (H,)
    halt_s: Floats  # (H,)
    lead: Floats  # when the first of its class rivals had done so many laps, (J + 1,)
    opens: Floats  # when the lane opens for its class in each stretch; FOREVER: never, (S,)
    lane_part: float  # share of a lap that the lane replaces
    cold_s: float  # what slowing down and cold tyres cost where the road is green
    fill_s: Floats  # time in the lane by laps of fuel taken, (range + 1,)
    length_s: float  # of the race as it was meant to be
    flag_s: float  # when the winner took the flag


@kernel
def last_at_or_before(values: Floats, t: float) -> int:
    """The index of the last of rising ``values`` that is at most ``t``; -1 before the first."""
    low, high = 0, values.shape[0]
    while low < high:
        middle = (low + high) // 2
        if values[middle] <= t:
            low = middle + 1
        else:
            high = middle
    return low - 1


@part
def driven(t: float, field: ReplayField) -> float:
    """Green seconds that a clear road allows from the start to ``t``."""
    i = max(0, last_at_or_before(field.knot, t))
    return float(field.work[i] + (t - field.knot[i]) * field.speed[i])


@part
def when_driven(work: float, field: ReplayField) -> float:
    """The instant by which a clear road allows so many green seconds."""
    i = max(0, last_at_or_before(field.work, work))
    return float(field.knot[i] + (work - field.work[i]) / field.speed[i])


@kernel
def pace_at(t: float, car: ReplayCar) -> float:
    """The car's green lap at ``t``, s."""
    i = last_at_or_before(car.until, t) + 1
    return float(car.pace_s[min(i, car.pace_s.shape[0] - 1)])


@part
def _lap_at(c: int, t: float, field: ReplayField) -> int:
    """The lap that a car is on, from 0; -1 where it is in the lane, parked or home."""
    low, high = 0, field.laps[c]
    while low < high:
        middle = (low + high) // 2
        if field.end[c, middle] <= t:
            low = middle + 1
        else:
            high = middle
    if low >= field.laps[c] or field.begin[c, low] > t or field.at_line[c, low] < t:
        return -1
    return low if field.follows[c, low] == 1.0 else -1


@part
def _phase(c: int, j: int, t: float, s: float, e: float, field: ReplayField) -> float:
    """Where a car is on its lap ``j`` at ``t``, around a slow stretch from ``s`` to ``e``."""
    begin, end, green = field.begin[c, j], field.at_line[c, j], field.green_s[c]
    x0, t0, x1, t1 = field.entered[c, j], begin, 1.0, end
    if begin < s:
        x0, t0 = min(0.98, x0 + (s - begin) / green), s
    if end > e:
        x1, t1 = max(x0, 1.0 - (end - e) / green), e
    if t >= t1:
        return float(x1 + (t - t1) / green)
    if t <= t0:
        return float(x0 - (t0 - t) / green)
    return float(x0 + (x1 - x0) * (t - t0) / (t1 - t0))


@part
def _not_before(
    is_down: bool, t: float, x: float, pace: float, s: float, e: float, field: ReplayField,
    car: ReplayCar,
) -> float:  # fmt: skip
    """The earliest end of the lap for a car at phase ``x`` at ``t`` that passes nobody.

    It goes with the nearest of its class on the road, be that waved round or held: behind the one
    ahead, or no faster than the one behind drives itself. Cars a lap down on their class may be
    waved round alone, and go with such cars only. Without its class near a car goes as the middle
    one of the next three of any class ahead does.
    """
    a0 = a1 = a2 = 9.0
    u0 = u1 = u2 = t
    ahead, held = AHEAD, t
    behind, drawn = BEHIND, t
    for c in range(field.laps.shape[0]):
        if c == car.row:
            continue
        j = _lap_at(c, t, field)
        if j < 0 or (field.down[c, j] == 1.0) != is_down:
            continue
        at = _phase(c, j, t, s, e, field)
        if at > x:
            gap, bound = at - x, field.at_line[c, j]
            if bound > e:
                bound = e + (1.0 - _phase(c, j, e, s, e, field)) * pace
            bound += HEADWAY_S
            if field.group[c] == field.group[car.row] and gap < ahead:
                ahead, held = gap, bound
            if gap < a0:
                a2, u2, a1, u1, a0, u0 = a1, u1, a0, u0, gap, bound
            elif gap < a1:
                a2, u2, a1, u1 = a1, u1, gap, bound
            elif gap < a2:
                a2, u2 = gap, bound
        gap = x - at if at <= x else x + 1.0 - at
        if field.group[c] == field.group[car.row] and gap < behind:
            bound = _as_it_drives(c, j, at, x, t, pace, s, e, field)
            if bound >= 0.0:
                behind, drawn = gap, bound
    if ahead < min(AHEAD, behind):
        return float(held)
    if behind < BEHIND:
        return float(max(held, drawn))
    return float(max(min(u0, u1), min(max(u0, u1), u2)))


@part
def _as_it_drives(
    c: int, j: int, at: float, x: float, t: float, pace: float, s: float, e: float,
    field: ReplayField,
) -> float:  # fmt: skip
    """The end of the lap at the speed of a car just behind; negative where it has none."""
    end = field.at_line[c, j]
    if at > x:
        if j + 1 >= field.laps[c] or field.follows[c, j + 1] == 0.0:
            return -1.0
        lap = field.at_line[c, j + 1] - end
        finish = t + lap * (1.0 - x)
    else:
        if at >= 0.98:
            return -1.0
        finish = t + (end - t) * (1.0 - x) / (1.0 - at)
    if finish <= e:
        return float(finish)
    if e <= t:
        return t
    return float(e + (1.0 - x) * (1.0 - (e - t) / (finish - t)) * pace)


@part
def _stretch_after(t: float, field: ReplayField) -> int:
    """The first slow stretch that is not over at ``t``."""
    return last_at_or_before(field.slow_to, t) + 1


@kernel
def lap_end(lap: int, t: float, x: float, field: ReplayField, car: ReplayCar) -> float:
    """When a car with ``lap`` laps done, at phase ``x`` at ``t``, ends its lap without a stop, s.

    At its own pace where the road is green, at that of a clear road under a neutralisation, and
    there never past a car that is ahead on the road.
    """
    pace = pace_at(t, car)
    need = (1.0 - x) * pace
    for h in range(car.halt_at.shape[0]):
        if t <= car.halt_at[h] < t + need:
            need += car.halt_s[h]
    work = driven(t, field)
    end = when_driven(work + need, field)
    is_down = lap + 1 < car.lead.shape[0] and car.lead[lap + 1] <= t
    i = _stretch_after(t, field)
    while i < field.slow_from.shape[0] and field.slow_from[i] < end:
        s, e = field.slow_from[i], field.slow_to[i]
        at = max(t, s)
        here = min(1.0, x + (driven(at, field) - work) / pace)
        end = max(end, _not_before(is_down, at, here, pace, s, e, field, car))
        i += 1
    return end


@kernel
def stretch_at(t: float, field: ReplayField) -> int:
    """The slow stretch in force at ``t``; -1 where there is none."""
    i = _stretch_after(t, field)
    if i < field.slow_from.shape[0] and field.slow_from[i] <= t:
        return i
    return -1


@kernel
def entry_before(end: float, t: float, x: float, field: ReplayField, car: ReplayCar) -> float:
    """When a car that ends its lap at ``end``, begun at ``t`` and ``x``, passes the pit entry."""
    lap = pace_at(t, car)
    if stretch_at(end, field) >= 0 and x < 1.0:
        lap = max(lap, (end - t) / (1.0 - x))
    return float(end - 0.5 * car.lane_part * lap)


@kernel
def lane_open(entry: float, field: ReplayField, car: ReplayCar) -> bool:
    """Whether a car at the pit entry may stop."""
    i = stretch_at(entry, field)
    return i < 0 or entry >= car.opens[i]


@kernel
def laps_to_go(t: float, car: ReplayCar) -> float:
    """Laps that the car expects to begin from ``t`` on, at its own pace, the last in full."""
    return float(np.ceil(max(0.0, car.length_s - t) / pace_at(t, car))) + 1.0


@kernel
def fuel_taken(entry: float, fuel: float, car: ReplayCar) -> float:
    """Laps of fuel for a full tank, or for the flag where less will do."""
    full = car.fill_s.shape[0] - 1.0
    return float(max(0.0, min(full, laps_to_go(entry + car.fill_s[0], car)) - fuel))


@kernel
def lane_s(taken: float, car: ReplayCar) -> float:
    """Time in the lane for so many laps of fuel, s."""
    return float(car.fill_s[int(np.ceil(min(max(taken, 0.0), car.fill_s.shape[0] - 1.0)))])


@kernel
def lane_exit(entry: float, taken: float, field: ReplayField, car: ReplayCar) -> float:
    """When a car that passes the pit entry then is back at speed, s."""
    out = entry + lane_s(taken, car)
    if not lane_open(entry, field, car):
        out += CLOSED_S
    return out if stretch_at(out, field) >= 0 else out + car.cold_s


@kernel
def fuel_used(t: float, end: float, x: float, field: ReplayField, car: ReplayCar) -> float:
    """Green laps of fuel used from phase ``x`` at ``t`` to the end of the lap."""
    slow = 0.0
    i = _stretch_after(t, field)
    while i < field.slow_from.shape[0] and field.slow_from[i] < end:
        slow += min(end, field.slow_to[i]) - max(t, field.slow_from[i])
        i += 1
    way = 1.0 - x
    green = way if slow <= 0.0 else min(way, (end - t - slow) / pace_at(t, car))
    return green + SLOW_USE * (way - green)
