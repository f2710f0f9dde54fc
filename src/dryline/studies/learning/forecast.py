"""Fitting the statistical forecast to finished races, and refitting it with a race left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dryline.model import outlook
from dryline.model.crew.history import CrewHistory, pool_crews
from dryline.model.crew.to_come import crew_columns
from dryline.model.designs import car_design, pair_design, pairs
from dryline.model.features import stint_fuels
from dryline.model.forecast_parameters import VERSION, ForecastParameters, Knot
from dryline.model.ratings import pool, rating_columns
from dryline.model.ridge_choice import (
    Rankings,
    fit_pairwise,
    fit_plackett_luce,
    refit_pairwise,
    refit_plackett_luce,
)
from dryline.model.running import Floats, Running
from dryline.studies.cases import SMALLEST_CLASS, Case, Taught
from dryline.studies.learning.stops_ahead import fit_stops

KNOTS = (0.25, 0.5, 0.75)
REACH = 0.31  # a case weighs 1 at its knot and nothing this far from it
WINNER_RIDGE, PODIUM_RIDGE = 20.0, 40.0
PODIUM_DEPTH, PODIUM_DECAY = 3, 0.7
PAIR_RIDGE, PAIR_SHIFT_RIDGE = 50.0, 100.0


@dataclass(frozen=True)
class Learned:
    """Parameters from all races, and for each race those from all the others."""

    all_races: ForecastParameters
    without: dict[str, ForecastParameters]


@dataclass(frozen=True)
class _Sheet:
    """Designs of the cases, scaled: cars [C, F], pairs [P, 4F], who of the pair ended first."""

    case: Case
    car: Floats
    pair: Floats
    first: Floats


class CrewsToCome:
    """The columns of the crews to come by case, each race seen with what the others teach."""

    def __init__(self, history: Mapping[str, CrewHistory]) -> None:
        self._history = history
        self._seen: dict[tuple[str, float, bool], dict[str, Floats]] = {}

    def of(self, case: Case) -> Floats:
        """[C, 6], see `crew_columns`."""
        at = (case.race, case.fraction, case.practised)
        if at not in self._seen:
            history = self._history[case.race]
            self._seen[at] = crew_columns(case.wheel, history, case.series, case.year)
        return self._seen[at][case.state.car_class]


def learn_class_priors(
    races: Iterable[tuple[str | None, Running]],
) -> dict[str, tuple[float, float]]:
    """Running on one fill (s) and time in the pit lane (s) per class: medians over races."""
    fills: dict[str, list[float]] = {}
    lanes: dict[str, list[float]] = {}
    for _, whole in races:
        for name, cars in whole.classes().items():
            stints = np.concatenate([stint_fuels(c) for c in cars])
            stints = stints[stints > 600]
            lane = np.concatenate([c.pit_lane_s for c in cars])
            lane = lane[np.isfinite(lane) & (lane > 20) & (lane < 200)]
            if stints.size and lane.size:
                fills.setdefault(name, []).append(float(np.quantile(stints, 0.85)))
                lanes.setdefault(name, []).append(float(np.median(lane)))
    return {
        k: (round(float(np.quantile(fills[k], 0.6)), -1), round(float(np.median(lanes[k])), 0))
        for k in sorted(fills)
    }


def learn(
    cases: Sequence[Case],
    taught: Sequence[Taught],
    classes: dict[str, tuple[float, float]],
    *,
    leave_out: bool = False,
    earlier: bool = False,
) -> Learned:
    """Fit to all cases; with ``leave_out`` also once per race without it.

    Ratings of a case come from the other races, so that a race never rates itself; whoever
    leaves a race out leaves it out of the ratings that are shipped with that fit too. With
    ``earlier`` only races before a case's own speak of its teams and drivers. A race that comes
    with its practice and without weighs half each way.
    """
    ranked = [c for c in cases if c.state.size >= SMALLEST_CLASS]
    others = {t.race: [o for o in taught if _speaks(o, t, earlier)] for t in taught}
    sheets, car_scale, pair_scale = _sheets(ranked, others)
    names = list(dict.fromkeys(c.race for c in cases)) if leave_out else []
    knots: dict[str | None, list[Knot]] = {name: [] for name in [None, *names]}
    for fraction in KNOTS:
        for name, knot in _knots(sheets, fraction, leave_out).items():
            knots[name].append(knot)
    plain = [case for case in cases if not case.practised]
    stops = {each: _short(b) for each, b in fit_stops(plain, leave_out=leave_out).items()}
    base = ForecastParameters(
        VERSION, len({c.race for c in cases}), car_scale, pair_scale, knots[None],
        _retire(cases, None), stops[None], classes,
        pool(t.ratings for t in taught), pool_crews(t.crews for t in taught),
    )  # fmt: skip
    without = {
        name: _without(base, knots[name], stops[name], cases, others[name], name) for name in names
    }
    return Learned(base, without)


def _without(
    base: ForecastParameters,
    knots: list[Knot],
    stops: list[float],
    cases: Sequence[Case],
    others: Sequence[Taught],
    name: str,
) -> ForecastParameters:
    """The parameters of ``base`` as they are without race ``name``."""
    return ForecastParameters(
        base.version, base.races - 1, base.car_scale, base.pair_scale, knots,
        _retire(cases, name), stops, base.classes,
        pool(t.ratings for t in others), pool_crews(t.crews for t in others),
    )  # fmt: skip


def _speaks(other: Taught, race: Taught, earlier: bool) -> bool:
    """Whether ``other`` may say something of the teams and drivers of ``race``."""
    return other.is_before(race) if earlier else other.race != race.race


def _sheets(
    cases: Sequence[Case], others: Mapping[str, Sequence[Taught]]
) -> tuple[list[_Sheet], list[float], list[float]]:
    ratings = {name: pool(t.ratings for t in taught) for name, taught in others.items()}
    crews = CrewsToCome({n: pool_crews(t.crews for t in taught) for n, taught in others.items()})
    sheets = []
    for case in cases:
        columns = rating_columns(case.state, ratings[case.race], case.series, case.year)
        crew = crews.of(case)
        ahead, behind = pairs(case.state.size)
        first = (case.truth.place[ahead] < case.truth.place[behind]).astype(float)
        sheets.append(
            _Sheet(
                case,
                car_design(case.state, columns, crew),
                pair_design(case.state, columns, crew, case.series),
                first,
            )
        )
    car = np.concatenate([s.car for s in sheets]).std(axis=0)
    base = sheets[0].pair.shape[1] // 4
    pair = np.tile(np.concatenate([s.pair[:, :base] for s in sheets]).std(axis=0), 4)
    car_scale, pair_scale = np.where(car > 1e-9, car, 1.0), np.where(pair > 1e-9, pair, 1.0)
    scaled = [replace(s, car=s.car / car_scale, pair=s.pair / pair_scale) for s in sheets]
    return scaled, _short(car_scale), _short(pair_scale)


def _short(values: Floats) -> list[float]:
    return [float(f"{v:.5g}") for v in values]


def _knots(sheets: list[_Sheet], fraction: float, leave_out: bool) -> dict[str | None, Knot]:
    near = [s for s in sheets if abs(s.case.fraction - fraction) < REACH]
    twice = {s.case.race for s in near if s.case.practised}
    shared = np.array([0.5 if s.case.race in twice else 1.0 for s in near])
    weight = shared * np.array([1 - abs(s.case.fraction - fraction) / REACH for s in near])
    races = [s.case.race for s in near]
    data = Rankings.of([s.car for s in near], [s.case.truth.place for s in near], weight)
    asked = races if leave_out else []
    winner = _choice(data, asked, WINNER_RIDGE, 1, 1.0)
    podium = _choice(data, asked, PODIUM_RIDGE, PODIUM_DEPTH, PODIUM_DECAY)
    paired = _paired(near, weight, leave_out)
    return {
        name: Knot(fraction, _short(winner[name]), _short(podium[name]), _short(paired[name]))
        for name in winner
    }


def _choice(
    data: Rankings, races: list[str], ridge: float, depth: int, decay: float
) -> dict[str | None, Floats]:
    if not races:
        return {None: fit_plackett_luce(data, ridge=ridge, depth=depth, decay=decay)}
    full, out = refit_plackett_luce(data, races, ridge=ridge, depth=depth, decay=decay)
    return _with_all(full, out)


def _paired(near: list[_Sheet], weight: Floats, leave_out: bool) -> dict[str | None, Floats]:
    x = np.concatenate([s.pair for s in near])
    y = np.concatenate([s.first for s in near])
    count = [len(s.first) for s in near]
    each = np.repeat(weight * [4.0 / s.case.state.size for s in near], count)
    base = x.shape[1] // 4
    ridge = np.concatenate([np.full(base, PAIR_RIDGE), np.full(3 * base, PAIR_SHIFT_RIDGE)])
    if not leave_out:
        return {None: fit_pairwise(x, y, each, ridge=ridge)}
    groups = np.repeat([s.case.race for s in near], count)
    full, out = refit_pairwise(x, y, each, groups, ridge=ridge)
    return _with_all(full, out)


def _with_all(full: Floats, without: dict[str, Floats]) -> dict[str | None, Floats]:
    fits: dict[str | None, Floats] = {None: full}
    fits.update(without)
    return fits


def _retire(cases: Sequence[Case], without: str | None) -> list[float]:
    kept = [c for c in cases if c.race != without and not c.practised]
    x = np.concatenate([outlook.retire_design(c.state, c.series) for c in kept])
    y = np.concatenate([1.0 * c.truth.retired for c in kept])
    return _short(fit_pairwise(x, y, np.full(len(y), 0.2), ridge=np.full(x.shape[1], 2.0)))
