"""From the state of a class to the columns that the statistical forecasters weigh.

`car_design` describes each car on its own, `pair_design` each pair of cars by how far one is
ahead of the other, in seconds and in several scales of seconds; both use only a `ClassState`,
so they inherit its promise never to look ahead.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dryline.domain.series import Series
from dryline.model.features import ClassState
from dryline.model.running import Floats

Ints = NDArray[np.intp]

CAR_COLUMNS = (
    "log_place", "place_share", "projected", "log_projected", "raced", "log_raced", "gap",
    "stops_left", "fuel_needed", "in_pit", "pace", "pace_long", "pace_best", "crew_to_come",
    "place_mean", "log_place_start", "log_place_best", "laps_down", "away", "away_time",
    "long_stops", "clean_share", "team_pace", "team_place", "crew_rating", "best_driver_rating",
    "driver_now", "crew_still", "crew_change", "amateur_share", "crew_worth", "car_worth",
    "driven_out", "log_driven_out",
)  # fmt: skip
GAP_SCALES_S = (4.0, 20.0, 80.0, 300.0)
HOURLY_SCALES_S = (25.0, 60.0)
FUTURE_SCALES_S = (10.0, 25.0, 60.0)
STILL_SHARE = 0.9  # of the pace to come that tells in the race: some of it is lost in traffic
RATING_LAPS = 25.0  # clean laps that weigh as much as what other races say of team and drivers
FAR_S = 3000.0


def stop_cost_s(state: ClassState) -> Floats:
    """Seconds each car still has to spend on stops: half fixed, half in proportion to fuel."""
    per_stop = 0.5 * state.pit_lane_s
    return np.asarray(per_stop * (state.stops_left + state.need_s / state.range_s), dtype=float)


def _centred(x: Floats) -> Floats:
    return np.asarray(x - np.mean(x), dtype=float)


def _pct(x: Floats, limit: float) -> Floats:
    return np.asarray(100 * np.clip(x, -limit, limit), dtype=float)


def _crew(crew: Floats) -> Floats:
    """The columns of `to_come.crew_columns` in per cent, the share of amateurs as it is."""
    share = crew[:, 3:4]
    return np.concatenate([_pct(crew[:, :3], 0.03), share, _pct(crew[:, 4:], 0.03)], axis=1)


def driven_out_s(state: ClassState, crew: Floats) -> Floats:
    """Seconds behind at the end if the crew to come drives at its worth in its car."""
    pace = crew[:, 1] + crew[:, 5]
    return np.asarray(STILL_SHARE * state.left_s * (pace - pace.mean()), dtype=float)


def car_design(state: ClassState, ratings: Floats, crew: Floats) -> Floats:
    """[C, 34] in the order of `CAR_COLUMNS`; ``ratings`` from `ratings.rating_columns`, ``crew``
    from `crew.to_come.crew_columns`.
    """
    n, hours = state.size, state.left_s / 3600
    place = np.arange(n)
    gap = np.minimum(state.gap_s, 1800.0)
    projected = gap + stop_cost_s(state)
    raced = projected + 0.6 * state.pace_long * state.left_s
    out = projected + driven_out_s(state, crew)
    projected, raced, out = (x - x.min() for x in (projected, raced, out))
    noise = np.sqrt(8.0**2 + 30.0**2 * hours + (25.0 * hours) ** 2)
    columns = [
        np.log1p(place), place / n,
        np.clip(projected / noise, 0, 6), np.log1p(projected / 10),
        np.clip(raced / noise, 0, 8), np.log1p(raced / 10), np.clip(gap / noise, 0, 6),
        _centred(state.stops_left), _centred(state.need_s / state.range_s), 1.0 * state.in_pit,
        _pct(state.pace, 0.03), _pct(state.pace_long, 0.03), _pct(state.pace_best, 0.03),
        _pct(state.crew_pace - state.pace, 0.02),
        state.place_mean / n, np.log1p(state.place_start), np.log1p(state.place_best),
        np.clip(gap / state.lap_s, 0, 5) / 2, 1.0 * (state.away_s > 0),
        np.clip(state.away_s / 600, 0, 3), np.minimum(state.long_stop_s / 60, 3),
        np.clip(state.clean_laps / max(state.clean_laps.max(), 1), 0, 1),
    ]  # fmt: skip
    worth = _crew(crew)
    return np.column_stack(
        [
            *columns,
            ratings,
            worth - worth.mean(axis=0),
            np.clip(out / noise, 0, 8),
            np.log1p(out / 10),
        ]
    )


def pairs(size: int) -> tuple[Ints, Ints]:
    """Indices (ahead, behind) of every pair of ``size`` cars, by their order on the track."""
    return np.triu_indices(size, 1)


def pair_design(state: ClassState, ratings: Floats, crew: Floats, series: str | None) -> Floats:
    """[C(C-1)/2, 4F]: how far the car behind is behind, plain and by series, time and flag.

    Every column is odd in the pair: exchanging the cars changes all signs, so that the odds of
    i before j are the inverse of those of j before i. The other three quarters are the first
    times the contrast of the series, the log of the hours left, and whether the race is held.
    """
    columns = [
        *_pair_gaps(state), *_pair_history(state, ratings), *_pair_future(state, ratings),
        *_pair_laps(state), *_pair_crews(state, crew),
    ]  # fmt: skip
    base = np.stack(columns, axis=1) if state.size > 1 else np.zeros((0, len(columns)))
    contrast = Series.of(series).believed.contrast
    time = 0.5 * float(np.clip(np.log(state.left_s / 3600) / 1.2, -2, 2))
    held = 0.75 if state.neutralised_now else -0.25
    return np.concatenate([base, base * contrast, base * time, base * held], axis=1)


def _pair_gaps(state: ClassState) -> list[Floats]:
    i, j = pairs(state.size)
    hours = state.left_s / 3600 + 0.1
    gap = np.minimum(state.gap_s, FAR_S)
    cost = stop_cost_s(state) + 0.5 * state.pit_lane_s * state.in_pit
    pace = 0.6 * state.pace_long + 0.4 * state.pace
    now = gap[j] - gap[i]
    cycled = now + cost[j] - cost[i]
    raced = cycled + 0.5 * state.left_s * (pace[j] - pace[i])
    columns = [np.tanh(x / s) for s in GAP_SCALES_S for x in (now, cycled, raced)]
    columns += [np.tanh(x / (s * hours)) for s in HOURLY_SCALES_S for x in (cycled, raced)]
    columns += [np.tanh(now / state.lap_s), np.tanh(now / (3 * state.lap_s))]
    columns += [np.tanh(cycled / state.lap_s), np.ones(len(i))]
    columns += [(j - i) / state.size, np.log1p(j) - np.log1p(i)]
    return columns


def _pair_history(state: ClassState, ratings: Floats) -> list[Floats]:
    i, j = pairs(state.size)
    most = max(float(state.clean_laps.max(initial=0.0)), 1.0)
    plain = [
        state.stops_left, state.need_s / state.range_s, 1.0 * state.in_pit,
        state.since_stop_s / state.range_s,
    ]  # fmt: skip
    paces = (state.pace, state.pace_long, state.pace_best, state.crew_pace, state.driver_pace)
    past = [
        state.place_mean / state.size, np.log1p(state.place_start), np.log1p(state.place_best),
        1.0 * (state.away_s > 0), np.clip(state.away_s / 600, 0, 3),
        np.minimum(state.long_stop_s / 60, 3), state.clean_laps / most,
        np.clip(state.lost * 10, 0, 3), np.clip(state.slow_laps * 10, 0, 2), *ratings.T,
    ]  # fmt: skip
    return [
        *(x[j] - x[i] for x in plain),
        *(_pct(x[j] - x[i], 0.04) for x in paces),
        *(x[j] - x[i] for x in past),
    ]


def _pair_future(state: ClassState, ratings: Floats) -> list[Floats]:
    """The gap at the end if each car went on at its pace, shrunk to its team's and drivers'."""
    i, j = pairs(state.size)
    seen = state.clean_laps * (0.6 * state.pace_long + 0.4 * state.pace)
    rated = 0.005 * (ratings[:, 0] + ratings[:, 2])
    pace = (seen + RATING_LAPS * rated) / (state.clean_laps + RATING_LAPS)
    end = np.minimum(state.gap_s, FAR_S) + stop_cost_s(state) + 0.6 * state.left_s * pace
    end = end + 0.5 * state.pit_lane_s * state.in_pit
    far, hours = end[j] - end[i], state.left_s / 3600 + 0.1
    columns = [np.tanh(far / s) for s in GAP_SCALES_S]
    return columns + [np.tanh(far / (s * hours)) for s in FUTURE_SCALES_S]


def _pair_crews(state: ClassState, crew: Floats) -> list[Floats]:
    """Who drives now and still, and the gap at the end if they do so at their worth."""
    i, j = pairs(state.size)
    end = np.minimum(state.gap_s, FAR_S) + stop_cost_s(state) + driven_out_s(state, crew)
    end = end + 0.5 * state.pit_lane_s * state.in_pit
    far, hours, worth = end[j] - end[i], state.left_s / 3600 + 0.1, _crew(crew)
    columns = [*(worth[j] - worth[i]).T, *(np.tanh(far / s) for s in GAP_SCALES_S)]
    return columns + [np.tanh(far / (s * hours)) for s in FUTURE_SCALES_S]


def _pair_laps(state: ClassState) -> list[Floats]:
    """Whole laps between the two: another lap at all, how many, two or more."""
    i, j = pairs(state.size)
    down = state.laps[i] - state.laps[j]
    return [1.0 * (down != 0), np.clip(down, -3, 3) / 3, 1.0 * (down >= 2)]
