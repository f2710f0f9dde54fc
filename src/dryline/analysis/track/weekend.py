"""Dry sector times from the weekend's other sessions: practice, qualifying, warm-up.

Sources: 36 weekends with 163 such sessions, held against the dry times of their races. Differences
are in log time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from dryline.analysis.track.doubt import OTHER_RACES, WEEKEND, Reference
from dryline.analysis.track.reference import (
    Sectors,
    expected_sectors,
    flying_laps,
    is_here,
    sector_quantiles,
    sectors_at,
    shipped_priors,
)
from dryline.domain.dry_prior import DryPrior
from dryline.race.race import Race

QUICK, SLOWER = 0.1, 0.015
"""The quantile of a session's flying laps that tells its pace, and by how much a race is slower for
its fuel and traffic: 0.012 than practice, 0.024 than qualifying, 0.009 than a warm-up. For all a
weekend's sessions together 0.015, within 0.004 of it in half the weekends and 0.018 in all."""
FEWEST_LAPS, FEWEST_CARS = 20, 3
"""From how many flying laps, and of how many cars, a session tells of a class."""
AS_QUICK = 0.03
"""Sessions that are slower by more than the quickest are left out: too wet, or too dirty."""
WET_SESSION, MOST_SESSIONS = 0.04, 3
"""Probability that a session was wet: 6 of 163; that any two of a weekend were, or any three: 7 of
324, 4 of 387. So it falls with their number; of more too few were wet to say more."""
WET_BY = 0.05
"""So far over the dry times of other races here the weekend was wet. They err by less in 30 of 31
races, and the six wet sessions were 0.09 over or more."""


@dataclass(frozen=True)
class Expectation:
    """Log dry sector times per class, and where they come from: None where nothing is known."""

    sectors: Mapping[str, Sectors]
    reference: Reference | None


UNTOLD = Expectation({}, None)


def priors_of(race: Race) -> tuple[DryPrior, ...]:
    """What a race may be measured against: its weekend's sessions, and the races that ship."""
    return (*race.weekend.dry, *shipped_priors())


def fit_session(session: str, laps: pl.DataFrame) -> list[DryPrior]:
    """What a session of the weekend tells of the dry pace of a race, class by class."""
    told = []
    for (name,), group in sorted(flying_laps(laps).group_by("car_class")):
        if group.height < FEWEST_LAPS or group["car_number"].n_unique() < FEWEST_CARS:
            continue
        length = (group["speed_kmh"] * group["lap_time_ms"] / 3_600_000).median()
        quick = sector_quantiles(group, QUICK)
        if isinstance(length, float) and all(quick):
            a, b, c = (round(ms * math.exp(SLOWER)) for ms in quick)
            first = int(laps["elapsed_ms"].min())  # type: ignore[arg-type]
            told.append(DryPrior(session, round(length, 3), str(name), (a, b, c), first, True))
    return told


def dry_expectation(
    priors: Iterable[DryPrior], length_km: float, classes: Iterable[str], without: str | None = None
) -> Expectation:
    """Log dry sector times per class at the circuit of that length; args as ``expected_sectors``.

    The weekend's sessions tell more than other years do: their loops stand where the race's do,
    and their cars are the race's. Where other races here say that it was wet, those are believed.
    """
    known, names = list(priors), list(classes)
    others = expected_sectors([p for p in known if not p.weekend], length_km, names, without)
    here = _dry_ones([p for p in known if p.weekend and is_here(p, length_km)])
    weekend = sectors_at(here, known, names)
    over = _over(weekend, others)
    if weekend and (over is None or over <= WET_BY):
        doubt = _doubt(here) if over is None else 0.0
        return Expectation(weekend, Reference(known=True, source=WEEKEND, doubt=doubt))
    if others:
        return Expectation(others, Reference(known=True, source=OTHER_RACES, doubt=0.0))
    return UNTOLD


def _dry_ones(told: Sequence[DryPrior]) -> list[DryPrior]:
    """Those of each class's quickest session, and of the sessions that were about as quick."""
    quickest: dict[str, float] = {}
    for p in told:
        lap_ms = sum(p.sectors_ms)
        quickest[p.car_class] = min(lap_ms, quickest.get(p.car_class, lap_ms))
    within = math.exp(AS_QUICK)
    return [p for p in told if sum(p.sectors_ms) <= within * quickest[p.car_class]]


def _doubt(told: Sequence[DryPrior]) -> float:
    """Probability that all these sessions were wet, by how many tell of a class."""
    sessions = [sum(p.car_class == name for p in told) for name in {p.car_class for p in told}]
    return WET_SESSION / min(MOST_SESSIONS, max(1, int(np.median(sessions))))


def _over(one: Mapping[str, Sectors], other: Mapping[str, Sectors]) -> float | None:
    """By how much a field's laps are slower, log time; None where no class is in both."""
    laps = [math.log(_lap(one[name]) / _lap(other[name])) for name in one if name in other]
    return float(np.median(laps)) if laps else None


def _lap(sectors: Sectors) -> float:
    return sum(math.exp(time) for time in sectors)
