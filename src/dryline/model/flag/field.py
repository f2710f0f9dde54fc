"""How every car stands at an instant, for its laps to the flag: pace, fuel, the price of a stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dryline.domain.series import Series
from dryline.kernels import race_columns as col
from dryline.model.race_class_params import ClassFit, class_fits
from dryline.model.race_facts import CarLog, RaceFacts

Floats = NDArray[np.float64]
RECENT_LAPS, LONG_S, FEWEST = 8, 5400.0, 5
"""How far back the pace of now and the pace of the race are read; with fewer laps, all are."""
WATER, DRY = 1.05, 1.015
"""Laps so much slower than the quick ones of the race are slow for water; what dry ones are."""
SLOW_NOW, RACED = 1.03, 1.25
"""A lap slower than so many times the usual one counts as that much; as no raced lap at all."""
CLASS_LAPS, UNKNOWN_OVER = 3.0, 1.005
"""Laps of its class that a car's own are weighed against; a mean lap over the usual one."""
SAVES, TRUSTED = 1.06, 0.87
"""How much farther than its range a car goes where that spares it a stop; and the share of the way
that the fuel must last in a sprint whose stops are all made, to be trusted to."""
LEAST_SCATTER, UNKNOWN_SCATTER, SCATTER_LAPS = 0.004, 0.01, 40


@dataclass(frozen=True)
class FlagCar:
    """A car that has crossed the line; times in seconds.

    ``klass`` is the index of its class; ``lap_now_s`` its lap until the next stop, ``lap_later_s``
    after it, ``lap_dry_s`` once the track is as fast as it was; ``scatter`` the sd of a lap as a
    share; ``stop_s`` what a stop for a full tank costs, ``stop_sd`` its log sd, ``fill_s`` what a
    lap of fuel does, ``in_share`` of it all before the line; ``range_laps`` a full tank,
    ``used_laps`` what of it is gone, ``early`` how much of it mostly stays unused, ``spares`` how
    much farther it goes if need be; ``in_lane``: its last lap ended in the pits.
    """

    number: str
    klass: int
    laps: int
    last_s: float
    lap_now_s: float
    lap_later_s: float
    lap_dry_s: float
    scatter: float
    stop_s: float
    stop_sd: float
    fill_s: float
    in_share: float
    range_laps: float
    range_sd: float
    used_laps: float
    early: float
    spares: float
    in_lane: bool


@dataclass(frozen=True)
class _Pace:
    """A car's laps, s: the usual one, its raced ones of late, and of the whole race."""

    usual_s: float
    late: Floats
    all: Floats
    now: Floats

    @classmethod
    def of(cls, log: CarLog, at_s: float) -> _Pace:
        raced = log.green & (log.lap < RACED * log.base_ms)
        late = raced & (log.elapsed > 1000 * (at_s - LONG_S))
        late = late if late.sum() >= FEWEST else raced
        stint = raced & (log.stint == log.stint[-1])
        now = log.lap[stint][-RECENT_LAPS:] / 1000
        if log.in_lap[-1]:
            now = now[:0]
        return cls(log.base_ms / 1000, log.lap[late] / 1000, log.lap[raced] / 1000, now)

    def later_s(self, over: float) -> float:
        """The lap of the race: the mean of late ones, weighed against the class's ``over``."""
        mine = float((self.late / self.usual_s).sum()) + CLASS_LAPS * over
        return self.usual_s * mine / (len(self.late) + CLASS_LAPS)

    def now_s(self, later_s: float) -> float:
        """The lap of now: the mean of the stint's last ones, weighed against one of the race's."""
        if not len(self.now):
            return later_s
        laps = np.minimum(self.now, SLOW_NOW * np.median(self.now))
        return float(laps.sum() + later_s) / (len(laps) + 1)

    def dry_s(self, later_s: float) -> float:
        """The lap once the track is as fast as it was: ``later_s`` where it is that already."""
        quick = float(np.quantile(self.all, 0.3)) if len(self.all) else later_s
        return DRY * quick if later_s > WATER * quick else later_s


def read_field(
    logs: Sequence[CarLog],
    done: Mapping[str, int],
    facts: RaceFacts,
    series: Series,
    at_s: float,
    length_s: float,
    families: Mapping[str, Mapping[str, float]],
) -> tuple[FlagCar, ...]:
    """The cars at ``at_s``, from what was known then; the classes in order of appearance.

    ``done`` are the laps completed; ``families`` those of ``race_priors``.
    """
    classes = classes_of(logs)
    fits = class_fits(classes, facts, series, families, None, logs, 1000 * at_s, 1000 * length_s)
    cars = []
    for name, fit in zip(classes, fits, strict=True):
        mine = [log for log in logs if log.car_class == name]
        paces = [_Pace.of(log, at_s) for log in mine]
        ratios = np.concatenate([pace.late / pace.usual_s for pace in paces])
        over = float(ratios.mean()) if len(ratios) >= FEWEST else UNKNOWN_OVER
        later = [pace.later_s(over) for pace in paces]
        scatter = _scatter(paces, later)
        cars += [
            _car(log, done[log.number], fit, pace, lap, scatter, classes.index(name), facts)
            for log, pace, lap in zip(mine, paces, later, strict=True)
        ]
    return tuple(cars)


def classes_of(logs: Sequence[CarLog]) -> tuple[str, ...]:
    """The classes in order of appearance."""
    return tuple(dict.fromkeys(log.car_class for log in logs))


def usual_laps(cars: Sequence[FlagCar], classes: Sequence[str]) -> dict[str, float]:
    """Each class's usual green lap, s."""
    return {
        name: float(np.median([car.lap_later_s for car in cars if car.klass == k]))
        for k, name in enumerate(classes)
    }


def _car(
    log: CarLog, laps: int, fit: ClassFit, pace: _Pace, later_s: float, scatter: float, klass: int,
    facts: RaceFacts,
) -> FlagCar:  # fmt: skip
    filling = fit.row[col.CLASS_FILL_MS] * max(5.0, 0.9 * fit.range_laps)
    stop_ms = fit.row[col.CLASS_TRANSIT_MS] + fit.row[col.CLASS_STAND_MS] + filling
    trusted = facts.kind.sprint and log.in_lap.sum() >= fit.stops
    in_lane = bool(log.in_lap[-1])
    return FlagCar(
        number=log.number, klass=klass, laps=laps, last_s=float(log.elapsed[-1]) / 1000,
        lap_now_s=pace.now_s(later_s), lap_later_s=later_s, lap_dry_s=pace.dry_s(later_s),
        scatter=scatter,
        stop_s=float(stop_ms + fit.pit_of(log.number)[0]) / 1000,
        stop_sd=float(fit.row[col.CLASS_STAND_SD]),
        fill_s=float(fit.row[col.CLASS_FILL_MS]) / 1000,
        in_share=fit.in_share_of(log.number),
        range_laps=fit.range_laps, range_sd=fit.range_sd,
        used_laps=0.0 if in_lane else float(log.fuel[log.stint == log.stint[-1]].sum()),
        early=float(fit.row[col.CLASS_EARLY]),
        spares=1.0 / TRUSTED if trusted else SAVES,
        in_lane=in_lane,
    )  # fmt: skip


def _scatter(paces: Sequence[_Pace], later_s: Sequence[float]) -> float:
    """The sd of a lap of a class, as a share, slow ones counting as `SLOW_NOW`."""
    rest = np.concatenate(
        [
            np.minimum(pace.late[-SCATTER_LAPS:] / lap, SLOW_NOW)
            for pace, lap in zip(paces, later_s, strict=True)
        ]
    )
    return max(LEAST_SCATTER, float(rest.std())) if len(rest) > FEWEST else UNKNOWN_SCATTER
