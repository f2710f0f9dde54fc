"""Assetto Corsa Competizione's results behind the door of every provider."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from dataclasses import replace

from dryline.domain.errors import UnreadableFile
from dryline.feeds.notation import (
    Record,
    listed,
    opening,
    read_json,
    record,
    records,
    time_ms,
    whole,
    words,
)
from dryline.feeds.provider import ParsedSession, SourceFact
from dryline.feeds.remarks import Remarks
from dryline.feeds.stated_laps import (
    StatedCar,
    StatedLap,
    apart,
    running_sums,
    sheet_of_cars,
    stated_order,
)
from dryline.feeds.stated_session import NamedSession, chosen

KINDS = {"FP": "practice", "Q": "qualifying", "R": "race"}
CUPS = ("", "Pro-Am", "Am", "Silver", "National")
"""``cupCategory`` 0 to 4; the first is overall and names no group."""


class AssettoCorsaCompetizione:
    """The results of one session, as the server writes them."""

    title = "Assetto Corsa Competizione results (JSON)"
    cannot_know: Set[SourceFact] = frozenset(
        {
            SourceFact.CLOCK,
            SourceFact.IN_LAPS,
            SourceFact.LANE_TIME,
            SourceFact.FLAGS,
            SourceFact.TIME_OF_DAY,
            SourceFact.SPEED,
        }
    )

    def detect(self, head: bytes) -> str | None:
        """Why the file that begins with ``head`` is such a result; ``None`` where it is not."""
        text = opening(head[:4096])
        found = '"sessionType"' in text and '"sessionResult"' in text
        return "it has the keys sessionType and sessionResult" if found else None

    def parse(self, data: bytes, name: str, session: str | None = None) -> ParsedSession:
        """The laps that the file states. Raises as ``Provider.parse``."""
        remarks = Remarks(name)
        tree = read_json(data, name, remarks)
        stated = words(tree.get("sessionType"))
        kind = KINDS.get(stated.rstrip("0123456789").upper(), "race")
        this = chosen([NamedSession(stated or kind, kind)], session, remarks)
        laps = _laps_by_car(tree)
        if not laps:
            raise UnreadableFile(
                "results without laps (Assetto Corsa Competizione)",
                file=name,
                remedy="Give the file that the server wrote, with its list of laps.",
            )
        cars = apart(_cars(tree, laps, is_race=kind == "race"), remarks)
        cars = _finished(cars) if kind == "race" else cars
        return ParsedSession(
            stated=stated_order(cars, remarks),
            sheet=sheet_of_cars(cars, name, remarks, self.cannot_know),
            kind=this.kind,
            sessions=(this.name,),
        )


def _finished(cars: list[StatedCar]) -> list[StatedCar]:
    """The cars, those that crossed the line when the winner had finished called finished.

    The file is written when the session is over, and says no more of how a car ended.
    """
    first = next((car.laps[-1].elapsed_ms for car in cars if car.position == 1 and car.laps), None)
    return [
        replace(car, status="finished") if first and _end_ms(car) >= first else car for car in cars
    ]


def _end_ms(car: StatedCar) -> int:
    return (car.laps[-1].elapsed_ms or 0) if car.laps else 0


def _laps_by_car(tree: Record) -> dict[int, list[tuple[int, Record]]]:
    """The flat list of laps by car, each with its place in the list, counted from 1."""
    laps: dict[int, list[tuple[int, Record]]] = defaultdict(list)
    for place, lap in enumerate(records(tree.get("laps")), 1):
        car = whole(lap.get("carId"))
        if car is not None:
            laps[car].append((place, lap))
    return dict(laps)


def _cars(
    tree: Record, laps: dict[int, list[tuple[int, Record]]], *, is_race: bool
) -> list[StatedCar]:
    """The cars of the leaderboard in its order, then those that only the laps name."""
    board = records(record(tree.get("sessionResult")).get("leaderBoardLines"))
    cars = []
    named = set()
    for place, row in enumerate(board, 1):
        car = whole(record(row.get("car")).get("carId"))
        if car is not None and car not in named:
            named.add(car)
            cars.append(_car(car, place, row, laps.get(car, []), is_race=is_race))
    rest = [car for car in laps if car not in named]
    return cars + [_car(car, None, {}, laps[car], is_race=is_race) for car in rest]


def _car(
    car_id: int,
    place: int | None,
    row: Record,
    laps: list[tuple[int, Record]],
    *,
    is_race: bool,
) -> StatedCar:
    car, timing = record(row.get("car")), record(row.get("timing"))
    crew = tuple(_name(driver) for driver in records(car.get("drivers")))
    times = [time_ms(lap.get("laptime")) for _, lap in laps]
    total = time_ms(timing.get("totalTime"))
    ends, times = running_sums(times, total, is_race=is_race)
    number = whole(car.get("raceNumber"))
    cup = whole(car.get("cupCategory")) or 0
    return StatedCar(
        car_number=str(car_id if number is None else number),
        laps=[
            _lap(count, place_in_file, lap, crew, ends[count - 1], times[count - 1])
            for count, (place_in_file, lap) in enumerate(laps, 1)
        ],
        position=place,
        car_class=words(car.get("carGroup")),
        team=words(car.get("teamName")),
        group=CUPS[cup] if 0 <= cup < len(CUPS) else "",
        drivers=crew,
        laps_done=whole(timing.get("lapCount")),
        total_ms=total if is_race else None,
        best_ms=time_ms(timing.get("bestLap")),
    )


def _lap(
    number: int,
    place: int,
    lap: Record,
    crew: tuple[str, ...],
    end_ms: int | None,
    time: int | None,
) -> StatedLap:
    seat = whole(lap.get("driverIndex"))
    s1, s2, s3 = ([time_ms(split) for split in listed(lap.get("splits"))] + [None] * 3)[:3]
    return StatedLap(
        lap=number,
        elapsed_ms=end_ms,
        lap_time_ms=time,
        sectors_ms=(s1, s2, s3) if number > 1 else (None, s2, s3),
        driver=crew[seat] if seat is not None and 0 <= seat < len(crew) else "",
        driver_seat=None if seat is None or seat < 0 or seat > 1000 else seat + 1,
        extras={} if _counts(lap) else {"counted": "no"},
        line=place,
    )


def _counts(lap: Record) -> bool:
    return all(value is not False for key, value in lap.items() if key.startswith("isValid"))


def _name(driver: Record) -> str:
    full = f"{words(driver.get('firstName'))} {words(driver.get('lastName'))}".strip()
    return full or words(driver.get("shortName"))
