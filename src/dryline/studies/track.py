"""``dryline backtest track``: the live rain gauge against references read in hindsight."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from dryline.analysis.track.reference import fit_dry_priors
from dryline.domain.dry_prior import DryPrior
from dryline.domain.errors import UnreadableFile
from dryline.studies.study import Study, opened
from dryline.studies.track_scores import PROTOCOL, score_race, summarise

WET, WAVES = "wet_intervals.csv", "tyre_change_waves.csv"


def _fit(path: Path) -> list[DryPrior]:
    key, race = opened(path)
    return fit_dry_priors(key, race.laps)


def _score(
    item: tuple[Path, pl.DataFrame, pl.DataFrame, list[DryPrior]],
) -> list[dict[str, Any]]:
    path, wet, waves, priors = item
    key, race = opened(path)
    return score_race(key, race.laps, wet, waves, priors)


def backtest_track(
    paths: Sequence[Path], study: Study, wet: Path | None = None, waves: Path | None = None
) -> dict[str, Any]:
    """Onsets, recall, false alarms, tyres and crossovers, each race without its own dry times.

    Raises:
        UnreadableFile: where the references are neither named nor above the races.
    """
    wet_table = pl.read_csv(wet or above(paths, WET))
    wave_table = pl.read_csv(waves or above(paths, WAVES))
    priors = dry_priors_of(paths, study)
    items = [(path, wet_table, wave_table, priors) for path in paths]
    depends = [(wet_table.hash_rows().sum(), wave_table.hash_rows().sum(), len(priors))]
    rows = [row for found in study.run(_score, items, paths, depends * len(paths)) for row in found]
    return {"protocol": PROTOCOL, "rows": rows, "summary": summarise(rows)}


def dry_priors_of(paths: Sequence[Path], study: Study) -> list[DryPrior]:
    """The dry sector times of these races; each names its race, so that it can be left out."""
    return [prior for found in study.run(_fit, paths, paths) for prior in found]


def above(paths: Sequence[Path], name: str) -> Path:
    """The file of that name in the nearest folder above these races that has one.

    Raises:
        UnreadableFile: where there is none.
    """
    for path in paths:
        for folder in list(path.resolve().parents)[:6]:
            if (folder / name).is_file():
                return folder / name
    raise UnreadableFile(
        f"no {name} above these races",
        remedy="Name the references with --wet FILE and --waves FILE.",
    )
