"""Laps at the flag: every car's laps to come drawn, and the finish rule applied to each draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.domain.series import Series
from dryline.kernels.one_thread import one_thread
from dryline.model.borrowed import believed
from dryline.model.flag.clock import GreenClock, draw_clock
from dryline.model.flag.field import FlagCar, classes_of, read_field, usual_laps
from dryline.model.flag.laps_to_come import crossings_to_come
from dryline.model.flag.leader import EASES, EASES_S, eased, spared, who_waits
from dryline.model.flag.restart import Train
from dryline.model.flag.slowing import RED, Slowing, slowing
from dryline.model.race_facts import KIND, car_logs, race_facts
from dryline.model.race_priors import Priors, shipped_priors
from dryline.race.finish_rule import flag_after
from dryline.race.moment import Moment
from dryline.race.race import Race

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Bools = NDArray[np.bool_]
AHEAD = 8
"""Crossings kept of each car from the time on: the winner needs one lap, hardly two."""
DRAWN, LEAST, MOST = 3_000_000, 200, 1000
"""Laps drawn at most in all, and the fewest and most races."""
FIELD_SD_H = 0.015
"""How the whole field's pace drifts in an hour, as a share."""
SILENT_LAPS, IN_LANE_S = 2.5, 120.0
"""A car not seen for so many laps, and longer from the pits, does not lead the race to its end."""
RECENT_S, MOMENT_S = 1200.0, 0.001


@dataclass(frozen=True)
class LapsAtFlag:
    """The laps (R, C) that each car has when it takes the flag, if it does, drawn R times.

    A car that stands or is in its garage is taken to go on now.
    """

    cars: tuple[str, ...]
    laps: Counts

    @classmethod
    def certain(cls, laps: Mapping[str, int]) -> LapsAtFlag:
        """Laps that are known, by car."""
        return cls(tuple(laps), np.array([list(laps.values())], dtype=np.int64))

    def of(self, car_number: str) -> Counts:
        """A car's laps, (R,)."""
        return np.asarray(self.laps[:, self.cars.index(car_number)])

    def quantiles(self, car_number: str) -> tuple[int, int, int]:
        """10, 50 and 90 % of a car's laps."""
        low, middle, high = np.quantile(self.of(car_number), (0.1, 0.5, 0.9), method="nearest")
        return int(low), int(middle), int(high)

    def chances(self, car_number: str) -> dict[int, float]:
        """The probability of each number of laps that was drawn, the fewest first."""
        values, counts = np.unique(self.of(car_number), return_counts=True)
        return {int(v): int(n) / len(self.laps) for v, n in zip(values, counts, strict=True)}

    def to_go(self, car_number: str, done: int) -> tuple[tuple[float, float], ...]:
        """Further laps after ``done``, at least the one under way, each with its probability."""
        chances = self.chances(car_number).items()
        return tuple((max(1.0, float(laps - done)), p) for laps, p in chances)

    def p_middle(self, car_number: str) -> float:
        """The probability of exactly the middle number of laps: how sure it is."""
        return float((self.of(car_number) == self.quantiles(car_number)[1]).mean())

    def p_more(self, car_number: str) -> float:
        """The probability of more laps than the middle of them."""
        laps = self.of(car_number)
        return float((laps > self.quantiles(car_number)[1]).mean())


@one_thread
def laps_at_flag(moment: Moment, *, seed: int = 1, priors: Priors | None = None) -> LapsAtFlag:
    """The laps at the flag of every car that has crossed the line by then.

    Every answer about one moment draws the same futures: the seed is not the question's.

    Raises:
        UnknownLength: where nobody has said how long the race is.
    """
    race, at_s, likely_s = moment.race, moment.at_ms / 1000, moment.length_ms / 1000
    logs = [log for log in car_logs(race.laps) if len(log.elapsed)]
    done = dict(race.laps.group_by("car_number").agg(pl.col("lap").max()).iter_rows())
    if moment.is_over and race.finish is not None:
        return _flagged(done, {log.number: float(log.elapsed[-1]) for log in logs}, race.finish.ms)
    series = Series.of(race.series)
    facts = race_facts(
        race.laps, race.stops, race.neutralisations, 1000 * likely_s, race.series, logs=logs
    )
    own = believed(shipped_priors() if priors is None else priors, facts.kind.priors)
    cars = read_field(logs, done, facts, series, at_s, likely_s, own["families"])
    slow = slowing(
        race.neutralisations, race.laps, facts, at_s, likely_s,
        usual_laps(cars, classes_of(logs)), own["neutral"],
        frozenset(KIND[name] for name in series.neutralisations.queueing),
    )  # fmt: skip
    length = race.info.length
    return project(
        cars,
        slow,
        green_since_crossing(cars, race, slow, at_s),
        at_s,
        by_time_s=None if length is None or length.ms is None else length.ms / 1000,
        by_laps=None if length is None else length.laps,
        likely_s=likely_s,
        series=series,
        rng=np.random.Generator(np.random.Philox(key=np.array([seed, moment.at_ms], np.uint64))),
    )


def _flagged(done: dict[str, int], last_ms: dict[str, float], finish_ms: int) -> LapsAtFlag:
    """The race is won: who has not taken the flag ends with the lap he is on."""
    return LapsAtFlag.certain(
        {number: done[number] + (last < finish_ms) for number, last in last_ms.items()}
    )


def green_since_crossing(
    cars: Sequence[FlagCar], race: Race, slow: Slowing, at_s: float
) -> list[float]:
    """Green seconds that each car has run since it crossed the line."""
    spans = []
    for name, start, end in race.neutralisations.select("kind", "start_ms", "end_ms").iter_rows():
        lasts = end is None or end > 1000 * at_s
        if name in KIND and (lasts or end > 1000 * (at_s - RECENT_S)):
            share = slow.share_now if lasts else slow.share[KIND[name]]
            spans.append((start / 1000, at_s if lasts else end / 1000, share))
    return [
        at_s
        - car.last_s
        - sum(
            max(0.0, end - max(start, car.last_s)) * (1.0 - share[car.klass])
            for start, end, share in spans
        )
        for car in cars
    ]


def project(
    cars: Sequence[FlagCar],
    slow: Slowing,
    done_s: Sequence[float],
    at_s: float,
    *,
    by_time_s: float | None,
    by_laps: int | None,
    likely_s: float,
    series: Series,
    rng: np.random.Generator,
) -> LapsAtFlag:
    """The projection of a field; time and laps end the race, the sooner counts.

    ``done_s`` are the green seconds that each car has run since it crossed; ``likely_s`` when
    the race will be over at about.
    """
    left_s = max(0.0, max(likely_s, by_time_s or 0.0) - at_s)
    fastest = min(car.lap_later_s for car in cars)
    ahead = int(1.1 * left_s / fastest) + 2 * AHEAD
    replicates = int(np.clip(DRAWN / (ahead * len(cars)), LEAST, MOST))
    running = np.array(
        [
            done < SILENT_LAPS * car.lap_later_s + IN_LANE_S * car.in_lane
            for car, done in zip(cars, done_s, strict=True)
        ]
    )
    running = running if running.any() else np.ones_like(running)
    leads = _leads(cars, running)
    train = _train(cars[leads], slow, done_s[leads], series.restart.last_lap)
    until_s = at_s + left_s + 2 * AHEAD * fastest
    clock = draw_clock(slow, at_s, until_s, replicates, rng, train)
    hours = max(left_s / 3600, 0.05)
    drift = 1.0 + FIELD_SD_H * np.sqrt(hours) * rng.standard_normal(replicates)
    over = np.full(replicates, at_s + left_s)
    eases = EASES * min(1.0, EASES_S / max(left_s, MOMENT_S))
    green = [
        crossings_to_come(
            car,
            done_s[c],
            clock.green_by(over, car.klass),
            drift + eases * (c == leads),
            ahead,
            rng,
        )
        for c, car in enumerate(cars)
    ]
    time_s = np.full(replicates, np.inf if by_time_s is None else max(by_time_s, at_s))
    ends = time_s
    if by_laps is not None:
        ends = np.minimum(time_s, _distance_run(cars, green, running, by_laps, clock))
    done, last, later = _around(cars, green, clock, ends)
    lead = np.where(running, done, -1).max(axis=1, keepdims=True)
    slower = eased(replicates, rng)[:, None] * np.array([car.lap_now_s for car in cars])
    later = later + np.where(done == lead, slower, 0.0)[:, :, None]
    led = np.where(done == lead, last, np.where(done == lead - 1, later[:, :, 0], np.inf))
    flag = who_waits(
        flag_after(done, later, running),
        done,
        later,
        np.where(running, led, np.inf),
        np.where(ends < time_s, np.inf, time_s),
        at_s,
        fastest,
        rng,
    )
    crossed = np.concatenate([last[:, :, None], later], axis=2)
    crossed = np.where((crossed < flag.at_s[:, None, None]) & (crossed > at_s), crossed, -np.inf)
    laps = spared(flag, crossed.max(axis=2), series.finish.lets_by, rng)
    return LapsAtFlag(tuple(car.number for car in cars), laps)


def _leads(cars: Sequence[FlagCar], running: Bools) -> int:
    """The index of the running car that leads."""
    order = [(runs, car.laps, -car.last_s) for car, runs in zip(cars, running, strict=True)]
    return max(range(len(cars)), key=order.__getitem__)


def _train(leader: FlagCar, slow: Slowing, done_s: float, last_lap: float) -> Train | None:
    """The leader behind the safety car that is out, ``done_s`` of green running from the line."""
    if slow.now is None or slow.now[0] == RED or slow.now[0] not in slow.queueing:
        return None
    share = float(slow.share_now[leader.klass])
    left_s = max(0.0, leader.lap_now_s - done_s)
    return Train(left_s / share, leader.lap_now_s / share, last_lap)


def _distance_run(
    cars: Sequence[FlagCar], green: Sequence[Floats], running: Bools, laps: int, clock: GreenClock
) -> Floats:
    """Just before the first car completes so many laps, s (R,); infinite beyond what was drawn."""
    first = np.full(len(clock.edges_s), np.inf)
    for car, to_come, runs in zip(cars, green, running, strict=True):
        need = max(laps - car.laps, 1)
        if runs and need <= to_come.shape[1]:
            at = clock.race_time_of(to_come[:, need - 1 : need], car.klass)[:, 0]
            first = np.minimum(first, at - MOMENT_S)
    return first


def _around(
    cars: Sequence[FlagCar], green: Sequence[Floats], clock: GreenClock, ends: Floats
) -> tuple[Counts, Floats, Floats]:
    """Laps done before ``ends`` (R, C), the last crossing before it and the next ones (R, C, W)."""
    shape = (len(ends), len(cars))
    done, last, later = np.empty(shape, np.int64), np.empty(shape), np.empty((*shape, AHEAD))
    for c, (car, to_come) in enumerate(zip(cars, green, strict=True)):
        n = (to_come < clock.green_by(ends, car.klass)[:, None]).sum(axis=1)
        at = np.clip(n[:, None] + np.arange(-1, AHEAD), 0, to_come.shape[1] - 1)
        times = clock.race_time_of(np.take_along_axis(to_come, at, axis=1), car.klass)
        done[:, c] = car.laps + n
        last[:, c] = np.where(n > 0, times[:, 0], car.last_s)
        later[:, c] = times[:, 1:]
    return done, last, later
