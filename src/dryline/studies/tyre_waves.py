"""Waves of tyre changes: who changed between slicks and wets, and when a class did together.

Read in hindsight from the smoothed tyres. No file says which tyre a car had, so a change is an
inference; the reference table of waves dates them independently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from dryline.studies.track_scores import class_group

TURNED = 0.5
"""A stop changed the tyre where the smoothed probability of wets moved by more than this."""
APART_MIN = 12.0
FEWEST = 4
LEAST_SHARE = 0.25
"""A wave: so many cars, and such a share of the group, with no pause as long as ``APART_MIN``."""
BEFORE_MIN, AFTER_MIN = 8.0, 25.0


@dataclass(frozen=True)
class TyreChange:
    """One car's change at the stop whose in-lap is ``lap`` and ended at ``in_ms``."""

    car: str
    car_class: str
    lap: int
    in_ms: int
    change_to: str


@dataclass(frozen=True)
class Wave:
    """A class group that changes together; ``begin_min`` and ``median_min`` of the cars."""

    group: str
    change_to: str
    begin_min: float
    median_min: float
    source: str
    changes: tuple[TyreChange, ...]


def tyre_changes(
    tyres: pl.DataFrame, stops: pl.DataFrame, classes: Mapping[str, str]
) -> list[TyreChange]:
    """Every change between slicks and wets, by time.

    Args:
        tyres: the smoothed tyres of a race, a row per car and stop.
        stops: schema ``STOPS``.
        classes: each car's class.
    """
    moved = tyres.sort("car_number", "from_ms").with_columns(
        turn=pl.col("p_wet_tyre").diff().over("car_number")
    )
    turns = moved.filter(pl.col("turn").abs() > TURNED)
    at = {(c, m): (lap, m) for c, m, lap in stops.select("car_number", "in_ms", "lap").iter_rows()}
    out = []
    for car, from_ms, turn in turns.select("car_number", "from_ms", "turn").iter_rows():
        lap, in_ms = at.get((car, from_ms), (0, 0))
        if lap:
            kind = "wet" if turn > 0 else "slick"
            out.append(TyreChange(car, classes[car], lap, in_ms, kind))
    return sorted(out, key=lambda each: (each.in_ms, each.car))


def waves_of(
    changes: Sequence[TyreChange],
    sizes: Mapping[str, int],
    reference: Iterable[Mapping[str, object]],
) -> list[Wave]:
    """The reference's waves with the changes read in them, then waves that only the reading shows.

    ``sizes`` are cars by class group; ``reference`` has the columns of ``tyre_change_waves.csv``.
    """
    out, taken = [], set[tuple[str, int]]()
    for row in reference:
        group, kind = str(row["class_group"]), str(row["change_to"])
        begin, middle = float(str(row["wave_10pct_min"])), float(str(row["wave_median_min"]))
        mine = _between(changes, group, kind, begin - BEFORE_MIN, middle + AFTER_MIN)
        taken |= {(each.car, each.in_ms) for each in mine}
        out.append(Wave(group, kind, begin, middle, "reference", tuple(mine)))
    left = [each for each in changes if (each.car, each.in_ms) not in taken]
    for group in sorted({class_group(each.car_class) for each in left}):
        for kind in ("slick", "wet"):
            for run in _runs(_between(left, group, kind, 0.0, 1.0e9)):
                if len(run) >= max(FEWEST, LEAST_SHARE * sizes.get(group, 0)):
                    minutes = sorted(each.in_ms / 60_000 for each in run)
                    begin, middle = minutes[len(run) // 10], minutes[len(run) // 2]
                    out.append(Wave(group, kind, begin, middle, "inferred", tuple(run)))
    return out


def _between(
    changes: Sequence[TyreChange], group: str, kind: str, begin_min: float, end_min: float
) -> list[TyreChange]:
    return [
        each
        for each in changes
        if class_group(each.car_class) == group
        and each.change_to == kind
        and begin_min <= each.in_ms / 60_000 <= end_min
    ]


def _runs(changes: Sequence[TyreChange]) -> list[list[TyreChange]]:
    out: list[list[TyreChange]] = []
    for each in changes:
        if out and each.in_ms - out[-1][-1].in_ms < APART_MIN * 60_000:
            out[-1].append(each)
        else:
            out.append([each])
    return out
