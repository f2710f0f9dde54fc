"""The tyres of a plan as rows: a set serves a run of stints, and wear is a cost of each run.

Each run that a set may serve is a choice of its own with its own laps, so that the cost of wear,
which bends, is held by tangents that are tight even where a choice is a fraction (Günlük &
Linderoth 2010): that is what makes long races quick to solve.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from dryline.strategy.plan_rows import Rows, Terms
from dryline.strategy.plan_setup import RaceSetup
from dryline.strategy.plan_stints import wear

TANGENTS = 36
"""About so many tangents to a bend; exact at every lap where it has no more laps."""
LONG_RUN = 2
"""Of a stock of sets, one may serve so many stints more than the others do on average."""


def step(laps: int) -> int:
    """Laps from one tangent to the next."""
    return max(1, round(laps / TANGENTS))


@dataclass(frozen=True)
class Run:
    """A set on the car from one stint to another; ``age`` laps old before, ``new`` if put on."""

    first: int
    last: int
    age: int
    new: bool


@dataclass
class _Around:
    """What meets at a stint: runs that begin, runs that end, their laps."""

    begin: Terms = field(default_factory=dict)
    new: Terms = field(default_factory=dict)
    end: Terms = field(default_factory=dict)
    laps: Terms = field(default_factory=dict)


def tyre_rows(
    rows: Rows, setup: RaceSetup, laps: Sequence[int], sets: int | None, *, elastic: bool
) -> list[Terms]:
    """Write the tyres down; ``laps`` are the variables of each stint's laps.

    Returns for each stint the sum that is 1 where it begins on new tyres.
    """
    stints = len(laps)
    around = [_Around() for _ in range(stints)]
    longest = most_laps(setup, stints, sets)
    for run in _runs(setup, stints, longest, sets):
        _run(rows, setup, run, longest, around)
    for k in range(stints):
        before = dict.fromkeys(around[k - 1].end, -1.0) if k else {}
        rows.row({**around[k].begin, **before}, 0.0 if k else 1.0, 0.0 if k else 1.0)
        if around[k].laps:
            rows.row({**around[k].laps, laps[k]: -1.0}, 0.0, 0.0)
    used = {j: 1.0 for each in around for j in each.new}
    if sets is not None:
        rows.row(used, sets, sets)
    elif setup.tyres.sets is not None:
        if elastic:
            used[rows.slack("sets")] = -1.0
        rows.row(used, high=setup.tyres.sets)
    return [each.new for each in around]


def _run(rows: Rows, setup: RaceSetup, run: Run, longest: int, around: list[_Around]) -> None:
    """One run: whether it is made, its laps stint by stint, its wear."""
    tyres = setup.tyres
    put_on = run.new and setup.stops_before(run.first)
    made = rows.add(cost=tyres.cold_s if put_on else 0.0, high=1.0, whole=True)
    around[run.first].begin[made] = 1.0
    around[run.last].end[made] = 1.0
    if run.new:
        around[run.first].new[made] = 1.0
    if not tyres.loss_s and tyres.laps is None:
        return
    shares: Terms = {}
    for k in range(run.first, run.last + 1):
        share = rows.add(high=setup.longest(k))
        rows.row({share: 1.0, made: -float(setup.longest(k))}, high=0.0)
        rows.row({share: 1.0, made: -1.0}, low=0.0)
        around[k].laps[share] = shares[share] = 1.0
    most = sum(setup.longest(k) for k in range(run.first, run.last + 1))
    limit = longest if run.new else max(1, (tyres.laps or most + run.age) - run.age)
    if most > limit:
        most = limit
        rows.row({**shares, made: -float(most)}, high=0.0)
    if tyres.loss_s:
        cost = rows.add(cost=tyres.loss_s)
        for at in range(0, most + 1, step(most)):
            slope = {share: -(at + float(run.age)) for share in shares}
            rows.row({cost: 1.0, **slope, made: at * at - wear(at)}, low=0.0)


def _runs(setup: RaceSetup, stints: int, longest: int, sets: int | None) -> list[Run]:
    """Every run that a set may serve; a stock of sets bounds how uneven they are."""
    stock = setup.tyres.sets if sets is None else sets
    most = stints if stock is None or stock < 1 else math.ceil(stints / stock) + LONG_RUN
    spare = setup.fuel.laps + setup.fuel.save_laps
    if stock is None and longest < spare * stints:
        most = min(most, longest // max(1, spare) + 2)
    kept = None if setup.so_far is None else setup.so_far.tyre_age
    out = []
    for first in range(stints):
        for last in range(first, min(stints, first + most)):
            if first or setup.stops_before(0) or kept is None:
                out.append(Run(first, last, 0, new=True))
            if first == 0 and kept is not None:
                out.append(Run(first, last, kept, new=False))
    return out


def most_laps(setup: RaceSetup, stints: int, sets: int | None) -> int:
    """Laps beyond which a set is never worth keeping, or may not run.

    Where sets are not limited, a run of l1 + l2 laps is split as soon as the wear that this saves,
    ``loss_s`` x l1 x l2, is more than a change costs; its parts differ by a tank at most.
    """
    tyres, tank = setup.tyres, setup.fuel.laps + setup.fuel.save_laps
    most = tank * stints if tyres.laps is None else tyres.laps
    if sets is None and tyres.sets is None and tyres.loss_s > 0.0:
        change = setup.pit.tyres_s + tyres.cold_s
        most = min(most, math.ceil(math.sqrt(4.0 * change / tyres.loss_s + tank**2)))
    return most
