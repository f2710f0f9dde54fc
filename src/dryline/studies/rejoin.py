"""``dryline backtest rejoin``: where cars came out of the pits, at every routine green stop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import polars as pl

from dryline.analysis.stops.priors import StopPriors, stop_priors
from dryline.race.race import Race
from dryline.studies.learning.company import company_examples, fit_company
from dryline.studies.learning.slowing import Slowed, fit_slowing, slowing_examples
from dryline.studies.learning.stops import (
    Examples,
    PastRace,
    driver_examples,
    fit_drivers,
    fit_hazards,
    hazard_examples,
)
from dryline.studies.rejoin_scores import backtest_rejoin as score_stops
from dryline.studies.rejoin_scores import rejoin_summary
from dryline.studies.study import Study, opened, scheduled_ms

PROTOCOL = (
    "every routine stop (single; 20-200 s in the lane; no neutralised crossing from the prediction "
    "to the end of the out-lap; three earlier stops of the class), predicted at the crossing that "
    "begins the in-lap; stop hazard, driver changes, company and slowing fitted without the race; "
    "ghosts: rivals that neither stop meanwhile nor at their next line, nor stand"
)
Lessons = dict[str, tuple[str, Examples]]
"""Examples by race: its series, and what it teaches."""


def _fitted(key: str, race: Race) -> PastRace:
    return PastRace(key, race.laps, race.info.series or "", scheduled_ms(race))


@dataclass(frozen=True)
class StopLessons:
    """What one race teaches: when cars came in, when drivers changed, how the field slowed."""

    race: str
    series: str
    hazard: Examples
    driver: Examples
    slowed: list[Slowed]


def _lessons(path: Path) -> StopLessons:
    fitted = _fitted(*opened(path))
    priors = stop_priors()
    return StopLessons(
        fitted.race,
        fitted.series,
        hazard_examples(fitted, priors.range),
        driver_examples(fitted, priors),
        slowing_examples(fitted, priors),
    )


def lessons_of(paths: Sequence[Path], study: Study) -> list[StopLessons]:
    """What each race teaches about stops."""
    return study.run(_lessons, paths, paths)


def company_of(paths: Sequence[Path], priors: Sequence[StopPriors], study: Study) -> list[Examples]:
    """What each race teaches about rivals stopping together, seen with its own ``priors``."""
    items = list(zip(paths, priors, strict=True))
    return study.run(_company, items, paths, [msgspec.json.encode(each) for each in priors])


def _company(item: tuple[Path, StopPriors]) -> Examples:
    path, priors = item
    key, race = opened(path)
    return company_examples(_fitted(key, race), priors, race.neutralisations)


def _score(item: tuple[Path, StopPriors, int, int]) -> pl.DataFrame:
    path, priors, replicates, seed = item
    key, race = opened(path)
    rows = score_stops(
        race.laps,
        priors,
        series=race.info.series,
        length_ms=scheduled_ms(race),
        replicates=replicates,
        seed=seed,
        periods=race.neutralisations,
    )
    return rows.with_columns(race=pl.lit(key), series=pl.lit(race.info.series or ""))


def backtest_rejoin(paths: Sequence[Path], study: Study) -> dict[str, Any]:
    """Ghost and full ranks against the naive projection, by series too."""
    priors = left_out_priors(paths, study)
    items = [
        (path, each, study.replicates, study.seed) for path, each in zip(paths, priors, strict=True)
    ]
    depends = [(study.replicates, study.seed, msgspec.json.encode(each)) for each in priors]
    scored = [rows for rows in study.run(_score, items, paths, depends) if rows.height]
    if not scored:
        return {"protocol": PROTOCOL, "rows": [], "summary": {"all": {}, "by_series": []}}
    rows = pl.concat(scored, how="diagonal_relaxed")
    return {
        "protocol": PROTOCOL,
        "rows": rows.to_dicts(),
        "summary": {
            "all": rejoin_summary(rows).to_dicts()[0],
            "by_series": rejoin_summary(rows, ["series"]).to_dicts(),
            "by_race": rejoin_summary(rows, ["race"]).to_dicts(),
        },
    }


def fit_lessons(
    found: Sequence[StopLessons], priors: StopPriors, leave_out: str | None = None
) -> StopPriors:
    """``priors`` with all that each race teaches alone, fitted to all races but one."""
    hazards: Lessons = {each.race: (each.series, each.hazard) for each in found}
    drivers: Lessons = {each.race: (each.series, each.driver) for each in found}
    slowed = {each.race: (each.series, each.slowed) for each in found}
    fitted = fit_drivers(drivers, fit_hazards(hazards, priors, leave_out), leave_out)
    return fit_slowing(slowed, fitted, leave_out)


def left_out_priors(paths: Sequence[Path], study: Study) -> list[StopPriors]:
    """For each race the priors of stops, fitted to all the others."""
    base = stop_priors()
    found = lessons_of(paths, study)
    if len(found) < 2:
        return [base for _ in found]
    alone = [fit_lessons(found, base, each.race) for each in found]
    lessons: Lessons = {
        each.race: (each.series, laps)
        for each, laps in zip(found, company_of(paths, alone, study), strict=True)
    }
    return [
        fit_company(lessons, priors, each.race) for each, priors in zip(found, alone, strict=True)
    ]
