"""Fitting how many stops a car still makes to finished races, and without any one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from dryline.model.ridge_choice import fit_pairwise, refit_pairwise
from dryline.model.running import Bools, Floats
from dryline.model.stops_ahead import stops_design
from dryline.studies.cases import Case

RIDGE = 50.0  # of a column divided by its spread
USUAL_CASES = 100.0  # a race of so many car-instants weighs one each, one of more less


def fit_stops(cases: Sequence[Case], *, leave_out: bool = False) -> dict[str | None, Floats]:
    """Weights of `stops_design` from all cases, and with ``leave_out`` also without each race.

    Only cars that ran then and took the flag teach: a car that retires makes fewer stops, and
    that is told by its chance to retire.
    """
    examples = [_examples(case) for case in cases]
    x = np.concatenate([rows for rows, _ in examples])
    again = np.concatenate([said for _, said in examples])
    cars = Counter[str]()
    for case in cases:
        cars[case.race] += int(_taught(case).sum())
    count = [len(said) for _, said in examples]
    weight = np.repeat([np.sqrt(USUAL_CASES / max(cars[c.race], 1)) for c in cases], count)
    ridge = RIDGE * np.maximum(x.var(axis=0), 1e-6)
    if not leave_out:
        return {None: fit_pairwise(x, again, weight, ridge=ridge)}
    groups = np.repeat([case.race for case in cases], count)
    full, without = refit_pairwise(x, again, weight, groups, ridge=ridge)
    fits: dict[str | None, Floats] = {None: full}
    for case in cases:
        fits[case.race] = without.get(case.race, full)
    return fits


def _taught(case: Case) -> Bools:
    return np.asarray(~case.truth.retired & (case.state.away_s <= 0), dtype=bool)


def _examples(case: Case) -> tuple[Floats, Floats]:
    """[N, F] and [N]: for every number of stops that a car came to, whether it stopped again."""
    stops = case.truth.stops[:, None]
    made = np.arange(1.0 + stops.max(initial=0))
    came_to = (made <= stops) & _taught(case)[:, None]
    again = np.asarray(made < stops, dtype=float)
    return stops_design(case.state, case.series, made)[came_to], again[came_to]
