"""``dryline backtest flag``: laps at the flag as projected, against those that cars had there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from dryline.domain.errors import NotKnown
from dryline.domain.instant import Instant
from dryline.model.flag.projection import LapsAtFlag, laps_at_flag
from dryline.model.race_facts import RaceFacts, race_facts
from dryline.model.race_priors import Priors
from dryline.model.race_priors import learn as learn_race_priors
from dryline.race.race import Race
from dryline.studies.study import Study, opened, scheduled_ms

PROTOCOL = (
    "every class at 25, 50 and 75 % of the scheduled length and with 10, 5 and 2 minutes to go; "
    "cars that took the flag and had been seen within about two laps; priors from the other races; "
    "held: the laps lie within p10 to p90; exact: they are p50; bias: the class's median of p50 "
    "less its median of laps, in all, over the hours left in all, with its 90 % interval over "
    "races; stopped: the race went on after the first flag that its length asks for, because a red "
    "flag stopped the clock, which no file says: these are counted apart"
)
FRACTIONS, MINUTES = (0.25, 0.5, 0.75), (10, 5, 2)
SEEN_LAPS = 2.2
RESAMPLED = 1000
COUNTED = ("held", "exact", "below", "above")


@dataclass(frozen=True)
class ClassLaps:
    """A class of a race at an instant: its cars, how many were held, exact, below and above."""

    race: str
    series: str
    instant: str
    hours_left: float
    car_class: str
    cars: int
    held: int
    exact: int
    below: int
    above: int
    median_said: float
    median_was: float
    stopped: bool


def backtest_flag(paths: Sequence[Path], study: Study) -> dict[str, Any]:
    """The projection over these races, each left out of what it believes of the others."""
    found = study.run(_facts, paths, paths)
    kept = [(path, facts) for path, facts in zip(paths, found, strict=True) if facts is not None]
    items = [
        (path, learn_race_priors([each for other, each in kept if other != path]), study.seed)
        for path, _ in kept
    ]
    depends = [(study.seed, sorted(map(str, priors.items()))) for _, priors, _ in items]
    rows = [
        row
        for rows in study.run(_score, items, [path for path, _ in kept], depends)
        for row in rows
    ]
    return {
        "protocol": PROTOCOL,
        "races": len({row.race for row in rows}),
        "left_out": len(paths) - len(kept),
        "rows": [asdict(row) for row in rows],
        "summary": {"instants": summary(rows, study.seed)},
    }


def _facts(path: Path) -> RaceFacts | None:
    """What a race teaches; nothing where its length is not known or nobody took the flag."""
    _, race = opened(path)
    try:
        length = scheduled_ms(race)
    except NotKnown:
        return None
    if race.finish is None:
        return None
    return race_facts(
        race.laps, race.stops, race.neutralisations, length, race.series, complete=True
    )


def instants(length_ms: int) -> dict[str, int]:
    """The instants that are asked at, ms, by name."""
    early = {f"{share:.0%}": round(share * length_ms) for share in FRACTIONS}
    return early | {f"{left} min": length_ms - left * 60_000 for left in MINUTES}


def _score(item: tuple[Path, Priors, int]) -> list[ClassLaps]:
    path, priors, seed = item
    key, race = opened(path)
    length = scheduled_ms(race)
    truth, stopped = laps_taken(race), went_on(race, length)
    rows = []
    for name, at in instants(length).items():
        moment = race.moment(Instant(at))
        said = laps_at_flag(moment, seed=seed, priors=priors)
        for car_class, cars in _running(moment.race, truth, at).items():
            rows.append(_row(said, truth, cars, key, race, name, length - at, car_class, stopped))
    return rows


def laps_taken(race: Race) -> dict[str, int]:
    """Each car's laps as it took the flag: those who did not are left out."""
    if race.finish is None:
        return {}
    flagged = race.crossings.filter(pl.col("elapsed_ms") >= race.finish.ms)
    return dict(flagged.group_by("car_number").agg(pl.col("lap").min()).iter_rows())


def went_on(race: Race, length_ms: int) -> bool:
    """Whether the race went on after the first flag that its length asks for."""
    before = race.crossings.filter(pl.col("elapsed_ms") < length_ms)["lap"].max()
    leads = (pl.col("elapsed_ms") >= length_ms) & (pl.col("lap") > before)
    first = race.crossings.filter(leads)["elapsed_ms"].min()
    return race.finish is not None and first != race.finish.ms


def _running(known: Race, truth: Mapping[str, int], at_ms: int) -> dict[str, list[str]]:
    """Cars by class that were seen within about two laps of the instant and took the flag."""
    seen = known.crossings.group_by("car_number", maintain_order=True).agg(
        pl.col("elapsed_ms").last(), pl.col("lap_time_ms").median(), pl.col("car_class").last()
    )
    out: dict[str, list[str]] = {}
    for car, last, lap, car_class in seen.iter_rows():
        if car in truth and at_ms - last <= SEEN_LAPS * (lap or 0):
            out.setdefault(car_class, []).append(car)
    return out


def _row(
    said: LapsAtFlag,
    truth: Mapping[str, int],
    cars: Sequence[str],
    key: str,
    race: Race,
    instant: str,
    left_ms: int,
    car_class: str,
    stopped: bool,
) -> ClassLaps:
    low, middle, high = np.array([said.quantiles(car) for car in cars]).T
    was = np.array([truth[car] for car in cars])
    return ClassLaps(
        race=key,
        series=race.info.series or "",
        instant=instant,
        hours_left=left_ms / 3_600_000,
        car_class=car_class,
        cars=len(cars),
        held=int(((low <= was) & (was <= high)).sum()),
        exact=int((middle == was).sum()),
        below=int((was < low).sum()),
        above=int((was > high).sum()),
        median_said=float(np.median(middle)),
        median_was=float(np.median(was)),
        stopped=stopped,
    )


def summary(rows: Sequence[ClassLaps], seed: int = 1) -> list[dict[str, Any]]:
    """By instant: all races whose clock ran on, each series of them, and the stopped ones."""
    table = []
    for instant in dict.fromkeys(row.instant for row in rows):
        here = [row for row in rows if row.instant == instant]
        ran = [row for row in here if not row.stopped]
        groups = {"all": ran}
        groups |= {
            name: [row for row in ran if row.series == name]
            for name in sorted({row.series for row in ran} - {""})
        }
        groups["stopped"] = [row for row in here if row.stopped]
        for name, mine in groups.items():
            if mine:
                table.append({"instant": instant, "races": name, **_figures(mine, seed)})
    return table


def _figures(rows: Sequence[ClassLaps], seed: int) -> dict[str, Any]:
    cars = sum(row.cars for row in rows)
    races = list(dict.fromkeys(row.race for row in rows))
    error = np.array(
        [sum(r.median_said - r.median_was for r in rows if r.race == name) for name in races]
    )
    hours = np.array([sum(r.hours_left for r in rows if r.race == name) for name in races])
    random = np.random.Generator(np.random.Philox(key=np.array([seed, len(rows)], dtype=np.uint64)))
    picked = random.integers(0, len(races), (RESAMPLED, len(races)))
    low, high = np.quantile(error[picked].sum(1) / hours[picked].sum(1), (0.05, 0.95))
    return {
        "count": len(races),
        "class_races": len(rows),
        "cars": cars,
        **{name: sum(getattr(row, name) for row in rows) / cars for name in COUNTED},
        "bias_laps_per_hour": float(error.sum() / hours.sum()),
        "bias_low": float(low),
        "bias_high": float(high),
        "mean_bias_laps_per_hour": float(
            np.mean([(r.median_said - r.median_was) / r.hours_left for r in rows])
        ),
    }
