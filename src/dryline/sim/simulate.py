"""Run the simulator: parameters, state and plans in, outcomes out."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from dryline.kernels import race_columns as col
from dryline.kernels.race_lap import simulate_chunk
from dryline.kernels.race_path import TimingSheet
from dryline.kernels.race_state import room_for
from dryline.kernels.race_tables import RaceTables
from dryline.sim.outcomes import Outcomes
from dryline.sim.params import FieldPlans, RaceParams, SimState

CHUNK = 250


def simulate(
    params: RaceParams,
    state: SimState,
    plans: FieldPlans | None = None,
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
    plans = FieldPlans.none(params.cars) if plans is None else plans
    out = Outcomes.empty(params, replicates)
    race = params.tables(state, plans)
    pieces = [(at, min(at + CHUNK, replicates)) for at in range(0, replicates, CHUNK)]

    def run(piece: tuple[int, int]) -> None:
        a, b = piece
        _call(race, seed, first + a, out, slice(a, b), np.zeros((0, col.PATH_COLUMNS)))
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
    state: SimState,
    plans: FieldPlans | None = None,
    *,
    seed: int = 0,
    replicate: int = 0,
) -> tuple[Outcomes, np.ndarray]:
    """One replicate with every crossing: outcomes, and the path (crossings, PATH_*)."""
    plans = FieldPlans.none(params.cars) if plans is None else plans
    out = Outcomes.empty(params, 1)
    room = np.zeros((int(params.cars * 700), col.PATH_COLUMNS))
    rows = _call(params.tables(state, plans), seed, replicate, out, slice(0, 1), room)
    return out, room[:rows]


def _call(
    race: RaceTables, seed: int, first: int, out: Outcomes, part: slice, path: np.ndarray
) -> int:
    """Fill a part of the outcomes from replicate ``first`` on; return the rows of the path."""
    sheet = TimingSheet(
        out.laps[part], out.finish_ms[part], out.stops[part], out.retired[part], out.race[part],
        path,
    )  # fmt: skip
    return int(simulate_chunk(race, seed, first, room_for(race), sheet))
