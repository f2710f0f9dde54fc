"""What a forecast knows of each car at an instant, from crossings up to then and nothing later.

One row per car of a class, in the class's order on the track. Times in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dryline.domain.series import car_class as known_class
from dryline.model.running import Bools, CarRunning, Floats, Running

RECENT_S = 2400.0
BIN_S = 900.0
SHORT_STINT = 0.35  # of the range: shorter stints say nothing about it
USUAL_SHARE = 0.85  # of the range is run from stop to stop
USUAL_INTERVAL = 0.93  # of the range is the time from stop to stop
STOP_AGAIN_S = 300.0  # so soon after a stop another one belongs to it


@dataclass(frozen=True)
class ClassPrior:
    """What other races teach of a class: running on one fill, and a usual time in the lane."""

    range_s: float = 2700.0
    pit_lane_s: float = 70.0


@dataclass(frozen=True)
class ClassState:
    """A class at an instant; arrays have shape [C], cars in their order on the track.

    ``gap_s``: behind the class leader, whole laps at green pace included. ``fuel_s``: running
    left in the tank. ``need_s``: fuel to take on before the end. ``stops_left``: least number of
    stops. ``pace``, ``pace_long``, ``pace_best``: log ratio to the class (below 0 is faster),
    shrunk. ``crew_pace``: pace of the crew still to come against the class.
    ``away_s``: overdue at the line. ``lost``: share of the leader's laps lost. ``asked_s``: running
    that fuel is still asked for. ``stint_s``: mean running of the ``stints`` seen; ``interval_s``:
    mean time from stop to stop, ``between_s``: since the last one.
    """

    car_class: str
    cars: tuple[str, ...]
    teams: tuple[str, ...]
    drivers: tuple[tuple[str, ...], ...]
    at_s: float
    left_s: float
    lap_s: float
    range_s: float
    pit_lane_s: float
    neutralised_now: bool
    asked_s: float
    stint_s: float
    stints: int
    interval_s: float
    laps: Floats
    last_s: Floats
    gap_s: Floats
    away_s: Floats
    in_pit: Bools
    since_stop_s: Floats
    between_s: Floats
    fuel_s: Floats
    need_s: Floats
    stops_done: Floats
    stops_left: Floats
    pace: Floats
    pace_long: Floats
    pace_best: Floats
    driver_pace: Floats
    crew_pace: Floats
    clean_laps: Floats
    place_mean: Floats
    place_best: Floats
    place_start: Floats
    lost: Floats
    long_stop_s: Floats
    slow_laps: Floats

    @property
    def size(self) -> int:
        """Cars in the class."""
        return len(self.cars)


def class_states(
    running: Running, length_s: float, priors: Mapping[str, ClassPrior] | None = None
) -> list[ClassState]:
    """The state of every class at ``running.at_s`` of a race of ``length_s`` seconds."""
    return [
        _class_state(name, cars, running, length_s, _believed(name, priors or {}))
        for name, cars in running.classes().items()
    ]


def _believed(name: str, priors: Mapping[str, ClassPrior]) -> ClassPrior:
    return priors.get(name) or priors.get(known_class(name).like or "") or ClassPrior()


def _class_state(
    name: str, cars: list[CarRunning], running: Running, length_s: float, prior: ClassPrior
) -> ClassState:
    at, left = running.at_s, max(length_s - running.at_s, 1.0)
    lap = _class_lap(cars)
    range_s, pit = _range(cars, prior), _pit_lane(cars, prior)
    gap, away = _gaps(cars, at, lap, running.neutralised_now)
    fuel = np.array([_fuel_left(c, range_s) for c in cars])
    asked = left * _racing_share(running)
    need = np.clip(asked - fuel, 0.0, None)
    stints = _whole_stints(cars, range_s)
    pace = _paces(cars, at)
    place = _places(cars, at)
    lead = max((c.laps for c in cars), default=0)
    return ClassState(
        car_class=name,
        cars=tuple(c.car_number for c in cars),
        teams=tuple(c.team for c in cars),
        drivers=tuple(c.driver_names for c in cars),
        at_s=at, left_s=left, lap_s=lap, range_s=range_s, pit_lane_s=pit,
        neutralised_now=running.neutralised_now,
        asked_s=asked,
        stint_s=float(stints.mean()) if stints.size else USUAL_SHARE * prior.range_s,
        stints=stints.size,
        interval_s=_interval(cars, prior),
        laps=np.array([c.laps for c in cars], dtype=float),
        last_s=np.array([c.last_s for c in cars]),
        gap_s=gap, away_s=away,
        in_pit=np.array([bool(c.stop[-1]) if c.laps else True for c in cars]),
        since_stop_s=np.array([_since_stop(c) for c in cars]),
        between_s=at - np.array([_stop_times(c)[-1] for c in cars]),
        fuel_s=fuel, need_s=need,
        stops_done=np.array([float(_stops(c)) for c in cars]),
        stops_left=np.ceil(need / range_s - 0.03),
        pace=pace["recent"], pace_long=pace["long"], pace_best=pace["best"],
        driver_pace=pace["driver"], crew_pace=pace["crew"],
        clean_laps=np.array([float(c.clean.sum()) for c in cars]),
        place_mean=place[0], place_best=place[1], place_start=place[2],
        lost=np.array([(lead - c.laps) / max(lead, 1) for c in cars]),
        long_stop_s=np.array([_long_stop(c, pit) for c in cars]),
        slow_laps=np.array([_slow_share(c) for c in cars]),
    )  # fmt: skip


def _class_lap(cars: list[CarRunning]) -> float:
    usual = np.array([c.usual_s for c in cars if c.laps > 2])
    if not usual.size:
        usual = np.array([c.usual_s for c in cars if c.laps])
    return float(np.median(usual)) if usual.size else 100.0


def _stops(car: CarRunning) -> int:
    return int((car.stop | (np.isfinite(car.pit_lane_s) & ~np.roll(car.stop, 1))).sum())


def _last_stop(car: CarRunning) -> int:
    """Index of the first lap run since the last stop."""
    marks = np.flatnonzero(car.out)
    return int(marks[-1]) if marks.size else 0


def _since_stop(car: CarRunning) -> float:
    if not car.laps or car.stop[-1]:
        return 0.0
    return float(car.fuel_s[_last_stop(car) :].sum())


def _fuel_left(car: CarRunning, range_s: float) -> float:
    return float(np.clip(range_s - _since_stop(car), 0.0, range_s))


def stint_fuels(car: CarRunning) -> Floats:
    """Green-equivalent running of each finished stint, in seconds."""
    ends = np.flatnonzero(car.stop)
    edges = np.concatenate([[0], ends + 1])
    fuel = np.concatenate([[0.0], np.cumsum(car.fuel_s)])
    return np.asarray(np.diff(fuel[edges]), dtype=float)


def _stop_times(car: CarRunning) -> Floats:
    """Race times of the start and of the crossings that end in the pits."""
    return np.concatenate([[0.0], car.elapsed_s[car.stop]])


def _whole_stints(cars: list[CarRunning], range_s: float) -> Floats:
    stints = np.concatenate([stint_fuels(c) for c in cars] or [np.zeros(0)])
    return np.asarray(stints[stints > SHORT_STINT * range_s], dtype=float)


def _interval(cars: list[CarRunning], prior: ClassPrior) -> float:
    """Mean time from stop to stop of the class, weighed with the prior as two stops a car."""
    seen = np.concatenate([np.diff(_stop_times(c)) for c in cars] or [np.zeros(0)])
    seen = seen[seen > STOP_AGAIN_S]
    weight = 2.0 * max(len(cars), 1)
    believed = weight * USUAL_INTERVAL * prior.range_s
    return float((seen.sum() + believed) / (seen.size + weight))


def _range(cars: list[CarRunning], prior: ClassPrior) -> float:
    """Longest usual stint of the class so far, weighed with the prior by how many were seen."""
    stints = np.concatenate([stint_fuels(c) for c in cars] or [np.zeros(0)])
    stints = stints[(stints > SHORT_STINT * prior.range_s) & (stints < 1.6 * prior.range_s)]
    going = max((_since_stop(c) for c in cars), default=0.0)
    if stints.size:
        seen = float(np.quantile(stints, 0.9))
        weight = stints.size / (stints.size + 3.0 * max(len(cars), 1) / 2)
        best = max(weight * seen + (1 - weight) * prior.range_s, seen * 0.97)
    else:
        best = prior.range_s
    return max(best, min(going, 1.3 * prior.range_s) * 0.97)


def _pit_lane(cars: list[CarRunning], prior: ClassPrior) -> float:
    lane = np.concatenate([c.pit_lane_s for c in cars] or [np.zeros(0)])
    lane = lane[np.isfinite(lane) & (lane > 20) & (lane < 200)]
    return float((lane.sum() + 5 * prior.pit_lane_s) / (lane.size + 5))


def _long_stop(car: CarRunning, pit_lane_s: float) -> float:
    lane = car.pit_lane_s[np.isfinite(car.pit_lane_s)]
    return float(np.clip(lane - 1.7 * pit_lane_s, 0.0, None).sum()) if lane.size else 0.0


def _slow_share(car: CarRunning) -> float:
    """Share of raced laps lost to spins, damage or slow running."""
    raced = ~(car.stop | car.out | car.slow)
    raced[:1] = False
    return float(np.mean(car.lap_s[raced] > 1.06 * car.usual_s)) if raced.any() else 0.0


def _racing_share(running: Running) -> float:
    """Fuel burnt per second of race to come, neutralised minutes being half price."""
    slow = [float(c.lap_s[c.slow].sum()) for c in running.cars if c.laps]
    total = [c.last_s for c in running.cars if c.laps]
    seen = float(np.sum(slow)) / max(float(np.sum(total)), 1.0)
    hours = running.at_s / 3600.0
    share = (seen * hours + 0.15 * 1.5) / (hours + 1.5)
    return 1.0 - 0.65 * min(share, 0.5)


def _gaps(
    cars: list[CarRunning], at_s: float, lap_s: float, neutralised: bool
) -> tuple[Floats, Floats]:
    """Gap to the class leader, whole laps down at green pace, and how overdue each car is."""
    leader = cars[0] if cars else None
    gaps, away = [], []
    for car in cars:
        if leader is None or not leader.laps:
            gaps.append(0.0)
            away.append(0.0)
            continue
        late = _overdue(car, at_s, lap_s, neutralised)
        gaps.append(_gap(car, leader, lap_s) + late)
        away.append(late)
    gap = np.array(gaps, dtype=float)
    return gap - (gap[0] if gap.size else 0.0), np.array(away, dtype=float)


def _gap(car: CarRunning, leader: CarRunning, lap_s: float) -> float:
    if not car.laps:
        return leader.laps * lap_s
    done = int(np.searchsorted(leader.elapsed_s, car.last_s, side="right"))
    down = max(done - car.laps, 0)
    if done == 0 or down == 0:
        at_same = leader.elapsed_s[min(car.laps, leader.laps) - 1]
        return max(car.last_s - float(at_same), 0.0)
    return down * lap_s + min(car.last_s - float(leader.elapsed_s[done - 1]), 1.0 * lap_s)


def _overdue(car: CarRunning, at_s: float, lap_s: float, neutralised: bool) -> float:
    expected = (2.6 if neutralised else 1.15) * (car.usual_s if car.laps else lap_s)
    if car.laps and car.stop[-1]:
        expected += 80.0
    late = at_s - car.last_s - expected
    return float(late) if late > 0.25 * lap_s else 0.0


def _paces(cars: list[CarRunning], at_s: float) -> dict[str, Floats]:
    """Log lap-time ratios to the class in the same quarter of an hour, shrunk towards zero."""
    if not cars:
        return {k: np.zeros(0) for k in ("recent", "long", "best", "driver", "crew")}
    ratios = clean_ratios(cars)
    out: dict[str, list[float]] = {k: [] for k in ("recent", "long", "best", "driver", "crew")}
    for car, (when, driver, ratio) in zip(cars, ratios, strict=True):
        long = _shrunk(ratio, 12.0)
        recent = ratio[when > at_s - RECENT_S]
        now = driver == (car.driver[-1] if car.laps else -1)
        others = [ratio[driver == d] for d in range(len(car.driver_names))]
        out["long"].append(long)
        out["recent"].append(_shrunk(recent, 8.0, towards=long))
        out["best"].append(_best(ratio, long))
        out["driver"].append(_shrunk(ratio[now], 8.0, towards=long))
        out["crew"].append(float(np.mean([_shrunk(o, 8.0, towards=long) for o in others] or [0.0])))
    return {k: np.array(v, dtype=float) for k, v in out.items()}


def clean_ratios(cars: list[CarRunning]) -> list[tuple[Floats, NDArray[np.int64], Floats]]:
    """Per car: when, by whom, and how fast relative to the class each clean lap was."""
    when = [c.elapsed_s[c.clean] for c in cars]
    log_lap = [np.log(c.lap_s[c.clean]) for c in cars]
    bins = [np.floor(w / BIN_S).astype(int) for w in when]
    last = max((int(b.max()) for b in bins if b.size), default=0)
    level = np.full(last + 1, np.nan)
    everything, where = np.concatenate(log_lap), np.concatenate(bins)
    for b in range(last + 1):
        inside = everything[where == b]
        level[b] = np.median(inside) if inside.size else np.nan
    return [
        (w, c.driver[c.clean], y - level[b])
        for c, w, y, b in zip(cars, when, log_lap, bins, strict=True)
    ]


def _shrunk(values: Floats, weight: float, towards: float = 0.0) -> float:
    if not values.size:
        return towards
    middle = float(np.median(values))
    return (values.size * middle + weight * towards) / (values.size + weight)


def _best(values: Floats, fallback: float) -> float:
    if values.size < 5:
        return fallback
    weight = values.size / (values.size + 12.0)
    return weight * float(np.quantile(values, 0.2)) + (1 - weight) * fallback


def _places(cars: list[CarRunning], at_s: float) -> tuple[Floats, Floats, Floats]:
    """Mean place in class over the last half of the race so far, best place, place on lap 2."""
    times = np.linspace(0.5 * at_s, at_s, 13)[1:]
    ranks = np.array([_ranks_at(cars, t) for t in times])
    early = _ranks_at(cars, min(at_s, 240.0))
    if not len(cars):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    return ranks.mean(axis=0), ranks.min(axis=0), early


def _ranks_at(cars: list[CarRunning], t: float) -> Floats:
    done = [int(np.searchsorted(c.elapsed_s, t, side="right")) for c in cars]
    key = [(-d, c.elapsed_s[d - 1] if d else np.inf) for d, c in zip(done, cars, strict=True)]
    rank = np.empty(len(cars))
    rank[sorted(range(len(cars)), key=lambda i: key[i])] = np.arange(len(cars))
    return rank
