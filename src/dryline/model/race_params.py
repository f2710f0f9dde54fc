"""Fit the simulator's inputs: a race up to an instant, plus what other races teach.

`fit_race_params` returns arrays in the kernel's columns; ``strategy.simulate_race`` hands them to
the simulator, which this room may not see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.analysis.pace.estimate import driver_rows, pace_filtered
from dryline.analysis.pace.model import PaceModel
from dryline.analysis.track.reading import TrackEstimate
from dryline.domain.series import Series
from dryline.kernels import race_columns as col
from dryline.kernels.one_thread import one_thread
from dryline.model.borrowed import believed
from dryline.model.dry_laps import dry_laps
from dryline.model.race_class_params import ClassFit, class_fits, neutral_tables
from dryline.model.race_facts import (
    EARLY_RACE,
    OVERDUE_EDGES,
    CarLog,
    car_logs,
    race_facts,
    silence_laps,
)
from dryline.model.race_facts import KIND as KIND_CODE
from dryline.model.race_priors import NOISE_LOG_SD, Priors, shipped_priors

Floats = NDArray[np.float64]
CREW = 4
"""Most drivers of a car that are told apart."""
REFERENCE_LAP = 8.0
RACE_LOG_SD = (0.4, 0.4)
"""How races differ from their fit in retirements and trouble: log sd."""
SETTLED = 0.75
"""By this share of a race its lap noise has settled: a full field makes the first laps noisy."""
LEAST_NOISE = 0.6
"""Of the noise fitted, what is left at least once traffic is taken out of it."""


@dataclass(frozen=True)
class FittedRace:
    """A race's parameters and state as arrays; names and shapes as in ``sim.RaceParams``.

    ``cars`` and ``classes`` give the order of rows; ``drivers`` each car's, in the order of the
    columns of ``pace``.
    """

    cars: tuple[str, ...]
    classes: tuple[str, ...]
    drivers: tuple[tuple[str, ...], ...]
    params: Mapping[str, Floats]
    state: Mapping[str, Floats]
    now_ms: float
    length_ms: float


@one_thread
def fit_race_params(
    laps: pl.DataFrame,
    stops: pl.DataFrame,
    neutralisations: pl.DataFrame,
    t: int,
    length_ms: int,
    series: str | None,
    priors: Priors | None = None,
    starters: Mapping[str, str] | None = None,
    track: TrackEstimate | None = None,
) -> FittedRace:
    """Fit from the rows up to ``t`` (ms); later rows are not read.

    ``priors`` are those that ship with the package unless given; ``starters`` maps cars that
    have not crossed the line yet to their class; ``track`` is the rain gauge's estimate at ``t``,
    by which wet laps are told from slow ones. ValueError: no car at all.
    """
    laps, dry = dry_laps(laps.filter(pl.col("elapsed_ms") <= t), track)
    stops = stops.filter(pl.col("in_ms") <= t)
    neutralisations = neutralisations.filter(pl.col("start_ms") <= t)
    priors = shipped_priors() if priors is None else priors
    logs = _with_starters(car_logs(laps), starters or {})
    if not logs:
        raise ValueError("no car has crossed the line by then, and no starters are given")
    facts = race_facts(laps, stops, neutralisations, float(length_ms), series)
    own = believed(priors, facts.kind.priors)
    pace = pace_filtered(dry, t).model if len(dry) else None
    classes = tuple(dict.fromkeys(log.car_class for log in logs))
    fits = class_fits(
        classes, facts, Series.of(series), own["families"], pace, logs, t, float(length_ms)
    )
    params = neutral_tables(
        classes, fits, facts, own["neutral"], Series.of(series), float(length_ms)
    )
    params["cls"] = np.array([fit.row for fit in fits])
    more, doubt = own.get("noise", (0.0, NOISE_LOG_SD))
    settles = float(np.clip((SETTLED - t / length_ms) / (SETTLED - EARLY_RACE), 0.0, 1.0))
    params["cls"][:, col.CLASS_NOISE] *= np.exp(more * settles)
    params["spread"] = np.array([*RACE_LOG_SD, doubt])
    params["cost"] = _traffic(fits)
    _less_traffic(params["cls"], params["cost"], fits)
    field = _Field(logs, classes, fits, tuple(_crew(log) for log in logs))
    params["car"] = _cars(field, float(t), own["silent"], min(1.0, t / length_ms))
    params.update(_paces(field, pace))
    state = _state(field, pace)
    if facts.kind.sprint:
        _trust_crews(state["cars"], field, float(length_ms))
    _mark_finishers(state["cars"], float(length_ms))
    state["known"] = _known(neutralisations, t)
    return FittedRace(
        cars=tuple(log.number for log in logs),
        classes=classes,
        drivers=field.crews,
        params=params,
        state=state,
        now_ms=float(t),
        length_ms=float(length_ms),
    )


def _with_starters(logs: list[CarLog], starters: Mapping[str, str]) -> list[CarLog]:
    seen = {log.number for log in logs}
    empty, none = np.zeros(0), np.zeros(0, bool)
    bases = {log.car_class: log.base_ms for log in logs}
    return logs + [
        CarLog(
            n, k, empty, empty, none, none, none, empty, np.zeros(0, np.int64), (),
            bases.get(k, 1.0e5),
        )
        for n, k in starters.items()
        if n not in seen
    ]  # fmt: skip


def _crew(log: CarLog) -> tuple[str, ...]:
    seen = tuple(dict.fromkeys(log.driver))[:CREW]
    return seen or ("",)


def _crew_size(crew: Sequence[str], fit: ClassFit) -> int:
    return min(CREW, max(len(crew), fit.usual_crew))


def _traffic(fits: Sequence[ClassFit]) -> Floats:
    """Loss of a faster class per slower car passed: 0.35 s, the middle of 0.26 to 0.46 counted."""
    n = len(fits)
    cost = np.zeros((n, n))
    for i, a in enumerate(fits):
        for j, b in enumerate(fits):
            cost[i, j] = 350.0 if a.base_ms < b.base_ms else 250.0
    return cost


def _less_traffic(cls: Floats, cost: Floats, fits: Sequence[ClassFit]) -> None:
    """Take out of the laps' noise what the simulator adds again as traffic: mean and variance.

    Cars met on a lap are taken as Poisson; each costs 0.4 to 1.6 times its price (1.12 is the
    mean square of that).
    """
    for i, a in enumerate(fits):
        meets = {
            j: b.cars * (b.base_ms - a.base_ms) / b.base_ms
            for j, b in enumerate(fits)
            if b.base_ms > a.base_ms
        }
        met = sum(cost[i, j] * often for j, often in meets.items())
        spread = sum(1.12 * (cost[i, j] / a.base_ms) ** 2 * often for j, often in meets.items())
        noise = cls[i, col.CLASS_NOISE]
        cls[i, col.CLASS_NOISE] = max(LEAST_NOISE * noise, max(0.0, noise**2 - spread) ** 0.5)
        p, mean = cls[i, col.CLASS_SLOW_P], cls[i, col.CLASS_SLOW_MEAN]
        left = p * mean - met / a.base_ms
        cls[i, col.CLASS_SLOW_MEAN] = max(0.25 * mean, left / max(p, 1.0e-6))


@dataclass(frozen=True)
class _Field:
    """Every car with its log and crew, and what its class is fitted with."""

    logs: Sequence[CarLog]
    classes: tuple[str, ...]
    fits: Sequence[ClassFit]
    crews: tuple[tuple[str, ...], ...]

    def fit_of(self, log: CarLog) -> ClassFit:
        """The fit of a car's class."""
        return self.fits[self.classes.index(log.car_class)]


def _cars(field: _Field, t: float, silent: Mapping[str, Sequence[float]], run: float) -> Floats:
    """Rows of CAR_*; ``run`` is the share of the race that is over: who is silent late stays so."""
    out = np.zeros((len(field.logs), col.CAR_COLUMNS))
    for c, log in enumerate(field.logs):
        fit = field.fit_of(log)
        out[c, col.CAR_CLASS] = field.classes.index(log.car_class)
        out[c, col.CAR_BOX] = c
        out[c, col.CAR_IN_SHARE] = fit.in_share_of(log.number)
        out[c, col.CAR_RANGE] = fit.range_laps
        out[c, col.CAR_RANGE_SD] = fit.range_sd
        out[c, col.CAR_PIT_MS], out[c, col.CAR_PIT_SD_MS] = fit.pit_of(log.number)
        out[c, col.CAR_RETIRE_X] = 1.15 + 0.6 * max(0.0, run - 0.4)
        out[c, col.CAR_DRIVERS] = _crew_size(_crew(log), fit)
        bin_ = int(np.digitize(silence_laps(log, len(log.elapsed), t), OVERDUE_EDGES))
        if bin_ >= 1:
            back = 1.0 - silent["gone"][bin_]
            out[c, col.CAR_GONE_P] = 1.0 - back * (1.5 * (1.0 - run) if bin_ >= 2 else 1.0)
            if bin_ >= 2:
                out[c, col.CAR_WAIT_MS] = silent["wait_laps"][bin_] * fit.base_ms
    return out


def _paces(field: _Field, pace: PaceModel | None) -> dict[str, Floats]:
    n = len(field.logs)
    mean, chol = np.zeros((n, CREW)), np.zeros((n, CREW, CREW))
    target, most = np.zeros((n, CREW)), np.full((n, CREW), 1.0e12)
    rows = None
    if pace is not None:
        rows = driver_rows(pace, np.zeros(pace.design.blocks.size))
    for c, log in enumerate(field.logs):
        fit = field.fit_of(log)
        size = _crew_size(field.crews[c], fit)
        m, cov = _crew_pace(log, field.crews[c], size, fit, pace, rows)
        mean[c, :size] = m
        chol[c, :size, :size] = np.linalg.cholesky(cov + 1.0e-9 * np.eye(size))
        target[c, :size] = 1.0 / size
    return {"pace": mean, "chol": chol, "target": target, "most": most}


def _crew_pace(
    log: CarLog,
    crew: tuple[str, ...],
    size: int,
    fit: ClassFit,
    pace: PaceModel | None,
    rows: Floats | None,
) -> tuple[Floats, Floats]:
    """Mean and covariance of a crew's paces around the class's, as shares."""
    prior = fit.car_sd**2 + np.eye(size) * fit.driver_sd**2
    if pace is None or rows is None or log.car_class not in pace.design.classes:
        return np.zeros(size), prior
    k = pace.design.classes.index(log.car_class)
    index = {name: i for i, name in enumerate(pace.design.drivers)}
    known = [
        (d, index[(log.number, name)]) for d, name in enumerate(crew) if (log.number, name) in index
    ]
    if not known:
        return np.zeros(size), prior
    base = np.zeros(pace.design.blocks.size)
    base[k] = 1.0
    own = np.array([rows[i] - base for _, i in known])
    car = own[0].copy()
    car[pace.design.blocks.driver + known[0][1]] = 0.0
    forms = np.tile(car, (size, 1))
    extra = np.full(size, fit.driver_sd**2)
    for (d, _), form in zip(known, own, strict=True):
        forms[d], extra[d] = form, 0.0
    cov = forms @ pace.covariance @ forms.T + np.diag(extra)
    return forms @ pace.coefficients, cov + np.eye(size) * 1.0e-8


def _state(field: _Field, pace: PaceModel | None) -> dict[str, Floats]:
    out = np.zeros((len(field.logs), col.STATE_COLUMNS))
    drive = np.zeros((len(field.logs), CREW))
    for c, log in enumerate(field.logs):
        fit = field.fit_of(log)
        out[c, col.STATE_FUEL] = fit.range_laps
        out[c, col.STATE_STINT_SD] = fit.row[col.CLASS_STINT_SD]
        if not len(log.elapsed):
            continue
        since = log.stint == log.stint[-1]
        in_lane = bool(log.in_lap[-1])
        out[c, col.STATE_LAPS] = len(log.elapsed)
        out[c, col.STATE_LAST_MS] = log.elapsed[-1]
        out[c, col.STATE_FUEL] = fit.range_laps - float(log.fuel[since].sum())
        out[c, col.STATE_TYRE_AGE] = out[c, col.STATE_STINT_LAPS] = float(since.sum())
        out[c, col.STATE_IN_LANE] = float(in_lane)
        out[c, col.STATE_STOPS] = float(log.in_lap.sum()) - float(in_lane)
        now = log.driver[-1]
        out[c, col.STATE_DRIVER] = field.crews[c].index(now) if now in field.crews[c] else 0
        for d, name in enumerate(field.crews[c]):
            drive[c, d] = float(log.lap[np.array([x == name for x in log.driver])].sum())
        if pace is not None and not in_lane:
            key = (log.number, int(log.stint[-1]), now)
            if key in pace.design.stints:
                s = pace.design.stints.index(key)
                out[c, col.STATE_STINT_PACE] = pace.stint_effect[s]
                out[c, col.STATE_STINT_SD] = min(
                    fit.row[col.CLASS_STINT_SD], float(pace.stint_precision[s]) ** -0.5
                )
    return {"cars": out, "drive": drive}


def _trust_crews(cars: Floats, field: _Field, length_ms: float) -> None:
    """A sprint crew that has stopped as often as it must, and can nearly make the flag, will."""
    for c, log in enumerate(field.logs):
        fit = field.fit_of(log)
        left = (length_ms - cars[c, col.STATE_LAST_MS]) / fit.base_ms + 1.0
        enough = cars[c, col.STATE_STOPS] + cars[c, col.STATE_IN_LANE] >= fit.stops
        if enough and cars[c, col.STATE_FUEL] > 0.87 * left:
            cars[c, col.STATE_FUEL] = max(cars[c, col.STATE_FUEL], 1.1 * left)


def _mark_finishers(cars: Floats, length_ms: float) -> None:
    """Cars that have taken the flag already run no further lap."""
    laps, last = cars[:, col.STATE_LAPS], cars[:, col.STATE_LAST_MS]
    first = int(np.lexsort((last, -laps))[0])
    if last[first] >= length_ms:
        cars[last >= last[first], col.STATE_OUT] = 1.0


def _known(neutralisations: pl.DataFrame, t: int) -> Floats:
    rows = []
    for kind, start, end in neutralisations.select("kind", "start_ms", "end_ms").iter_rows():
        if kind not in KIND_CODE:
            continue
        over = end is not None and end <= t
        if not over or end > t - 400000:
            rows.append((float(start), float(end) if over else -1.0, float(KIND_CODE[kind])))
    return np.array(sorted(rows)).reshape(-1, 3)
