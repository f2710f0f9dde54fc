"""Stops until the flag: after each one, will the car stop again?

A logistic regression answers for every number of stops that a car may have made, so that the
answers in a row are the distribution of how many it makes. What it weighs is how far that number
is from what fuel asks for, and from what the class's stints and its clock between stops say.
Continuation ratios: Cox 1972, Agresti 2010. For a car that runs, it is said if it goes on to the
flag, as its laps are; one that stands may never go on.
"""

from __future__ import annotations

import numpy as np

from dryline.domain.series import Series
from dryline.model.features import ClassState
from dryline.model.running import Floats

MOST_STOPS = 100
COLUMNS = (
    "one", "short_of", "within_one", "within_half", "over", "over_half", "over_one", "by_stints",
    "by_stints_seen", "by_clock", "log_hours", "used", "more_stops", "series", "sprint",
    "short_of_series", "short_of_sprint", "late", "short_of_late", "over_late", "within_half_late",
)  # fmt: skip
LATE_S = 3600.0
FARTHEST = 3.0  # spreads beyond which one more or less no longer tells
SPREAD = (1.0, 0.3, 0.16)  # squared, of the stops that fuel asks for: constant, linear, squared


def stops_design(state: ClassState, series: str | None, made: Floats) -> Floats:
    """[C, K, 21] in the order of `COLUMNS`; K: how many of the stops to come were ``made`` [K]."""
    need = (state.asked_s - state.fuel_s) / state.range_s
    fewest = np.maximum(need, 0.0)
    spread = np.sqrt(np.polyval(SPREAD[::-1], fewest))[:, None]

    def ahead(expected: Floats) -> Floats:
        return np.clip((expected[:, None] - made) / spread, -FARTHEST, FARTHEST)

    short_of = ahead(need)
    over = {at: np.maximum(short_of - at, 0.0) for at in (-1.0, -0.5, 0.0, 0.5, 1.0)}
    by_stints = ahead((state.asked_s + state.since_stop_s) / state.stint_s - 1)
    by_clock = ahead((state.left_s + state.between_s) / state.interval_s - 0.5)
    none_yet = made == 0
    known = Series.of(series)
    sprint = 1.0 * known.race_of(1000 * (state.at_s + state.left_s)).sprint
    late = np.exp(-state.left_s / LATE_S)
    contrast = known.believed.contrast
    more = np.clip(state.stops_done - state.stops_done.mean(), -3, 3)
    columns = [
        1.0, short_of, *over.values(),
        by_stints, by_stints * state.stints / (state.stints + state.size), by_clock,
        np.log(state.left_s / 3600 + 0.1), (state.since_stop_s / state.range_s)[:, None] * none_yet,
        more[:, None], contrast, sprint, short_of * contrast, short_of * sprint,
        late, short_of * late, over[0.0] * late, over[-0.5] * late,
    ]  # fmt: skip
    return np.stack([np.broadcast_to(each, short_of.shape) for each in columns], axis=-1)


def p_stops(state: ClassState, series: str | None, weights: Floats, p_retire: Floats) -> Floats:
    """[C, 101] probability of so many stops until the flag; ``p_retire`` [C]."""
    again = 1 / (1 + np.exp(-(stops_design(state, series, np.arange(1.0 * MOST_STOPS)) @ weights)))
    reached = np.cumprod(np.insert(again, 0, 1.0, axis=1), axis=1)
    p = reached - np.append(reached[:, 1:], np.zeros((state.size, 1)), axis=1)
    stands = np.where(state.away_s > 0, p_retire, 0.0)[:, None]
    return np.asarray((1 - stands) * p + stands * np.eye(MOST_STOPS + 1)[0], dtype=float)


def count_quantiles(p: Floats) -> tuple[tuple[int, int, int], ...]:
    """p10, p50 and p90 of each row of ``p`` [C, K].

    The outer two are of the mid-distribution (Parzen 2004): a number belongs to the band where
    half of its probability does, or bands of few whole numbers would hold nine in ten.
    """
    below = np.cumsum(p, axis=1)
    middle = below - p / 2
    low, high = (middle < 0.1).sum(axis=1), (middle <= 0.9).sum(axis=1) - 1
    found = np.column_stack([low, (below < 0.5).sum(axis=1), high])
    return tuple((int(a), int(b), int(c)) for a, b, c in found)
