"""One line of RMonitor to what it says: ``$G,3,"50",14,"00:28:12.345"``. Pure.

The commands are those of the protocol's public description (1.0, 2010), ``$COR`` among them; ``$L``
is IMSA's (Enhanced RMon 1.03), ``$RMS`` and ``$RMHL`` are of relays on the web. Commands of which
nothing is needed (``$I``, ``$T``, ``$RMLT``, ``$RMDTL``, ``$RMCA``), and unknown ones, say nothing:
the descriptions ask for that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dryline.domain.flag import Flag

UNSET_MS = 59 * 60_000 + 59_000
"""A clock of 00:59:59 (and .999) stands where there is no time yet."""
_COMMAND = re.compile(r"\$[A-Z]{1,6}")
_LINE = re.compile(r'(?:"[^"]*"|[^",]*)(?:,(?:"[^"]*"|[^",]*))*')
_FIELD = re.compile(r'(?:^|(?<=,))(?:"[^"]*"|[^",]*)(?=,|$)')
_TIME = re.compile(r"(\d{2,3}):([0-5]\d):([0-5]\d)(?:\.(\d{3}))?")
FLAGS = {"green": Flag.GREEN, "yellow": Flag.FCY, "red": Flag.RED, "finish": Flag.CHEQUERED}
"""The states of a run; a yellow one holds back the whole field."""


@dataclass(frozen=True, slots=True)
class RunClock:
    """``$F``: the state of the run, what is left of it, and its clocks; it comes every second."""

    laps_to_go: int
    to_go_ms: int
    run_ms: int
    flag: Flag | None


@dataclass(frozen=True, slots=True)
class ListedCar:
    """``$A`` and ``$COMP``: who bears the registration number."""

    registration: str
    number: str
    class_number: int | None
    first_name: str
    last_name: str


@dataclass(frozen=True, slots=True)
class RunName:
    """``$B``: the run that all else is of."""

    number: int
    name: str


@dataclass(frozen=True, slots=True)
class ClassName:
    """``$C``: what the class of a number is called."""

    number: int
    name: str


@dataclass(frozen=True, slots=True)
class TrackName:
    """``$E``: the name of the track."""

    name: str


@dataclass(frozen=True, slots=True)
class LapsDone:
    """``$G`` and ``$COR``: how many laps a car has completed, and when the last one ended.

    ``place`` is that of the race, ``None`` where it is a correction.
    """

    registration: str
    laps: int
    total_ms: int | None
    place: int | None = None


@dataclass(frozen=True, slots=True)
class BestSaid:
    """``$H``: a car's best lap, which makes its place in practice and qualifying."""

    registration: str
    place: int
    lap: int
    time_ms: int | None


@dataclass(frozen=True, slots=True)
class LinePassed:
    """``$J``: a car has crossed the line; ``time_ms`` is 0 where that begins its first lap."""

    registration: str
    time_ms: int
    total_ms: int


@dataclass(frozen=True, slots=True)
class PastLap:
    """``$RMHL``: a lap of a car, perhaps one of long ago."""

    registration: str
    lap: int
    time_ms: int
    total_ms: int
    flag: Flag | None


@dataclass(frozen=True, slots=True)
class LoopPassed:
    """``$L``: a car has passed a loop at a time of day.

    ``loop`` is SFT (the line on the track), SFP (the line in the pits), PIP (pit entry), POP (pit
    exit), or another.
    """

    registration: str
    loop: str
    day_ms: int


@dataclass(frozen=True, slots=True)
class SortedBy:
    """``$RMS``: whether the order is that of a race."""

    is_race: bool


Record = (
    RunClock
    | ListedCar
    | RunName
    | ClassName
    | TrackName
    | LapsDone
    | BestSaid
    | LinePassed
    | PastLap
    | LoopPassed
    | SortedBy
)


def is_rmonitor(head: bytes) -> bool:
    """Whether a file that begins with ``head`` holds such lines: most of the first twenty."""
    lines = [line for line in text_of(head[:4096]).split("\n") if line.strip()][:20]
    found = [bool(re.match(r"\$(?:[ABCEFGHIJLT]|COMP|COR|RM[A-Z]{1,3}),", each)) for each in lines]
    return sum(found) * 2 > len(found)


def text_of(data: bytes) -> str:
    """Bytes as text, each line ended by a line feed; UTF-8, else Latin-1."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_record(line: str) -> Record | None:
    """What a line says; ``None`` where it says nothing that is needed.

    Raises:
        ValueError: where it is no line of RMonitor, or a damaged one.
    """
    command, *fields = _fields(line)
    if _COMMAND.fullmatch(command) is None:
        raise ValueError("no line of RMonitor")
    reader = _READERS.get(command)
    if reader is None:
        return None
    try:
        return reader(fields)
    except IndexError:
        raise ValueError(f"{command} with {len(fields)} fields") from None


def _fields(line: str) -> list[str]:
    if _LINE.fullmatch(line) is None:
        raise ValueError("quotation marks that do not match")
    return [field.strip(' "') for field in _FIELD.findall(line)]


def _ms(text: str) -> int:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f"no time: {text[:20]!r}")
    hours, minutes, seconds = (int(found[group]) for group in (1, 2, 3))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(found[4] or 0)


def _set_ms(text: str, *, laps: int) -> int | None:
    """A time, ``None`` where it stands for none: before the first lap a clock may be unset."""
    ms = _ms(text)
    return None if laps == 0 and (ms == 0 or ms - ms % 1000 == UNSET_MS) else ms


def _count(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ValueError(f"no number: {text[:20]!r}")
    return int(text)


def _named(text: str) -> str:
    if not text:
        raise ValueError("no registration number")
    return text


def _clock(f: Sequence[str]) -> RunClock:
    _ms(f[2])
    return RunClock(_count(f[0]), _ms(f[1]), _ms(f[3]), FLAGS.get(f[4].casefold()))


def _competitor(f: Sequence[str]) -> ListedCar:
    return ListedCar(_named(f[0]), f[1] or f[0], _count(f[6]) or None, f[3], f[4])


def _competing(f: Sequence[str]) -> ListedCar:
    return ListedCar(_named(f[0]), f[1] or f[0], _count(f[2]) or None, f[3], f[4])


def _setting(f: Sequence[str]) -> TrackName | None:
    return TrackName(f[1]) if f[0] == "TRACKNAME" else None


def _placed(f: Sequence[str]) -> LapsDone:
    laps = _count(f[2])
    return LapsDone(_named(f[1]), laps, _set_ms(f[3], laps=laps), _count(f[0]))


def _corrected(f: Sequence[str]) -> LapsDone:
    return LapsDone(_named(f[0]), _count(f[2]), _ms(f[3]))


def _best(f: Sequence[str]) -> BestSaid:
    lap = _count(f[2])
    return BestSaid(_named(f[1]), _count(f[0]), lap, _set_ms(f[3], laps=lap))


def _past(f: Sequence[str]) -> PastLap:
    flag = FLAGS.get(f[4].casefold())
    return PastLap(_named(f[0]), _count(f[1]), _ms(f[3]), _ms(f[5]), flag)


_READERS: dict[str, Callable[[Sequence[str]], Record | None]] = {
    "$F": _clock,
    "$A": _competitor,
    "$COMP": _competing,
    "$B": lambda f: RunName(_count(f[0]), f[1]),
    "$C": lambda f: ClassName(_count(f[0]), f[1]),
    "$E": _setting,
    "$G": _placed,
    "$H": _best,
    "$J": lambda f: LinePassed(_named(f[0]), _ms(f[1]), _ms(f[2])),
    "$COR": _corrected,
    "$L": lambda f: LoopPassed(_named(f[0]), f[2].upper(), _ms(f[4])),
    "$RMHL": _past,
    "$RMS": lambda f: SortedBy(f[0].casefold() == "race"),
}
