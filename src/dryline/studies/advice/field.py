"""A race as the advice sees it at an instant, with everything that it taught left out.

The parts are those of ``strategy.call``; only the priors differ, which there are the shipped ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dryline.analysis.track.reading import TrackEstimate
from dryline.analysis.track.state import TrackState
from dryline.domain.instant import Instant
from dryline.domain.tyre_kind import SLICK, WET
from dryline.kernels import race_columns as col
from dryline.model.race_params import FittedRace, fit_race_params
from dryline.model.race_priors import Priors
from dryline.race.moment import Moment
from dryline.race.race import Race
from dryline.sim.params import RaceParams, SimState
from dryline.strategy.candidates import Situation
from dryline.strategy.futures import Futures
from dryline.strategy.simulate_race import simulator_inputs


@dataclass(frozen=True)
class Field:
    """The field at a moment."""

    moment: Moment
    fit: FittedRace
    params: RaceParams
    state: SimState

    @property
    def known(self) -> Race:
        """The race as it was known then."""
        return self.moment.race

    @property
    def at(self) -> Instant:
        """The instant."""
        return self.moment.at

    def index(self, car: str) -> int:
        """A car's row."""
        return self.fit.cars.index(car)

    def class_index(self, car: str) -> int:
        """The row of a car's class."""
        return int(self.params.car[self.index(car), col.CAR_CLASS])

    def lap_ms(self, car: str) -> float:
        """A usual lap of the car with the driver it has."""
        row, k = self.index(car), self.class_index(car)
        driver = int(self.state.cars[row, col.STATE_DRIVER])
        return float(self.params.cls[k, col.CLASS_BASE_MS] * (1.0 + self.params.pace[row, driver]))

    def situation(
        self, car: str, may_stop: bool, tyres: Sequence[str] = ("usual",), on_wets: bool = False
    ) -> Situation:
        """What the car's candidates depend on."""
        row = self.state.cars[self.index(car)]
        last = float(row[col.STATE_LAST_MS])
        by_time = (self.params.length_ms - last) / (1.01 * self.lap_ms(car)) + 1.0
        return Situation(
            lap=int(row[col.STATE_LAPS]) + 1,
            fuel_laps=max(1.0, float(row[col.STATE_FUEL])),
            range_laps=float(self.params.car[self.index(car), col.CAR_RANGE]),
            laps_to_go=max(1.0, min(by_time, self.params.laps - float(row[col.STATE_LAPS]))),
            may_stop=may_stop,
            tyres=tuple(tyres),
            held=WET if on_wets else SLICK,
        )

    def futures(
        self, car: str, track: TrackState | None = None, on_wets: bool = False, seed: int = 1
    ) -> Futures:
        """The futures that the car's calls are compared on."""
        return Futures(
            self.params, self.state, self.fit.classes, self.fit.cars, self.index(car), track,
            on_wets, seed,
        )  # fmt: skip

    def running(self, car: str) -> bool:
        """Whether the car is on the track and still in the race."""
        row = self.state.cars[self.index(car)]
        late = self.at.ms - float(row[col.STATE_LAST_MS]) > 1.6 * self.lap_ms(car)
        return not (row[col.STATE_OUT] > 0 or row[col.STATE_IN_LANE] > 0 or late)


def field_at(
    race: Race, at: Instant, length_ms: int, priors: Priors, track: TrackEstimate | None = None
) -> Field:
    """The field from the rows known by ``at``; ``track`` is the rain gauge's estimate then."""
    moment = race.moment(at)
    known = moment.race
    starters = {number: entry.car_class for number, entry in race.entries.items()}
    fit = fit_race_params(
        known.laps, known.stops, known.neutralisations, at.ms, length_ms, known.info.series,
        priors, starters, track,
    )  # fmt: skip
    params, state = simulator_inputs(fit)
    return Field(moment, fit, params, state)


def mean_and_se(values: np.ndarray) -> tuple[float | None, float | None]:
    """Mean and standard error of what is finite; None where that is nothing, or one."""
    known = values[np.isfinite(values)]
    if not len(known):
        return None, None
    se = float(known.std(ddof=1) / len(known) ** 0.5) if len(known) > 1 else None
    return float(known.mean()), se
