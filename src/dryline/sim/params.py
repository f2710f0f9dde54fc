"""What the simulator needs to know about a race: parameters, state, and each car's plan.

Tables are numpy arrays whose columns are named in ``dryline.kernels.race_columns``. Letters:
C cars, K classes, D drivers of a car, P planned stops, N neutralisations so far.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from dryline.kernels import race_columns as col
from dryline.kernels.race_tables import (
    ControlTables,
    FieldTables,
    PlanTables,
    RaceTables,
    RainTables,
    StartTables,
)

Floats = NDArray[np.float64]
NO_LAP = 1.0e9
NO_LIMIT_MS = 1.0e15


def _names(prefix: str) -> dict[str, int]:
    return {
        name.removeprefix(prefix).lower(): value
        for name, value in vars(col).items()
        if name.startswith(prefix) and not name.endswith("COLUMNS")
    }


CAR_COLUMNS = _names("CAR_")
CLASS_COLUMNS = _names("CLASS_")
STATE_COLUMNS = _names("STATE_")
NEU_COLUMNS = _names("NEU_")
PLAN_COLUMNS = _names("PLAN_")


def row(columns: Mapping[str, int], values: Mapping[str, float]) -> Floats:
    """One row of a table from named values; what is not named is 0. KeyError: no such column."""
    out = np.zeros(max(columns.values()) + 1)
    for name, value in values.items():
        out[columns[name]] = value
    return out


def _whole(values: Floats) -> Floats:
    """The same numbers as the kernels want them: C-contiguous float64."""
    return np.ascontiguousarray(values, dtype=np.float64)


@dataclass(frozen=True)
class Rain:
    """The rain model. Wetness in [0, 1] by sector; intensities 0 to 1; rates per hour."""

    gain_per_min: float = 0.18
    dry_per_min: float = 0.03
    dry_log_sd: float = 0.3
    reach_spread: float = 0.3
    declared: float = 0.0  # mean wetness before wets are allowed
    shift_sd_min: float = 0.0
    scale_log_sd: float = 0.0
    rates: Floats = field(default_factory=lambda: np.zeros((3, 3)))  # (3, 3) none, light, heavy
    intensity: Floats = field(default_factory=lambda: np.array([0.0, 0.35, 1.0]))
    given: Floats = field(default_factory=lambda: np.zeros((0, 3)))  # (minutes, 3) intensity

    def tables(self, particles: Floats) -> RainTables:
        """The model as the kernels read it, with the guesses (P, 4) that the track starts from."""
        return RainTables(
            gain_per_min=float(self.gain_per_min),
            dry_per_min=float(self.dry_per_min),
            dry_log_sd=float(self.dry_log_sd),
            reach_spread=float(self.reach_spread),
            declared=float(self.declared),
            shift_sd_min=float(self.shift_sd_min),
            scale_log_sd=float(self.scale_log_sd),
            rates=_whole(self.rates),
            intensity=_whole(self.intensity),
            given=_whole(self.given),
            particles=_whole(particles),
        )


@dataclass(frozen=True)
class RaceParams:
    """Everything about cars, classes, neutralisations and rain that a race is simulated from.

    ``car`` (C, CAR_*), ``cls`` (K, CLASS_*), ``cost`` (K, K) ms lost per slower car passed,
    ``neu`` (KINDS, NEU_*), ``slow``, ``catch``, ``opens`` (KINDS, K) ms, ``stop_under``
    (KINDS, K, 4) logit, ``hazard`` (HAZ_*), ``pace`` (C, D) share over the class's base lap with
    ``chol`` (C, D, D) the Cholesky factor of its covariance, ``target`` (C, D) share of the
    driving, ``most`` (C, D) ms a driver may drive, ``spread`` (2,) or (3,) log sd of the race's own
    rate of retirement, of trouble, and of its lap noise. ``length_ms`` or ``laps`` may be
    infinite-like, not both.
    """

    car: Floats
    cls: Floats
    cost: Floats
    neu: Floats
    slow: Floats
    catch: Floats
    opens: Floats
    stop_under: Floats
    hazard: Floats
    pace: Floats
    chol: Floats
    target: Floats
    most: Floats
    rain: Rain = field(default_factory=Rain)
    spread: Floats = field(default_factory=lambda: np.array([0.4, 0.4]))
    length_ms: float = NO_LIMIT_MS
    laps: float = NO_LAP

    @property
    def cars(self) -> int:
        """How many cars."""
        return int(self.car.shape[0])

    def tables(self, state: SimState, plans: FieldPlans) -> RaceTables:
        """The race from this state under these plans, as the kernels read it."""
        by_crossing = np.argsort(state.cars[:, col.STATE_LAST_MS], kind="stable").astype(np.int64)
        spread = np.pad(self.spread, (0, 3 - len(self.spread)))
        field = (
            self.car, self.cls, self.cost, self.pace, self.chol, self.target, self.most, spread,
        )  # fmt: skip
        control = (
            self.neu, self.slow, self.catch, self.opens, self.stop_under, self.hazard, state.known,
        )  # fmt: skip
        return RaceTables(
            FieldTables(*map(_whole, field)),
            ControlTables(*map(_whole, control)),
            self.rain.tables(state.particles),
            StartTables(_whole(state.cars), _whole(state.drive), by_crossing),
            PlanTables(_whole(plans.table), _whole(plans.allowed), _whole(plans.reacts)),
            now_ms=float(state.now_ms),
            length_ms=float(self.length_ms),
            laps=float(self.laps),
        )


@dataclass(frozen=True)
class SimState:
    """The race at an instant.

    ``now_ms``; ``cars`` (C, STATE_*); ``drive`` (C, D) ms driven so far; ``known`` (N, 3)
    neutralisations as start, end (negative while under way) and kind; ``particles`` (P, 4)
    wetness by sector and rain regime, equally likely.
    """

    now_ms: float
    cars: Floats
    drive: Floats
    known: Floats = field(default_factory=lambda: np.zeros((0, 3)))
    particles: Floats = field(default_factory=lambda: np.zeros((1, 4)))


@dataclass(frozen=True)
class PlannedStop:
    """One stop of a plan. ``lap`` is the in-lap; negative values leave it to the crew.

    ``tyre`` 0 slick, 1 wet, 2 keep; ``fuel`` share of the range to fill to; ``driver`` an index,
    or 99 to keep the driver; ``standing_ms`` in the box; ``yellow``: under a neutralisation only;
    ``shown``: only once the first flying lap that the class's kin drives on ``tyre`` looks quicker,
    given up after so many laps without one.
    """

    lap: int
    tyre: int = -1
    fuel: float = -1.0
    driver: int = -1
    standing_ms: float = -1.0
    yellow: bool = False
    shown: int = -1


@dataclass(frozen=True)
class FieldPlans:
    """Each car's planned stops ``table`` (C, P, PLAN_*), then its policy.

    ``allowed`` (C,): before that lap the policy makes no stop of choice (fuel still forces one).
    ``reacts`` (C,): 1 where it may all the same take a neutralisation that is yet to come, which
    stands for the plan's next stop then.
    """

    table: Floats
    allowed: Floats
    reacts: Floats

    @classmethod
    def none(cls, cars: int) -> FieldPlans:
        """Every car follows its policy."""
        return cls.of(cars, {})

    @classmethod
    def of(
        cls,
        cars: int,
        stops: Mapping[int, Sequence[PlannedStop]],
        allowed: Mapping[int, int] | None = None,
    ) -> FieldPlans:
        """Plans from the planned stops of some cars, by index."""
        most = max((len(s) for s in stops.values()), default=0) + 1
        table = np.full((cars, most, col.PLAN_COLUMNS), -1.0)
        table[:, :, col.PLAN_LAP] = NO_LAP
        for c, wanted in stops.items():
            for i, stop in enumerate(sorted(wanted, key=lambda s: s.lap)):
                table[c, i] = (
                    stop.lap, stop.tyre, stop.fuel, stop.driver, stop.standing_ms, stop.yellow,
                    stop.shown,
                )  # fmt: skip
        free = np.zeros(cars)
        for c, lap in (allowed or {}).items():
            free[c] = lap
        return cls(table, free, np.zeros(cars))

    def with_car(
        self, car: int, stops: Sequence[PlannedStop], allowed: int = 0, *, reacts: bool = False
    ) -> FieldPlans:
        """The same plans but for one car's."""
        others = FieldPlans.of(self.table.shape[0], {car: stops}, {car: allowed})
        width = max(self.table.shape[1], others.table.shape[1])
        table = np.full((self.table.shape[0], width, col.PLAN_COLUMNS), -1.0)
        table[:, :, col.PLAN_LAP] = NO_LAP
        table[:, : self.table.shape[1]] = self.table
        table[car] = -1.0
        table[car, :, col.PLAN_LAP] = NO_LAP
        table[car, : others.table.shape[1]] = others.table[car]
        free = self.allowed.copy()
        free[car] = allowed
        answers = self.reacts.copy()
        answers[car] = float(reacts)
        return replace(self, table=table, allowed=free, reacts=answers)
