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
from dryline.strategy.plan_program import LONG, Cut, Shape, solve
from dryline.strategy.plan_setup import PlannedDriver, RaceSetup
from dryline.strategy.plan_stints import Breach, PlannedStint, breaches, drive_s, timetable

ROUNDS, EXACT_ROUNDS = 16, 2
"""How often a plan goes back to the solver; after a few rounds what broke holds everywhere."""
MORE_STOPS = 2
PLANS = 4
SURE_S = 1.0


@dataclass(frozen=True)
class Plan:
    """One plan for the whole race.

    ``stints`` run over ``laps`` laps, the same for every plan compared; ``finish_s`` is when the
    last of them ends; ``laps_by_flag`` how many the car completes in the race's time;
    ``within_s``: no plan with as many stops and sets is faster by more, so far as is proven.
    """

    stints: tuple[PlannedStint, ...]
    laps: int
    laps_by_flag: int
    within_s: float

    @property
    def stops(self) -> int:
        """How many stops."""
        return len(self.stints) - 1

    @property
    def sets(self) -> int:
        """How many sets of tyres, the first included."""
        return sum(each.new_tyres for each in self.stints)

    @property
    def finish_s(self) -> float:
        """When the last lap ends."""
        return self.stints[-1].end_s

    @property
    def saved_laps(self) -> int:
        """Laps that only saving makes possible."""
        return sum(each.saved_laps for each in self.stints)


def plans_for(
    setup: RaceSetup, most: int = PLANS, tell: Callable[[str], None] = lambda _: None
) -> tuple[Plan, ...]:
    """The best plans of different shapes, fastest first; ``tell`` hears what is being tried.

    Raises:
        NotKnown: where no plan keeps the limits: which, and by how much.
    """
    laps, best = _distance(setup, tell)
    found = {(best.stops, best.sets): best}
    least = _least_stints(setup, laps)
    for stints in range(least, least + MORE_STOPS):
        tell(f"{stints - 1} stops over {laps} laps")
        free = _solved(setup, Shape(laps, stints))
        if free is None:
            continue
        for sets in range(free.sets - 1, free.sets + 2):
            if _has_sets(setup, sets, stints):
                shaped = _solved(setup, Shape(laps, stints, sets)) if sets != free.sets else free
                if shaped is not None:
                    found.setdefault((shaped.stops, shaped.sets), shaped)
    ranked = sorted(found.values(), key=lambda each: each.finish_s)[:most]
    return tuple(replace(each, laps_by_flag=_by_flag(setup, each)) for each in ranked)


def _distance(setup: RaceSetup, tell: Callable[[str], None]) -> tuple[int, Plan]:
    """The laps that the fastest plan completes, and that plan."""
    race = setup.race
    if race.laps is not None:
        return race.laps, _fastest(setup, race.laps)
    length = race.length_s or 0.0
    quickest = min(setup.lap_s(d) for d in range(len(setup.drivers)))
    stop = setup.pit.lane_s + setup.fuel.hose_s_per_lap * setup.fuel.laps
    laps = max(1, math.ceil(length / (quickest + stop / setup.fuel.laps)))
    tried: dict[int, Plan] = {}
    for _ in range(ROUNDS):
        tell(f"how far in {Instant(round(length * 1000))}: {laps} laps?")
        tried[laps] = _fastest(setup, laps)
        over = _by_flag(setup, tried[laps]) - laps
        if over == 0 or laps + over in tried:
            break
        laps += over
    return laps, tried[laps]


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


def _fastest(setup: RaceSetup, laps: int) -> Plan:
    least = _least_stints(setup, laps)
    found: list[Plan] = []
    for more in range(MORE_STOPS):
        if not (found and least > LONG):
            plan = _solved(setup, Shape(laps, least + more))
            found += [] if plan is None else [plan]
    if not found:
        raise _impossible(setup, laps, least)
    return min(found, key=lambda each: each.finish_s)


def _least_stints(setup: RaceSetup, laps: int) -> int:
    by_fuel = math.ceil(laps / (setup.fuel.laps + setup.fuel.save_laps))
    needed = sum(1 for who in setup.drivers if (who.min_s or 0.0) > 0.0)
    return max(1, by_fuel, needed)


def _has_sets(setup: RaceSetup, sets: int, stints: int) -> bool:
    stock = setup.tyres.sets
    return 1 <= sets <= stints and (stock is None or sets <= stock)


def _solved(setup: RaceSetup, shape: Shape) -> Plan | None:
    """The fastest plan of a shape that the exact clock finds within every limit."""
    cuts: list[Cut] = []
    margins: dict[tuple[int, str], float] = {}
    for done in range(ROUNDS):
        solution = solve(setup, shape, cuts, margins)
        if solution is None:
            return None
        stints = timetable(setup, solution.choices)
        broken = breaches(setup, stints)
        if not broken:
            return Plan(stints, shape.laps, shape.laps, solution.within_s)
        for each in broken:
            if each.limit in ("turn", "window"):
                cuts += _cuts(setup, each, stints, everywhere=done >= EXACT_ROUNDS)
            else:
                key = (each.driver, each.limit)
                margins[key] = margins.get(key, 0.0) + each.short_s + SURE_S
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


def _impossible(setup: RaceSetup, laps: int, stints: int) -> NotKnown:
    """The error that says which limits cannot be kept together, and by how much."""
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
