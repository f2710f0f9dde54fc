"""RaceRoom's server results behind the door of every provider."""

from __future__ import annotations

import re
from collections.abc import Set

from dryline.domain.errors import UnreadableFile
from dryline.feeds.notation import (
    Record,
    listed,
    opening,
    read_json,
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
    numbered,
    running_sums,
    sheet_of_cars,
    stated_order,
)
from dryline.feeds.stated_session import NamedSession, chosen

KINDS = {
    "practice": "practice", "warmup": "warm_up", "qualify": "qualifying",
    "qualifying": "qualifying", "race": "race",
}  # fmt: skip
STATUSES = {
    "Finished": "finished", "DidNotFinish": "retired", "Disqualified": "disqualified",
}  # fmt: skip


class RaceRoom:
    """The results of a server's sessions, several in one file."""

    title = "RaceRoom server results (JSON)"
    cannot_know: Set[SourceFact] = frozenset(
        {
            SourceFact.CAR_NUMBER, SourceFact.CAR_CLASS, SourceFact.CLOCK, SourceFact.LANE_TIME,
            SourceFact.FLAGS, SourceFact.TIME_OF_DAY, SourceFact.SPEED,
        }
    )  # fmt: skip

    def detect(self, head: bytes) -> str | None:
        """Why the file that begins with ``head`` is such a result; ``None`` where it is not."""
        text = opening(head[:4096])
        found = '"RaceRoom Experience"' in text and '"Sessions"' in text
        return "its Experience is RaceRoom Experience" if found else None

    def parse(self, data: bytes, name: str, session: str | None = None) -> ParsedSession:
        """The laps that the file states of one session. Raises as ``Provider.parse``."""
        remarks = Remarks(name)
        found = _sessions(read_json(data, name, remarks))
        if not found:
            raise UnreadableFile(
                "results without laps (RaceRoom)",
                file=name,
                remedy="Give a file of the server in which the players have RaceSessionLaps.",
            )
        this = chosen(list(found), session, remarks)
        cars = apart(_cars(found[this], is_race=this.kind == "race"), remarks)
        return ParsedSession(
            stated=stated_order(cars, remarks),
            sheet=sheet_of_cars(cars, name, remarks, self.cannot_know),
            kind=this.kind,
            sessions=tuple(each.name for each in found),
        )


def _sessions(tree: Record) -> dict[NamedSession, list[Record]]:
    """The sessions of which somebody's laps are there; of the others only the result is."""
    found: dict[NamedSession, list[Record]] = {}
    for place, session in enumerate(records(tree.get("Sessions")), 1):
        kind = KINDS.get(re.sub(r"[^a-z]", "", words(session.get("Type")).lower()))
        players = records(session.get("Players"))
        if kind is not None and any(player.get("RaceSessionLaps") for player in players):
            name = words(session.get("Type"))
            taken = {each.name for each in found}
            found[NamedSession(f"{name} ({place})" if name in taken else name, kind)] = players
    return found


def _cars(players: list[Record], *, is_race: bool) -> list[StatedCar]:
    names = [_name(player, place) for place, player in enumerate(players, 1)]
    numbers = numbered(names)
    line = 1
    cars = []
    for name, player in zip(names, players, strict=True):
        cars.append(_car(numbers[name], name, player, line, is_race=is_race))
        line += len(cars[-1].laps)
    return cars


def _name(player: Record, place: int) -> str:
    """What the player is called."""
    return words(player.get("FullName")) or words(player.get("Username")) or f"player {place}"


def _car(number: str, name: str, player: Record, line: int, *, is_race: bool) -> StatedCar:
    rows = records(player.get("RaceSessionLaps"))
    total = time_ms(player.get("TotalTime"))
    ends, times = running_sums([time_ms(row.get("Time")) for row in rows], total, is_race=is_race)
    return StatedCar(
        car_number=number,
        laps=[
            StatedLap(
                lap=count,
                elapsed_ms=ends[count - 1],
                lap_time_ms=times[count - 1],
                sectors_ms=_sectors(row, times[count - 1]),
                driver=name,
                in_pit=row.get("PitStopOccured") is True,
                extras={} if row.get("Valid", True) is True else {"counted": "no"},
                line=line + count - 1,
            )
            for count, row in enumerate(rows, 1)
        ],
        position=_place(player.get("Position")),
        status=STATUSES.get(words(player.get("FinishStatus")), "") if is_race else "",
        vehicle=words(player.get("Car")),
        drivers=(name,),
        laps_done=len(rows),
        total_ms=total,
        best_ms=time_ms(player.get("BestLapTime")),
        line=line,
    )


def _sectors(row: Record, lap_ms: int | None) -> tuple[int | None, int | None, int | None]:
    """Sector times from the times since the lap began, where they rise to the lap's own."""
    ends = [time_ms(end) for end in listed(row.get("SectorTimes"))]
    if len(ends) != 3 or None in ends or ends[-1] != lap_ms:
        return None, None, None
    one, two, three = (end or 0 for end in ends)
    return (one, two - one, three - two) if one < two < three else (None, None, None)


def _place(value: object) -> int | None:
    place = whole(value)
    return place if place is not None and 0 < place < 10_000 else None
