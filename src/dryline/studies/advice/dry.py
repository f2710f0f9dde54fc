"""Dry stops: the advised lap against the best in hindsight and against the end of the range.

Cars of one class that are alike and began their stints together stop on different laps. What each
gained on the others is read from where they were afterwards, corrected for time in the lane, dry
pace and the stops still owed; so no simulator judges itself.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dryline.domain.instant import Instant
from dryline.engine.championship import known_book
from dryline.model.race_priors import Priors
from dryline.race.race import Race
from dryline.strategy.candidates import candidates
from dryline.strategy.cards import lane_now
from dryline.strategy.evaluate import rank
from dryline.strategy.utility import Utility
from dryline.studies.advice.field import Field, field_at
from dryline.studies.advice.hindsight import Hindsight
from dryline.studies.matched_cars import alike, gained
from dryline.studies.stops_owed import StopPrice, owed_s, stop_prices

Row = dict[str, Any]
Floats = NDArray[np.float64]
TOGETHER_LAPS = 2.0
"""Stints began together where their first laps began within so many laps."""
SPREAD_LAPS = 8
SETTLED_LAPS = 3
"""Laps after the last of the stops over which they are compared."""
FEWEST_CARS, FEWEST_LAPS = 4, 2
"""A group says something from so many cars on, which stop on so many different laps."""
MOST_EVENTS = 4
MISHAP_S = 60.0
NEAR = 1.5
"""A stop stands for the end of the range within so many laps of it."""
SHUFFLES = 200
REPLICATES = 256


@dataclass(frozen=True)
class StintEnd:
    """A routine stop: who, its in-lap, when that ended, and the in-lap of the stop before."""

    car: str
    lap: int
    in_ms: float
    before_ms: float


@dataclass(frozen=True)
class Group:
    """Alike cars on one stint; ``anchor`` is the one that asks."""

    car_class: str
    anchor: StintEnd
    others: tuple[StintEnd, ...]


def dry_rows(
    name: str, race: Race, length_ms: int, priors: Priors, seed: int, replicates: int = REPLICATES
) -> list[Row]:
    """A row per group of alike cars: the call, what each lap was worth, the regret."""
    seen = Hindsight.of(race)
    prices = stop_prices(race.laps, race.stops, race.stints)
    out = []
    for car_class, price in sorted(prices.items()):
        for group in _spread(_groups(seen, car_class)):
            row = _row(name, seen, group, price, length_ms, priors, seed, replicates)
            if row is not None:
                out.append(row)
    return out


def _stops(race: Race, car_class: str) -> list[StintEnd]:
    """Routine stops of a class that were not the car's first lap out, by time."""
    rows = race.stops.sort("car_number", "in_ms")
    out, last = [], dict[str, float]()
    columns = ("car_number", "car_class", "lap", "in_ms", "pit_lane_ms", "exception")
    for car, of, lap, in_ms, lane, exception in rows.select(columns).iter_rows():
        before, last[car] = last.get(car, 0.0), float(in_ms)
        routine = exception is None and lane is not None and 20_000 <= lane <= 200_000
        if of == car_class and routine:
            out.append(StintEnd(car, lap, float(in_ms), before))
    return sorted(out, key=lambda stop: (stop.in_ms, stop.car))


def _groups(seen: Hindsight, car_class: str) -> list[Group]:
    """Every stop that is the first of a group of alike cars, none in two groups."""
    stops = _stops(seen.race, car_class)
    usual = seen.usual.get(car_class)
    out, used = [], set[tuple[str, int]]()
    for one in stops if usual is not None else []:
        if (one.car, one.lap) in used:
            continue
        lap_ms = usual.at(one.in_ms) if usual is not None else math.inf
        near = [each for each in stops if _together(seen, one, each, lap_ms)]
        if len(near) + 1 < FEWEST_CARS:
            continue
        offsets = {round((each.in_ms - one.in_ms) / lap_ms) for each in near} | {0}
        if len(offsets) >= FEWEST_LAPS:
            out.append(Group(car_class, one, tuple(near)))
            used |= {(each.car, each.lap) for each in (one, *near)}
    return out


def _together(seen: Hindsight, one: StintEnd, other: StintEnd, lap_ms: float) -> bool:
    if other.car == one.car or not 0 <= other.in_ms - one.in_ms <= SPREAD_LAPS * lap_ms:
        return False
    if abs(other.before_ms - one.before_ms) > TOGETHER_LAPS * lap_ms:
        return False
    begin = one.in_ms - lap_ms
    return math.isfinite(alike(seen.paces, seen.runs, (one.car, other.car), begin))


def _spread(groups: Sequence[Group]) -> list[Group]:
    """So many of them, evenly over the race."""
    if len(groups) <= MOST_EVENTS:
        return list(groups)
    at = np.linspace(0, len(groups) - 1, MOST_EVENTS).round().astype(int)
    return [groups[i] for i in at]


def _row(
    name: str,
    seen: Hindsight,
    group: Group,
    price: StopPrice,
    length_ms: int,
    priors: Priors,
    seed: int,
    replicates: int,
) -> Row | None:
    one = group.anchor
    at = seen.runs[one.car].ended(one.lap - 1)
    if not math.isfinite(at) or at >= length_ms or seen.slowed(at, at + 1.0):
        return None
    laps, gains, spoilt = _worth(seen, group, price, at, length_ms)
    if len(gains) < FEWEST_CARS - 1 or len(set(laps.tolist())) < FEWEST_LAPS:
        return None
    field = field_at(seen.race, Instant(int(at)), length_ms, priors)
    said = _advised(field, one.car, group.car_class, seed, replicates)
    if said is None:
        return None
    return {
        "part": "dry", "race": name, "car_class": group.car_class, "car_number": one.car,
        "lap": one.lap, "at_ms": int(at), "cars": len(gains),
        "neutralised": spoilt, "offsets": laps.tolist(),
        "gains_s": [round(float(g), 2) for g in gains],
        **said, **regret(laps, gains, said, seed),
    }  # fmt: skip


def _worth(
    seen: Hindsight, group: Group, price: StopPrice, at: float, length_ms: int
) -> tuple[NDArray[np.int64], Floats, bool]:
    """Laps after the first stop and what each car gained on the first stopper, in seconds."""
    one, usual = group.anchor, seen.usual[group.car_class]
    lap_ms = usual.at(at)
    last = max(each.in_ms for each in group.others)
    end = seen.green_after(last + (1 + SETTLED_LAPS) * lap_ms)
    end = end + 2.0 * lap_ms if seen.halted(at, end) else end
    mine = seen.runs[one.car]
    laps, gains = [0], [0.0]
    for other in group.others:
        theirs = seen.runs[other.car]
        slower = alike(seen.paces, seen.runs, (other.car, one.car), at)
        gain = gained(theirs, mine, at, end, slower)
        again = any(len(run.stopped_between(at, end)) != 1 for run in (mine, theirs))
        if gain is None or again or abs(gain.seconds) > MISHAP_S:
            continue
        owed = owed_s(mine, price, end, length_ms, lap_ms) - owed_s(
            theirs, price, end, length_ms, lap_ms
        )
        laps.append(round((other.in_ms - one.in_ms) / lap_ms))
        gains.append(gain.seconds + owed)
    return np.array(laps), np.array(gains), seen.slowed(at, end)


def _advised(field: Field, car: str, car_class: str, seed: int, replicates: int) -> Row | None:
    """The call, as laps after the one under way, and where the range ends."""
    if car not in field.fit.cars or not field.running(car):
        return None
    known = field.known
    lane = lane_now(field.moment, known_book(known), car_class, known.neutralisations)
    now = field.situation(car, lane.may_stop)
    if not lane.may_stop or now.reaches_flag:
        return None
    found = rank(
        field.futures(car, seed=seed), candidates(now), Utility(), replicates=replicates, seed=seed,
        threads=1, out_of_time=lambda: False, tell=lambda _: None,
    )  # fmt: skip
    ends = max(0, int(now.fuel_laps) - 1)
    call, second = found.call, found.runner_up
    margin = None if second is None else found.margin(call, second)
    return {
        "call": call.key,
        "advised": ends if call.laps_ahead is None else call.laps_ahead,
        "range_end": ends,
        "saves": call.action == "save",
        "margin": None if margin is None else margin.value,
        "se": None if margin is None else margin.se,
    }


def regret(laps: NDArray[np.int64], gains: Floats, said: Row, seed: int) -> Row:
    """Regret against the best lap, against the end of the range, and what chance alone gives.

    The best of several noisy laps is better than it should be: ``chance_s`` is the regret that the
    same call has when the gains are dealt to the laps at random.
    """
    advised, ends = _stand_in(laps, said["advised"]), _stand_in(laps, said["range_end"])
    out: Row = {"realised_at": advised, "range_end_at": ends}
    if advised is None or said["saves"]:
        return out | {"regret_s": None, "chance_s": None, "over_range_end_s": None}
    worth = {int(k): float(gains[laps == k].mean()) for k in np.unique(laps)}
    rng = np.random.default_rng(seed)
    chance = []
    for _ in range(SHUFFLES):
        dealt = rng.permutation(gains)
        best = max(float(dealt[laps == k].mean()) for k in worth)
        chance.append(best - float(dealt[laps == advised].mean()))
    return out | {
        "best_at": max(worth, key=lambda k: worth[k]),
        "regret_s": max(worth.values()) - worth[advised],
        "chance_s": float(np.mean(chance)),
        "over_range_end_s": None if ends is None else worth[advised] - worth[ends],
        "range_end_regret_s": None if ends is None else max(worth.values()) - worth[ends],
    }


def _stand_in(laps: NDArray[np.int64], wanted: int) -> int | None:
    """The lap on which somebody stopped that is nearest to the one wanted."""
    nearest = int(laps[int(np.argmin(np.abs(laps - wanted)))])
    return nearest if abs(nearest - wanted) <= NEAR else None
