"""The dry expectation of every car's sector times: what wetness is measured against.

Levels per class and sector start from the same circuit in other races (recognised by the lap's
length) and follow the race's own dry laps; crews are kept as offsets that lean towards zero
until there are laps to speak for them. Everything is in log time.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl

from dryline.domain.dry_prior import DryPrior

_CLIP = 0.03

Sectors = tuple[float, float, float]
"""Log sector times, ms."""


@cache
def shipped_priors() -> tuple[DryPrior, ...]:
    """The dry sector times that come with the package (``data/priors/track.toml``)."""
    text = files("dryline.data").joinpath("priors", "track.toml").read_text(encoding="utf-8")
    return tuple(
        DryPrior(r["race"], r["length_km"], r["car_class"], tuple(r["sectors_ms"]), r["first_ms"])
        for r in tomllib.loads(text)["dry"]
    )


def fit_dry_priors(race: str, laps: pl.DataFrame) -> list[DryPrior]:
    """Dry sector times of one race: per class the 30 % quantile of its flying laps.

    A class counts from 60 flying laps. Flying: neither in- nor out-lap, not the first lap.
    """
    rows = []
    for (name,), group in sorted(flying_laps(laps).group_by("car_class")):
        if group.height < 60:
            continue
        length = (group["speed_kmh"] * group["lap_time_ms"] / 3_600_000).median()
        sectors = sector_quantiles(group, 0.3)
        if isinstance(length, float) and all(sectors):
            first = int(laps["elapsed_ms"].min())  # type: ignore[arg-type]
            rows.append(DryPrior(race, round(length, 3), str(name), sectors, first))
    return rows


def flying_laps(laps: pl.DataFrame) -> pl.DataFrame:
    """Laps that are neither in- nor out-lap nor a car's first."""
    previous_in = pl.col("in_pit").shift(1).over("car_number").fill_null(False)
    return laps.sort("elapsed_ms").filter(
        ~pl.col("in_pit") & pl.col("pit_lane_ms").is_null() & ~previous_in & (pl.col("lap") > 1)
    )


def sector_quantiles(laps: pl.DataFrame, share: float) -> tuple[float, float, float]:
    """That quantile of each sector's times, whole ms; 0 where it has none."""
    found = (laps[f"s{k}_ms"].drop_nulls().quantile(share) for k in (1, 2, 3))
    a, b, c = (round(value) if value is not None else 0 for value in found)
    return a, b, c


def class_pace(priors: Iterable[DryPrior]) -> dict[str, float]:
    """Log lap time of every class against the others, by least squares over races."""
    rows = list(priors)
    classes = sorted({p.car_class for p in rows})
    races = sorted({p.race for p in rows})
    if not rows:
        return {}
    design = np.zeros((len(rows) + 1, len(classes) + len(races)))
    target = np.zeros(len(rows) + 1)
    for i, p in enumerate(rows):
        design[i, classes.index(p.car_class)] = 1.0
        design[i, len(classes) + races.index(p.race)] = 1.0
        target[i] = math.log(sum(p.sectors_ms))
    design[-1, : len(classes)] = 1.0
    solution = np.linalg.lstsq(design, target, rcond=None)[0]
    return {c: float(solution[i]) for i, c in enumerate(classes)}


def expected_sectors(
    priors: Iterable[DryPrior], length_km: float, classes: Iterable[str], without: str | None = None
) -> Mapping[str, Sectors]:
    """Log dry sector times per class at the circuit of that length, from other races only.

    A class that has not raced there borrows from the others by its usual distance to them.
    """
    known = [p for p in priors if p.race != without]
    return sectors_at([p for p in known if is_here(p, length_km)], known, classes)


def is_here(prior: DryPrior, length_km: float) -> bool:
    """Whether it was driven at the circuit of that length."""
    return abs(prior.length_km - length_km) < 0.0045


def sectors_at(
    here: Sequence[DryPrior], known: Iterable[DryPrior], classes: Iterable[str]
) -> dict[str, Sectors]:
    """Log dry sector times per class by what was driven here; ``known`` tells their distances."""
    pace = class_pace(known) if here else {}
    out: dict[str, Sectors] = {}
    for name in classes:
        own = [p for p in here if p.car_class == name]
        rows = [(p, 0.0) for p in own] or [
            (p, pace[name] - pace[p.car_class]) for p in here if name in pace
        ]
        if rows:
            out[name] = tuple(  # type: ignore[assignment]
                float(np.median([math.log(p.sectors_ms[k]) + add for p, add in rows]))
                for k in range(3)
            )
    return out


class DryReference:
    """The running dry expectation, fed with laps in the order they become known."""

    def __init__(self, cap: int = 250) -> None:
        self._level: dict[tuple[str, int], float] = {}
        self._count: dict[tuple[str, int], float] = {}
        self._crew: dict[tuple[str, str], list[float]] = {}
        self._car: dict[tuple[str, int], list[float]] = {}
        self._cap = cap

    def knows(self, car_class: str) -> bool:
        """Whether the class has a level yet."""
        return (car_class, 0) in self._level

    def set_level(self, car_class: str, sectors: Sectors, laps: float) -> None:
        """Fix a class's level (log ms per sector), worth that many laps of evidence."""
        for k in range(3):
            self._level[car_class, k] = sectors[k]
            self._count[car_class, k] = laps

    def level(self, car_class: str, sector: int) -> float:
        """The class's dry log sector time."""
        return self._level[car_class, sector]

    def shift(self, car_class: str, sector: int, by: float) -> None:
        """Move a class's level: its laps show that the track was not dry before."""
        self._level[car_class, sector] += by

    def expected(self, car_class: str, car: str, driver: str, sector: int) -> float:
        """Log of the dry sector time of that crew."""
        crew = self._crew.get((car, driver))
        own = self._car.get((car, sector))
        value = self._level[car_class, sector]
        if crew:
            value += crew[0] / (crew[1] + 6.0)
        if own:
            value += own[0] / (own[1] + 8.0)
        return value

    def uncertainty(self, car: str, driver: str) -> float:
        """Scale of what is not known of the crew's pace, in log time."""
        crew = self._crew.get((car, driver))
        return 0.012 / math.sqrt(1.0 + (crew[1] / 6.0 if crew else 0.0))

    def learn(
        self, car_class: str, car: str, driver: str, sector: int, log_time: float, weight: float
    ) -> None:
        """Take a sector time in, believed dry with that weight in [0, 1]."""
        error = log_time - self.expected(car_class, car, driver, sector)
        if abs(error) > 3 * _CLIP or weight <= 0:
            return
        error = max(-_CLIP, min(_CLIP, error))
        key = (car_class, sector)
        self._count[key] = min(self._cap, self._count[key] + weight)
        self._level[key] += weight * error / (self._count[key] + 1.0)
        crew = self._crew.setdefault((car, driver), [0.0, 0.0])
        crew[0] = 0.99 * crew[0] + weight * (error + _pull(crew, 6.0)) / 3.0
        crew[1] = 0.99 * crew[1] + weight / 3.0
        own = self._car.setdefault((car, sector), [0.0, 0.0])
        own[0] = 0.99 * own[0] + 0.5 * weight * (error + _pull(own, 8.0))
        own[1] = 0.99 * own[1] + 0.5 * weight


def _pull(sums: list[float], lean: float) -> float:
    return sums[0] / (sums[1] + lean)
