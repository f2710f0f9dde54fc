"""Cars between two crossings of the line: how far each has come, and the gap at the last loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from dryline.domain.event import LoopPassing
from dryline.domain.gap import Gap
from dryline.domain.instant import Duration
from dryline.domain.loop import Loop
from dryline.race.snapshot import BY_DISTANCE, CarFacts, Ordering, gap_between

Place = tuple[int, int, int]
"""Laps completed, sectors of the next that ended, intermediate loops passed in the sector then."""


@dataclass(frozen=True, slots=True)
class LanePassing:
    """The pit entry or exit passed at ``at_ms`` on ``lap``, or so it was worked out."""

    at_ms: int
    lap: int
    synthesised: bool


@dataclass(frozen=True, slots=True)
class CarLoops:
    """What the loops told of one car: when it was where on the lap, and in the lane last."""

    passed: Mapping[Place, int] = field(default_factory=dict)
    last: Place = (0, 0, 0)
    pit_in: LanePassing | None = None
    pit_out: LanePassing | None = None
    synthesised: bool = False

    @property
    def last_ms(self) -> int:
        """When it was at ``last``."""
        return self.passed.get(self.last, 0)

    def under_way(self, laps: int) -> Place | None:
        """Where it was last on the lap after ``laps``; ``None`` where no loop saw it there."""
        return self.last if self.last[0] == laps and self.last in self.passed else None


def passed(cars: Mapping[str, CarLoops], event: LoopPassing) -> Mapping[str, CarLoops]:
    """What the loops told of each car, with one passing more."""
    car, at_ms = cars.get(event.car_number, CarLoops()), event.happened_at.ms
    seen = LanePassing(at_ms, event.lap or 0, event.synthesised)
    if event.loop is Loop.PIT_IN:
        car = replace(car, pit_in=_later(car.pit_in, seen))
    elif event.loop is Loop.PIT_OUT:
        car = replace(car, pit_out=_later(car.pit_out, seen))
    else:
        place = _place(event)
        car = replace(
            car,
            passed={**car.passed, place: at_ms},
            last=place if at_ms >= car.last_ms else car.last,
            synthesised=event.synthesised,
        )
    return {**cars, event.car_number: car}


def _later(before: LanePassing | None, seen: LanePassing) -> LanePassing:
    """The one that counts: the later, or what is said anew of the same lap."""
    is_new = before is None or before.at_ms <= seen.at_ms or before.lap == seen.lap
    return seen if is_new or before is None else before


def _place(event: LoopPassing) -> Place:
    laps, sector = (event.lap or 1) - 1, event.sector or 0
    if event.loop is Loop.SECTOR:
        return laps, sector, 0
    return laps, sector - 1, event.number or 0


@dataclass(frozen=True, slots=True)
class _LastSeen:
    """Order and gaps by the loop that each car passed last; who has finished stands at the line."""

    cars: Mapping[str, CarLoops]
    finish_ms: int | None

    def latest(self, car: CarFacts) -> tuple[Place, int]:
        is_home = car.took_flag or (self.finish_ms is not None and car.last_ms >= self.finish_ms)
        loops = self.cars.get(car.car_number)
        place = None if loops is None or is_home else loops.under_way(car.laps)
        if loops is None or place is None:
            return (car.laps, 0, 0), car.last_ms
        return place, loops.passed[place]

    def order(self, cars: list[CarFacts]) -> list[CarFacts]:
        def key(car: CarFacts) -> tuple[int, int, int, int]:
            (laps, sectors, loops), at_ms = self.latest(car)
            return -laps, -sectors, -loops, at_ms

        return sorted(cars, key=key)

    def gap(self, ahead: CarFacts, behind: CarFacts) -> Gap:
        place, at_ms = self.latest(behind)
        loops = self.cars.get(ahead.car_number)
        reference = None if loops is None else loops.passed.get(place)
        if place[1:] == (0, 0) or reference is None:
            return gap_between(ahead, behind)
        time = Duration(at_ms - reference) if at_ms >= reference else None
        return Gap(ahead.laps - behind.laps, time)


def by_loop(cars: Mapping[str, CarLoops], finish_ms: int | None) -> Ordering:
    """How a race is ordered where loops other than the line are known."""
    seen = _LastSeen(cars, finish_ms)
    return Ordering(seen.order, seen.gap, BY_DISTANCE.overdue)
