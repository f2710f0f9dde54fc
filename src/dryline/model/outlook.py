"""Retirement, and whose class leads: the plain quantities beside the places."""

from __future__ import annotations

import numpy as np

from dryline.domain.series import Series
from dryline.model.features import ClassState
from dryline.model.running import Floats

RETIRE_COLUMNS = 10


def retire_design(state: ClassState, series: str | None) -> Floats:
    """[C, 10] columns of the log-odds that a car has no crossing at or after the flag."""
    n, hours = state.size, state.left_s / 3600
    ones, contrast = np.ones(n), Series.of(series).believed.contrast
    overdue = 1.0 * (state.away_s > 0)
    return np.column_stack(
        [
            ones, ones * np.log(hours), ones * contrast, overdue,
            overdue * np.log1p(state.away_s / 300), overdue * np.log(hours),
            np.clip(10 * state.lost, 0, 4), 1.0 * state.in_pit,
            np.arange(n) / n, np.minimum(state.long_stop_s / 300, 4),
        ]
    )  # fmt: skip


def p_retire(state: ClassState, series: str | None, weights: Floats) -> Floats:
    """Probability [C] of no crossing at or after the winner's flag."""
    return np.asarray(1 / (1 + np.exp(-(retire_design(state, series) @ weights))), dtype=float)


def laps_possible(state: ClassState) -> Floats:
    """Laps [C] at the class's usual lap from each last crossing to the end of the race."""
    left = np.maximum(state.at_s + state.left_s - state.last_s - state.away_s, 0.0)
    return np.asarray(left / (state.lap_s * np.exp(state.pace_long)), dtype=float)


def p_class_leads_overall(states: list[ClassState]) -> Floats:
    """Probability [K] that the race's winner comes from each class, from the leaders' laps.

    Seconds between the class leaders' projected distances, against a noise that grows with the
    time left; faster classes are hardly ever beaten by slower ones.
    """
    distance = np.array([float(laps_possible(s)[0] + s.laps[0]) if s.size else 0.0 for s in states])
    lap = np.array([s.lap_s for s in states])
    hours = max((s.left_s for s in states), default=0.0) / 3600
    behind = (distance.max(initial=0.0) - distance) * lap
    odds = np.exp(-np.minimum(behind / (12.0 + 20.0 * hours), 60.0))
    return np.asarray(odds / odds.sum(), dtype=float)
