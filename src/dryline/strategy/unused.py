"""What the team typed and the call cannot use, with the reason: nothing is passed over silently."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from dryline.domain.clock_text import format_clock
from dryline.domain.entry import Rating
from dryline.domain.language import language
from dryline.rules.scoring import name_key
from dryline.strategy.candidates import Situation
from dryline.strategy.team_said import CarSaid, names
from dryline.strategy.told_race import last_stop_ms
from dryline.strategy.turns import Crew


def unused(
    said: CarSaid, crew: Crew, now: Situation, stops_made: int, laps: pl.DataFrame, at_ms: int
) -> tuple[str, ...]:
    """What of the car's own facts has no part in its call, a sentence each.

    ``laps`` (schema ``LAPS``) are the car's own, ``stops_made`` its stops so far.
    """
    return (
        *_levels(said, last_stop_ms(laps)),
        *_drivers(said, crew, at_ms),
        *_stops(said, now, stops_made),
    )


def _say(key: str, **places: object) -> str:
    return language().say("not_used", key, **places)


def _levels(said: CarSaid, stopped_ms: int | None) -> Iterator[str]:
    for what, fact in (("energy", said.energy), ("fuel", said.fuel)):
        if fact is None:
            continue
        if fact.value.laps is None:
            yield _say("no_use", what=what)
        elif stopped_ms is not None and fact.at.ms < stopped_ms:
            yield _say("stopped_since", what=what, clock=format_clock(fact.at.ms))


def _drivers(said: CarSaid, crew: Crew, at_ms: int) -> Iterator[str]:
    everybody = (*crew.seats, *crew.others)
    asked = [] if said.drivers is None else [*said.drivers.value]
    asked += [fact.value for fact in said.away.values()]
    pin = None if said.pin is None else said.pin.value
    if pin is not None and pin.until.ms > at_ms:
        wanted = name_key(pin.driver)
        if wanted not in {each.value for each in Rating}:
            asked.append(pin.driver)
        elif wanted not in {each.value for each in crew.ratings.values() if each is not None}:
            yield _say("no_rating", rating=pin.driver)
    for name in dict.fromkeys(asked):
        if not any(names(name, each) for each in everybody):
            yield _say("unknown_driver", driver=name, car=crew.car_number)


def _stops(said: CarSaid, now: Situation, stops_made: int) -> Iterator[str]:
    for fact in said.no_change.values():
        if fact.value <= stops_made:
            yield _say("stop_made", stop=fact.value, made=stops_made)
    for first, last in now.no_stop:
        if now.must_stop_within(first, last):
            yield _say("tank_empty", first=first, last=last)
