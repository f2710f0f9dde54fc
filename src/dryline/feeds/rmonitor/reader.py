"""Bytes of RMonitor to facts: crossings, flags, what the run is called. Pure.

Only one run is told: the first in which a car completes a lap while the run is on. A run that was
over before anybody listened is not it, and what comes of another run afterwards is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dryline.domain.event import Correction, LineCrossing, RaceControlMessage
from dryline.domain.finding import Finding, Severity
from dryline.domain.flag import Flag
from dryline.domain.instant import Duration, Instant
from dryline.domain.legible import legible
from dryline.domain.race_info import UNNAMED, RaceInfo
from dryline.domain.session_kind import SessionKind, kind_in_name
from dryline.feeds.rmonitor.car_laps import CarLaps, Change, HeardLap, LapGone
from dryline.feeds.rmonitor.entry_list import EntryList
from dryline.feeds.rmonitor.records import (
    BestSaid,
    ClassName,
    LapsDone,
    LinePassed,
    ListedCar,
    LoopPassed,
    PastLap,
    Record,
    RunClock,
    RunName,
    SortedBy,
    TrackName,
    read_record,
    text_of,
)
from dryline.feeds.rmonitor.run import ClubRun, length_of
from dryline.feeds.said import Garbage, Heartbeat, Hello, Remarked, Said, StatedEvent

SENDER = "RMonitor"
MAX_LINE = 4096
UNCOUNTED = 10
"""After so many passings without any count of laps, the passings themselves are counted."""
_LEAP_MS = 5 * 3_600_000
_SHOWN = 80


class RMonitorReader:
    """The lines of one source; a line may come in pieces, or not at all.

    ``rest`` is the beginning of a line whose end is still to come.
    """

    def __init__(self) -> None:
        self.rest = b""
        self.entries = EntryList()
        self.run = ClubRun()
        self.other: RunName | None = None
        self._is_other_on = False
        self._track = ""
        self._is_race: bool | None = None
        self._greeted: RaceInfo | None = None
        self._remarked: tuple[Finding, ...] = ()

    def read(self, data: bytes, at: Instant) -> Iterator[Said]:
        """What ``data`` says, known at ``at`` or when it happened, whichever is later."""
        for line in self.lines(data):
            yield from self.said(line, at)

    def lines(self, data: bytes) -> Iterator[bytes]:
        """The lines that are whole now, ended by a line feed, a carriage return or both."""
        *lines, rest = (self.rest + data).replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self.rest = rest[: MAX_LINE + 1]
        yield from lines

    def said(self, line: bytes, at: Instant) -> Iterator[Said]:
        """What one line says."""
        text = legible(text_of(line)).strip(" \x00")
        if not text:
            return
        try:
            if len(line) > MAX_LINE:
                raise ValueError(f"a line of more than {MAX_LINE} bytes")
            record = read_record(text)
            if record is not None:
                yield from self._taken(record, at)
        except ValueError as error:
            yield Garbage(str(error), text[:_SHOWN])

    def cut_off(self) -> Iterator[Said]:
        """What is left of a line when the connection is lost: it will never be completed."""
        if self.rest.strip():
            yield Garbage("a line that was cut off", legible(text_of(self.rest[:_SHOWN])))
        self.rest = b""

    def ended(self, at: Instant) -> Iterator[Said]:
        """The last line of a file, and what was held back though nothing more will come."""
        if self.rest.strip():
            yield from self.said(self.rest, at)
        self.rest = b""
        if not self.run.is_counted:
            yield from self._counted_themselves(at)
        yield from self._begun()

    @property
    def info(self) -> RaceInfo:
        """The run, as far as the feed has named it."""
        name = ", ".join(filter(None, (self._track, self.run.name)))[:_SHOWN]
        return RaceInfo(name=name or UNNAMED, session_kind=self.kind, length=self.run.length)

    @property
    def kind(self) -> SessionKind:
        """As the run's name says; else by what its order is said to be of; else a race."""
        named = kind_in_name(self.run.name)
        if named is not None:
            return named
        is_race = self._is_race if self._is_race is not None else not self._has_best_only
        return SessionKind.RACE if is_race else SessionKind.PRACTICE

    @property
    def _has_best_only(self) -> bool:
        return (
            bool(self.run.best_places)
            and self.run.passings >= UNCOUNTED > 0
            and not (self.run.is_counted)
        )

    def _taken(self, record: Record, at: Instant) -> Iterator[Said]:
        match record:
            case RunName():
                yield from self._named(record)
            case ListedCar():
                self.entries.add(record)
            case ClassName(number, name):
                self.entries.classes[number] = name
            case TrackName(name):
                self._track = name
                yield from self._greet()
            case SortedBy(is_race):
                self._is_race = is_race
                yield from self._greet()
            case _ if self.other is not None:
                self._is_other_on |= isinstance(record, LinePassed)
                yield from self._remark()
            case RunClock():
                yield from self._clocked(record, at)
            case _:
                yield from self._of_a_car(record, at)

    def _named(self, run: RunName) -> Iterator[Said]:
        """Another run is none of ours once ours has begun."""
        if run.number == self.run.number or self.run.number is None:
            self.run.number, self.run.name, self.other = run.number, run.name, None
        elif self.run.is_on and any(car.done for car in self.run.cars.values()):
            self.other = run
            return
        else:
            self.run, self.other = ClubRun(number=run.number, name=run.name), None
        yield from self._greet()

    def _greet(self) -> Iterator[Said]:
        if self.other is None and self.info != self._greeted and self.info.name != UNNAMED:
            self._greeted = self.info
            yield Hello(self.info, SENDER)

    def _clocked(self, clock: RunClock, at: Instant) -> Iterator[Said]:
        run = self.run
        run.is_clocked, run.flag = True, clock.flag
        if clock.flag is None:
            return
        run.length = run.length or length_of(clock)
        if clock.flag is not Flag.CHEQUERED:
            yield from self._begun()
        yield from self._greet()
        if not run.is_on or clock.run_ms > run.told_ms + _LEAP_MS:
            return  # nothing shows yet that the run is so far
        now = Instant(clock.run_ms)
        yield Heartbeat(now)
        if clock.flag is not run.told_flag:
            run.told_flag = clock.flag
            yield StatedEvent(
                RaceControlMessage(
                    happened_at=now,
                    known_at=max(at, now),
                    kind="flag",
                    flag=clock.flag,
                    source=SENDER,
                )
            )

    def _of_a_car(self, record: Record, at: Instant) -> Iterator[Said]:
        registration = getattr(record, "registration", "")
        car = self.run.cars.setdefault(registration, CarLaps())
        match record:
            case LinePassed(_, time_ms, total_ms):
                car.passed(time_ms, total_ms, self.run.flag)
                self.run.loops.lap_ended(registration, total_ms)
                yield from self._passed(at)
            case LapsDone(_, laps, total_ms, place):
                yield from self._counted(registration, laps, total_ms, place, at)
            case BestSaid(_, place, lap, time_ms):
                self.run.best_places[registration] = place
                if lap and time_ms:
                    yield from self._told(registration, car.best_is(lap, time_ms), at)
            case PastLap(_, lap, time_ms, total_ms, flag) if lap:
                told = car.stated(HeardLap(lap, total_ms, time_ms, flag))
                yield from self._told(registration, told, at)
            case LoopPassed(_, loop, day_ms):
                yield from self._looped(registration, loop, day_ms, at)

    def _passed(self, at: Instant) -> Iterator[Said]:
        self.run.passings += 1
        if not self.run.is_clocked:
            yield from self._begun()
        if not self.run.is_counted and self.run.passings >= UNCOUNTED:
            yield from self._counted_themselves(at)
            yield from self._greet()

    def _counted_themselves(self, at: Instant) -> Iterator[Said]:
        for registration, car in self.run.cars.items():
            yield from self._told(registration, car.counted_itself(), at)

    def _counted(
        self, registration: str, laps: int, total_ms: int | None, place: int | None, at: Instant
    ) -> Iterator[Said]:
        car = self.run.cars[registration]
        if place is None:
            told = car.corrected(laps, total_ms or 0)
        else:
            self.run.is_counted = True
            self.run.race_places[registration] = place
            told = car.counted(laps, total_ms)
        yield from self._told(registration, told, at)

    def _looped(self, registration: str, loop: str, day_ms: int, at: Instant) -> Iterator[Said]:
        """A line in the pits may be told after the lap that ended there."""
        loops = self.run.loops
        loops.passed(registration, loop, day_ms)
        last = self.run.cars[registration].laps.get(self.run.cars[registration].done or 0)
        if loop == "SFP" and last is not None and loops.is_at(day_ms, last.end_ms):
            yield from self._told(registration, [last], at)

    def _told(self, registration: str, changes: Iterable[Change], at: Instant) -> Iterator[Said]:
        for change in changes:
            event: LineCrossing | Correction
            if isinstance(change, LapGone):
                event = Correction(
                    happened_at=at,
                    known_at=at,
                    car_number=self.entries.car(registration).number,
                    lap=change.lap,
                    reason="no longer counted",
                )
            else:
                event = self._crossing(registration, change, at)
            self.run.told_ms = max(self.run.told_ms, event.happened_at.ms)
            if self.run.is_on:
                yield StatedEvent(event)
            else:
                self.run.held.append(StatedEvent(event))
        yield from self._remark()

    def _begun(self) -> Iterator[Said]:
        """The run is on: what was said of it before counts."""
        self.run.is_on = True
        yield from self.run.held
        self.run.held = []
        yield from self._remark()

    def _crossing(self, registration: str, lap: HeardLap, at: Instant) -> LineCrossing:
        car, loops = self.entries.car(registration), self.run.loops
        lane = None
        if not lap.is_derived:
            lane = loops.lane_ms(registration, lap.end_ms - lap.time_ms, lap.end_ms)
        day = loops.day_ms(lap.end_ms)
        return LineCrossing(
            happened_at=Instant(lap.end_ms),
            known_at=max(at, Instant(lap.end_ms)),
            car_number=car.number,
            lap=lap.lap,
            lap_time=Duration(lap.time_ms),
            sectors=(None, None, None),
            driver=car.driver,
            car_class=car.car_class,
            team=car.team,
            flag=lap.flag,
            in_pit=loops.in_pit(registration, lap.end_ms),
            pit_lane=None if lane is None else Duration(lane),
            time_of_day=None if day is None else Duration(day),
        )

    def _remark(self) -> Iterator[Said]:
        found = self.findings()
        if found != self._remarked and self.run.is_on:
            self._remarked = found
            yield Remarked(found)

    def findings(self) -> tuple[Finding, ...]:
        """What is odd about the run so far."""
        found = self.run.findings(self.entries)
        if self.other is not None and self._is_other_on:
            found.append(
                Finding(
                    kind="another_run",
                    severity=Severity.WARNING,
                    message=f"run {self.other.number}, {self.other.name[:_SHOWN]!r}, has begun: "
                    f"what is said of it is no part of {self.run.name[:_SHOWN]!r}",
                    remedy="Follow it with a session of its own.",
                )
            )
        return tuple(found)
