"""What a reader of RMonitor has told in the end."""

from __future__ import annotations

from collections.abc import Iterable

from dryline.domain.event import Correction, LineCrossing, RaceControlMessage
from dryline.domain.instant import START
from dryline.domain.race_info import RaceInfo
from dryline.feeds.rmonitor.reader import RMonitorReader
from dryline.feeds.said import Garbage, Hello, Said, StatedEvent
from tests.made_up.club_timing import ClubCar

Row = tuple[int, int]


class Told:
    """The facts of some text: laps that hold, flags, greetings, garbage, and how often a lap."""

    def __init__(self, text: str | bytes, reader: RMonitorReader | None = None) -> None:
        self.reader = reader or RMonitorReader()
        self.laps: dict[tuple[str, int], LineCrossing] = {}
        self.flags: list[tuple[int, str]] = []
        self.infos: list[RaceInfo] = []
        self.garbage: list[str] = []
        self.facts = self.corrections = 0
        self.hear(text.encode() if isinstance(text, str) else text)

    def hear(self, data: bytes) -> None:
        """Go on with more bytes."""
        self._take(self.reader.read(data, START))

    def _take(self, said: Iterable[Said]) -> None:
        for each in said:
            match each:
                case StatedEvent(LineCrossing() as lap):
                    self.facts += 1
                    self.laps[lap.car_number, lap.lap] = lap
                case StatedEvent(Correction() as gone):
                    self.corrections += 1
                    del self.laps[gone.car_number, gone.lap]
                case StatedEvent(RaceControlMessage(happened_at=at, flag=flag)):
                    self.flags.append((at.ms, str(flag)))
                case Hello(info) if info is not None:
                    self.infos.append(info)
                case Garbage(reason):
                    self.garbage.append(reason)

    def rows(self, number: str) -> dict[int, Row]:
        """A car's laps: when each ended, and how long it was."""
        return {
            lap: (said.happened_at.ms, said.lap_time.ms)
            for (car, lap), said in self.laps.items()
            if car == number
        }

    @property
    def kinds(self) -> list[str]:
        """The remarks on the run."""
        return [finding.kind for finding in self.reader.findings()]


def rows_of(car: ClubCar) -> dict[int, Row]:
    """What should be known of a car's laps."""
    laps = range(1, len(car.laps_ms) + 1)
    return {lap: (car.ends_ms(lap), car.laps_ms[lap - 1]) for lap in laps}
