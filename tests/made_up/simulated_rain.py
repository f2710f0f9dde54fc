"""A small race with rain in it, simulated, and what a gauge makes of it."""

from __future__ import annotations

from functools import cache

import numpy as np

from dryline.analysis.track.reading import TrackEstimate, filter_track
from dryline.analysis.track.reference import fit_dry_priors
from dryline.domain.dry_prior import DryPrior
from dryline.domain.race_info import RaceInfo
from dryline.race.race import Race
from dryline.sim.params import FieldPlans, Rain
from dryline.strategy.scenario import Scenario
from dryline.strategy.scenario_run import simulated_running
from tests.made_up.simulated import a_race

MINUTE = 60_000
LENGTH = 3 * 60 * MINUTE
DRY_BASE, NOISE = 94_000.0, 0.006


@cache
def a_wet_race(begin_min: int, end_min: int, seed: int = 1) -> Race:
    """Three hours of ten cars in two classes, with rain between two minutes."""
    given = np.zeros((300, 3))
    given[begin_min:end_min] = 0.35
    rain = Rain(given=given, dry_log_sd=0.0, dry_per_min=0.06)
    params, state = a_race(fast=5, slow=5, hours=3.0, spread=0.03, rate=0.0, rain=rain)
    scenario = Scenario(
        id="made-up", cars=tuple(f"{i:02d}" for i in range(10)),
        car_classes=("HYPERCAR",) * 5 + ("LMGT3",) * 5,
        drivers=tuple((f"A{i}", f"B{i}") for i in range(10)), params=params, start=state,
        replay=state, plans=FieldPlans.none(10), stops={}, allowed={}, what_ifs=(), sources=(),
    )  # fmt: skip
    return Race(RaceInfo(name="made-up", series="wec"), simulated_running(scenario, seed=seed))


@cache
def dry_elsewhere() -> tuple[DryPrior, ...]:
    """What another, dry race at the circuit taught of the classes' sectors."""
    return tuple(fit_dry_priors("another", a_wet_race(0, 0, seed=9).laps))


@cache
def cut_and_read(begin_min: int, end_min: int, minute: int) -> tuple[Race, TrackEstimate]:
    """The race up to a minute, and the gauge's estimate there."""
    race = a_wet_race(begin_min, end_min)
    cut = race.cut(race.instant(f"{minute // 60}:{minute % 60:02d}:00"))
    return cut, filter_track(cut.laps, minute * MINUTE, priors=dry_elsewhere())
