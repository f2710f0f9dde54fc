"""Where a car will be when it is back on the track: its class rank and neighbours after a stop.

The car is taken to enter the pits on the lap it is on. Its in-lap, time in the lane and out-lap
are drawn together with every class rival's next laps, and rivals may stop as well: their chance
comes from the stop hazard, their time from their own likes, and where their box lies decides on
which side of the line they lose it. *Full* ranks among all of the class, *ghost* among those who
neither stop meanwhile nor at their next line, nor stand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dryline.analysis.stops.company import company_features, stop_in_company
from dryline.analysis.stops.history import ClassStops
from dryline.analysis.stops.priors import RejoinPriors
from dryline.model.field_slowing import draw_slowing
from dryline.model.luck import normals, uniforms
from dryline.model.rejoin_field import RejoinField, RunningCar

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
HORIZON = 4
"""Laps that a rival may lack to the car's lap count and still matter for the rank."""
MOST_OVER_S = 20.0
"""Seconds that a stop may have lost besides and still be an example: more has its own cause."""
LOOSE_S = 2.5
"""Its spread besides."""


@dataclass(frozen=True)
class RankForecast:
    """``p_position`` (cars,): probability of each class place; neighbours with probabilities.

    ``ahead`` and ``behind`` are sorted by probability; the empty text stands for nobody.
    """

    p_position: Floats
    ahead: tuple[tuple[str, float], ...]
    behind: tuple[tuple[str, float], ...]

    @property
    def position(self) -> int:
        """The place to say, from 1: most probably right, exactly and within one counting alike."""
        beside = np.concatenate([[0.0], self.p_position, [0.0]])
        return int(np.argmax(2 * self.p_position + beside[:-2] + beside[2:])) + 1


@dataclass(frozen=True)
class RejoinForecast:
    """The forecast: end of the out-lap and time in the lane (p10, p50, p90 in ms), and ranks."""

    car_number: str
    out_ms: tuple[int, int, int]
    pit_lane_ms: tuple[int, int, int]
    full: RankForecast
    ghost: RankForecast


@dataclass(frozen=True)
class _Paths:
    """Rivals' draws (r, n): the wanted crossing, laps and last crossing by then.

    ``away``: it stopped meanwhile, comes in on the lap it is on then, or stands.
    """

    reached_ms: Floats
    laps: Floats
    last_ms: Floats
    away: Bools


def rejoin(
    field: RejoinField,
    car_number: str,
    at_ms: float,
    *,
    replicates: int = 1000,
    seed: int = 1,
    ghosts: Collection[str] | None = None,
) -> RejoinForecast:
    """Forecast a stop on the lap that ``car_number`` began at its last crossing.

    Args:
        field: fed with every crossing up to ``at_ms`` and none later.
        car_number: a car that has crossed the line.
        at_ms: now; not before the car's last crossing.
        replicates: draws; more draws extend the same ones.
        seed: of the random numbers.
        ghosts: the rivals known to be none of these (in hindsight, for a backtest); by
            default the ghost ranks leave out whoever stops or comes in then in a draw, or stands.
    """
    car = field.runners[car_number]
    pit_s, out_ms = _own(field, car, at_ms, replicates, seed)
    rivals = [
        runner
        for runner in field.runners.values()
        if runner.car_class == car.car_class and runner is not car
    ]
    wanted = car.laps + 2
    paths = _drive(field, car, rivals, at_ms, out_ms, seed, stops=True)
    everyone = np.ones(paths.away.shape, dtype=bool)
    full = _ranks(rivals, paths, everyone, wanted, out_ms)
    if ghosts is None:
        ghost = _ranks(rivals, paths, ~paths.away, wanted, out_ms)
    else:
        kept = [runner for runner in rivals if runner.car_number in set(ghosts)]
        clear = _drive(field, car, kept, at_ms, out_ms, seed, stops=False)
        ghost = _ranks(kept, clear, np.ones(clear.away.shape, dtype=bool), wanted, out_ms)
    return RejoinForecast(car_number, _tails(out_ms), _tails(pit_s * 1000), full, ghost)


def _own(
    field: RejoinField, car: RunningCar, at_ms: float, replicates: int, seed: int
) -> tuple[Floats, Floats]:
    """Seconds in the lane and the crossing that ends the out-lap, both (n,)."""
    priors, key = field.priors.rejoin, _key(car.car_number)
    pit, over_s = field.next_stop(car.car_number, at_ms).sample(
        uniforms(replicates, seed, key, 0, 0), normals(replicates, seed, key, 0, 1)
    )
    split = field.stops[car.car_class].split(car.car_number)
    slower = _slower(field, car, at_ms, replicates, seed)
    loose = normals(replicates, seed, key, 0, 4)
    known = np.abs(over_s) < MOST_OVER_S
    over_s = np.where(
        known, np.where(known, over_s, 0) + LOOSE_S * loose, priors.stop_noise_s * loose
    )
    tail = sum(_tail(priors, replicates, seed, key, step) for step in range(2))
    two_laps = car.pace_ms * (2 + 2 * slower + tail)
    out_ms = car.last_ms + two_laps + 1000 * (pit + split.in_s + split.out_s + over_s)
    return pit, np.maximum(out_ms, at_ms + 1)


def _drive(
    field: RejoinField,
    car: RunningCar,
    rivals: list[RunningCar],
    at_ms: float,
    out_ms: Floats,
    seed: int,
    *,
    stops: bool,
) -> _Paths:
    """Drive the rivals to the car's out-lap; without ``stops`` none comes in before ``out_ms``."""
    n, size, wanted = len(out_ms), len(rivals), car.laps + 2
    needed = np.array([wanted - runner.laps for runner in rivals])
    reached = np.where(needed > 0, np.inf, -np.inf)[:, None] * np.ones((size, n))
    laps = np.array([float(runner.laps) for runner in rivals])[:, None] * np.ones((size, n))
    last = np.array([runner.last_ms for runner in rivals])[:, None] * np.ones((size, n))
    standing = [runner.stands(at_ms) for runner in rivals]
    gone = [runner.in_pit or stands for runner, stands in zip(rivals, standing, strict=True)]
    away = np.array(gone, dtype=bool)[:, None] & np.ones((size, n), dtype=bool)
    active = [row for row in range(size) if 0 < needed[row] <= HORIZON and not standing[row]]
    hazard = rival_hazards(field, car, [rivals[row] for row in active], at_ms)
    for place, row in enumerate(active):
        drawn = _drive_one(
            field, rivals[row], int(needed[row]), hazard[place], at_ms, out_ms, seed, stops
        )
        reached[row], laps[row], last[row] = drawn[:3]
        away[row] |= drawn[3]
    return _Paths(reached, laps, last, away)


def _drive_one(
    field: RejoinField,
    runner: RunningCar,
    needed: int,
    hazard: Floats,
    at_ms: float,
    out_ms: Floats,
    seed: int,
    stops: bool,
) -> tuple[Floats, Floats, Floats, Bools]:
    """A rival's draws (n,): the wanted crossing, laps and last crossing at ``out_ms``, away."""
    priors, n = field.priors.rejoin, len(out_ms)
    key = _key(runner.car_number)
    before_s, after_s = _stop_costs(field, runner, at_ms, n, seed)
    held = 0.3 * priors.lap_noise * normals(n, seed, key, 9, 3)
    slower = _slower(field, runner, at_ms, n, seed)
    crossing = np.full(n, runner.last_ms)
    out_lap = np.full(n, runner.in_pit)
    away, since = np.zeros(n, dtype=bool), crossing
    laps, last = np.full(n, float(runner.laps)), np.full(n, runner.last_ms)
    for step in range(needed):
        lap = runner.pace_ms * (1 + slower + held + _noise(priors, n, seed, key, step))
        lap = lap + np.where(out_lap, 1000 * after_s, 0.0)
        with_stop = crossing + lap + 1000 * before_s
        comes_in = (uniforms(n, seed, key, step, 2) < hazard[step]) & ~out_lap & ~away
        if not stops:
            comes_in &= with_stop > out_ms
        since, crossing = crossing, np.where(comes_in, with_stop, crossing + lap)
        if step == 0:
            kept = _still_out(crossing, at_ms, uniforms(n, seed, key, step, 5))
            crossing, comes_in = crossing[kept], comes_in[kept]
            crossing = np.maximum(crossing, at_ms + 1)
        by_then = crossing <= out_ms
        away |= comes_in & (since <= out_ms)
        laps, last = np.where(by_then, laps + 1, laps), np.where(by_then, crossing, last)
        out_lap = comes_in
    if needed < HORIZON:
        comes_in = (uniforms(n, seed, key, needed, 2) < hazard[needed]) & ~out_lap
        away |= comes_in & (crossing <= out_ms)
    return crossing, laps, last, away


def _stop_costs(
    field: RejoinField, runner: RunningCar, at_ms: float, n: int, seed: int
) -> tuple[Floats, Floats]:
    """Seconds lost before and after the line by a rival's stop, (n,) each."""
    key = _key(runner.car_number)
    ahead = 0.0 if runner.in_pit else 1.0
    pit, _ = field.next_stop(runner.car_number, at_ms, ahead).sample(
        uniforms(n, seed, key, 9, 0), normals(n, seed, key, 9, 1)
    )
    split = field.stops.get(runner.car_class, ClassStops()).split(runner.car_number)
    return split.in_s + split.share * pit, split.out_s + (1 - split.share) * pit


def _still_out(crossing: Floats, at_ms: float, uniform: Floats) -> NDArray[np.int64]:
    """Draws that agree with not having crossed yet, drawn again to full number (n,)."""
    alive = np.flatnonzero(crossing > at_ms)
    if len(alive) < max(2, 0.01 * len(crossing)):
        return np.argsort(crossing)[-max(2, len(crossing) // 50) :][
            (uniform * max(2, len(crossing) // 50)).astype(np.int64)
        ]
    if len(alive) == len(crossing):
        return alive
    drawn = alive[(uniform * len(alive)).astype(np.int64)]
    drawn[alive] = alive
    return drawn


def _slower(field: RejoinField, runner: RunningCar, at_ms: float, n: int, seed: int) -> Floats:
    """What slows a car with the field (n,): slow zones, neutralisations, a track that changes."""
    table = field.priors.slowing_of(field.series)
    now = field.slowing.now(at_ms, runner.pace_ms)
    shared = draw_slowing(table, now, uniforms(n, seed, 0, 0, 8))
    own = field.priors.rejoin.slow_noise * normals(n, seed, _key(runner.car_number), 0, 9)
    return shared * np.maximum(1 + own, 0)


def _noise(priors: RejoinPriors, n: int, seed: int, key: int, step: int) -> Floats:
    """Relative noise of one lap (n,): normal, with a tail that only costs time."""
    return priors.lap_noise * normals(n, seed, key, step, 3) + _tail(priors, n, seed, key, step)


def _tail(priors: RejoinPriors, n: int, seed: int, key: int, step: int) -> Floats:
    hit = uniforms(n, seed, key, step, 6) < priors.tail_share
    loss = -priors.tail_scale * np.log(uniforms(n, seed, key, step, 7))
    return np.where(hit, loss, 0.0)


def rival_hazards(
    field: RejoinField, car: RunningCar, rivals: list[RunningCar], at_ms: float
) -> Floats:
    """Chance of coming in on each of the next laps, (rivals, HORIZON), ``car`` coming in now."""
    if not rivals:
        return np.zeros((0, HORIZON))
    features = company_rows(field, car, rivals, at_ms)
    chances = stop_in_company(features, field.priors.company_of(field.series))
    return chances.reshape(-1, HORIZON)


def company_rows(
    field: RejoinField, car: RunningCar, rivals: list[RunningCar], at_ms: float
) -> dict[str, Floats]:
    """Features of each rival's next laps, (rivals x HORIZON,) each, rival by rival."""
    cars = [runner.car_number for runner in rivals for _ in range(HORIZON)]
    ahead = np.tile(np.arange(1.0, HORIZON + 1), len(rivals))
    ranges = field.watch.ranges
    return company_features(
        field.watch.outlook(cars, ahead.tolist(), at_ms),
        field.priors.hazard_of(field.series),
        ahead,
        ranges.load.get(car.car_number, 0.0) + 1,
        ranges.range_of(car.car_number)[0],
        np.repeat([float(runner.team == car.team) for runner in rivals], HORIZON),
    )


def _ranks(
    rivals: list[RunningCar], paths: _Paths, counted: Bools, wanted: int, out_ms: Floats
) -> RankForecast:
    """Places and neighbours among the rivals ``counted`` (r, n) in each draw."""
    n = len(out_ms)
    ahead = (paths.reached_ms < out_ms) & counted
    behind = ~ahead & counted
    place = ahead.sum(axis=0)
    p_position = np.bincount(place, minlength=len(rivals) + 1) / n
    reached = np.where(np.isfinite(paths.reached_ms), paths.reached_ms,
                       paths.last_ms - 1e9 * (paths.laps - wanted + 1))  # fmt: skip
    near = np.where(ahead, reached, -np.inf)
    order = np.where(behind, paths.laps * 1e10 - paths.last_ms, -np.inf)
    return RankForecast(p_position, _names(rivals, near, n), _names(rivals, order, n))


def _names(rivals: list[RunningCar], key: Floats, n: int) -> tuple[tuple[str, float], ...]:
    """Who has the largest key in each draw, with probabilities; nobody where all are -inf."""
    if not rivals:
        return (("", 1.0),)
    best = np.where(np.isfinite(key.max(axis=0)), key.argmax(axis=0), len(rivals))
    counts = np.bincount(best, minlength=len(rivals) + 1)
    names = [*(runner.car_number for runner in rivals), ""]
    found = [(names[row], float(counts[row] / n)) for row in np.flatnonzero(counts)]
    return tuple(sorted(found, key=lambda item: -item[1]))


def _tails(values: Floats) -> tuple[int, int, int]:
    p10, p50, p90 = np.quantile(values, [0.1, 0.5, 0.9])
    return round(p10), round(p50), round(p90)


def _key(car_number: str) -> int:
    """A stable number of a car, from its text."""
    value = 1
    for letter in car_number:
        value = value * 131 + ord(letter)
    return value


def as_contract(forecast: RejoinForecast) -> Mapping[str, object]:
    """The forecast in the form that ``dryline rejoin --json`` prints."""

    def tails(values: tuple[int, int, int]) -> dict[str, int]:
        return dict(zip(("p10", "p50", "p90"), values, strict=True))

    def names(pairs: tuple[tuple[str, float], ...]) -> list[dict[str, object]]:
        return [{"car_number": car, "p": p} for car, p in pairs if car]

    return {
        "car_number": forecast.car_number,
        "out_ms": tails(forecast.out_ms),
        "pit_lane_ms": tails(forecast.pit_lane_ms),
        "full": {"p_position_in_class": forecast.full.p_position.tolist()},
        "ghost": {
            "p_position_in_class": forecast.ghost.p_position.tolist(),
            "ahead": names(forecast.ghost.ahead),
            "behind": names(forecast.ghost.behind),
        },
    }
