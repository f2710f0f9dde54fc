"""A recording of RMonitor behind the door of every provider."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import replace

import msgspec

from dryline.domain.errors import UnreadableFile
from dryline.domain.event import Correction, LineCrossing
from dryline.domain.finding import Severity
from dryline.domain.instant import START
from dryline.feeds.dialect import Dialect
from dryline.feeds.events import sheet_from_events
from dryline.feeds.provider import ParsedSession, SourceFact
from dryline.feeds.remarks import Remarks
from dryline.feeds.rmonitor.reader import RMonitorReader
from dryline.feeds.rmonitor.records import is_rmonitor
from dryline.feeds.said import Garbage, Said, StatedEvent
from dryline.feeds.stated_laps import StatedCar, stated_order

_OF_THE_LOOPS = {SourceFact.IN_LAPS, SourceFact.LANE_TIME, SourceFact.TIME_OF_DAY}
"""What only IMSA's lines tell."""


class RMonitor:
    """The lines that were sent, in a file."""

    title = "RMonitor recording (text)"
    cannot_know: Set[SourceFact] = frozenset({SourceFact.SECTORS, SourceFact.SPEED})

    def detect(self, head: bytes) -> str | None:
        """Why the file that begins with ``head`` is such a recording; ``None`` where it is not."""
        return "most of its lines begin with a command of RMonitor" if is_rmonitor(head) else None

    def parse(self, data: bytes, name: str, session: str | None = None) -> ParsedSession:
        """The laps of the first run in which there are any. Raises as ``Provider.parse``."""
        remarks, reader = Remarks(name), RMonitorReader()
        said = [*reader.read(data, START), *reader.ended(START)]
        run = reader.run
        wanted = run.name if session is None else session.strip()
        if wanted.casefold() not in (run.name.casefold(), reader.kind.value):
            raise UnreadableFile(
                f"it holds no session {session!r}", file=name, remedy=f"It holds {run.name}."
            )
        laps = _laps(said)
        if not laps:
            raise UnreadableFile(
                "it holds no lap (RMonitor)",
                file=name,
                remedy="Give a recording in which at least one lap was completed.",
            )
        _remark(remarks, said, laps)
        found = [msgspec.structs.replace(each, file=name) for each in reader.findings()]
        order = stated_order(_cars(reader, laps), remarks)
        sheet = sheet_from_events(laps, Dialect(columns=()))
        return ParsedSession(
            sheet=replace(sheet, findings=(*remarks.findings, *found)),
            kind=reader.kind.value,
            sessions=(run.name,),
            length=run.length,
            stated=order,
        )


def _laps(said: Iterable[Said]) -> list[LineCrossing]:
    """The crossings that hold at the end, in order."""
    laps: dict[tuple[str, int], LineCrossing] = {}
    for each in said:
        if not isinstance(each, StatedEvent):
            continue
        event = each.event
        if isinstance(event, LineCrossing):
            laps[event.car_number, event.lap] = event
        elif isinstance(event, Correction):
            laps.pop((event.car_number, event.lap), None)
    return sorted(laps.values(), key=lambda lap: lap.happened_at)


def _remark(remarks: Remarks, said: Iterable[Said], laps: list[LineCrossing]) -> None:
    unknown = set(RMonitor.cannot_know)
    if not any(lap.time_of_day for lap in laps):
        unknown |= _OF_THE_LOOPS
    remarks.add(
        "not_stated",
        Severity.NOTE,
        f"such a file does not state {', '.join(sorted(unknown))}",
        rows=len(unknown),
    )
    garbage = [each for each in said if isinstance(each, Garbage)]
    if garbage:
        remarks.add(
            "lines_unreadable",
            Severity.WARNING,
            f"lines that cannot be read, such as {garbage[0].text!r} ({garbage[0].reason})",
            rows=len(garbage),
        )


def _cars(reader: RMonitorReader, laps: list[LineCrossing]) -> list[StatedCar]:
    """The cars that have done a lap, with the places that the recording's last words give them."""
    run = reader.run
    places = run.race_places if reader.kind.is_race else run.best_places
    last = {lap.car_number: lap for lap in laps}
    cars = []
    for registration, car in run.cars.items():
        lap = last.get(reader.entries.car(registration).number)
        if lap is not None and car.done:
            cars.append(
                StatedCar(
                    car_number=lap.car_number,
                    laps=(),
                    position=places.get(registration),
                    car_class=lap.car_class,
                    team=lap.team,
                    drivers=(lap.driver,) if lap.driver else (),
                    laps_done=car.done,
                    total_ms=car.end_ms if reader.kind.is_race else None,
                    best_ms=None if car.best is None else car.best[1],
                )
            )
    return cars
