"""Beside the call: what to do when rain begins, when the pit window is open, who still stops."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import msgspec
import numpy as np
from numpy.typing import NDArray

from dryline.domain.meaning import means
from dryline.domain.tyre_kind import SLICK
from dryline.kernels import race_columns as col
from dryline.model.flag.projection import LapsAtFlag
from dryline.sim.outcomes import Outcomes
from dryline.sim.params import FieldPlans
from dryline.sim.simulate import simulate
from dryline.strategy.candidates import Candidate, Situation, candidates
from dryline.strategy.evaluate import PairedDifference, rank
from dryline.strategy.futures import Futures
from dryline.strategy.utility import Utility

RAINS_P = 0.5
"""From this probability of rain in a sector on there is no card for rain that begins there."""
LATEST_CHANGE = 2
BASELINE = 256
SECTORS = 3


@dataclass(frozen=True)
class RainCall:
    """If it began to rain in a sector (1, 2, 3) now: the call and its margin over the next."""

    sector: int
    call: Candidate
    margin: PairedDifference
    unit: str


class PitWindow(msgspec.Struct, frozen=True, kw_only=True):
    """On which laps the next stop for fuel spares a further one; null where none is needed.

    It opens with the first in-lap after which no more stops are needed than the least possible,
    and closes with the last that the fuel reaches; it is as sure as the range is known.
    """

    opens_lap: Annotated[int | None, means("the first lap of the window of the next stop")]
    closes_lap: Annotated[int | None, means("its last lap")]
    sd_laps: Annotated[float, means("its standard deviation, laps")]


@dataclass(frozen=True)
class CarToFlag:
    """A car to the flag: stops still to come (10, 50, 90 %), its window, its number of laps.

    ``planned_laps`` is the middle of the projection of laps; ``p_more`` the probability of more.
    """

    car_number: str
    stops_left: tuple[float, float, float]
    window: PitWindow
    planned_laps: int
    p_more: float


def rain_cards(
    futures: Futures, now: Situation, utility: Utility, *, replicates: int, seed: int, threads: int
) -> tuple[RainCall, ...]:
    """A card for each sector where it does not rain already; none where wets are no choice."""
    track = futures.track
    if track is None or now.on_wets or not now.may_stop:
        return ()
    asked = rain_candidates(now)
    out = []
    for sector in range(SECTORS):
        if track.p_rain[sector] >= RAINS_P or len(asked) < 2:
            continue
        there = replace(futures, rain_in=sector)
        found = rank(there, asked, utility, replicates=replicates, seed=seed, threads=threads)
        second = found.runner_up
        margin = PairedDifference(0.0, 0.0) if second is None else found.margin(found.call, second)
        out.append(RainCall(sector + 1, found.call, margin, utility.unit))
    return tuple(out)


def rain_candidates(now: Situation) -> tuple[Candidate, ...]:
    """Stay out as the crew's thresholds ask, or rain tyres now, next lap, in two."""
    wet = candidates(replace(now, tyres=(SLICK, now.rain), turns=()))
    kept = {f"box+{ahead}:{now.rain}" for ahead in range(LATEST_CHANGE + 1)}
    return tuple(each for each in wet if each.key == "stay" or each.key in kept)


def pit_window(now: Situation, range_sd: float) -> PitWindow:
    """The window of the next stop for fuel."""
    stops, sd = now.stops_needed, round(range_sd, 1)
    if stops == 0:
        return PitWindow(opens_lap=None, closes_lap=None, sd_laps=sd)
    opens = max(0, math.ceil(now.laps_to_go - stops * now.range_laps - 0.5))
    closes = max(0, int(now.fuel_laps) - 1)
    first, last = _allowed(now, now.lap + min(opens, closes), now.lap + closes)
    return PitWindow(opens_lap=first, closes_lap=last, sd_laps=sd)


def _allowed(now: Situation, first: int, last: int) -> tuple[int, int]:
    """The last of these laps in one go on which the team wants a stop; all where it wants none."""
    wanted = [lap for lap in range(first, last + 1) if not now.forbids(lap)]
    if not wanted:
        return first, last
    begin = next(lap for lap in reversed(wanted) if lap - 1 not in wanted)
    return begin, wanted[-1]


def field_outlook(
    futures: Futures,
    cars: Sequence[int],
    flag: LapsAtFlag,
    *,
    seed: int,
    threads: int,
    replicates: int = BASELINE,
) -> tuple[CarToFlag, ...]:
    """The outlook of some cars where everybody follows his policy."""
    runs = _policies(futures, replicates, seed, threads)
    stops = np.concatenate([out.stops for out in runs])
    gone = np.concatenate([out.retired for out in runs]) > 0
    return tuple(_car(futures, c, flag, stops[:, c], gone[:, c]) for c in cars)


def _policies(futures: Futures, replicates: int, seed: int, threads: int) -> list[Outcomes]:
    plans = futures.plans or FieldPlans.none(futures.params.cars)
    step = futures.replicates
    runs = []
    for block in range(-(-replicates // step)):
        future = futures.block(block)
        runs.append(
            simulate(
                future.params, future.state, plans, seed=seed, first=block * step,
                replicates=step, threads=threads,
            )
        )  # fmt: skip
    return runs


def _car(
    futures: Futures,
    car: int,
    flag: LapsAtFlag,
    stops: NDArray[np.int32],
    gone: NDArray[np.bool_],
) -> CarToFlag:
    number, row, table = futures.cars[car], futures.state.cars[car], futures.params.car[car]
    finished = ~gone if bool((~gone).any()) else np.ones_like(gone)
    planned = flag.quantiles(number)[1]
    left = stops[finished] - row[col.STATE_STOPS]
    now = Situation(
        lap=int(row[col.STATE_LAPS]) + 1,
        fuel_laps=max(1.0, float(row[col.STATE_FUEL])),
        range_laps=float(table[col.CAR_RANGE]),
        laps_to_go=max(1.0, planned - float(row[col.STATE_LAPS])),
        may_stop=True,
        tyres=("usual",),
    )
    low, middle, high = (float(v) for v in np.quantile(left, (0.1, 0.5, 0.9)))
    return CarToFlag(
        number,
        (low, middle, high),
        pit_window(now, float(table[col.CAR_RANGE_SD])),
        planned,
        flag.p_more(number),
    )
