"""The race as the simulator takes it, with what the pit wall said in the place of inference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.kernels import race_columns as col
from dryline.rules.book import RuleBook
from dryline.sim.params import NO_LAP, FieldPlans, PlannedStop, RaceParams, SimState
from dryline.strategy.candidates import Candidate, Situation, added_share
from dryline.strategy.own_stop import ServiceTimes
from dryline.strategy.team_said import CarSaid, Fact, Level, TeamSaid

Floats = NDArray[np.float64]
TOLD_RANGE_SD = 0.5
"""Laps by which a range that the team told is still uncertain."""
ABOUT_LAST_MS = 300_000
"""What is said of a rival's hose within so long after its stop is about that stop."""


@dataclass(frozen=True)
class ToldRace:
    """Parameters and state with the team's facts, and the rivals' stops that it announced."""

    params: RaceParams
    state: SimState
    plans: FieldPlans


def told_race(
    params: RaceParams,
    state: SimState,
    cars: tuple[str, ...],
    own: Mapping[str, CarSaid],
    team: TeamSaid,
    laps: pl.DataFrame,
) -> ToldRace:
    """The inputs with everything the team said that the simulator can hold.

    ``own`` are the facts of the cars that ask, by number; ``laps`` (schema ``LAPS``) tell how many
    laps ago a level was read.
    """
    car, table, pace = state.cars.copy(), params.car.copy(), params.pace.copy()
    stops: dict[int, list[PlannedStop]] = {}
    said = {number: team.of(number) for number in team.named}
    said.update(own)
    for number, facts in said.items():
        if number not in cars:
            continue
        c = cars.index(number)
        if facts.damage_s is not None:
            k = int(table[c, col.CAR_CLASS])
            pace[c] += 1000.0 * facts.damage_s.value / params.cls[k, col.CLASS_BASE_MS]
        _fuelled(car, table, c, facts, _laps_of(laps, number))
        if number not in own:
            _rival(car, params, c, facts, _laps_of(laps, number), stops)
    return ToldRace(
        replace(params, car=table, pace=pace),
        replace(state, cars=car),
        FieldPlans.of(params.cars, stops),
    )


def service_times(
    said: CarSaid, book: RuleBook | None, params: RaceParams, car: int
) -> ServiceTimes | None:
    """The team's own times in the box; None where it did not tell the hose."""
    splits = None if said.splits is None else said.splits.value
    hose = splits.hose_s if splits is not None else None
    if hose is None and said.hose_s is not None:
        hose = said.hose_s.value
    if hose is None:
        return None
    tyres = None if splits is None or splits.tyres_s is None else 1000.0 * splits.tyres_s
    order = None if book is None else book.text.pit.service_order
    together = order is not None and order.value == "together"
    return ServiceTimes(1000.0 * hose, tyres, together, float(params.car[car, col.CAR_PIT_MS]))


def agreeing_stop(params: RaceParams, car: int, said: CarSaid, service: ServiceTimes) -> RaceParams:
    """The car's later stops made as long as the team says that a full one is.

    Only so are a stop now and one later compared alike.
    """
    table = params.car.copy()
    row = params.cls[int(table[car, col.CAR_CLASS])]
    usual = row[col.CLASS_STAND_MS] + row[col.CLASS_TYRES_MS] * row[col.CLASS_TYRES_P]
    usual += table[car, col.CAR_RANGE] * row[col.CLASS_FILL_MS]
    told = replace(service, beside_ms=0.0).standing_ms(1.0, None)
    splits = None if said.splits is None else said.splits.value
    if splits is not None and splits.entry_s is not None and splits.release_s is not None:
        lane = 1000.0 * (splits.entry_s + splits.release_s)
        lane -= row[col.CLASS_LANE_SHARE] * row[col.CLASS_BASE_MS]
        told += lane - row[col.CLASS_TRANSIT_MS] if lane > 0.0 else 0.0
    table[car, col.CAR_PIT_MS] = told - usual
    table[car, col.CAR_PIT_SD_MS] = 0.0
    return replace(params, car=table)


def laps_since(fact: Fact[Level], laps: pl.DataFrame) -> float:
    """Laps that a car has completed since a level was read; ``laps`` are the car's own."""
    return float((laps["elapsed_ms"] > fact.at.ms).sum())


def laps_left(said: CarSaid, laps: pl.DataFrame) -> float | None:
    """Laps until the first of the told clocks is empty; None where none can be told.

    A level that was read before the last stop says nothing of what is left after it.
    """
    stopped = last_stop_ms(laps)
    found = []
    for fact in said.clocks:
        known = fact.value.laps
        if known is None or (stopped is not None and fact.at.ms < stopped):
            continue
        found.append(max(1.0, known - laps_since(fact, laps)))
    return min(found, default=None)


def full_range(said: CarSaid) -> float | None:
    """Laps on a full allowance, from what a lap takes of the energy in percent."""
    level = None if said.energy is None else said.energy.value
    if level is None or level.unit != "pct" or not level.per_lap:
        return None
    return 100.0 / level.per_lap


def energy_after(said: CarSaid, now: Situation, which: Candidate) -> float | None:
    """Percent of the energy allowance to leave the box with; None where nobody told the use."""
    level = None if said.energy is None else said.energy.value
    if level is None or level.unit != "pct" or not level.per_lap or which.fuel is None:
        return None
    ahead = which.laps_ahead or 0
    kept = max(0.0, now.fuel_laps - ahead - 1.0)
    laps = {
        "none": kept,
        "full": now.range_laps,
        "splash": which.fill * now.range_laps,
        "to_the_end": max(kept, now.laps_to_go - ahead),
    }[which.fuel]
    return min(100.0, laps * level.per_lap)


def hose_s(now: Situation, which: Candidate) -> float | None:
    """Seconds of hose for a stop; None where the team did not tell a full fill's."""
    if now.service is None or which.fuel is None:
        return None
    ahead = which.laps_ahead or 0
    return now.service.hose_ms * added_share(now, which, ahead) / 1000.0


def last_stop_ms(laps: pl.DataFrame) -> int | None:
    """When a car last crossed the line on an in-lap; None before its first."""
    stops = laps.filter(pl.col("in_pit"))["elapsed_ms"].to_list()
    return max(stops, default=None)


def _laps_of(laps: pl.DataFrame, number: str) -> pl.DataFrame:
    return laps.filter(pl.col("car_number") == number)


def _fuelled(car: Floats, table: Floats, c: int, said: CarSaid, laps: pl.DataFrame) -> None:
    """Range and level as told, in place of the inferred ones."""
    told = full_range(said)
    if told is not None:
        table[c, col.CAR_RANGE] = max(2.0, told)
        table[c, col.CAR_RANGE_SD] = TOLD_RANGE_SD
    left = laps_left(said, laps)
    if left is not None:
        table[c, col.CAR_RANGE] = max(table[c, col.CAR_RANGE], left)
        car[c, col.STATE_FUEL] = left


def _rival(
    car: Floats,
    params: RaceParams,
    c: int,
    said: CarSaid,
    laps: pl.DataFrame,
    stops: dict[int, list[PlannedStop]],
) -> None:
    """A rival's announced stop, the hose of the one that it made, and that it is out."""
    if said.retired is not None:
        car[c, col.STATE_OUT] = 1.0
    hose = None if said.hose_s is None else said.hose_s
    row = params.cls[int(params.car[c, col.CAR_CLASS])]
    stopped = last_stop_ms(laps)
    if hose is not None and stopped is not None and 0 <= hose.at.ms - stopped <= ABOUT_LAST_MS:
        since = float((laps["elapsed_ms"] > stopped).sum())
        filled = 1000.0 * hose.value / max(1.0, row[col.CLASS_FILL_MS])
        car[c, col.STATE_FUEL] = max(1.0, min(params.car[c, col.CAR_RANGE], filled) - since)
        hose = None
    if said.plan is not None and (stopped is None or said.plan.at.ms >= stopped):
        lap = said.plan.value or int(car[c, col.STATE_LAPS]) + 1
        if car[c, col.STATE_LAPS] < lap < NO_LAP:
            told = -1.0 if hose is None else 1000.0 * hose.value
            kind = None if said.tyres is None else said.tyres.value.kind
            tyre = {"wet": 1, "inter": 1, "slick": 0}.get(kind or "", -1)
            stops[c] = [PlannedStop(int(lap), tyre, standing_ms=told)]
