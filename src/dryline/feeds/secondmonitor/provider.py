"""SecondMonitor's session summaries behind the door of every provider."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from typing import Any

from dryline.domain.errors import UnreadableFile
from dryline.domain.race_info import RaceLength
from dryline.feeds.notation import Record, opening, read_json, records, whole, words
from dryline.feeds.provider import ParsedSession, SourceFact
from dryline.feeds.remarks import Remarks
from dryline.feeds.stated_laps import (
    LONGEST_MS,
    StatedCar,
    StatedLap,
    apart,
    numbered,
    running_sums,
    sheet_of_cars,
    stated_order,
)
from dryline.feeds.stated_session import NamedSession, chosen

KINDS = {
    "Practice": "practice", "WarmUp": "warm_up", "Qualification": "qualifying",
    "Qualifying": "qualifying", "Race": "race",
}  # fmt: skip
STATUSES = {"Finished": "finished", "Dnf": "retired", "DNF": "retired", "Dq": "disqualified"}
_SPAN = re.compile(r"(?:(\d{1,2})\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?")


class SecondMonitor:
    """The summary of one session, as SecondMonitor's user saw it."""

    title = "SecondMonitor session, of Automobilista 2 and others (JSON)"
    cannot_know: Set[SourceFact] = frozenset(
        {
            SourceFact.CAR_NUMBER,
            SourceFact.CLOCK,
            SourceFact.LANE_TIME,
            SourceFact.FLAGS,
            SourceFact.TIME_OF_DAY,
            SourceFact.SPEED,
        }
    )

    def detect(self, head: bytes) -> str | None:
        """Why the file that begins with ``head`` is such a summary; ``None`` where it is not."""
        text = opening(head[:4096])
        found = '"Simulator"' in text and '"SessionRunTime"' in text
        return "it has the keys Simulator and SessionRunTime" if found else None

    def parse(self, data: bytes, name: str, session: str | None = None) -> ParsedSession:
        """The laps that the file states. Raises as ``Provider.parse``."""
        remarks = Remarks(name)
        tree = read_json(data, name, remarks)
        stated = words(tree.get("SessionType"))
        this = chosen([NamedSession(stated or "Race", KINDS.get(stated, "race"))], session, remarks)
        drivers = records(tree.get("Drivers"))
        if not any(driver.get("Laps") for driver in drivers):
            raise UnreadableFile(
                "results without laps (SecondMonitor)",
                file=name,
                remedy="Give a summary in which the drivers have Laps.",
            )
        cars = apart(_cars(drivers, is_race=this.kind == "race"), remarks)
        return ParsedSession(
            stated=stated_order(cars, remarks),
            sheet=sheet_of_cars(cars, name, remarks, self.cannot_know),
            kind=this.kind,
            sessions=(this.name,),
            length=_length(tree) if this.kind == "race" else None,
        )


def _length(tree: Record) -> RaceLength | None:
    laps, ms = whole(tree.get("TotalNumberOfLaps")), _ms(tree.get("SessionLength"))
    if tree.get("SessionLengthType") == "Laps":
        return RaceLength(laps=laps, source="the file itself") if laps and laps > 0 else None
    return RaceLength(ms=ms, source="the file itself") if ms else None


def _cars(drivers: list[Record], *, is_race: bool) -> list[StatedCar]:
    names = [
        words(driver.get("DriverLongName")) or f"driver {place}"
        for place, driver in enumerate(drivers, 1)
    ]
    numbers = numbered(names)
    line = 1
    cars = []
    for name, driver in zip(names, drivers, strict=True):
        cars.append(_car(numbers[name], name, driver, line, is_race=is_race))
        line += len(cars[-1].laps)
    return cars


def _car(number: str, name: str, driver: Record, line: int, *, is_race: bool) -> StatedCar:
    rows = records(driver.get("Laps"))
    times = [_ms(row.get("LapTime")) for row in rows]
    ends, times = running_sums(times, None, is_race=is_race)
    marked = [row.get("IsPitLap") is True for row in rows]
    place = whole(driver.get("FinishingPosition"))
    return StatedCar(
        car_number=number,
        laps=[
            StatedLap(
                lap=count,
                elapsed_ms=ends[count - 1],
                lap_time_ms=times[count - 1],
                sectors_ms=_sectors(row),
                driver=name,
                in_pit=_is_in_lap(marked, count - 1),
                extras={} if row.get("IsValid", True) is True else {"counted": "no"},
                line=line + count - 1,
            )
            for count, row in enumerate(rows, 1)
        ],
        position=place if place is not None and place > 0 else None,
        status=STATUSES.get(words(driver.get("FinishStatus")))
        or ("finished" if is_race and driver.get("Finished") is True else ""),
        car_class=words(driver.get("ClassName")),
        vehicle=words(driver.get("CarName")),
        drivers=(name,),
        laps_done=len(rows),
        line=line,
    )


def _is_in_lap(marked: Sequence[bool], place: int) -> bool:
    """Whether the lap ends in the pits: in-lap and out-lap bear the same mark, one after the other.

    A mark that stands alone is an in-lap.
    """
    if not marked[place]:
        return False
    follows = place + 1 < len(marked) and marked[place + 1]
    return follows or place == 0 or not marked[place - 1]


def _sectors(row: Record) -> tuple[int | None, int | None, int | None]:
    return _ms(row.get("Sector1")), _ms(row.get("Sector2")), _ms(row.get("Sector3"))


def _ms(value: Any) -> int | None:
    """A span such as ``00:01:16.9410000``; ``None`` where it is none, nothing or too long."""
    found = _SPAN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    days, hours, minutes, seconds = (int(found[part] or 0) for part in range(1, 5))
    fraction = round(int((found[5] or "0").ljust(9, "0")) / 1_000_000)
    ms = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + fraction
    return ms if 0 < ms <= LONGEST_MS else None
