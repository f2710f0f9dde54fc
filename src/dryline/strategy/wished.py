"""What the team wants and has for the rest of the race: pins, forbidden laps, order, sets.

What cannot be used is said with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from dryline.domain.clock_text import format_clock
from dryline.domain.entry import Rating
from dryline.rules.scoring import name_key
from dryline.strategy.plan_setup import RaceSetup, Wishes
from dryline.strategy.plan_words import PlanWords
from dryline.strategy.team_said import CarSaid, TyreSet, names

PAIR = 2


def tyres_left(setup: RaceSetup, said: CarSaid, words: PlanWords, *, given: bool) -> RaceSetup:
    """Sets for the stops to come: named by the team, else the setup's less those used."""
    slicks = [
        each.value
        for each in said.sets.values()
        if each.value.usable and each.value.compound not in ("wet", "inter")
    ]
    none = said.has_none("slick")
    stops = setup.stops_made
    if none is not None:
        left: int | None = 0
        words.assume("no_sets", author=none.author)
    elif said.sets:
        left = _whole(slicks)
        words.assume("sets_told", sets=left)
    elif given and setup.tyres.sets is not None:
        left = max(0, setup.tyres.sets - 1 - stops)
        words.assume("sets_counted", sets=left, stops=stops)
    else:
        left = None
        words.assume("sets_unknown")
    return msgspec.structs.replace(setup, tyres=msgspec.structs.replace(setup.tyres, sets=left))


def _whole(sets: Sequence[TyreSet]) -> int:
    """Whole sets among those named: for all four, or a left and a right together."""
    sides = [each.side for each in sets]
    pairs = min(sides.count("left"), sides.count("right"))
    corners = min(sides.count(corner) for corner in ("fl", "fr", "rl", "rr"))
    return sides.count(None) + pairs + corners


def wished(setup: RaceSetup, said: CarSaid, words: PlanWords) -> RaceSetup:
    """The setup with what the team wants; what cannot be used is said."""
    setup = _pinned(_away(setup, said, words), said, words)
    order = _order(setup, said, words)
    stops = [fact.value for fact in said.no_change.values()]
    gone = [each for each in stops if each <= setup.stops_made]
    for number in gone:
        words.refuse("stop_made", stop=number, made=setup.stops_made)
    wishes = Wishes(
        no_stop=tuple(
            (each.value.first_lap, each.value.last_lap) for each in said.no_stop.values()
        ),
        no_change=tuple(each for each in stops if each not in gone),
        next_lap=_next_lap(setup, said, words),
        order=order,
    )
    return msgspec.structs.replace(setup, wishes=wishes)


def _next_lap(setup: RaceSetup, said: CarSaid, words: PlanWords) -> int | None:
    """The lap that the team means to stop on next, where that is still to come."""
    if said.plan is None or setup.under_way is None:
        return None
    lap = said.plan.value or setup.laps_done + 1
    ends = setup.laps_done + setup.longest(0)
    if setup.laps_done < lap <= ends:
        return lap
    if said.plan.at.ms / 1000.0 >= setup.begins_s or lap > setup.laps_done:
        words.refuse("plan_lap", lap=lap, first=setup.laps_done + 1, last=ends)
    return None


def _away(setup: RaceSetup, said: CarSaid, words: PlanWords) -> RaceSetup:
    """Drivers who are not available get in no more."""
    if not said.away:
        return setup
    crew = tuple(
        msgspec.structs.replace(who, until_s=setup.begins_s, min_s=None)
        if said.is_away(who.name)
        else who
        for who in setup.drivers
    )
    for who in setup.drivers:
        if said.is_away(who.name) and who.min_s is not None:
            words.remark("away", driver=who.name)
    for fact in said.away.values():
        if not any(names(fact.value, who.name) for who in setup.drivers):
            words.refuse("unknown_driver", driver=fact.value)
    at_wheel = None if setup.under_way is None else setup.under_way.driver
    if at_wheel is not None and said.is_away(setup.drivers[at_wheel].name):
        words.remark("away_at_wheel", driver=setup.drivers[at_wheel].name)
    return msgspec.structs.replace(setup, drivers=crew)


def _pinned(setup: RaceSetup, said: CarSaid, words: PlanWords) -> RaceSetup:
    """Nobody but the pinned driver gets in before the pin ends."""
    if said.pin is None:
        return setup
    pin, until_s = said.pin.value, said.pin.value.until.ms / 1000.0
    until = format_clock(pin.until.ms)
    if until_s <= setup.begins_s:
        return setup
    if setup.race.length_s is not None and until_s >= setup.race.length_s:
        words.refuse("pin_late", driver=pin.driver, until=until)
        return setup
    rated = {each.value for each in Rating}
    if name_key(pin.driver) in rated:
        held = [
            who.rating is not None and who.rating.value == name_key(pin.driver)
            for who in setup.drivers
        ]
        if not any(held):
            words.refuse("no_rating", rating=pin.driver)
            return setup
    else:
        held = [names(pin.driver, who.name) for who in setup.drivers]
        if not any(held):
            words.refuse("unknown_driver", driver=pin.driver)
            return setup
    crew = tuple(
        who if mine else msgspec.structs.replace(who, from_s=max(who.from_s or 0.0, until_s))
        for who, mine in zip(setup.drivers, held, strict=True)
    )
    return msgspec.structs.replace(setup, drivers=crew)


def _order(setup: RaceSetup, said: CarSaid, words: PlanWords) -> tuple[int, ...]:
    """The team's order as indices; a name that nobody bears is said and left out."""
    if said.drivers is None:
        return ()
    found: list[int] = []
    for name in said.drivers.value:
        who = next((d for d, each in enumerate(setup.drivers) if names(name, each.name)), None)
        if who is None:
            words.refuse("unknown_driver", driver=name)
        elif who not in found:
            found.append(who)
    at_wheel = None if setup.so_far is None else setup.so_far.driver
    if at_wheel is not None and at_wheel not in found:
        found.insert(0, at_wheel)
    return tuple(found) if len(found) >= PAIR else ()
