"""Run the simulator: parameters, state and plans in, outcomes out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.race_lap import simulate_chunk
from dryline.kernels.race_state import G_COLUMNS, PERIODS, QUEUE
from dryline.sim.outcomes import Outcomes
from dryline.sim.params import Plans, RaceParams, RaceState

CHUNK = 250


def simulate(
    params: RaceParams,
    state: RaceState,
    plans: Plans | None = None,
    *,
    seed: int = 0,
    replicates: int = 1000,
    threads: int = 1,
    first: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Outcomes:
    """Simulate the race to its flag, ``replicates`` times.

    The same bits for any ``threads``; the first N replicates are the same however many follow;
    two plans under one ``seed`` share their luck. ``first`` is the number of the first replicate,
    so that a run can be split; ``progress`` is told how many more are done.
    """
    plans = Plans.none(params.cars) if plans is None else plans
    out = Outcomes.empty(params, replicates)
    args = _arguments(params, state, plans)
    pieces = [(at, min(at + CHUNK, replicates)) for at in range(0, replicates, CHUNK)]

    def run(piece: tuple[int, int]) -> None:
        a, b = piece
        _call(args, seed, first + a, out, a, b, np.zeros((0, col.PATH_COLUMNS)))
        if progress is not None:
            progress(b - a)

    if threads <= 1 or len(pieces) < 2:
        for piece in pieces:
            run(piece)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(run, pieces))
    return out


def simulate_path(
    params: RaceParams,
    state: RaceState,
    plans: Plans | None = None,
    *,
    seed: int = 0,
    replicate: int = 0,
) -> tuple[Outcomes, np.ndarray]:
    """One replicate with every crossing: outcomes, and the path (crossings, PATH_*)."""
    plans = Plans.none(params.cars) if plans is None else plans
    out = Outcomes.empty(params, 1)
    room = np.zeros((int(params.cars * 700), col.PATH_COLUMNS))
    rows = _call(_arguments(params, state, plans), seed, replicate, out, 0, 1, room)
    return out, room[:rows]


def _arguments(params: RaceParams, state: RaceState, plans: Plans) -> tuple[np.ndarray, ...]:
    order = np.argsort(state.cars[:, col.STATE_LAST_MS], kind="stable").astype(np.int64)
    rain = params.rain
    arrays = (
        params.car, params.cls, params.cost, params.neu, params.slow, params.catch, params.opens,
        params.stop_under, params.hazard, params.race_scalars(state.now_ms), rain.scalars(),
        rain.rates, rain.intensity, rain.given, state.particles, state.known, params.pace,
        params.chol, params.target, params.most, state.cars, state.drive, plans.table,
        plans.allowed, np.pad(params.spread, (0, 3 - len(params.spread))),
    )  # fmt: skip
    fixed = tuple(np.ascontiguousarray(a, dtype=np.float64) for a in arrays)
    return (*fixed, order, np.zeros((params.cars, 3)))


def _call(
    args: tuple[np.ndarray, ...],
    seed: int,
    first: int,
    out: Outcomes,
    a: int,
    b: int,
    path: np.ndarray,
) -> int:
    run: Any = simulate_chunk
    return int(
        run(
            *args,
            seed,
            first,
            out.laps[a:b],
            out.finish_ms[a:b],
            out.stops[a:b],
            out.retired[a:b],
            out.race[a:b],
            path,
            *_room(args),
        )
    )


def _room(args: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    """The arrays a chunk works in: made here, so that the kernel allocates and counts nothing."""
    car, cls, race, pace, drive = args[0], args[1], args[9], args[16], args[21]
    horizon = min(race[1], race[0] + 1.6 * min(race[2], 1.0e5) * cls[0, col.CLASS_BASE_MS])
    minutes = int(horizon / 60000.0) + 40
    cars, classes = car.shape[0], cls.shape[0]
    return (
        np.zeros((cars, col.W_COLUMNS)), np.zeros(pace.shape), np.zeros(drive.shape),
        np.zeros(cars), np.zeros((classes, 2)), np.zeros((minutes, 3)), np.zeros(minutes, np.int8),
        np.zeros(PERIODS), np.zeros(PERIODS), np.zeros(PERIODS), np.zeros(QUEUE, np.int64),
        np.zeros(8), np.zeros(G_COLUMNS), np.zeros(3),
    )  # fmt: skip
