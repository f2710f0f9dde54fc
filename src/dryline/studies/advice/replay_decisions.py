"""Decisions under yellow: at the first open pit entry, to box or to stay out until it is green."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dryline.kernels.replay_road import FOREVER
from dryline.kernels.replay_run import (
    ReplayStart,
    Room,
    Rule,
    best_stops,
    next_entry,
    run_rule,
    stop_price,
)
from dryline.race.neutralisation_overlap import GRAVITY
from dryline.strategy.plain_rule import YELLOW_USED
from dryline.studies.advice.figures import mean
from dryline.studies.advice.replay import Replay
from dryline.studies.advice.replay_crew import ReplayedCar
from dryline.studies.advice.replay_follow import passage
from dryline.studies.advice.replay_policies import Passage

GREEN = GRAVITY.index("green")


@dataclass(frozen=True)
class YellowDecision:
    """One car at the first pit entry at which its class may stop under a neutralisation.

    Worths are seconds that boxing gains over staying out until it is green, to the flag: going on
    by the plain yellow rule, and as well as hindsight can. ``price_s``: what the stop cost on the
    road by the second green crossing.
    """

    at: Passage
    start_s: float
    boxed: bool
    by_rule_s: float
    at_best_s: float
    price_s: float

    @property
    def start_ms(self) -> int:
        """When the neutralisation began."""
        return round(self.start_s * 1000.0)

    @property
    def at_ms(self) -> int:
        """The instant at which advice is asked for it, just before the pit entry."""
        return int(self.at.at_s * 1000.0) - 1


def regret_s(decision: YellowDecision, boxes: bool, *, at_best: bool = False) -> float:
    """What a choice costs against the better of the two, s."""
    worth = decision.at_best_s if at_best else decision.by_rule_s
    return max(0.0, -worth if boxes else worth)


def regrets(
    decisions: Sequence[YellowDecision], sheet: Mapping[tuple[str, str, int], bool]
) -> dict[str, float | int | None]:
    """A sheet of choices scored: mean regret in s, by rule and at best, over those that it has.

    Args:
        decisions: of any races.
        sheet: whether to box, by race, car number and ``YellowDecision.at_ms``.
    """
    said = [
        (each, sheet[key])
        for each in decisions
        if (key := (each.at.race, each.at.car_number, each.at_ms)) in sheet
    ]
    return {
        "decisions": len(said),
        "by_rule_s": mean([regret_s(d, box) for d, box in said]),
        "at_best_s": mean([regret_s(d, box, at_best=True) for d, box in said]),
    }


def decisions_of(replay: Replay, room: Room) -> Iterator[YellowDecision]:
    """Every decision of every replayed car, from where it really was."""
    rule = plain_rule(replay)
    for crew in replay.crews:
        for i in range(len(replay.field.slow_from)):
            found = _decision(replay, crew, i, rule, room)
            if found is not None:
                yield found


def plain_rule(replay: Replay, least_used: float = YELLOW_USED) -> Rule:
    """The plain yellow rule as the kernels know it."""
    least = np.full(len(GRAVITY), least_used)
    least[GREEN] = 2.0
    kinds = np.array([GRAVITY.index(kind) for kind in replay.flags.kinds], dtype=np.int64)
    return Rule(np.array(replay.flags.since_s), kinds, least)


def _decision(
    replay: Replay, crew: ReplayedCar, i: int, rule: Rule, room: Room
) -> YellowDecision | None:
    """The decision of one car in one stretch; none where it met no open entry or needs no fuel."""
    field, car = replay.field, crew.car
    if car.opens[i] >= FOREVER / 2:
        return None
    for start in _laps_under(crew, field.slow_from[i], field.slow_to[i]):
        ahead = next_entry(*start, field, car)
        if ahead.under != i or not ahead.open:
            if crew.boxes[start.lap + 1]:
                return None
            continue
        at = passage(replay, crew, start.lap + 1, ahead)
        if not at.needs_stop or ahead.end >= car.flag_s:
            return None
        end = np.searchsorted(crew.ends_s, field.slow_to[i])
        stayed, boxed = (run_rule(start, box, rule, field, car, room.stops)[0] for box in (0, 1))
        least, most = (best_stops(start, box, field, car, room) for box in (0, 1))
        return YellowDecision(
            at, float(field.slow_from[i]), bool(crew.boxes[start.lap + 1 : end + 2].any()),
            (boxed - stayed) * crew.pace_s, (most - least) * crew.pace_s,
            stop_price(start, i, field, car),
        )  # fmt: skip
    return None


def _laps_under(crew: ReplayedCar, begin_s: float, end_s: float) -> Iterator[ReplayStart]:
    """The car at the start of each of its laps that may end between, as it really was."""
    first = max(1, int(np.searchsorted(crew.ends_s, begin_s, side="right")))
    last = int(np.searchsorted(crew.ends_s, end_s, side="right"))
    for lap in range(first, min(last + 1, crew.laps)):
        if lap in crew.out_s:
            yield ReplayStart(lap, crew.out_s[lap], 0.5 * crew.car.lane_part, crew.fuel[lap])
        else:
            yield ReplayStart(lap, float(crew.ends_s[lap - 1]), 0.0, crew.fuel[lap])
