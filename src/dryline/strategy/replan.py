"""Plan the rest of a race from now: the fastest that the rules, the team and the fuel leave.

Where a limit can no longer be kept, it gives by as little as can be, and the plan says which and
by how much. Where a wish of the team cannot be kept, it is left out and named.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from dryline.domain.clock_text import format_clock
from dryline.domain.errors import NotKnown
from dryline.domain.language import language
from dryline.strategy.plan import MOST_MORE, Plan, Tell, best_plan, laps_about
from dryline.strategy.plan_program import Shape, least_stints, solve
from dryline.strategy.plan_setup import HOUR_S, RaceSetup, Wishes
from dryline.strategy.plan_stints import Breach, breaches

GIVES, MORE_S = 3, 60.0
"""How often a limit gives, each time by so much more than the solver says."""


@dataclass(frozen=True)
class StopWindow:
    """When one of the plan's stops may be made with no more stops in all.

    From the end of ``first_lap`` on, at the latest at that of ``last_lap``; planned for ``lap``.
    """

    first_lap: int
    lap: int
    last_lap: int


@dataclass(frozen=True)
class Replan:
    """The plan from now, and what it could not keep, in words.

    ``windows`` belong to the plan's stops in their order.
    """

    plan: Plan
    windows: tuple[StopWindow, ...]
    broken: tuple[str, ...]
    not_kept: tuple[str, ...]


def replan(setup: RaceSetup, tell: Tell = lambda _: None) -> Replan:
    """The fastest plan for what is left, with its stops' windows.

    Raises:
        NotKnown: where even with every limit giving there is none.
    """
    for wished, dropped in _wishes(setup):
        found = best_plan(wished, tell)
        if found is not None:
            return _told(wished, found, dropped)
    for wished, dropped in _wishes(setup):
        found = _given(wished, tell)
        if found is not None:
            return _told(wished, found, dropped)
    raise NotKnown(
        f"no plan for the rest of the race was found for car {setup.car.number}",
        remedy="Ask on a later lap, or give the fuel on board: 'N fuel 9 laps'.",
    )


def _told(wished: RaceSetup, plan: Plan, dropped: tuple[str, ...]) -> Replan:
    lost = tuple(language().say("replan.wish", "lost", wish=wish) for wish in dropped)
    broken = tuple(_broken(wished, plan))
    return Replan(plan, tuple(_windows(wished, plan)), broken, lost)


def _wishes(setup: RaceSetup) -> Iterator[tuple[RaceSetup, tuple[str, ...]]]:
    """The setup as wished, then without each wish, then without any; and what was dropped."""
    wishes = setup.wishes
    yield setup, ()
    each = list(_each_wish(wishes))
    for less, words in each:
        yield msgspec.structs.replace(setup, wishes=less), (words,)
    if len(each) > 1:
        plain = msgspec.structs.replace(setup, wishes=Wishes())
        yield plain, tuple(words for _, words in each)


def _each_wish(wishes: Wishes) -> Iterator[tuple[Wishes, str]]:
    """The wishes less one of them, and that one in words."""

    def say(key: str, **places: object) -> str:
        return language().say("replan.wish", key, **places)

    if wishes.order:
        yield msgspec.structs.replace(wishes, order=()), say("order")
    if wishes.next_lap is not None:
        less = msgspec.structs.replace(wishes, next_lap=None)
        yield less, say("next_lap", lap=wishes.next_lap)
    for stop in wishes.no_change:
        others = tuple(each for each in wishes.no_change if each != stop)
        yield msgspec.structs.replace(wishes, no_change=others), say("no_change", stop=stop)
    for laps in wishes.no_stop:
        rest = tuple(each for each in wishes.no_stop if each != laps)
        words = say("no_stop", first=laps[0], last=laps[1])
        yield msgspec.structs.replace(wishes, no_stop=rest), words


def _given(setup: RaceSetup, tell: Tell) -> Plan | None:
    """The fastest plan once the limits in the way have given, by as little as can be."""
    laps = laps_about(setup)
    least = least_stints(setup, laps)
    given = setup
    for more in range(GIVES):
        found = None
        for stints in range(least, least + MOST_MORE):
            found = found or solve(given, Shape(laps, stints), elastic=True)
        if found is None:
            return None
        for name, by in found.short.items():
            given = _giving(given, name, by + MORE_S * (more + 1))
        plan = best_plan(given, tell)
        if plan is not None:
            return plan
        if not found.short:
            given = msgspec.structs.replace(
                given,
                drivers=tuple(
                    msgspec.structs.replace(who, window_max_s=None, turn_max_s=None)
                    for who in given.drivers
                ),
            )
    return None


def _giving(setup: RaceSetup, name: str, by_s: float) -> RaceSetup:
    """The setup with one limit that gives by so much."""
    driver, _, limit = name.partition(":")
    if name == "sets":
        sets = (setup.tyres.sets or 0) + math.ceil(by_s - MORE_S * GIVES)
        tyres = msgspec.structs.replace(setup.tyres, sets=max(sets, (setup.tyres.sets or 0) + 1))
        return msgspec.structs.replace(setup, tyres=tyres)
    who = setup.drivers[int(driver)]
    signs = {"least": ("min_s", -1.0), "most": ("max_s", 1.0), "until": ("until_s", 1.0)}
    signs |= {"from": ("from_s", -1.0)}
    fields = [signs[limit]] if limit in signs else [("turn_max_s", 1.0), ("window_max_s", 1.0)]
    changed = {
        key: max(0.0, getattr(who, key) + sign * by_s)
        for key, sign in fields
        if getattr(who, key) is not None
    }
    crew = list(setup.drivers)
    crew[int(driver)] = msgspec.structs.replace(who, **changed)
    return msgspec.structs.replace(setup, drivers=tuple(crew))


def _broken(setup: RaceSetup, plan: Plan) -> Iterator[str]:
    """What the plan breaks of the limits as they were, once for each driver and limit."""
    worst: dict[tuple[int, str], Breach] = {}
    for each in breaches(setup, plan.stints):
        key = (each.driver, each.limit)
        if key not in worst or worst[key].short_s < each.short_s:
            worst[key] = each
    for each in worst.values():
        yield _in_words(setup, each)
    stock = setup.tyres.sets
    if stock is not None and plan.sets > stock:
        yield language().say("replan.broken", "sets", sets=plan.sets - stock)


def _in_words(setup: RaceSetup, breach: Breach) -> str:
    who = setup.drivers[breach.driver]
    limits = {
        "least": who.min_s,
        "most": who.max_s,
        "turn": who.turn_max_s,
        "window": who.window_max_s,
    }
    return language().say(
        "replan.broken",
        breach.limit,
        name=who.name,
        time=format_clock(round(breach.short_s * 1000.0)),
        limit=format_clock(round((limits.get(breach.limit) or 0.0) * 1000.0)),
        hours=f"{(who.window_s or 0.0) / HOUR_S:g}",
    )


def _windows(setup: RaceSetup, plan: Plan) -> Iterator[StopWindow]:
    """The earliest and the latest lap of each stop that leave the number of stops as it is."""
    tank = setup.fuel.laps + setup.fuel.save_laps
    ends = [stint.last_lap for stint in plan.stints]
    left = len(ends) - 1
    latest = setup.laps_done
    for k in range(left):
        latest = min(plan.laps - 1, latest + (setup.longest(0) if k == 0 else tank))
        after = ends[k - 1] if k else setup.laps_done
        earliest = max(after + 1, plan.laps - (left - k) * tank)
        first, last = _allowed(setup.wishes, min(earliest, ends[k]), ends[k], max(latest, ends[k]))
        yield StopWindow(first, ends[k], last)


def _allowed(wishes: Wishes, first: int, lap: int, last: int) -> tuple[int, int]:
    """The laps about a stop's own on which the team has not forbidden one."""
    for begin, end in wishes.no_stop:
        if end < lap:
            first = max(first, end + 1)
        elif begin > lap:
            last = min(last, begin - 1)
    return first, last
