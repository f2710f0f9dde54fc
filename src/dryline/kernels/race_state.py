"""The running state of a race within one replicate: written to from lap to lap.

Kernels make no array (see ``compiled``), so the room is made once per chunk and used again.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.race_tables import RaceTables

# the race as a whole
G_HEAD: Final = 0
G_TAIL: Final = 1
G_LEAD_LAPS: Final = 2
G_LEADER: Final = 3
G_LEADER_MS: Final = 4
G_CUR: Final = 5
G_PERIODS: Final = 6
G_FLAG_MS: Final = 7
G_CHANGES: Final = 8
G_PATH: Final = 9
G_TRAIN_MS: Final = 10  # when the safety car last passed the line with the leader behind it
G_COLUMNS: Final = 11

PERIODS: Final = 160
QUEUE: Final = 8192
FAR: Final = 1.0e15
MINUTE_MS: Final = 60000.0
AFTER_MIN: Final = 40
"""Minutes of weather beyond the race's horizon."""
BEFORE_LINE_MS: Final = 60000.0
"""The most of a stop that falls before the line."""
GIVEN_UP_MS: Final = 5.0e8
"""A planned standing time beyond this is a retirement in the box."""
FLYING: Final = 2.0
"""Laps since the stop from which the last one was a flying lap."""
KNOWN_BY: Final = 2.0
"""With fewer cars on a kind of tyre the gap to the other is as good as unknown."""
LAPPING: Final = 0.25
"""How much less of an advantage it takes to pass a rival a lap down."""


class Schedule(NamedTuple):
    """Neutralisations in order of time, (PERIODS,) each; ``G_PERIODS`` of them count."""

    starts: np.ndarray  # ms
    ends: np.ndarray  # ms
    kinds: np.ndarray


class Surface(NamedTuple):
    """The track, minute by minute of the race."""

    wet: np.ndarray  # (M, 3) wetness by sector
    damp: np.ndarray  # (M,) int8: 1 where any sector is


class RaceRun(NamedTuple):
    """The field as it moves, over a schedule and a surface drawn for this replicate."""

    cars: np.ndarray  # (C, W_COLUMNS)
    whole: np.ndarray  # (G_COLUMNS,)
    queue: np.ndarray  # (QUEUE,) int64: running cars by their next event
    lead: np.ndarray  # (K, 2) laps of each class's leader, and which car it is
    pace: np.ndarray  # (C, D) ms of a lap on an empty green track
    drive: np.ndarray  # (C, D) ms driven
    box: np.ndarray  # (C,) ms from which each pit box is free
    luck: np.ndarray  # (3,) this race's factors on retirement, trouble, lap noise
    shown: np.ndarray  # (K, 2) ms of the first flying lap on slicks, on wets, by kin; 0: none yet
    losses: np.ndarray  # (3,) share that each sector loses to water on the lap under way
    schedule: Schedule
    surface: Surface


def horizon_ms(race: RaceTables) -> float:
    """The latest that the race could end."""
    by_laps = race.now_ms + 1.6 * min(race.laps, 1.0e5) * race.field.cls[0, col.CLASS_BASE_MS]
    return float(min(race.length_ms, by_laps))


def room_for(race: RaceTables) -> RaceRun:
    """Room for one replicate of the race at a time."""
    cars, classes = race.field.car.shape[0], race.field.cls.shape[0]
    minutes = int(horizon_ms(race) / MINUTE_MS) + AFTER_MIN
    return RaceRun(
        cars=np.zeros((cars, col.W_COLUMNS)),
        whole=np.zeros(G_COLUMNS),
        queue=np.zeros(QUEUE, np.int64),
        lead=np.zeros((classes, 2)),
        pace=np.zeros(race.field.pace.shape),
        drive=np.zeros(race.start.drive.shape),
        box=np.zeros(cars),
        luck=np.zeros(3),
        shown=np.zeros((classes, 2)),
        losses=np.zeros(3),
        schedule=Schedule(np.zeros(PERIODS), np.zeros(PERIODS), np.zeros(PERIODS)),
        surface=Surface(np.zeros((minutes, 3)), np.zeros(minutes, np.int8)),
    )
