"""Fit how one car's stop raises its rivals' chances, on the very stops that rejoin is asked for."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
import polars as pl

from dryline.analysis.stops.priors import StopPriors
from dryline.model.rejoin import HORIZON, company_rows
from dryline.model.rejoin_field import RejoinField, RunningCar, crossings
from dryline.studies.learning.stops import Examples, PastRace, Races, fit_series
from dryline.studies.rejoin_scores import RoutineStop, routine_stops

OVERDUE_LAPS = 1.02


def company_examples(
    race: PastRace, priors: StopPriors, periods: pl.DataFrame | None = None, every: int = 1
) -> Examples:
    """Every rival's next laps at every routine stop of a race, and whether it came in.

    ``priors`` must hold a stop hazard that was not fitted on this race. Stops that fell into a
    neutralisation without a flag (``periods``) are left out.
    """
    field = RejoinField.start(priors, race.series, race.length_ms)
    rows = crossings(race.laps)
    came_in = {
        (car, lap): bool(in_lap)
        for car, lap, in_lap in race.laps.select("car_number", "lap", "in_lap").iter_rows()
    }
    at, names = 0, tuple[str, ...]()
    parts: list[np.ndarray] = []
    outcome: list[bool] = []
    for stop in routine_stops(race.laps, periods)[::every]:
        while at < len(rows) and rows[at].elapsed_ms <= stop.at_ms:
            field.cross(rows[at])
            at += 1
        if stop.unflagged:
            continue
        places = list(_laps(field, stop))
        if not places:
            continue
        rivals = [field.runners[car] for car in dict.fromkeys(car for car, _ in places)]
        features = company_rows(field, field.runners[stop.car_number], rivals, stop.at_ms)
        names = tuple(features)
        table = np.stack(list(features.values()), axis=1)
        for place, runner in enumerate(rivals):
            for step in _steps(field, stop, runner.car_number):
                done = came_in.get((runner.car_number, runner.laps + step))
                if done is None:
                    break
                if step > 1 or not _overdue(runner, stop.at_ms):
                    parts.append(table[place * HORIZON + step - 1])
                    outcome.append(done)
                if done:
                    break
    return Examples(names, np.array(parts).reshape(-1, len(names)), np.array(outcome, dtype=bool))


def fit_company(races: Races, priors: StopPriors, leave_out: str | None = None) -> StopPriors:
    """``priors`` with the company correction fitted to all races but ``leave_out``."""
    fitted = fit_series(races, priors.company, leave_out)
    return msgspec.structs.replace(priors, company=fitted)


def _laps(field: RejoinField, stop: RoutineStop) -> Iterator[tuple[str, int]]:
    for rival in stop.rivals:
        for step in _steps(field, stop, rival.car_number):
            yield rival.car_number, step


def _overdue(runner: RunningCar, at_ms: float) -> bool:
    """Whether a car's time gives its lap under way away: the draws are conditioned on that."""
    return at_ms - runner.last_ms > OVERDUE_LAPS * runner.pace_ms


def _steps(field: RejoinField, stop: RoutineStop, car_number: str) -> range:
    """The rival's laps up to the one that the stopping car's out-lap is compared with."""
    runner = field.runners[car_number]
    needed = field.runners[stop.car_number].laps + 2 - runner.laps
    if not 0 < needed <= HORIZON:
        return range(0)
    return range(2 if runner.in_pit else 1, needed + 1)
