"""Lap-file rows without anything odd, read one by one in microseconds.

A file that grows brings a row or two at a time, thousands of times; parsing each such piece as a
whole file costs a hundred times more. Whatever is not perfectly regular is left to the parser of
whole files, so there is one place that judges oddities.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dryline.domain.event import LineCrossing
from dryline.domain.instant import Duration, Instant
from dryline.feeds.alkamel import spec

_TIME = re.compile(r"(?:(?:([0-9]{1,2}):)?([0-5]?[0-9]):)?([0-5]?[0-9])\.([0-9]{3})")
_CAR = re.compile(r"[0-9A-Za-z]{1,8}")
_COUNT = re.compile(r"[1-9][0-9]{0,3}")
_SPEED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})?")
_FASTEST_KMH, _SUM_OFF_MS = 600.0, 1


class Columns:
    """Where each column of a lap file stands; ``is_regular`` if its rows can be read here."""

    def __init__(self, header: bytes) -> None:
        text = header.decode("utf-8-sig", errors="replace").rstrip("\r\n")
        self.separator = ";" if ";" in text else ","
        names = [name.strip() for name in text.split(self.separator)]
        self.width = len(names)
        self._at = {name: place for place, name in enumerate(names) if name}
        named = [name for name in names if name]
        self.is_regular = (
            spec.READ <= self._at.keys() <= spec.KNOWN
            and len(named) == len(self._at)
            and text.isascii()
            and '"' not in text
        )

    def cells(self, line: bytes) -> dict[str, str] | None:
        """The row's cells by column; ``None`` where the row is not plain."""
        try:
            text = line.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            return None
        if '"' in text or not text.isprintable():
            return None
        cells = text.split(self.separator)
        if len(cells) != self.width or any(cell != cell.strip() for cell in cells):
            return None
        return {name: cells[place] for name, place in self._at.items()}


def regular_rows(header: bytes, lines: Sequence[bytes], first: int) -> list[LineCrossing] | None:
    """The crossings that ``lines`` state, the first being line ``first`` of the file.

    In order of elapsed, then line; ``None`` where anything about them is not regular.
    """
    columns = Columns(header)
    if not columns.is_regular:
        return None
    rows: list[LineCrossing] = []
    last: dict[str, LineCrossing] = {}
    for number, line in enumerate(lines, start=first):
        cells = columns.cells(line)
        row = None if cells is None else _crossing(cells, number)
        before = None if row is None else last.get(row.car_number)
        if row is None or (before is not None and not _follows(before, row)):
            return None
        last[row.car_number] = row
        rows.append(row)
    return sorted(rows, key=lambda row: row.happened_at.ms)


def _follows(before: LineCrossing, row: LineCrossing) -> bool:
    return (
        row.lap == before.lap + 1
        and row.happened_at.ms - before.happened_at.ms == row.lap_time.ms
        and row.car_class == before.car_class
    )


def _crossing(cells: dict[str, str], line: int) -> LineCrossing | None:
    car, lap, seat = (cells[name] for name in ("NUMBER", "LAP_NUMBER", "DRIVER_NUMBER"))
    if not (_CAR.fullmatch(car) and _COUNT.fullmatch(lap) and _COUNT.fullmatch(seat)):
        return None
    times = {to: _ms(cells[name]) for to, name in spec.TIMES.items()}
    speeds = {to: _kmh(cells[name]) for to, name in spec.SPEEDS.items()}
    flag = spec.FLAGS.get(cells[spec.FLAG])
    mark = cells[spec.IN_PIT]
    elapsed, lap_ms, day_ms = (times[n] for n in ("elapsed_ms", "lap_time_ms", "time_of_day_ms"))
    s1, s2, s3 = times["s1_ms"], times["s2_ms"], times["s3_ms"]
    if not (elapsed and lap_ms and day_ms and s1 and s2 and s3):
        return None
    pit_ms = times["pit_lane_ms"]
    if (pit_ms is None or pit_ms == 0) and cells["PIT_TIME"]:
        return None
    is_odd = (
        flag is None
        or mark not in ("", spec.IN_PIT_MARKER)
        or not cells["CLASS"]
        or abs(s1 + s2 + s3 - lap_ms) > _SUM_OFF_MS
        or (lap == "1" and elapsed != lap_ms)
        or any(speeds[to] is None and cells[name] for to, name in spec.SPEEDS.items())
    )
    if is_odd:
        return None
    at = Instant(elapsed)
    return LineCrossing(
        happened_at=at,
        known_at=at,
        car_number=car,
        lap=int(lap),
        lap_time=Duration(lap_ms),
        sectors=(Duration(s1), Duration(s2), Duration(s3)),
        driver=cells["DRIVER_NAME"],
        driver_seat=int(seat),
        car_class=cells["CLASS"],
        team=cells["TEAM"],
        manufacturer=cells["MANUFACTURER"],
        group=cells["GROUP"],
        flag=flag,
        in_pit=mark == spec.IN_PIT_MARKER,
        pit_lane=None if pit_ms is None else Duration(pit_ms),
        top_speed_kmh=speeds["top_speed_kmh"],
        speed_kmh=speeds["speed_kmh"],
        time_of_day=Duration(day_ms),
        line=line,
    )


def _ms(text: str) -> int | None:
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds, ms = (int(part or 0) for part in found.groups())
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + ms


def _kmh(text: str) -> float | None:
    speed = float(text) if _SPEED.fullmatch(text) else None
    return speed if speed is None or speed <= _FASTEST_KMH else None
