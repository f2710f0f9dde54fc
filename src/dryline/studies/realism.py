"""Do simulated races look like real ones? Each race from a quarter on, its own priors left out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.analysis.track.reading import filter_track
from dryline.domain.instant import Instant
from dryline.domain.series import Series
from dryline.engine.catalogue import catalogue_row
from dryline.kernels import race_columns as col
from dryline.model.race_facts import KIND
from dryline.model.race_measures import MEASURES, Measured, RestOfRace, measured
from dryline.model.race_params import FittedRace, fit_race_params
from dryline.model.race_priors import Priors, learn, shipped_priors
from dryline.race.race import Race
from dryline.sim.simulate import simulate_path
from dryline.strategy.race_weather import Weather, Weathers
from dryline.strategy.simulate_race import simulator_inputs
from dryline.studies.forecast import facts_of
from dryline.studies.study import Study, opened, scheduled_ms

FROM = 0.25
FEWEST_RACES = 6
"""With fewer, what ships with the package stands in for what the others teach."""
QUANTILES = (10, 25, 50, 75, 90)
POOLED = 20
"""Replicates whose every stint and gap is kept."""
PROTOCOL = (
    "from a quarter of the length on: the race as it was against simulated ones of what was known "
    "then, by the same measures; the track as the rain gauge saw it, and the chance of rain that "
    "races had; wet races are a kind of their own"
)


def compare_realism(paths: Sequence[Path], study: Study) -> dict[str, Any]:
    """Real races against simulated ones: ``rows`` per race and measure, ``summary`` by kind.

    Each race's priors are learnt from the other races given; with fewer than ``FEWEST_RACES``,
    they are those that ship with the package, and the rows say so.
    """
    priors = _priors(paths, study)
    items = [
        (path, each, study.replicates, study.seed) for path, each in zip(paths, priors, strict=True)
    ]
    depends = [(study.replicates, study.seed, sorted(map(str, each.items()))) for each in priors]
    found = [each for each in study.run(_compare, items, paths, depends) if each]
    rows = [row for each in found for row in each["rows"]]
    return {
        "protocol": PROTOCOL,
        "races": len(found),
        "replicates": study.replicates,
        "priors": "of the other races" if len(paths) >= FEWEST_RACES else "shipped",
        "measures": MEASURES,
        "rows": rows,
        "summary": {"kinds": _kinds(rows), "pools": _pools(found)},
    }


def rest_of(race: Race, at_ms: float) -> RestOfRace:
    """A real race after an instant; its cars are those that had crossed the line by then."""
    known = sorted(race.laps.filter(pl.col("elapsed_ms") <= at_ms)["car_number"].unique())
    rows = race.laps.filter(
        (pl.col("elapsed_ms") > at_ms) & pl.col("car_number").is_in(known)
    ).sort("car_number", "lap")
    classes = {number: entry.car_class for number, entry in race.entries.items()}
    index = {number: i for i, number in enumerate(known)}
    rest = RestOfRace(
        car=np.array([index[n] for n in rows["car_number"]], dtype=np.int64),
        lap=rows["lap"].cast(pl.Int64).to_numpy(),
        elapsed=rows["elapsed_ms"].cast(pl.Float64).to_numpy(),
        lap_ms=rows["lap_time_ms"].cast(pl.Float64).fill_null(0.0).to_numpy(),
        in_pit=rows["in_lap"].fill_null(value=False).to_numpy(),
        green=rows["is_green"].fill_null(value=False).to_numpy(),
        car_class=tuple(classes.get(n, "") for n in known),
        neutralised_ms=0.0,
    )
    if not len(rest.car):
        return rest
    held = _neutralised_ms(race, at_ms, rest.flag_ms())
    return RestOfRace(**{**vars(rest), "neutralised_ms": held})


def simulated_rest(
    fit: FittedRace, seed: int, replicate: int, weathers: Weathers | None = None
) -> RestOfRace:
    """One simulated running of the rest of a fitted race; dry where no weather is given."""
    params, state = simulator_inputs(fit) if weathers is None else weathers.of_replicate(replicate)
    outcome, path = simulate_path(params, state, seed=seed, replicate=replicate)
    path = path[np.lexsort((path[:, col.PATH_T_MS], path[:, col.PATH_CAR]))]
    car = path[:, col.PATH_CAR].astype(np.int64)
    in_pit = path[:, col.PATH_IN_PIT] > 0.0
    green = path[:, col.PATH_FLAG] == 0.0
    same = np.concatenate([[False], np.diff(car) == 0])[: len(car)]
    before = np.roll(green & ~in_pit, 1) & same
    at = fit.params["car"][:, col.CAR_CLASS].astype(int)
    return RestOfRace(
        car=car,
        lap=path[:, col.PATH_LAP].astype(np.int64),
        elapsed=path[:, col.PATH_T_MS],
        lap_ms=path[:, col.PATH_LAP_MS],
        in_pit=in_pit,
        green=green & ~in_pit & before,
        car_class=tuple(fit.classes[k] for k in at),
        neutralised_ms=float(outcome.race[0, 2]),
    )


def _priors(paths: Sequence[Path], study: Study) -> list[Priors]:
    if len(paths) < FEWEST_RACES:
        return [shipped_priors()] * len(paths)
    facts = facts_of(paths, study)
    return [learn([f for i, f in enumerate(facts) if i != own]) for own in range(len(facts))]


def _compare(item: tuple[Path, Priors, int, int]) -> dict[str, Any] | None:
    path, priors, replicates, seed = item
    key, race = opened(path)
    length, series = scheduled_ms(race), race.info.series
    at = round(FROM * length)
    known = race.cut(Instant(at))
    if race.end.ms <= at or not known.laps.height:
        return None
    track = filter_track(known.laps, at, known.messages)
    fit = fit_race_params(
        known.laps, known.stops, known.neutralisations, at, length, series, priors, track=track
    )
    weathers = Weathers(fit, *simulator_inputs(fit), Weather(track, priors["rain"]), seed)
    real = measured(rest_of(race, at))
    runs = [measured(simulated_rest(fit, seed, r, weathers)) for r in range(replicates)]
    row = catalogue_row(path) or {}
    wet = row.get("condition", "dry").strip() != "dry"
    kind = "wet" if wet else Series.of(series).race_of(float(length)).name
    return {
        "kind": kind,
        "rows": [{"race": key, "kind": kind, **_row(name, real, runs)} for name in MEASURES],
        "real": real.samples,
        "simulated": _joined([run.samples for run in runs[:POOLED]]),
    }


def _row(name: str, real: Measured, runs: Sequence[Measured]) -> dict[str, Any]:
    drawn = np.array([run.figures[name] for run in runs])
    drawn = drawn[np.isfinite(drawn)]
    truth = real.figures[name]
    if not len(drawn) or not np.isfinite(truth):
        return {"measure": name, "real": None, "low": None, "middle": None, "high": None,
                "mean": None, "rank": None}  # fmt: skip
    low, middle, high = np.quantile(drawn, [0.1, 0.5, 0.9])
    rank = float((drawn < truth).mean() + 0.5 * (drawn == truth).mean())
    values = {"real": truth, "low": low, "middle": middle, "high": high, "mean": drawn.mean()}
    return {"measure": name, **{n: float(v) for n, v in values.items()}, "rank": rank}


def _kinds(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Medians over races, and how often the real figure lies in the simulated 10 to 90 %."""
    out = []
    for kind in sorted({row["kind"] for row in rows}):
        for name in MEASURES:
            mine = [
                row
                for row in rows
                if row["kind"] == kind and row["measure"] == name and row["real"] is not None
            ]
            if mine:
                inside = [row["low"] <= row["real"] <= row["high"] for row in mine]
                out.append(
                    {
                        "kind": kind, "measure": name, "races": len(mine),
                        **{
                            f"{what}_median": float(np.median([row[field] for row in mine]))
                            for what, field in (("real", "real"), ("simulated", "middle"))
                        },
                        "real_mean": float(np.mean([row["real"] for row in mine])),
                        "simulated_mean": float(np.mean([row["mean"] for row in mine])),
                        "inside_80": float(np.mean(inside)),
                        "mean_rank": float(np.mean([row["rank"] for row in mine])),
                    }
                )  # fmt: skip
    return out


def _pools(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Quantiles of every stint and gap by kind, real beside simulated."""
    out = []
    for kind in sorted({each["kind"] for each in found}):
        mine = [each for each in found if each["kind"] == kind]
        real = _joined([each["real"] for each in mine])
        drawn = _joined([each["simulated"] for each in mine])
        for name, values in real.items():
            if len(values) and len(drawn.get(name, ())):
                out.append(
                    {
                        "kind": kind, "measure": name, "real_n": len(values),
                        "real": _quantiles(values), "simulated": _quantiles(drawn[name]),
                    }
                )  # fmt: skip
    return out


def _quantiles(values: NDArray[np.float64]) -> dict[str, float]:
    return {f"q{q}": float(np.quantile(values, q / 100.0)) for q in QUANTILES}


def _joined(
    many: Sequence[dict[str, NDArray[np.float64]]],
) -> dict[str, NDArray[np.float64]]:
    names = dict.fromkeys(name for each in many for name in each)
    return {n: np.concatenate([each[n] for each in many if n in each]) for n in names}


def _neutralised_ms(race: Race, start: float, flag: float) -> float:
    held = 0.0
    for kind, a, b in race.neutralisations.select("kind", "start_ms", "end_ms").iter_rows():
        if kind in KIND:
            held += max(0.0, min(flag, flag if b is None else b) - max(start, a))
    return held
