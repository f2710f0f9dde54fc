"""The race read at one moment: order, gaps, what every car is doing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import polars as pl

from dryline.domain.flag import Flag
from dryline.domain.gap import NO_GAP, Gap
from dryline.domain.instant import Duration, Instant
from dryline.race.status import Status, status_at


@dataclass(frozen=True, slots=True)
class CarState:
    """One line of the timing screen.

    ``gap`` and ``class_gap`` are to the leader overall and in class, ``interval`` and
    ``class_interval`` to the car ahead; see ``Gap`` for their meaning when laps down.
    ``stint_laps`` counts laps since the last stop; ``in_pit``: the last crossing was in the pits.
    """

    position: int
    position_in_class: int
    car_number: str
    car_class: str
    team: str
    driver: str
    laps: int
    last_seen: Instant | None
    gap: Gap
    interval: Gap
    class_gap: Gap
    class_interval: Gap
    last_lap: Duration | None
    best_lap: Duration | None
    sectors: tuple[Duration | None, Duration | None, Duration | None]
    stops: int
    stint_laps: int
    status: Status
    in_pit: bool = False
    best_sectors: tuple[Duration | None, Duration | None, Duration | None] = (None, None, None)


@dataclass(frozen=True)
class Snapshot:
    """The race at ``at``: everything known by then and nothing later."""

    at: Instant
    flag: Flag
    cars: tuple[CarState, ...]

    @property
    def order(self) -> list[str]:
        """Car numbers in running order: laps, then the earlier crossing."""
        return [car.car_number for car in self.cars]

    def __iter__(self) -> Iterator[CarState]:
        return iter(self.cars)

    def __getitem__(self, car_number: str) -> CarState:
        return self._by_number[car_number]

    def __contains__(self, car_number: object) -> bool:
        return car_number in self._by_number

    @cached_property
    def _by_number(self) -> dict[str, CarState]:
        return {car.car_number: car for car in self.cars}

    @cached_property
    def table(self) -> pl.DataFrame:
        """The snapshot as a frame, one row per car in running order."""
        return pl.DataFrame(
            [_row(car) for car in self.cars],
            schema=SNAPSHOT,
            orient="row",
        )

    def __repr__(self) -> str:
        lead = ", ".join(f"#{number}" for number in self.order[:3])
        return f"<Snapshot at {self.at}: {self.flag}, {len(self.cars)} cars, leading {lead}>"

    def _repr_html_(self) -> str:
        return str(self.table._repr_html_())


SNAPSHOT: dict[str, type[pl.DataType]] = {
    "position": pl.Int32,
    "position_in_class": pl.Int32,
    "car_number": pl.String,
    "car_class": pl.String,
    "team": pl.String,
    "driver": pl.String,
    "laps": pl.Int32,
    "elapsed_ms": pl.Int64,
    "gap_laps": pl.Int32,
    "gap_ms": pl.Int64,
    "interval_laps": pl.Int32,
    "interval_ms": pl.Int64,
    "class_gap_laps": pl.Int32,
    "class_gap_ms": pl.Int64,
    "class_interval_laps": pl.Int32,
    "class_interval_ms": pl.Int64,
    "last_lap_ms": pl.Int64,
    "best_lap_ms": pl.Int64,
    "s1_ms": pl.Int64,
    "s2_ms": pl.Int64,
    "s3_ms": pl.Int64,
    "stops": pl.Int32,
    "stint_laps": pl.Int32,
    "status": pl.String,
}


def _ms(value: Duration | Instant | None) -> int | None:
    return None if value is None else value.ms


def _row(car: CarState) -> tuple[object, ...]:
    gaps = (car.gap, car.interval, car.class_gap, car.class_interval)
    return (
        car.position, car.position_in_class, car.car_number, car.car_class, car.team,
        car.driver, car.laps, _ms(car.last_seen),
        *(value for gap in gaps for value in (gap.laps, _ms(gap.time))),
        _ms(car.last_lap), _ms(car.best_lap), *(_ms(sector) for sector in car.sectors),
        car.stops, car.stint_laps, str(car.status),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CarFacts:
    """What is known of one car by an instant; both ways of rebuilding a race produce it.

    ``crossings_ms`` maps each lap completed to the instant of its completion; ``best_at_ms`` is
    when the best lap was completed.
    """

    car_number: str
    car_class: str
    team: str
    driver: str
    laps: int
    last_ms: int
    crossings_ms: dict[int, int]
    last_lap_ms: int
    best_lap_ms: int | None
    best_at_ms: int | None
    typical_lap_ms: float | None
    sectors_ms: tuple[int | None, int | None, int | None]
    stops: int
    stint_laps: int
    in_pit: bool
    took_flag: bool
    best_sectors_ms: tuple[int | None, int | None, int | None] = (None, None, None)


def running_order(cars: list[CarFacts]) -> list[CarFacts]:
    """Cars by laps completed, then by the earlier crossing; who is level stays as given."""
    return sorted(cars, key=lambda car: (-car.laps, car.last_ms))


def gap_between(ahead: CarFacts, behind: CarFacts) -> Gap:
    """How far ``behind`` is behind ``ahead``: laps, and time since the same lap was completed."""
    reference = ahead.crossings_ms.get(behind.laps)
    time = None if reference is None else Duration(behind.last_ms - reference)
    return Gap(ahead.laps - behind.laps, time)


def best_lap_order(cars: list[CarFacts]) -> list[CarFacts]:
    """Cars by best lap, of equal ones the earlier; cars without one follow by their numbers."""

    def key(car: CarFacts) -> tuple[bool, int, int, str]:
        if car.best_lap_ms is None or car.best_at_ms is None:
            number = int(car.car_number) if car.car_number.isdecimal() else 0
            return (True, number, 0, car.car_number)
        return (False, car.best_lap_ms, car.best_at_ms, "")

    return sorted(cars, key=key)


def gap_of_best_laps(ahead: CarFacts, behind: CarFacts) -> Gap:
    """How much slower the best lap of ``behind`` is; laps driven count for nothing."""
    if ahead.best_lap_ms is None or behind.best_lap_ms is None:
        return NO_GAP
    return Gap(0, Duration(behind.best_lap_ms - ahead.best_lap_ms))


class Ordering(NamedTuple):
    """What decides a session: its order, its gaps, and what a car is that is not seen any more."""

    order: Callable[[list[CarFacts]], list[CarFacts]]
    gap: Callable[[CarFacts, CarFacts], Gap]
    overdue: Status


BY_DISTANCE = Ordering(running_order, gap_between, Status.RETIRED)
BY_BEST_LAP = Ordering(best_lap_order, gap_of_best_laps, Status.GARAGE)


def snapshot(
    at: Instant,
    flag: Flag,
    cars: list[CarFacts],
    finish_ms: int | None,
    seen_at: Instant | None = None,
    by: Ordering = BY_DISTANCE,
) -> Snapshot:
    """Order, gaps and states from what is known of each car; states as of ``seen_at``.

    ``cars`` stand in the order of their last crossings, which settles a tie.
    """
    seen = at if seen_at is None else seen_at
    ordered = by.order(cars)
    leaders: dict[str, CarFacts] = {}
    last_in_class: dict[str, CarFacts] = {}
    count: dict[str, int] = {}
    states = []
    for place, car in enumerate(ordered):
        leader = leaders.setdefault(car.car_class, car)
        count[car.car_class] = count.get(car.car_class, 0) + 1
        ahead = ordered[place - 1] if place else None
        class_ahead = last_in_class.get(car.car_class)
        states.append(
            CarState(
                position=place + 1,
                position_in_class=count[car.car_class],
                car_number=car.car_number,
                car_class=car.car_class,
                team=car.team,
                driver=car.driver,
                laps=car.laps,
                last_seen=Instant(car.last_ms),
                gap=by.gap(ordered[0], car) if place else NO_GAP,
                interval=NO_GAP if ahead is None else by.gap(ahead, car),
                class_gap=NO_GAP if leader is car else by.gap(leader, car),
                class_interval=NO_GAP if class_ahead is None else by.gap(class_ahead, car),
                last_lap=Duration(car.last_lap_ms),
                best_lap=None if car.best_lap_ms is None else Duration(car.best_lap_ms),
                sectors=_durations(car.sectors_ms),
                stops=car.stops,
                stint_laps=car.stint_laps,
                status=_status(seen, car, flag, finish_ms, by.overdue),
                in_pit=car.in_pit,
                best_sectors=_durations(car.best_sectors_ms),
            )
        )
        last_in_class[car.car_class] = car
    return Snapshot(at, flag, tuple(states))


def _status(
    at: Instant, car: CarFacts, flag: Flag, finish_ms: int | None, overdue: Status
) -> Status:
    status = status_at(
        at.ms,
        last_ms=car.last_ms,
        last_in_pit=car.in_pit,
        took_flag=car.took_flag,
        typical_lap_ms=car.typical_lap_ms,
        finish_ms=finish_ms,
        red_now=flag is Flag.RED,
    )
    return overdue if status is Status.RETIRED else status


def _durations(
    sectors_ms: tuple[int | None, int | None, int | None],
) -> tuple[Duration | None, Duration | None, Duration | None]:
    first, second, third = (None if ms is None else Duration(ms) for ms in sectors_ms)
    return first, second, third
