"""A replayed car to the flag: by its crew's stops, by a rule, or as well as hindsight can.

Letters as in ``replay_road``; M laps that there is room for, K kinds of neutralisation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dryline.kernels.compiled import kernel, part
from dryline.kernels.replay_road import (
    FOREVER,
    ReplayCar,
    ReplayField,
    entry_before,
    fuel_taken,
    fuel_used,
    lane_exit,
    lane_open,
    lap_end,
    laps_to_go,
    last_at_or_before,
    pace_at,
    stretch_at,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Rule(NamedTuple):
    """Box under an open yellow from a share of the range on; else at its end."""

    kind_from: Floats  # when another kind holds, from 0
    kind: Ints  # 0 is green
    least_used: Floats  # by kind, (K,); beyond 1: never


class ReplayStart(NamedTuple):
    """Where a replay begins: laps done, the instant, the phase, laps of fuel aboard."""

    lap: int
    t: float
    x: float
    fuel: float


class Room(NamedTuple):
    """Room to search in; all of it is written to."""

    exit_s: Floats  # the earliest pit exit after each lap, (M,)
    fuel: Floats  # (M,)
    parent: Ints  # the stop before that one; -1: none, (M,)
    stops: Ints  # where the stops of a run are written, (M,)


@part
def _distance(lap: int, t: float, x: float, end: float, car: ReplayCar) -> float:
    """Laps driven when the winner takes the flag."""
    if end <= t:
        return lap + x
    return lap + x + (1.0 - x) * min(1.0, max(0.0, (car.flag_s - t) / (end - t)))


@kernel
def run_stops(
    start: ReplayStart, boxes: Ints, field: ReplayField, car: ReplayCar
) -> tuple[float, float, float]:
    """Follow the crew, which stops on the laps where ``boxes`` is 1, whatever the fuel says.

    Returns:
        Laps driven at the winner's flag; whole laps at the car's own, and that instant.
    """
    lap, t, x, fuel = start.lap, start.t, start.x, start.fuel
    while True:
        end = lap_end(lap, t, x, field, car)
        if end >= car.flag_s or lap + 1 >= boxes.shape[0]:
            return _distance(lap, t, x, end, car), lap + 1.0, end
        lap += 1
        fuel -= fuel_used(t, end, x, field, car)
        if boxes[lap] == 1:
            entry = entry_before(end, t, x, field, car)
            taken = fuel_taken(entry, fuel, car)
            fuel += taken
            t, x = lane_exit(entry, taken, field, car), 0.5 * car.lane_part
        else:
            t, x = end, 0.0


@kernel
def run_rule(
    start: ReplayStart, box_first: int, rule: Rule, field: ReplayField, car: ReplayCar, stops: Ints
) -> tuple[float, float, float]:
    """Follow a rule to the flag; ``box_first`` 1 boxes at once, 0 stays out under this yellow.

    Args:
        start: where it begins.
        box_first: 1, 0, or -1 to let the rule decide.
        rule: when to box.
        field: the others.
        car: the car.
        stops: the laps on which it stopped are written there, -1 after the last.

    Returns:
        Laps driven at the winner's flag; whole laps at the car's own, and that instant.
    """
    lap, t, x, fuel = start.lap, start.t, start.x, start.fuel
    full = car.fill_s.shape[0] - 1.0
    held = -2
    n = 0
    while True:
        end = lap_end(lap, t, x, field, car)
        if end >= car.flag_s or n + 1 >= stops.shape[0]:
            stops[n] = -1
            return _distance(lap, t, x, end, car), lap + 1.0, end
        lap += 1
        fuel -= fuel_used(t, end, x, field, car)
        entry = entry_before(end, t, x, field, car)
        is_open = lane_open(entry, field, car)
        under = stretch_at(entry, field)
        box = fuel < 1.0
        if held == -2:
            if box_first == 1:
                box = True
            held = under if box_first == 0 else -1
        if not box and is_open and under >= 0 and under != held:
            kind = rule.kind[last_at_or_before(rule.kind_from, entry)]
            used = 1.0 - fuel / full
            box = used >= rule.least_used[kind] and fuel < laps_to_go(entry, car)
        if box:
            taken = fuel_taken(entry, fuel, car)
            fuel += taken
            t, x = lane_exit(entry, taken, field, car), 0.5 * car.lane_part
            stops[n] = lap
            n += 1
        else:
            t, x = end, 0.0


@kernel
def best_stops(
    start: ReplayStart, box_first: int, field: ReplayField, car: ReplayCar, room: Room
) -> float:
    """The most laps driven at the winner's flag over all legal stops: a search in hindsight.

    Of two ways to have stopped on one lap the one that is out earlier is kept. The stops of the
    best are written to ``room.stops`` in falling order, -1 after the last.

    Args:
        start: where it begins.
        box_first: 1 boxes at the end of this lap, 0 not under this yellow, -1 leaves it open.
        field: the others.
        car: the car.
        room: room to search in.
    """
    size = room.exit_s.shape[0]
    for k in range(size):
        room.exit_s[k] = FOREVER
        room.parent[k] = -1
    best, last = -1.0, -1
    k = start.lap
    until = -1
    first = True
    while k < size:
        if first:
            t, x, fuel = start.t, start.x, start.fuel
        else:
            t, x, fuel = room.exit_s[k], 0.5 * car.lane_part, room.fuel[k]
        if t < FOREVER:
            lap = k
            while True:
                end = lap_end(lap, t, x, field, car)
                if end >= car.flag_s or lap + 1 >= size:
                    found = _distance(lap, t, x, end, car)
                    if found > best:
                        best, last = found, -1 if first else k
                    break
                lap += 1
                fuel -= fuel_used(t, end, x, field, car)
                entry = entry_before(end, t, x, field, car)
                is_open = lane_open(entry, field, car)
                must = fuel < 1.0
                may = is_open
                if first and box_first == 1:
                    may = must = True
                elif first and box_first == 0:
                    if lap == k + 1:
                        until = stretch_at(entry, field)
                    if until >= 0 and stretch_at(entry, field) == until:
                        may = False
                if may or must:
                    taken = fuel_taken(entry, fuel, car)
                    out = lane_exit(entry, taken, field, car)
                    if out < room.exit_s[lap]:
                        room.exit_s[lap] = out
                        room.fuel[lap] = fuel + taken
                        room.parent[lap] = -1 if first else k
                if must:
                    break
                t, x = end, 0.0
        first = False
        k += 1
    n = 0
    while last >= 0 and n + 1 < room.stops.shape[0]:
        room.stops[n] = last
        last = room.parent[last]
        n += 1
    room.stops[n] = -1
    return best


@kernel
def arrival(
    start: ReplayStart, laps: int, pace_s: float, piece: int, field: ReplayField, car: ReplayCar
) -> tuple[float, float, float]:
    """When a car on ``pace_s`` ends its ``laps``-th lap from here, and its pit entry before it.

    ``piece`` of the car's paces is set to ``pace_s``. The last is the fuel left by then.
    """
    car.pace_s[piece] = pace_s
    t, x, entry, fuel = start.t, start.x, start.t, start.fuel
    for i in range(laps):
        end = lap_end(start.lap + i, t, x, field, car)
        entry = entry_before(end, t, x, field, car)
        fuel -= fuel_used(t, end, x, field, car)
        t, x = end, 0.0
    return t, entry, fuel


class Ahead(NamedTuple):
    """A car at the pit entry at the end of a lap, and what either choice would make of it."""

    end: float  # the crossing if it does not stop, s
    entry: float  # s
    fuel: float  # green laps of fuel left there
    open: bool  # whether its class may stop
    under: int  # the stretch without passing; -1: a green road
    to_go: float  # laps that it expects to go from there
    taken: float  # laps of fuel that a stop would take
    out: float  # when it would be back at speed, s


@kernel
def next_entry(
    lap: int, t: float, x: float, fuel: float, field: ReplayField, car: ReplayCar
) -> Ahead:
    """The next pit entry of a car with ``lap`` laps done, at phase ``x`` at ``t``."""
    end = lap_end(lap, t, x, field, car)
    entry = entry_before(end, t, x, field, car)
    left = fuel - fuel_used(t, end, x, field, car)
    taken = fuel_taken(entry, left, car)
    return Ahead(
        end, entry, left, lane_open(entry, field, car), stretch_at(entry, field),
        laps_to_go(entry, car), taken, lane_exit(entry, taken, field, car),
    )  # fmt: skip


@kernel
def stop_price(start: ReplayStart, under: int, field: ReplayField, car: ReplayCar) -> float:
    """What boxing at the end of this lap costs by the second green crossing after a stretch, s."""
    found = 0.0
    for box in range(2):
        lap, t, x = start.lap, start.t, start.x
        first = True
        while True:
            end = lap_end(lap, t, x, field, car)
            lap += 1
            if first and box == 1:
                entry = entry_before(end, t, x, field, car)
                taken = fuel_taken(entry, start.fuel - fuel_used(t, end, x, field, car), car)
                end, x = lane_exit(entry, taken, field, car), 0.5 * car.lane_part
            else:
                x = 0.0
            first = False
            if t > field.slow_to[under] or end >= car.flag_s:
                break
            t = end
        distance = lap + x
        if box == 0:
            found -= end - distance * pace_at(end, car)
        else:
            found += end - distance * pace_at(end, car)
    return float(found)
