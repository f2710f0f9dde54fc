"""What one race up to an instant says about stints, stops, trouble and neutralisations.

Counts and sums only, per class and per race, so that races can be pooled and left out cheaply.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.domain.series import RaceKind, Series
from dryline.domain.series import car_class as known_class
from dryline.model.race_measures import FEWEST_LAPS, MAD_TO_SD
from dryline.model.rain_facts import RainFacts

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

KIND = {"fcy": 1, "code_60": 1, "vsc": 2, "safety_car": 3, "red": 4}
YELLOW_FUEL = 0.5
"""Fuel of a neutralised lap, of a green one's: half, as stints under long yellows show."""
EARLY_RACE = 0.25
"""The part of a race whose lap noise is compared with that of the rest."""
LANE_IS_OPEN = 2
"""Cars of a class that came in under a neutralisation show that its lane was open."""
DRIVE_THROUGH, EARLY = 0.65, 0.6
"""A stop of less than so much of a full one's loss, so early in a stint, is a drive-through."""
OVERDUE_EDGES = (1.6, 2.5, 4.0, 8.0, 16.0, 40.0)
"""Edges of how long a car has been silent, in its own laps."""


def family(car_class: str) -> str:
    """Which of the five kinds of class this is; a class never seen counts as gt_am."""
    return known_class(car_class).family


@dataclass(frozen=True)
class CarLog:
    """One car's laps up to the cut; arrays (L,), times in ms."""

    number: str
    car_class: str
    elapsed: Floats
    lap: Floats
    green: Bools
    in_lap: Bools
    out_lap: Bools
    neutral: Floats  # share of each lap that was neutralised
    stint: NDArray[np.int64]
    driver: tuple[str, ...]
    base_ms: float  # its usual green lap

    @property
    def fuel(self) -> Floats:
        """Green-equivalent laps of fuel per lap."""
        return 1.0 - (1.0 - YELLOW_FUEL) * self.neutral

    def stints(self) -> Iterator[tuple[int, int, float]]:
        """Each stint as first and last index and its fuel."""
        if not len(self.stint):
            return
        edges = np.flatnonzero(np.diff(self.stint)) + 1
        fuel = self.fuel
        for a, b in zip(np.r_[0, edges], np.r_[edges, len(self.stint)], strict=True):
            yield int(a), int(b) - 1, float(fuel[a:b].sum())


def car_logs(laps: pl.DataFrame) -> list[CarLog]:
    """Every car's log, in order of car number."""
    usual = laps.filter("is_green").group_by("car_class").agg(pl.col("lap_time_ms").quantile(0.4))
    of_class: dict[str, float] = dict(usual.iter_rows())
    out = []
    wanted = [
        "elapsed_ms", "lap_time_ms", "is_green", "in_lap", "out_lap", "neutralised_ms", "stint",
        "driver",
    ]  # fmt: skip
    for key, rows in laps.sort("car_number", "lap").group_by("car_number", maintain_order=True):
        klass = str(rows["car_class"][0])
        columns = {name: rows[name] for name in wanted}
        lap = columns["lap_time_ms"].cast(pl.Float64).fill_null(0.0).to_numpy()
        green = columns["is_green"].fill_null(value=False).to_numpy()
        own = float(np.median(lap[green])) if green.sum() >= 3 else None
        base = own or of_class.get(klass) or (float(np.median(lap)) if len(lap) else 1.0e5)
        share = columns["neutralised_ms"].cast(pl.Float64).fill_null(0.0).to_numpy()
        out.append(
            CarLog(
                number=str(key[0]),
                car_class=klass,
                elapsed=columns["elapsed_ms"].cast(pl.Float64).to_numpy(),
                lap=lap,
                green=green,
                in_lap=columns["in_lap"].fill_null(value=False).to_numpy(),
                out_lap=columns["out_lap"].fill_null(value=False).to_numpy(),
                neutral=np.clip(share / np.maximum(lap, 1.0), 0.0, 1.0),
                stint=columns["stint"].cast(pl.Int64).to_numpy(),
                driver=tuple(str(d) for d in columns["driver"].fill_null("").to_list()),
                base_ms=max(1.0, base),
            )
        )
    return out


@dataclass
class ClassFacts:
    """Counts of one class in one race."""

    cars: int = 0
    base_ms: float = 0.0
    car_hours: float = 0.0
    stint_fuel: list[float] = field(default_factory=list)  # stints that ended in a green stop
    run_fuel: list[float] = field(default_factory=list)  # the other stints: at least so far
    losses: list[tuple[str, float, float]] = field(default_factory=list)  # car, fuel, loss ms
    in_shares: list[tuple[str, float]] = field(default_factory=list)
    driver_changes: list[float] = field(default_factory=list)
    slow: dict[int, list[float]] = field(default_factory=dict)  # lap over usual, by kind
    trouble: list[float] = field(default_factory=list)  # ms lost
    retirements: int = 0

    def range_laps(self) -> float | None:
        """The longest stints seen, in green laps; none before three stops."""
        if len(self.stint_fuel) < 3:
            return None
        stopped = float(np.quantile(self.stint_fuel, 0.9))
        ran_on = float(np.quantile(self.run_fuel, 0.9)) if len(self.run_fuel) >= 3 else 0.0
        return max(stopped, ran_on) * 1.01

    def drive_throughs(self) -> int:
        """Green stops early in a stint that cost far less than a service: penalties, mostly."""
        reach, full = self.range_laps(), [loss for _, loss in self.full_losses()]
        if reach is None or len(full) < 5:
            return 0
        short = DRIVE_THROUGH * float(np.median(full))
        return sum(fuel < EARLY * reach and loss < short for _, fuel, loss in self.losses)

    def full_losses(self) -> list[tuple[str, float]]:
        """Car and loss of the stops that served a stint of usual length."""
        usual = 0.6 * float(np.median([f for _, f, _ in self.losses])) if self.losses else 0.0
        return [(car, loss) for car, fuel, loss in self.losses if fuel >= usual]


class CrewAnswer(NamedTuple):
    """What one crew did under a neutralisation with its lane open.

    ``used`` is the share of the range; ``finish``: 1 where a full tank would reach the flag;
    ``enough``: 1 where what was in it would; ``did``: 1 where it came in.
    """

    kind: int
    used: float
    finish: float
    enough: float
    did: float


@dataclass
class RaceFacts:
    """Counts of one race: classes, neutralisations, and how crews answered them."""

    kind: RaceKind
    classes: dict[str, ClassFacts]
    green_hours: float = 0.0
    durations: dict[int, list[float]] = field(default_factory=dict)  # ms, complete ones
    starts: dict[int, int] = field(default_factory=dict)  # those not following a virtual one
    opened: dict[str, list[float]] = field(default_factory=dict)  # family: stop, ms into it
    answers: list[CrewAnswer] = field(default_factory=list)
    silent: list[tuple[float, float, float]] = field(default_factory=list)
    train: list[float] = field(default_factory=list)
    rain: RainFacts | None = None
    noise: tuple[float, float] | None = None  # lap noise early and later, share of the lap


def race_facts(
    laps: pl.DataFrame,
    stops: pl.DataFrame,
    neutralisations: pl.DataFrame,
    length_ms: float,
    series: str | None,
    *,
    complete: bool = False,
    rain: RainFacts | None = None,
    logs: list[CarLog] | None = None,
) -> RaceFacts:
    """Count a race. ``complete``: it was run to its flag, so that retirements can be told.

    ``logs`` are those of ``car_logs`` where the caller has them.
    """
    logs = car_logs(laps) if logs is None else logs
    facts = RaceFacts(Series.of(series).race_of(length_ms), {}, rain=rain)
    end = float(max((log.elapsed[-1] for log in logs if len(log.elapsed)), default=0.0))
    flag = _winner_ms(logs, length_ms) if complete else end
    changes = {
        (str(car), int(lap)): bool(change)
        for car, lap, change in stops.select("car_number", "lap", "driver_change").iter_rows()
    }
    for log in logs:
        if len(log.elapsed):
            klass = facts.classes.setdefault(log.car_class, ClassFacts())
            _count_car(klass, log, changes, flag, complete)
    for name, klass in facts.classes.items():
        bases = [log.base_ms for log in logs if log.car_class == name]
        klass.base_ms = float(np.median(bases))
    _count_neutral(facts, logs, neutralisations, flag)
    if complete:
        facts.noise = (
            _noise(logs, 0.0, EARLY_RACE * length_ms),
            _noise(logs, length_ms * EARLY_RACE),
        )
        _count_answers(facts, logs, neutralisations, length_ms)
        _count_silence(facts, logs, length_ms, flag)
    return facts


def _noise(logs: list[CarLog], begin: float, end: float = np.inf) -> float:
    """Median over stints of the robust spread of green laps, a share of the lap; nan without."""
    spreads = []
    for log in logs:
        wanted = log.green & (log.elapsed > begin) & (log.elapsed <= end)
        for stint in np.unique(log.stint[wanted]):
            laps = log.lap[wanted & (log.stint == stint)]
            if len(laps) >= FEWEST_LAPS:
                middle = np.median(laps)
                spreads.append(MAD_TO_SD * np.median(np.abs(laps - middle)) / middle)
    return float(np.median(spreads)) if spreads else float("nan")


def _winner_ms(logs: list[CarLog], length_ms: float) -> float:
    best, at = -1, 0.0
    for log in logs:
        n = len(log.elapsed)
        if n > best or (n == best and log.elapsed[-1] < at):
            best, at = n, float(log.elapsed[-1])
    return at


def _count_car(
    klass: ClassFacts,
    log: CarLog,
    changes: dict[tuple[str, int], bool],
    flag: float,
    complete: bool,
) -> None:
    klass.cars += 1
    klass.car_hours += float(log.elapsed[-1]) / 3.6e6
    if complete and log.elapsed[-1] < flag - 1.0:
        klass.retirements += 1
    for a, b, fuel in log.stints():
        if not log.in_lap[b] or b + 1 >= len(log.lap):
            klass.run_fuel.append(fuel)
            continue
        if log.neutral[b] + log.neutral[b + 1] > 0.0:
            klass.run_fuel.append(fuel)
            continue
        klass.stint_fuel.append(fuel)
        loss = float(log.lap[b] + log.lap[b + 1] - 2.0 * log.base_ms)
        if loss > 2.5e5:
            klass.trouble.append(loss - 8.0e4)
            continue
        if loss < 15000.0 or b == a:
            continue
        klass.losses.append((log.number, fuel, loss))
        before = float(log.lap[b] - log.base_ms)
        klass.in_shares.append((log.number, min(1.0, max(0.0, before / loss))))
        klass.driver_changes.append(float(changes.get((log.number, b + 1), False)))
    racing = log.green & (np.arange(len(log.lap)) > 0)
    excess = log.lap - log.base_ms
    klass.trouble.extend(float(x) for x in excess[racing & (excess > 0.3 * log.base_ms)])


def _periods(neutralisations: pl.DataFrame, end: float) -> list[tuple[float, float, int, bool]]:
    """Start, end, kind, and whether it is over; slow zones left out."""
    out = []
    for kind, start, stop in neutralisations.select("kind", "start_ms", "end_ms").iter_rows():
        if kind in KIND:
            out.append(
                (float(start), float(end if stop is None else stop), KIND[kind], stop is not None)
            )
    return sorted(out)


def _count_neutral(
    facts: RaceFacts, logs: list[CarLog], neutralisations: pl.DataFrame, end: float
) -> None:
    periods = _periods(neutralisations, end)
    held, previous = 0.0, (-1.0e12, 0)
    for start, stop, kind, over in periods:
        held += stop - start
        if over:
            facts.durations.setdefault(kind, []).append(max(20000.0, stop - start))
        if not (previous[1] == 2 and start - previous[0] < 60000.0):
            facts.starts[kind] = facts.starts.get(kind, 0) + 1
        previous = (stop, kind)
        for log in logs:
            inside = (log.elapsed <= stop) & (log.elapsed - log.lap >= start)
            ratios = (log.lap / log.base_ms)[inside & ~log.in_lap & ~log.out_lap]
            slow = facts.classes[log.car_class].slow.setdefault(kind, [])
            slow.extend(float(x) for x in ratios if 1.05 < x < 4.0)
            into = log.elapsed[log.in_lap & (log.elapsed > start) & (log.elapsed < stop)] - start
            if kind in {1, 3}:
                facts.opened.setdefault(family(log.car_class), []).extend(float(x) for x in into)
    facts.green_hours = max(0.0, end - held) / 3.6e6


def _count_answers(
    facts: RaceFacts, logs: list[CarLog], neutralisations: pl.DataFrame, length_ms: float
) -> None:
    """How crews answered the neutralisations in which the lane opened for their class.

    A lane that two of a class came in through was open to the others that passed it after them.
    """
    ranges = {name: klass.range_laps() for name, klass in facts.classes.items()}
    for start, stop, kind, _ in _periods(neutralisations, length_ms):
        opened = _opened(logs, start, stop)
        for log in logs:
            reach = ranges[log.car_class]
            before = int(np.searchsorted(log.elapsed, start))
            if reach is None or before < 2 or before >= len(log.elapsed):
                continue
            passed = (log.elapsed >= opened.get(log.car_class, np.inf)) & (log.elapsed <= stop)
            if not passed.any():
                continue
            if log.elapsed[before] > stop + 3.0e5 or log.in_lap[before - 1]:
                continue
            since = log.stint[:before] == log.stint[before - 1]
            used = float(log.fuel[:before][since].sum()) / reach
            inside = (log.elapsed > start) & (log.elapsed <= stop + 0.3 * log.base_ms)
            left = (length_ms - start) / log.base_ms
            enough = left <= reach * (1.0 - used)
            finish = left <= reach and not enough
            did = float((log.in_lap & inside).any())
            facts.answers.append(CrewAnswer(kind, used, float(finish), float(enough), did))


def _opened(logs: list[CarLog], start: float, stop: float) -> dict[str, float]:
    """When the first of at least two cars of a class came in during a neutralisation, ms."""
    came: dict[str, list[float]] = {}
    for log in logs:
        inside = log.elapsed[log.in_lap & (log.elapsed > start) & (log.elapsed <= stop)]
        if len(inside):
            came.setdefault(log.car_class, []).append(float(inside[0]))
    return {name: min(at) for name, at in came.items() if len(at) >= LANE_IS_OPEN}


def _count_silence(facts: RaceFacts, logs: list[CarLog], length_ms: float, flag: float) -> None:
    for share in np.arange(0.1, 0.95, 0.05):
        t = share * length_ms
        for log in logs:
            n = int(np.searchsorted(log.elapsed, t, side="right"))
            gone = float(log.elapsed[-1] < flag - 1.0 and n == len(log.elapsed))
            more = (float(log.elapsed[n]) - t) / log.base_ms if n < len(log.elapsed) else 0.0
            facts.silent.append((silence_laps(log, n, t), gone, more))


def silence_laps(log: CarLog, n: int, t: float) -> float:
    """How many laps' time a car with ``n`` crossings by ``t`` has been silent beyond its lap.

    A lap is taken as long as the last one where that was neutralised, and a stop as a lap.
    """
    last = float(log.elapsed[n - 1]) if n else 0.0
    slow = 2.2 if n and log.neutral[n - 1] > 0.3 else 1.0
    stopping = 1.0 if n and log.in_lap[n - 1] else 0.0
    return (t - last) / (slow * log.base_ms) - stopping
