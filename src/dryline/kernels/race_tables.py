"""What a race is simulated from, as the kernels read it: never written to.

Letters: C cars, K classes, D drivers of a car, P planned stops, N neutralisations so far, G minutes
of a given forecast, W guesses at the wetness. Arrays are C-contiguous float64 unless said.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class FieldTables(NamedTuple):
    """Who races: cars, classes, drivers, and what they cost one another."""

    car: np.ndarray  # (C, CAR_COLUMNS)
    cls: np.ndarray  # (K, CLASS_COLUMNS)
    cost: np.ndarray  # (K, K) ms lost by row's class for each car of column's class it passes
    pace: np.ndarray  # (C, D) share over the class's base lap
    chol: np.ndarray  # (C, D, D) Cholesky factor of its covariance
    target: np.ndarray  # (C, D) share of the driving
    most: np.ndarray  # (C, D) ms a driver may drive
    spread: np.ndarray  # (3,) log sd of the race's own rate of retirement, trouble, lap noise


class ControlTables(NamedTuple):
    """Race control: how often it neutralises the race, and what a lap and the lane are then."""

    neu: np.ndarray  # (KINDS, NEU_COLUMNS)
    slow: np.ndarray  # (KINDS, K) ms of a lap under each kind
    catch: np.ndarray  # (KINDS, K) ms of a lap while catching the queue
    opens: np.ndarray  # (KINDS, K) ms from its start until the pit entry opens
    stop_under: np.ndarray  # (KINDS, K, 4) logit: constant, share used, then could, now can finish
    hazard: np.ndarray  # (HAZ_SCALARS,)
    known: np.ndarray  # (N, 3) start, end (negative: under way) and kind, in order of time


class RainTables(NamedTuple):
    """The sky: showers known or foreseen, those that may come, and how a track wets and dries."""

    gain_per_min: float  # wetness at intensity 1
    dry_per_min: float  # share of the wetness lost
    dry_log_sd: float
    reach_spread: float  # of a shower between sectors, 0 to 1
    declared: float  # mean wetness at which wets are allowed; 0: always allowed
    shift_sd_min: float  # of a given forecast's timing
    scale_log_sd: float  # of a given forecast's intensity
    rates: np.ndarray  # (3, 3) per hour: from none, light, heavy to the same
    intensity: np.ndarray  # (3,)
    given: np.ndarray  # (G, 3) intensity per minute of the race
    particles: np.ndarray  # (W, 4) wetness by sector now, and the regime; equally likely


class StartTables(NamedTuple):
    """The race as the simulation finds it."""

    state: np.ndarray  # (C, STATE_COLUMNS)
    drive: np.ndarray  # (C, D) ms driven so far
    order: np.ndarray  # (C,) int64: cars by last crossing


class PlanTables(NamedTuple):
    """What the pit walls have decided."""

    stops: np.ndarray  # (C, P, PLAN_COLUMNS)
    allowed: np.ndarray  # (C,) no stop of choice before this lap
    reacts: np.ndarray  # (C,) 1: but under a neutralisation yet to come, in the plan's place


class RaceTables(NamedTuple):
    """A race: its field, its control, its sky, its start, its plans, and its length."""

    field: FieldTables
    control: ControlTables
    rain: RainTables
    start: StartTables
    plans: PlanTables
    now_ms: float
    length_ms: float  # a huge number where the length is in laps
    laps: float  # a huge number where the length is a time
