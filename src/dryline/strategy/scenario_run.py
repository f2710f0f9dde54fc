"""Run a scenario: one simulated running as crossings, and what-ifs against the calls as made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from dryline.domain.entry import Entry
from dryline.domain.tables import CROSSINGS
from dryline.kernels import race_columns as col
from dryline.sim.outcomes import Outcomes
from dryline.sim.simulate import simulate, simulate_path
from dryline.strategy.running_sectors import sectors_as_driven
from dryline.strategy.scenario import Scenario, with_what_if

Floats = NDArray[np.float64]
FLAG_WORDS = {0: "green", 1: "fcy", 2: "green", 3: "safety_car", 4: "red"}
"""As the WEC's files state them: its virtual safety car is not coded."""
SLOW_KMH, HELD_KMH = 90.0, 82.0
"""A car that laps so slowly, or under a neutralisation, passes the speed trap at the latter."""
DAY_MS = 86_400_000
"""A car that retires in the pits stays there: its lane time is without end, and not stated."""
POINTS = (25, 18, 15, 12, 10, 8, 6, 4, 2, 1)


def simulated_running(
    scenario: Scenario,
    *,
    seed: int = 1,
    entries: Mapping[str, Entry] | None = None,
    circuit_m: float = 4909.0,
    start_of_day_ms: int = 46_800_000,
) -> pl.DataFrame:
    """One simulated running of the whole race: schema ``CROSSINGS``, in order of crossing."""
    _, path = simulate_path(scenario.params, scenario.start, scenario.plans, seed=seed)
    path = path[np.argsort(path[:, col.PATH_T_MS], kind="stable")]
    at = path[:, col.PATH_CAR].astype(int)
    elapsed = np.rint(path[:, col.PATH_T_MS]).astype(np.int64)
    lap = path[:, col.PATH_LAP].astype(np.int32)
    previous: dict[int, int] = {}
    lap_ms = np.empty_like(elapsed)
    for i, c in enumerate(at):
        lap_ms[i] = elapsed[i] - previous.get(c, 0)
        previous[c] = int(elapsed[i])
    grid = np.where(lap == 1, scenario.start.cars[at, col.STATE_LAST_MS], 0.0)
    s1, s2 = np.rint(_driven(path, at, scenario.start.known[:, :2])).astype(np.int64).T
    s1 += np.rint(grid).astype(np.int64)
    numbers = [scenario.cars[c] for c in at]
    flags = _flags(path, at)
    pit = np.rint(path[:, col.PATH_PIT_MS]).astype(np.int64)
    speed = circuit_m / lap_ms * 3600.0
    top = np.where(np.array(scenario.car_classes)[at] == "HYPERCAR", 306.0, 268.0) + speed / 60.0
    held = (path[:, col.PATH_FLAG] > 0) | (speed <= SLOW_KMH)
    named = entries or {}
    frame = pl.DataFrame(
        {
            "car_number": numbers,
            "lap": lap,
            "driver": [
                scenario.drivers[c][int(d)]
                for c, d in zip(at, path[:, col.PATH_DRIVER], strict=True)
            ],
            "driver_seat": (path[:, col.PATH_DRIVER] + 1).astype(np.int32),
            "car_class": [scenario.car_classes[c] for c in at],
            "team": [named[n].team if n in named else "" for n in numbers],
            "manufacturer": [named[n].manufacturer if n in named else None for n in numbers],
            "group": pl.Series([None] * len(at), dtype=pl.String),
            "lap_time_ms": lap_ms,
            "s1_ms": s1,
            "s2_ms": s2,
            "s3_ms": lap_ms - s1 - s2,
            "elapsed_ms": elapsed,
            "known_at_ms": elapsed,
            "time_of_day_ms": (start_of_day_ms + elapsed) % 86_400_000,
            "flag": flags,
            "in_pit": path[:, col.PATH_IN_PIT] > 0,
            "pit_lane_ms": pl.Series(
                [int(x) if 0 < x < DAY_MS else None for x in pit], dtype=pl.Int64
            ),
            "top_speed_kmh": np.round(np.where(held, HELD_KMH, top), 1),
            "speed_kmh": np.round(speed, 1),
        }
    )
    in_file = frame.with_row_index("at").sort("car_number", "lap").with_row_index("line", offset=2)
    return in_file.sort("at").select(pl.col(name).cast(dtype) for name, dtype in CROSSINGS.items())


def _driven(path: Floats, at: NDArray[np.int64], periods: Floats) -> Floats:
    """Times of sectors 1 and 2, ms, (L, 2); the lane at the start of a lap is in sector 1."""
    moving = path[:, col.PATH_GREEN_MS]
    given = path[:, [col.PATH_S1_MS, col.PATH_S2_MS]]
    green = np.array([np.median(moving[at == c]) for c in range(at.max() + 1)])[at]
    lane = np.where(path[:, col.PATH_IN_PIT] > 0, np.nan, path[:, col.PATH_LAP_MS] - moving)
    shares = (given - np.column_stack([lane, 0 * lane])) / moving[:, None]
    told = np.flatnonzero(np.isfinite(shares).all(axis=1))
    begun = (path[:, col.PATH_T_MS] - moving)[told]
    out = given.copy()
    out[told] = sectors_as_driven(begun, moving[told], shares[told], green[told], periods)
    out[told, 0] += lane[told]
    return out


def _flags(path: Floats, at: NDArray[np.int64]) -> list[str]:
    words = [FLAG_WORDS[int(kind)] for kind in path[:, col.PATH_FLAG]]
    final = {int(c): i for i, c in enumerate(at)}
    leader = max(
        final, key=lambda c: (path[final[c], col.PATH_LAP], -path[final[c], col.PATH_T_MS])
    )
    flag_ms = path[final[leader], col.PATH_T_MS]
    for i in final.values():
        if path[i, col.PATH_T_MS] >= flag_ms:
            words[i] = "chequered"
    return words


@dataclass(frozen=True)
class Swing:
    """What a what-if changes for one car against the calls as made; means with standard errors.

    ``seconds`` is time gained on the class's best other car at the flag, a lap counted at the
    class's usual pace; positive is better. Probabilities are of winning overall and in class.
    """

    car_number: str
    p_win: float
    p_win_as_made: float
    p_win_class: float
    p_win_class_as_made: float
    seconds: float
    seconds_se: float
    points: float
    points_se: float


def replay(
    scenario: Scenario,
    *,
    replicates: int = 2000,
    seed: int = 1,
    threads: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Outcomes:
    """The race from the replay's start to the flag, with the calls of the scenario's plans."""
    return simulate(
        scenario.params, scenario.replay, scenario.plans, seed=seed, replicates=replicates,
        threads=threads, progress=progress,
    )  # fmt: skip


def what_if_swings(
    scenario: Scenario, what_if: Mapping[str, Any], as_made: Outcomes, other: Outcomes
) -> list[Swing]:
    """Each concerned car's swing (every car's, where the what-if is the weather's)."""
    numbers = what_if.get("cars") or scenario.cars
    made, new = _facts(scenario, as_made), _facts(scenario, other)
    out = []
    for number in numbers:
        c = scenario.car(number)
        seconds = new["lead_s"][:, c] - made["lead_s"][:, c]
        points = new["points"][:, c] - made["points"][:, c]
        root = np.sqrt(len(seconds))
        out.append(
            Swing(
                car_number=number,
                p_win=float(new["win"][:, c].mean()),
                p_win_as_made=float(made["win"][:, c].mean()),
                p_win_class=float(new["win_class"][:, c].mean()),
                p_win_class_as_made=float(made["win_class"][:, c].mean()),
                seconds=float(seconds.mean()),
                seconds_se=float(seconds.std(ddof=1) / root),
                points=float(points.mean()),
                points_se=float(points.std(ddof=1) / root),
            )
        )
    return out


def run_what_if(
    scenario: Scenario,
    what_if: Mapping[str, Any],
    as_made: Outcomes,
    *,
    seed: int = 1,
    threads: int = 1,
    progress: Callable[[int], None] | None = None,
) -> list[Swing]:
    """Replay with other calls or weather, on the luck that ``as_made`` had."""
    changed = with_what_if(scenario, what_if)
    other = replay(
        changed, replicates=as_made.laps.shape[0], seed=seed, threads=threads, progress=progress
    )
    return what_if_swings(scenario, what_if, as_made, other)


def _facts(scenario: Scenario, out: Outcomes) -> dict[str, Floats]:
    place, overall = out.class_positions(), out.positions()
    base = scenario.params.cls[out.car_class, col.CLASS_BASE_MS]
    distance = out.laps * base[None, :] - out.finish_ms
    lead = np.zeros(distance.shape)
    for k in np.unique(out.car_class):
        mine = np.flatnonzero(out.car_class == k)
        best = np.sort(distance[:, mine], axis=1)
        top, second = best[:, -1], best[:, -2]
        for c in mine:
            rival = np.where(distance[:, c] >= top, second, top)
            lead[:, c] = (distance[:, c] - rival) / 1000.0
    table = np.zeros(out.laps.shape[1] + 1)
    table[1 : len(POINTS) + 1] = POINTS
    return {
        "win": (overall == 1).astype(float),
        "win_class": (place == 1).astype(float),
        "lead_s": lead,
        "points": table[place],
    }
