"""From the laps that a results log states to a lap sheet, and the order that it states."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import groupby

import polars as pl

from dryline.domain.errors import UnreadableFile
from dryline.domain.event import LineCrossing
from dryline.domain.finding import Severity
from dryline.domain.instant import Duration, Instant
from dryline.domain.tables import RESULTS
from dryline.feeds.dialect import Dialect
from dryline.feeds.events import sheet_from_events
from dryline.feeds.lap_sheet import LapSheet
from dryline.feeds.provider import SourceFact
from dryline.feeds.remarks import Remarks

MOST_LAPS = 5000  # of one car
LONGEST_MS = 4 * 86_400_000

_LETTERS = "bcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, kw_only=True)
class StatedLap:
    """One lap as a log states it; ``elapsed_ms`` is when it ended, since the common start."""

    lap: int
    elapsed_ms: int | None
    lap_time_ms: int | None
    sectors_ms: tuple[int | None, int | None, int | None] = (None, None, None)
    driver: str = ""
    driver_seat: int | None = None
    in_pit: bool = False
    pit_lane_ms: int | None = None
    top_speed_kmh: float | None = None
    extras: dict[str, str] = field(default_factory=dict)
    line: int = 1


@dataclass(frozen=True, kw_only=True)
class StatedCar:
    """One car as a log states it: its laps, and where and how it ended.

    ``status`` is ``finished``, ``retired``, ``disqualified``, or empty where the log says nothing.
    """

    car_number: str
    laps: Sequence[StatedLap]
    position: int | None = None
    status: str = ""
    car_class: str = ""
    team: str = ""
    vehicle: str = ""
    group: str = ""
    drivers: tuple[str, ...] = ()
    laps_done: int | None = None
    total_ms: int | None = None
    best_ms: int | None = None
    line: int = 1


def apart(cars: Iterable[StatedCar], remarks: Remarks) -> list[StatedCar]:
    """The cars, each further one of a number with a letter behind it."""
    all_cars = list(cars)
    taken = {car.car_number for car in all_cars}
    seen: set[str] = set()
    found = []
    for car in all_cars:
        name = car.car_number
        if name in seen:
            name = _free(name, taken)
            who = car.drivers[0] if car.drivers else car.vehicle
            remarks.add(
                "number_shared",
                Severity.WARNING,
                f"several cars share number {car.car_number}: that of {who} is called {name}",
                line=car.line,
                car_number=name,
            )
        seen.add(name)
        taken.add(name)
        found.append(replace(car, car_number=name))
    return found


def _free(number: str, taken: Set[str]) -> str:
    letters = next((letter for letter in _LETTERS if number + letter not in taken), None)
    if letters is not None:
        return number + letters
    return next(f"{number}-{n}" for n in range(2, len(taken) + 3) if f"{number}-{n}" not in taken)


def numbered(names: Iterable[str]) -> dict[str, str]:
    """A number for each car of a source that states none, by its name in order of the alphabet.

    The order of the file would tell who wins.
    """
    return {name: str(number) for number, name in enumerate(sorted(set(names)), 1)}


def sheet_of_cars(
    cars: Sequence[StatedCar], name: str, remarks: Remarks, cannot_know: Set[SourceFact]
) -> LapSheet:
    """The lap sheet of these cars; what the source cannot know is said once each.

    Raises:
        UnreadableFile: where no lap has a time.
    """
    remarks.add(
        "not_stated",
        Severity.NOTE,
        f"such a file does not state {', '.join(sorted(cannot_know))}",
        rows=len(cannot_know),
    )
    odd = _Odd([], [])
    events = [event for car in cars for event in _crossings(car, odd)]
    odd.remark(remarks)
    if not events:
        raise UnreadableFile(
            "it holds no lap with a time",
            file=name,
            remedy="Give the log of a session in which at least one lap was completed.",
        )
    events.sort(key=lambda event: (event.happened_at.ms, event.line or 0))
    sheet = sheet_from_events(events, Dialect(columns=()))
    set_aside = sum(len(car.laps) for car in cars) - len(events)
    return replace(sheet, findings=remarks.findings, set_aside=set_aside)


@dataclass(frozen=True)
class _Odd:
    """Laps that cannot be placed, and laps whose time is not stated, each with its car."""

    lost: list[tuple[str, StatedLap]]
    derived: list[tuple[str, StatedLap]]

    def remark(self, remarks: Remarks) -> None:
        """One finding on each kind, naming the first lap."""
        for car, lap in self.lost[:1]:
            remarks.add(
                "no_elapsed",
                Severity.WARNING,
                "when the lap ended is not stated and does not follow; set aside",
                line=lap.line,
                car_number=car,
                lap=lap.lap,
                rows=len(self.lost),
            )
        for car, lap in self.derived[:1]:
            remarks.add(
                "lap_time_derived",
                Severity.NOTE,
                "no lap time is stated; it is the time since the car's last crossing",
                line=lap.line,
                car_number=car,
                lap=lap.lap,
                rows=len(self.derived),
            )


def _crossings(car: StatedCar, odd: _Odd) -> Iterator[LineCrossing]:
    """The car's laps that can be placed, each later than the one before."""
    last = 0
    for lap in car.laps[:MOST_LAPS]:
        if lap.elapsed_ms is None or not last < lap.elapsed_ms <= LONGEST_MS:
            odd.lost.append((car.car_number, lap))
            continue
        time = lap.lap_time_ms
        if time is None or not 0 < time <= LONGEST_MS:
            time = lap.elapsed_ms - last
            odd.derived.append((car.car_number, lap))
        yield _crossing(car, lap, time, lap.elapsed_ms)
        last = lap.elapsed_ms
    odd.lost.extend((car.car_number, lap) for lap in car.laps[MOST_LAPS:])


def _crossing(car: StatedCar, lap: StatedLap, time_ms: int, elapsed_ms: int) -> LineCrossing:
    s1, s2, s3 = (None if ms is None or ms <= 0 else Duration(ms) for ms in lap.sectors_ms)
    return LineCrossing(
        happened_at=Instant(elapsed_ms),
        known_at=Instant(elapsed_ms),
        car_number=car.car_number,
        lap=lap.lap,
        lap_time=Duration(time_ms),
        sectors=(s1, s2, s3),
        driver=lap.driver or (car.drivers[0] if car.drivers else ""),
        driver_seat=lap.driver_seat,
        car_class=car.car_class,
        team=car.team,
        group=car.group,
        in_pit=lap.in_pit,
        pit_lane=None if lap.pit_lane_ms is None else Duration(lap.pit_lane_ms),
        top_speed_kmh=lap.top_speed_kmh,
        line=lap.line,
        extras=lap.extras,
    )


def stated_order(cars: Sequence[StatedCar], remarks: Remarks) -> pl.DataFrame | None:
    """The order that the log states, schema RESULTS; ``None`` where it states none, or a false one.

    A place that two cars hold is no order.
    """
    placed = sorted(
        (car for car in cars if car.position is not None), key=lambda car: car.position or 0
    )
    if not placed:
        return None
    twice = [place for place, held in groupby(car.position for car in placed) if len([*held]) > 1]
    if twice:
        remarks.add(
            "order_contradictory",
            Severity.WARNING,
            f"the log gives place {twice[0]} to several cars; the order is that of the laps",
            rows=len(twice),
        )
        return None
    remarks.add(
        "order_stated", Severity.NOTE, "the order at the end is the one that the log itself states"
    )
    return pl.DataFrame([_result(car) for car in placed], schema=RESULTS, orient="row")


def _result(car: StatedCar) -> dict[str, object]:
    stated = {
        "position": car.position,
        "car_number": car.car_number,
        "status": car.status,
        "laps": len(car.laps) if car.laps_done is None else car.laps_done,
        "total_time_ms": car.total_ms,
        "fastest_lap_ms": car.best_ms,
        "team": car.team,
        "car_class": car.car_class,
        "group": car.group,
        "vehicle": car.vehicle,
        "drivers": [{"name": name, "rating": None, "country": None} for name in car.drivers],
        "line": car.line,
        "gap_first": "",
        "gap_previous": "",
        "tyres": "",
        "fastest_lap": None,
    }
    return {name: stated[name] for name in RESULTS}


def running_sums(
    times_ms: Sequence[int | None], total_ms: int | None, *, is_race: bool
) -> tuple[list[int | None], list[int | None]]:
    """When each lap ended, from its times alone; and the times, those that follow filled in.

    A log's first lap often counts from when the car was put on the grid: where a race's log states
    the car's whole time, lap 1 is what the other laps leave of it. So is one lap whose time is
    missing. Behind another lap without a time nothing can be placed in a race; in a session
    without a common start the laps with a time follow one another.
    """
    times = list(times_ms)
    if is_race and total_ms is not None and times:
        unknown = [at for at, time in enumerate(times) if time is None]
        known = sum(time for time in times if time is not None)
        at = unknown[0] if unknown else 0
        rest = total_ms - known + (times[at] or 0)
        if len(unknown) <= 1 and rest > 0 and (unknown or total_ms < known):
            times[at] = rest
    ends: list[int | None] = []
    end: int | None = 0
    for time in times:
        if time is None:
            ends.append(None)
            end = None if is_race else end
        else:
            end = None if end is None else end + time
            ends.append(end)
    return ends, times
