"""The real races, read once for all tests of this folder."""

from __future__ import annotations

import csv
from functools import lru_cache
from pathlib import Path

from dryline.domain.race_info import RaceInfo
from dryline.feeds.alkamel.parse_laps import parse_laps
from dryline.race.race import Race


@lru_cache(maxsize=64)
def real_race(data: Path, race_id: str) -> Race:
    """A race of the catalogue by its id there."""
    path = data / catalogue(data)[race_id]
    series, year = race_id.split("/")[:2]
    info = RaceInfo(name=race_id, series=series, year=int(year), event=race_id)
    return Race(info=info, crossings=parse_laps(path.read_bytes(), path.name).crossings)


@lru_cache(maxsize=1)
def catalogue(data: Path) -> dict[str, str]:
    """The lap files by race id."""
    with (data / "catalogue.csv").open(encoding="utf-8") as rows:
        return {row["race"]: row["file"] for row in csv.DictReader(rows)}


def results_file(data: Path, race_id: str) -> Path:
    """The official result beside a race's laps."""
    laps = data / catalogue(data)[race_id]
    return laps.with_name(laps.name.replace("-laps", "-results"))
