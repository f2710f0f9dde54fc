"""Timing files with something wrong in them: what hands, spreadsheets and wires do to a sound file.

``mutant(file, chance)`` spoils a file in one of the ways of ``WAYS`` and says which cars and lines
it touched, so that a reader can be asked whether he noticed. Everything follows from ``chance``.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

CLOCKS = ("LAP_TIME", "S1", "S2", "S3", "ELAPSED", "PIT_TIME")
GARBAGE = (
    "", "0", "-1", "99999999999999999999", "1:99.000", "-5:00.000", "NaN", "1e309", "é", "\x00",
    "\x06", "\x1b[2J", '"', "B", "FF", "999:59:59.999", " ", ";;;;", ",", "00:00:00.000", "1:35.02",
    "x" * 300, "\ufeff", "\u202e", "\ufffe", "=cmd", "0x10", "１２", "1_000", "true",
)  # fmt: skip
_CLOCK = re.compile(r"^(?:(?:(\d+):)?(\d+):)?(\d+)\.(\d+)$")


@dataclass
class Sheet:
    """A timing file as cells: what is spoilt before it is written again."""

    separator: str
    names: list[str]
    rows: list[list[str]]
    end: str
    mark: bytes

    @classmethod
    def read(cls, data: bytes) -> Sheet:
        """The cells of a file without quoted separators."""
        mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
        text = data.decode("utf-8-sig")
        end = "\r\n" if "\r\n" in text else "\n"
        head, *rest = [line for line in text.split(end) if line]
        separator = ";" if head.count(";") > head.count(",") else ","
        names = [name.strip() for name in head.split(separator)]
        return cls(separator, names, [line.split(separator) for line in rest], end, mark)

    def write(self) -> bytes:
        """The file with these cells."""
        lines = [self.separator.join(cells) for cells in (self.names, *self.rows)]
        return self.mark + (self.end.join(lines) + self.end).encode("utf-8", "surrogatepass")

    def at(self, name: str) -> int:
        """Where that column stands."""
        return self.names.index(name)

    def car(self, row: int) -> str:
        """Whose row it is."""
        cells, at = self.rows[row], self.at("NUMBER")
        return cells[at] if at < len(cells) else ""

    def rows_of(self, car: str) -> list[int]:
        """The rows of a car, in the file's order."""
        return [row for row in range(len(self.rows)) if self.car(row) == car]


@dataclass(frozen=True)
class Mutant:
    """A spoilt file: how, where, and whom it touches (nobody named: the whole file)."""

    way: str
    data: bytes
    cars: frozenset[str] = frozenset()
    lines: frozenset[int] = frozenset()


@dataclass
class _Touched:
    """What one way of spoiling has touched so far."""

    cars: set[str] = field(default_factory=set)
    lines: set[int] = field(default_factory=set)

    def row(self, sheet: Sheet, row: int) -> None:
        """Note a row: its car and its line (the header is line 1)."""
        self.cars.add(sheet.car(row))
        self.lines.add(row + 2)


Way = Callable[[Sheet, random.Random, _Touched], None]


def mutant(data: bytes, chance: random.Random) -> Mutant:
    """That file with one thing wrong in it."""
    name = chance.choice(list(WAYS))
    if name in _BYTES:
        return Mutant(name, _BYTES[name](data, chance))
    sheet, touched = Sheet.read(data), _Touched()
    _CELLS[name](sheet, chance, touched)
    return Mutant(name, sheet.write(), frozenset(touched.cars), frozenset(touched.lines))


# one cell


def _digit(value: str, chance: random.Random) -> str:
    """The value with a digit changed, doubled or lost."""
    places = [at for at, letter in enumerate(value) if letter.isdigit()]
    if not places:
        return value
    at = chance.choice(places)
    other = str((int(value[at]) + chance.randrange(1, 10)) % 10)
    return value[:at] + chance.choice([other, value[at] + other, ""]) + value[at + 1 :]


def _one_digit(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    rows = chance.sample(range(len(sheet.rows)), min(40, len(sheet.rows)))
    for row in rows:
        column = chance.choice(["LAP_NUMBER", "ELAPSED", "LAP_TIME", *sheet.names])
        at = sheet.at(column)
        if at >= len(sheet.rows[row]):
            continue
        spoilt = _digit(sheet.rows[row][at], chance)
        if spoilt != sheet.rows[row][at]:
            touched.row(sheet, row)
            sheet.rows[row][at] = spoilt
            touched.row(sheet, row)
            return


def _last_rows_digit(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    """The row that decides a car's place, its last, has a digit wrong."""
    row = sheet.rows_of(sheet.car(chance.randrange(len(sheet.rows))))[-1]
    touched.row(sheet, row)
    at = sheet.at(chance.choice(["LAP_NUMBER", "ELAPSED", "LAP_TIME"]))
    sheet.rows[row][at] = _digit(sheet.rows[row][at], chance)


def _garbage(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    for _ in range(chance.randrange(1, 4)):
        row = chance.randrange(len(sheet.rows))
        touched.row(sheet, row)
        sheet.rows[row][chance.randrange(len(sheet.rows[row]))] = chance.choice(GARBAGE)
        touched.row(sheet, row)


def _neighbours(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    """Two cells of a row change places."""
    row = chance.randrange(len(sheet.rows))
    cells = sheet.rows[row]
    one, two = chance.sample(range(len(cells)), 2)
    touched.row(sheet, row)
    cells[one], cells[two] = cells[two], cells[one]
    touched.row(sheet, row)


def _another_car(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    """A row bears the number of another car."""
    row, other = chance.sample(range(len(sheet.rows)), 2)
    touched.row(sheet, row)
    sheet.rows[row][sheet.at("NUMBER")] = sheet.car(other)
    touched.row(sheet, row)


# rows


def _drop(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    row = chance.randrange(len(sheet.rows))
    touched.row(sheet, row)
    del sheet.rows[row]


def _double(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    row = chance.randrange(len(sheet.rows))
    touched.row(sheet, row)
    sheet.rows.insert(chance.randrange(len(sheet.rows)), list(sheet.rows[row]))


def _move(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    row = chance.randrange(len(sheet.rows))
    touched.row(sheet, row)
    moved = sheet.rows.pop(row)
    sheet.rows.insert(chance.randrange(len(sheet.rows) + 1), moved)


def _short_row(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    row = chance.randrange(len(sheet.rows))
    touched.row(sheet, row)
    del sheet.rows[row][chance.randrange(1, len(sheet.rows[row])) :]


def _shuffled(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    chance.shuffle(sheet.rows)


# clocks and counts of one car


def _hour_early(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    """From some lap on one car's clock runs an hour, ten minutes or a minute early or late."""
    car = sheet.car(chance.randrange(len(sheet.rows)))
    rows, at = sheet.rows_of(car), sheet.at("ELAPSED")
    by_ms = chance.choice([3_600_000, 600_000, 60_000, -3_600_000, -600_000, -60_000])
    for row in rows[chance.randrange(len(rows)) :]:
        touched.row(sheet, row)
        sheet.rows[row][at] = _shifted(sheet.rows[row][at], by_ms)


def _laps_shifted(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    """From some row on one car's laps are counted too high or too low."""
    car = sheet.car(chance.randrange(len(sheet.rows)))
    rows, at = sheet.rows_of(car), sheet.at("LAP_NUMBER")
    by = chance.choice([1, 2, 10, 100, -1, -2])
    for row in rows[chance.randrange(len(rows)) :]:
        touched.row(sheet, row)
        cell = sheet.rows[row][at]
        sheet.rows[row][at] = str(int(cell) + by) if cell.isdigit() else cell


def _shifted(clock: str, by_ms: int) -> str:
    found = _CLOCK.match(clock)
    if found is None:
        return clock
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
    ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(found[4][:3].ljust(3, "0")) + by_ms
    ms = abs(ms)
    return f"{ms // 3_600_000}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}"


# the whole file, through a program


def _clock_cells(sheet: Sheet, said: Callable[[int, int, int, str], str]) -> None:
    for name in CLOCKS:
        if name not in sheet.names:
            continue
        at = sheet.at(name)
        for cells in sheet.rows:
            found = _CLOCK.match(cells[at]) if at < len(cells) else None
            if found is not None:
                hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
                cells[at] = said(hours, minutes, seconds, found[4])


def _spreadsheet_minutes(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    _clock_cells(sheet, lambda h, m, s, f: f"{m:02}:{s:02}.{f[0]}")


def _spreadsheet_seconds(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    _clock_cells(sheet, lambda h, m, s, f: f"{h}:{m:02}:{s:02}")


def _decimal_comma(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    sheet.separator = ";"
    for cells in sheet.rows:
        cells[:] = [cell.replace(".", ",") if _CLOCK.match(cell) else cell for cell in cells]


def _zeros_lost(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    at = sheet.at("NUMBER")
    for cells in sheet.rows:
        cells[at] = cells[at].lstrip("0") or "0"


def _floats(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    for cells in sheet.rows:
        cells[:] = [f"{cell}.0" if cell.isdigit() else cell for cell in cells]


def _columns_lost(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    gone = set(chance.sample(sheet.names, chance.randrange(1, 4)))
    keep = [at for at, name in enumerate(sheet.names) if name not in gone]
    sheet.names = [sheet.names[at] for at in keep]
    sheet.rows = [[cells[at] for at in keep if at < len(cells)] for cells in sheet.rows]


def _columns_moved(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    """One cell too many from some row on: everything behind it stands one column to the right."""
    at = chance.randrange(len(sheet.names))
    for cells in sheet.rows[chance.randrange(len(sheet.rows)) :]:
        cells.insert(min(at, len(cells)), "")


def _begins_again(sheet: Sheet, chance: random.Random, touched: _Touched) -> None:
    """From some instant on the clock, or the count of laps, begins again for everybody."""
    name = chance.choice(["ELAPSED", "LAP_NUMBER"])
    elapsed, at = sheet.at("ELAPSED"), sheet.at(name)
    clocks = [_ms(cells[elapsed]) for cells in sheet.rows if elapsed < len(cells)]
    start_ms = chance.choice(sorted(clocks))
    before: dict[str, int] = {}
    for row, cells in enumerate(sheet.rows):
        if _ms(cells[elapsed]) <= start_ms:
            before[sheet.car(row)] = max(before.get(sheet.car(row), 0), _count(cells, sheet))
    for row, cells in enumerate(sheet.rows):
        if _ms(cells[elapsed]) > start_ms:
            if name == "ELAPSED":
                cells[at] = _shifted(cells[at], -start_ms)
            else:
                cells[at] = str(_count(cells, sheet) - before.get(sheet.car(row), 0))


def _count(cells: list[str], sheet: Sheet) -> int:
    cell = cells[sheet.at("LAP_NUMBER")]
    return int(cell) if cell.isdigit() else 0


def _ms(clock: str) -> int:
    found = _CLOCK.match(clock)
    if found is None:
        return 0
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(found[4][:3].ljust(3, "0"))


# the whole file, as bytes


def _truncated(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def _bit(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _piece(data: bytes, chance: random.Random) -> bytes:
    """A piece of the file is lost, or stands in it twice."""
    start = chance.randrange(len(data))
    stop = min(len(data), start + chance.randrange(1, 4000))
    return data[:start] + chance.choice([b"", data[start:stop] * 2]) + data[stop:]


def _twice(data: bytes, chance: random.Random) -> bytes:
    return data + chance.choice([data, data.split(b"\n", 1)[1]])


def _encoded(data: bytes, chance: random.Random) -> bytes:
    text = data.decode("utf-8-sig")
    return text.encode(chance.choice(["utf-16", "utf-16-be", "latin-1", "cp1252"]), "replace")


def _line_ends(data: bytes, chance: random.Random) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n", chance.choice([b"\r", b"\n\n", b"\r\r\n"]))


_CELLS: dict[str, Way] = {
    "a digit of one cell": _one_digit,
    "a digit of a car's last row": _last_rows_digit,
    "garbage in a few cells": _garbage,
    "two cells of a row exchanged": _neighbours,
    "a row under another car's number": _another_car,
    "a row dropped": _drop,
    "a row doubled": _double,
    "a row moved": _move,
    "a row cut short": _short_row,
    "rows shuffled": _shuffled,
    "a car's clock shifted": _hour_early,
    "a car's laps shifted": _laps_shifted,
    "a spreadsheet's minutes": _spreadsheet_minutes,
    "a spreadsheet's whole seconds": _spreadsheet_seconds,
    "decimal commas": _decimal_comma,
    "leading zeros lost": _zeros_lost,
    "whole numbers as floats": _floats,
    "columns lost": _columns_lost,
    "cells moved by one column": _columns_moved,
    "clock or laps begin again": _begins_again,
}
_BYTES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "the file cut off": _truncated,
    "a flipped bit": _bit,
    "a piece lost or doubled": _piece,
    "the file twice": _twice,
    "another encoding": _encoded,
    "other line ends": _line_ends,
}
WAYS = (*_CELLS, *_BYTES)
