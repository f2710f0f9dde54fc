"""What if: the rest of the race with one thing changed, against the race without it.

Both are driven to the flag by the simulator on the same futures and the same random numbers, so a
difference is the change's own; its standard error counts futures. Everything is simulated.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Annotated

import msgspec
import numpy as np
from numpy.typing import NDArray

from dryline.domain.errors import BadOption, NotKnown
from dryline.domain.fields import CarClass, CarNumber
from dryline.domain.meaning import means
from dryline.kernels import race_columns as col
from dryline.sim.outcomes import Outcomes
from dryline.sim.params import FieldPlans, PlannedStop
from dryline.sim.simulate import simulate
from dryline.strategy.candidates import Candidate, candidates
from dryline.strategy.cards import KIND, begun, lane_now, with_lane, with_period
from dryline.strategy.changes import Change, Compare, Neutralised, RainFalls, RivalStop
from dryline.strategy.evaluate import mean_se
from dryline.strategy.futures import WET_BLOCK, Future, Futures
from dryline.strategy.setting import OwnCar, Setting, futures_of

Floats = NDArray[np.float64]
TOP = 6
"""So many cars of our class are told of, by their chance of winning it without the change."""
AHEAD_LAPS = 100
LONGEST_MIN = 240.0
DIGITS = 4


class Changed(msgspec.Struct, frozen=True, kw_only=True, rename={"with_it": "with"}):
    """A quantity without and with the change, on the same luck."""

    without: Annotated[float, means("without the change")]
    with_it: Annotated[float, means("with it")]
    change: Annotated[float, means("the difference, paired future by future")]
    se: Annotated[float, means("its standard error: what more futures would change")]


class CarChange(msgspec.Struct, frozen=True, kw_only=True):
    """What the change does to a car; its gap is taken at equal distance."""

    car_number: CarNumber
    car_class: CarClass
    p_win_class: Annotated[Changed, means("probability of winning its class")]
    place: Annotated[Changed, means("place in class")]
    gap_s: Annotated[
        Changed, means("to the best rival of its class at the flag; negative is ahead", "s")
    ]


@dataclass(frozen=True)
class Found:
    """Our car first, then whom the change is about, then the top of our class."""

    at_ms: int
    replicates: int
    seed: int
    cars: tuple[CarChange, ...]
    note: str = ""


@dataclass(frozen=True)
class _World:
    """One of the two races: its futures by block, everybody's plans, what our car does."""

    future: Callable[[int], Future]
    plans: FieldPlans
    own: Candidate | None = None


@dataclass(frozen=True)
class _Asked:
    """Who asks, and of which race."""

    setting: Setting
    mine: OwnCar
    futures: Futures


def what_if(
    setting: Setting,
    mine: OwnCar,
    question: Change,
    *,
    replicates: int,
    seed: int,
    threads: int = 1,
) -> Found:
    """What a change does to our car and to the others of its class.

    Raises:
        BadOption: where the question makes no sense now.
        NotKnown: where the race is neutralised already and another neutralisation is asked for.
    """
    futures = futures_of(setting, mine, seed)
    asked = _Asked(setting, mine, futures)
    base = _World(futures.block, futures.plans or FieldPlans.none(futures.params.cars))
    also: tuple[int, ...] = ()
    block, note = futures.replicates, ""
    match question:
        case RivalStop():
            rival = _rival(asked, question)
            stop = (PlannedStop(question.lap),)
            other = replace(base, plans=base.plans.with_car(rival, stop, question.lap))
            also = (rival,)
        case Neutralised():
            other, note = _neutralised(asked, question.neutralisation, base)
        case RainFalls():
            block = WET_BLOCK
            other = _rained(asked, question, base)
        case Compare():
            base, other = _compared(asked, question, base)
    count = -(-replicates // block)
    without, with_it = (_run(world, futures, count, block, threads) for world in (base, other))
    cluster = block if futures.wet or isinstance(question, RainFalls) else 1
    cars = _told(futures, without, with_it, also, cluster)
    return Found(setting.at.ms, count * block, seed, cars, note)


def _rival(asked: _Asked, question: RivalStop) -> int:
    cars = asked.futures.cars
    if question.car_number not in cars:
        raise BadOption(f"no car {question.car_number[:12]!r}", remedy=f"Cars: {', '.join(cars)}.")
    rival = cars.index(question.car_number)
    lap = int(asked.futures.state.cars[rival, col.STATE_LAPS]) + 1
    if not lap <= question.lap <= lap + AHEAD_LAPS:
        raise BadOption(
            f"car {question.car_number} is on lap {lap}",
            remedy=f"Name a lap from {lap} to {lap + AHEAD_LAPS}.",
        )
    return rival


def _neutralised(asked: _Asked, kind: str, base: _World) -> tuple[_World, str]:
    """A neutralisation that begins now, with every class's pit lane as the rule book has it."""
    futures, setting = asked.futures, asked.setting
    if setting.neutralised is not None:
        raise NotKnown("the race is neutralised already", remedy="Ask again under green.")
    frame = with_period(setting.race.neutralisations, kind, setting.at)
    at_ms = float(setting.at.ms)
    params, notes = futures.params, []
    for k, name in enumerate(futures.classes):
        lane = lane_now(setting.moment, setting.book, name, frame)
        params = with_lane(params, KIND[kind], k, at_ms, lane)
        notes.append(f"{name}: {lane.why}")
    there = replace(futures, params=params, state=begun(futures.state, kind, setting.at))
    return replace(base, future=there.block), "; ".join(notes)


def _rained(asked: _Asked, question: RainFalls, base: _World) -> _World:
    """Rain in one sector for so long; elsewhere and afterwards as in the race without it."""
    if not 0.0 < question.minutes <= LONGEST_MIN:
        raise BadOption(
            f"{question.minutes:g} minutes of rain", remedy=f"Say more than 0, to {LONGEST_MIN:g}."
        )
    futures, k = asked.futures, question.sector - 1
    if futures.track is None:
        raise NotKnown("the rain gauge has not read the track yet", remedy="Ask a little later.")
    wet = futures if futures.wet else replace(futures, rain_in=k)
    begin = int(asked.setting.at.ms / 60_000)
    until = begin + max(1, round(question.minutes))

    def future(number: int) -> Future:
        drawn = wet.block(number)
        given = drawn.params.rain.given.copy()
        if not futures.wet:
            given[:] = 0.0
        given[begin:until, k] = 1.0
        rain = replace(drawn.params.rain, given=given)
        return replace(drawn, params=replace(drawn.params, rain=rain))

    return replace(base, future=future)


def _compared(asked: _Asked, question: Compare, base: _World) -> tuple[_World, _World]:
    known = {each.key: each for each in candidates(asked.mine.now)}
    for key in (question.a, question.b):
        if key not in known:
            remedy = f"Known: {', '.join(known)}."
            raise BadOption(f"{key[:40]!r} is no candidate now", remedy=remedy)
    return replace(base, own=known[question.a]), replace(base, own=known[question.b])


def _run(world: _World, futures: Futures, count: int, block: int, threads: int) -> Outcomes:
    """So many blocks of replicates to the flag."""
    own, car = world.own, futures.car
    plans = (
        world.plans
        if own is None
        else world.plans.with_car(car, own.planned, own.allowed, reacts=True)
    )

    def run(number: int) -> Outcomes:
        future = world.future(number)
        params, state = future.params, future.state
        if own is not None:
            params, state = own.applied(params, state, car)
        return simulate(
            params, state, plans, seed=futures.seed, first=number * block, replicates=block
        )

    with ThreadPoolExecutor(max(1, threads)) as pool:
        return Outcomes.joined(list(pool.map(run, range(count))))


def _told(
    futures: Futures, without: Outcomes, with_it: Outcomes, also: tuple[int, ...], cluster: int
) -> tuple[CarChange, ...]:
    before, after = without.class_positions(), with_it.class_positions()
    mine = np.flatnonzero(without.car_class == without.car_class[futures.car])
    best = mine[np.argsort(-(before[:, mine] == 1).mean(axis=0), kind="stable")][:TOP]
    which = dict.fromkeys([futures.car, *also, *map(int, best)])
    out = []
    for car in which:
        place = before[:, car].astype(np.float64), after[:, car].astype(np.float64)
        out.append(
            CarChange(
                car_number=futures.cars[car],
                car_class=futures.classes[int(without.car_class[car])],
                p_win_class=_changed(_share(place[0] == 1.0), _share(place[1] == 1.0), cluster),
                place=_changed(*place, cluster),
                gap_s=_changed(
                    _gap_s(futures, without, car), _gap_s(futures, with_it, car), cluster
                ),
            )
        )
    return tuple(out)


def _gap_s(futures: Futures, out: Outcomes, car: int) -> Floats:
    """To the best rival of the class (R,): negative is ahead, nan where one does not finish."""
    klass = int(out.car_class[car])
    lap_ms = float(futures.params.cls[klass, col.CLASS_BASE_MS])
    seconds = (out.finish_ms - lap_ms * out.laps) / 1000.0
    seconds = np.where(out.retired > 0, np.inf, seconds)
    rivals = np.flatnonzero((out.car_class == klass) & (np.arange(len(out.car_class)) != car))
    if not len(rivals):
        return np.full(len(seconds), np.nan)
    gap = np.subtract(
        seconds[:, car], seconds[:, rivals].min(axis=1),
        where=np.isfinite(seconds[:, car]), out=np.full(len(seconds), np.nan),
    )  # fmt: skip
    return np.where(np.isfinite(gap), gap, np.nan)


def _changed(before: Floats, after: Floats, cluster: int) -> Changed:
    both = np.isfinite(before) & np.isfinite(after)
    if not both.any():
        return Changed(without=0.0, with_it=0.0, change=0.0, se=0.0)
    by = mean_se(np.where(both, after - before, np.nan), cluster)
    return Changed(
        without=round(float(before[both].mean()), DIGITS),
        with_it=round(float(after[both].mean()), DIGITS),
        change=round(by.value, DIGITS),
        se=round(by.se, DIGITS),
    )


def _share(happened: NDArray[np.bool_]) -> Floats:
    return np.asarray(happened, dtype=np.float64)
