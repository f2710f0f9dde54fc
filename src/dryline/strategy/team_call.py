"""The call for two or three cars of a team at once: who boxes when, and whether to split.

Each car's own best calls are combined and driven to the flag together on common luck, so that the
cars of a team do not both count on the same gap. Where tyres are no question each does what the
plain rule says. The double stack is priced apart: what it costs
if both came in on one lap and shared a box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from dryline.kernels import race_columns as col
from dryline.sim.params import RaceParams
from dryline.strategy.call import Budget, ReasonedCall, call_for, ranked
from dryline.strategy.candidates import Candidate
from dryline.strategy.evaluate import PairedDifference, Ranking, drive, mean_se
from dryline.strategy.futures import Futures
from dryline.strategy.setting import OwnCar, Setting, futures_of, own_car
from dryline.strategy.utility import SimulatedFinishes, Utility

CHOICES = {2: 4, 3: 3}
"""How many of its own best calls each car brings, by the number of cars."""
STACK_REPLICATES = 256
JOINED = " + "
"""Between the cars' calls in the key of a joint one."""


@dataclass(frozen=True)
class StackCost:
    """What it costs if the cars come in on one lap and one waits for the other in a shared box.

    ``waits`` in seconds of both cars together, ``worth`` in the utility's unit; both positive
    where it costs.
    """

    key: str
    waits: PairedDifference
    worth: PairedDifference


@dataclass(frozen=True)
class JointCall:
    """The joint call: ``ranking`` of joint candidates, and each car's own advice in their order."""

    cars: tuple[ReasonedCall, ...]
    ranking: Ranking
    stack: StackCost | None

    def parts(self, joint: Candidate) -> tuple[Candidate, ...]:
        """What each car does in a joint candidate."""
        return (joint, *(each for _, each in joint.partners))

    def is_split(self, joint: Candidate) -> bool:
        """Whether the cars do not all do the same: both outcomes are covered."""
        return len({(each.action, each.tyres) for each in self.parts(joint)}) > 1

    def best_place(self, joint: Candidate) -> PairedDifference:
        """The place of the better of the cars, on average."""
        places = self.ranking.finishes[joint.key].place
        best = places if places.ndim == 1 else places.min(axis=1)
        return mean_se(best, self.ranking.block)

    def place(self, joint: Candidate, at: int) -> float:
        """The mean place of one of the cars."""
        return float(self.ranking.finishes[joint.key].of_car(at).place.mean())


def team_call(
    setting: Setting, numbers: Sequence[str], utility: Utility, budget: Budget
) -> JointCall:
    """The joint call for cars of one team that are all on the track."""
    mine = []
    for number in numbers:
        car = own_car(setting, number)
        setting = replace(setting, params=car.params)
        mine.append(car)
    mine = [replace(car, params=setting.params) for car in mine]
    own = replace(budget, extras=False)
    alone = tuple(call_for(setting, car, utility, own) for car in mine)
    futures = futures_of(setting, mine[0], budget.seed, mine[1:])
    joint = joint_candidates(mine, alone)
    found = ranked(futures, joint, utility, budget)
    if not any(car.now.tyres_in_question for car in mine) and joint[0].key in found.finishes:
        found = found.led_by(joint[0])
    return JointCall(alone, found, _stacked(futures, mine, alone, utility, budget))


def joint_candidates(
    mine: Sequence[OwnCar], alone: Sequence[ReasonedCall]
) -> tuple[Candidate, ...]:
    """Every combination of the cars' own best calls."""
    count = CHOICES.get(len(mine), 2)
    out = []
    for chosen in product(*(_best_of(each.ranking, count) for each in alone)):
        key = JOINED.join(
            f"{car.number} {each.key}" for car, each in zip(mine, chosen, strict=True)
        )
        partners = tuple(
            (car.car, each) for car, each in zip(mine[1:], chosen[1:], strict=True)
        )  # fmt: skip
        out.append(replace(chosen[0], key=key, partners=partners))
    return tuple(out)


def _key(mine: Sequence[OwnCar], chosen: Sequence[Candidate]) -> str:
    return JOINED.join(f"{car.number} {each.key}" for car, each in zip(mine, chosen, strict=True))


def _best_of(found: Ranking, count: int) -> list[Candidate]:
    """A car's best calls, each of another kind or lap: the call, staying, boxing now, next lap."""
    kinds: dict[object, Candidate] = {}
    for each in found.order:
        kinds.setdefault((each.action, each.tyres, each.laps_ahead), each)
    wanted = [found.call]
    for ahead in (None, 0, 1):
        wanted += [each for each in kinds.values() if each.laps_ahead == ahead][:1]
    wanted += list(kinds.values())
    return list({each.key: each for each in wanted}.values())[:count]


def _stacked(
    futures: Futures,
    mine: Sequence[OwnCar],
    alone: Sequence[ReasonedCall],
    utility: Utility,
    budget: Budget,
) -> StackCost | None:
    """Both in on this lap: one box each, against one box for all; None where the lane is closed."""
    now = [
        next((each for each in advice.ranking.order if each.laps_ahead == 0), None)
        for advice in alone
    ]
    stops = [each for each in now if each is not None]
    if len(stops) < len(mine) or len(mine) < 2:
        return None
    own = [(car.car, each) for car, each in zip(mine, stops, strict=True)]
    shared = replace(futures, params=_one_box(futures.params, [car.car for car in mine]))
    replicates = min(STACK_REPLICATES, budget.replicates)
    apart, stacked = (_run(each, own, replicates, budget.seed) for each in (futures, shared))
    block = futures.replicates if futures.wet else 1
    gone = apart.gone | stacked.gone
    waits = mean_se(np.where(gone, np.nan, stacked.time - apart.time), block)
    worth = mean_se(utility.of(apart) - utility.of(stacked), block)
    key = _key(mine, stops)
    return StackCost(key, waits, worth)


def _one_box(params: RaceParams, cars: Sequence[int]) -> RaceParams:
    table = params.car.copy()
    table[list(cars), col.CAR_BOX] = table[cars[0], col.CAR_BOX]
    return replace(params, car=table)


def _run(
    futures: Futures, own: Sequence[tuple[int, Candidate]], replicates: int, seed: int
) -> SimulatedFinishes:
    step = futures.replicates
    parts = []
    for first in range(0, replicates, step):
        many = min(step, replicates - first)
        future = futures.block(first // step)
        parts.append(drive(own, future, futures.plans, seed=seed, first=first, replicates=many))
    return SimulatedFinishes.none().joined(parts)
