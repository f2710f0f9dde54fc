"""Plan a whole race: the best few ways to share it into stints, drivers, fuel and tyres.

The solver finds the fastest plan of each shape (number of stops, sets of tyres); the exact clock
checks it, and what it finds broken goes back as a cut. How many laps a race by the clock has
follows from the fastest plan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from dryline.domain.errors import NotKnown
from dryline.domain.instant import Instant
from dryline.strategy.plan_program import LONG, Cut, Shape, bound, least_stints, solve
from dryline.strategy.plan_setup import PlannedDriver, RaceSetup
from dryline.strategy.plan_stints import (
    Breach,
    PlannedStint,
    StintChoice,
    breaches,
    drive_s,
    timetable,
)

ROUNDS, EXACT_ROUNDS = 16, 0
"""How often a plan goes back to the solver; after a few rounds what broke holds everywhere.

Of a long plan it does so at once. What is proven is what the first round proves.
"""
MORE_STOPS, MOST_MORE = 2, 5
"""Stops beyond the fewest that are listed; and that are looked at for the fastest plan."""
PLANS = 4
SURE_S = 1.0
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Plan:
    """One plan for the whole race, or for what is left of it.

    ``stints`` end with lap ``laps``, the same for every plan compared; ``finish_s`` is when that
    lap ends; ``laps_by_flag`` how many the car completes in the race's time; ``bound_s``: no plan
    ends sooner, so far as is proven, of as many stops and sets where these were fixed.
    """

    stints: tuple[PlannedStint, ...]
    laps: int
    laps_by_flag: int
    bound_s: float

    @property
    def stops(self) -> int:
        """How many stops."""
        return sum(each.pit_s > 0.0 for each in self.stints)

    @property
    def sets(self) -> int:
        """How many sets of tyres are put on, that of the start included."""
        return sum(each.new_tyres for each in self.stints)

    @property
    def finish_s(self) -> float:
        """When the last lap ends."""
        return self.stints[-1].end_s

    @property
    def within_s(self) -> float:
        """How much faster another plan could still be."""
        return max(0.0, self.finish_s - self.bound_s)

    @property
    def saved_laps(self) -> int:
        """Laps that only saving makes possible."""
        return sum(each.saved_laps for each in self.stints)


def plans_for(setup: RaceSetup, most: int = PLANS, tell: Tell = lambda _: None) -> tuple[Plan, ...]:
    """The best plans of different shapes, fastest first; ``tell`` hears what is being tried.

    Raises:
        NotKnown: where no plan keeps the limits: which, and by how much.
    """
    best = best_plan(setup, tell)
    if best is None:
        raise _impossible(setup)
    laps = best.laps - setup.laps_done
    found = {(best.stops, best.sets): best}
    least = least_stints(setup, laps)
    for stints in range(least, least + MORE_STOPS):
        tell(f"{stints - 1} stops over {laps} laps")
        free = _solved(setup, Shape(laps, stints))
        if free is None:
            continue
        for sets in range(free.sets - 1, free.sets + 2):
            if _has_sets(setup, sets, stints):
                shaped = _solved(setup, Shape(laps, stints, sets)) if sets != free.sets else free
                if shaped is not None:
                    found[shaped.stops, shaped.sets] = _better(
                        shaped, found.get((shaped.stops, shaped.sets))
                    )
    ranked = sorted(found.values(), key=lambda each: each.finish_s)[:most]
    return tuple(replace(each, laps_by_flag=_by_flag(setup, each)) for each in ranked)


def _better(one: Plan, other: Plan | None) -> Plan:
    return one if other is None or one.finish_s <= other.finish_s else other


def best_plan(setup: RaceSetup, tell: Tell = lambda _: None) -> Plan | None:
    """The fastest plan over the laps that it completes, of any number of stops and sets.

    None where no plan keeps the limits.
    """
    laps = laps_about(setup)
    if setup.race.laps is not None:
        return _fastest(setup, laps)
    tried: dict[int, Plan] = {}
    for _ in range(ROUNDS):
        total = setup.laps_done + laps
        tell(f"how far in {Instant(round((setup.race.length_s or 0.0) * 1000))}: {total} laps?")
        found = _fastest(setup, laps)
        if found is None:
            return None
        tried[laps] = found
        over = _by_flag(setup, found) - total
        if over == 0:
            break
        if over == -1 and (less := _a_lap_less(setup, found)) is not None:
            return less
        if laps + over in tried:  # the flag falls between the two: the fuel must last for both
            laps = max(laps, laps + over)
            break
        laps += over
    return tried[laps]


def _a_lap_less(setup: RaceSetup, plan: Plan) -> Plan | None:
    """A long plan that the flag cuts by a lap, as it then is: to solve it anew would take as long.

    None where it is short, where fewer stints would do, or where a limit would not be kept.
    """
    laps = plan.stints[-1].last_lap - 1 - setup.laps_done
    stints = len(plan.stints)
    if stints <= LONG or plan.stints[-1].laps == 1 or least_stints(setup, laps) < stints:
        return None
    choices = [StintChoice(each.driver, each.laps, each.new_tyres) for each in plan.stints]
    choices[-1] = replace(choices[-1], laps=choices[-1].laps - 1)
    shorter = timetable(setup, choices)
    soonest = bound(setup, Shape(laps, stints))
    if soonest is None or breaches(setup, shorter):
        return None
    found = Plan(shorter, plan.laps - 1, plan.laps - 1, soonest)
    return found if _by_flag(setup, found) == found.laps else None


def laps_about(setup: RaceSetup) -> int:
    """The laps that are left, by the solver's bounds alone."""
    if setup.race.laps is not None:
        return max(1, setup.race.laps - setup.laps_done)
    left_s = (setup.race.length_s or 0.0) - setup.begins_s
    quickest = min(setup.lap_s(d) for d in range(len(setup.drivers)))
    stop = setup.pit.lane_s + setup.fuel.hose_s_per_lap * setup.fuel.laps
    laps = max(1, math.ceil(left_s / (quickest + stop / setup.fuel.laps)))
    for _ in range(ROUNDS):
        least = least_stints(setup, laps)
        ends = [bound(setup, Shape(laps, stints)) for stints in (least, least + 1)]
        known = [each for each in ends if each is not None]
        if not known:
            return laps
        over_s = min(known) - setup.begins_s - left_s
        off = -math.floor(over_s / quickest) if over_s >= 0.0 else math.ceil(-over_s / quickest)
        if off == 0 or laps + off < 1:
            return laps
        laps += off
    return laps


def _by_flag(setup: RaceSetup, plan: Plan) -> int:
    """Laps completed when the flag falls: at the first crossing at or after the race's time."""
    length = setup.race.length_s
    if length is None:
        return plan.laps
    last = plan.stints[-1]
    lap_s = last.driven_s / last.laps
    if plan.finish_s < length:
        return plan.laps + math.ceil((length - plan.finish_s) / lap_s)
    for stint in reversed(plan.stints):
        lap_s = stint.driven_s / stint.laps
        if stint.start_s < length:
            return stint.first_lap - 1 + math.ceil((length - stint.start_s) / lap_s)
    return plan.laps


def _fastest(setup: RaceSetup, laps: int) -> Plan | None:
    """The fastest plan over so many laps; more stops are tried while they could be faster.

    Of a long plan the fewest that can be kept: what more could gain counts as not proven.
    """
    least = least_stints(setup, laps)
    best: Plan | None = None
    proven: list[float] = []
    for stints in range(least, least + MOST_MORE):
        shape = Shape(laps, stints)
        soonest = None if stints > laps else bound(setup, shape)
        if best is not None and (
            soonest is None or soonest >= best.finish_s or stints > max(LONG, least)
        ):
            proven += [] if soonest is None else [soonest]
            break
        plan = None if soonest is None else _solved(setup, shape)
        if plan is not None:
            proven.append(plan.bound_s)
            best = _better(plan, best)
    return None if best is None else replace(best, bound_s=min(proven))


def _has_sets(setup: RaceSetup, sets: int, stints: int) -> bool:
    stock = setup.tyres.sets
    return 1 <= sets <= stints and (stock is None or sets <= stock)


def _solved(setup: RaceSetup, shape: Shape) -> Plan | None:
    """The fastest plan of a shape that the exact clock finds within every limit."""
    cuts: dict[tuple[int, tuple[int, ...]], Cut] = {}
    margins: dict[tuple[int, str], float] = {}
    bound_s = math.inf
    for done in range(ROUNDS):
        solution = solve(setup, shape, tuple(cuts.values()), margins)
        if solution is None:
            return None
        bound_s = min(bound_s, solution.bound_s)
        stints = timetable(setup, solution.choices)
        broken = breaches(setup, stints)
        if not broken:
            laps = setup.laps_done + shape.laps
            return Plan(stints, laps, laps, bound_s)
        for each in broken:
            if each.limit in ("turn", "window"):
                everywhere = done >= EXACT_ROUNDS
                for cut in _cuts(setup, each, stints, everywhere=everywhere):
                    key = (cut.driver, cut.stints)
                    if key not in cuts or cuts[key].most_s > cut.most_s:
                        cuts[key] = cut
            else:
                limit = (each.driver, each.limit)
                margins[limit] = margins.get(limit, 0.0) + each.short_s + SURE_S
    return None


def _cuts(
    setup: RaceSetup, broken: Breach, stints: Sequence[PlannedStint], *, everywhere: bool
) -> list[Cut]:
    """What keeps a driver from so long a turn or so full a window again.

    ``everywhere``: over any as many stints in a row, and for whoever has the same limit.
    """
    inside = sum(stints[k].driven_s for k in broken.stints)
    most = max(0.0, inside - max(broken.short_s, setup.lap_s(broken.driver)))
    if not everywhere:
        return [Cut(broken.driver, broken.stints, most)]
    who = setup.drivers[broken.driver]
    same = [d for d, each in enumerate(setup.drivers) if _turns(each) == _turns(who)]
    span = broken.stints[-1] - broken.stints[0] + 1
    return [
        Cut(d, tuple(range(k, k + span)), most) for d in same for k in range(len(stints) - span + 1)
    ]


def _turns(who: PlannedDriver) -> tuple[float | None, ...]:
    return (who.turn_max_s, who.window_s, who.window_max_s)


def _impossible(setup: RaceSetup) -> NotKnown:
    """The error that says which limits cannot be kept together, and by how much."""
    laps = laps_about(setup)
    stints = least_stints(setup, laps)
    found = None
    for more in range(MORE_STOPS + 1):
        found = found or solve(setup, Shape(laps, stints + more), elastic=True)
    short = {} if found is None else dict(found.short)
    words = "; ".join(_lacks(setup, name, by) for name, by in short.items())
    return NotKnown(
        f"no plan over {laps} laps keeps every limit"
        + (f": {words}" if words else " (turns, windows and stints do not fit together)"),
        remedy="Give the limit that can give, or another driver, in the setup.",
    )


_LACKS = {
    "least": "too little time at the wheel for the least that must be driven, {} short",
    "most": "more than may be driven, {} over",
    "until": "is needed after leaving, {} too long",
    "from": "is needed before arriving, {} too early",
    "turn": "is needed for longer in one go or in one window than allowed, {} over",
}


def _lacks(setup: RaceSetup, name: str, by: float) -> str:
    if name == "sets":
        return f"{math.ceil(by)} sets of tyres too few"
    driver, _, limit = name.partition(":")
    time = str(Instant(round(by * 1000))).split(".", maxsplit=1)[0]
    return f"{setup.drivers[int(driver)].name} {_LACKS[limit].format(time)}"


def driving(setup: RaceSetup, plan: Plan) -> list[float]:
    """Each driver's time at the wheel in the plan, in seconds."""
    return drive_s(setup, plan.stints)
