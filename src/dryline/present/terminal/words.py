"""Cells of a table in the paddock's forms."""

from __future__ import annotations

from typing import Protocol

from rich.text import Text

from dryline.domain.clock_text import format_clock, format_ms
from dryline.domain.gap import Gap
from dryline.domain.instant import Duration
from dryline.domain.race_info import RaceInfo
from dryline.present.names import NO_CLASS, short_person
from dryline.present.terminal.theme import FLAG_STYLES, FLAG_WORDS, MUTED, class_style


class OfClass(Protocol):
    """A row about one class."""

    @property
    def car_class(self) -> str | None:
        """Its name."""


class OfCar(OfClass, Protocol):
    """A row about one car."""

    @property
    def car_number(self) -> str | None:
        """Its number."""


class Placed(Protocol):
    """A row about a place in class."""

    @property
    def position_in_class(self) -> int | None:
        """Which."""


def race_name(info: RaceInfo) -> str:
    """The race's name, marked where it was simulated."""
    return marked(info.name, simulated=info.simulated)


def marked(name: str, *, simulated: bool) -> str:
    """A race's name, marked where it was simulated."""
    return f"{name} (SIMULATED)" if simulated else name


def lap_time(ms: int | None, style: str = "") -> Text:
    """``1:35.020``; empty where there is none."""
    return Text("" if ms is None else format_ms(ms), style=style)


def lap_of(duration: Duration | None, style: str = "") -> Text:
    """A duration as a lap time."""
    return lap_time(None if duration is None else duration.ms, style)


def clock(ms: int | None) -> str:
    """``3:55:00``; a dash where it is not known."""
    return "–" if ms is None else format_clock(ms)


def gap(value: Gap) -> Text:
    """``+12.345``, or laps, muted."""
    return Text(str(value), style=MUTED if value.laps else "")


def car_number(number: str | None, car_class: str) -> Text:
    """A car's number in the colour of its class; a question mark where it is unknown."""
    return Text(number or "?", style=f"bold {class_style(car_class)}")


def car_class(name: str) -> Text:
    """A class by name, in its colour; ``no class`` where its files name none."""
    return Text(name, style=class_style(name)) if name else Text(NO_CLASS, style=MUTED)


def number_of(row: OfCar) -> Text:
    """A row's car."""
    return car_number(row.car_number, row.car_class or "")


def class_of(row: OfClass) -> Text:
    """A row's class."""
    return car_class(row.car_class or "")


def place_in_class(row: Placed) -> Text:
    """A row's place in class, muted."""
    return Text(str(row.position_in_class or ""), style=MUTED)


def flag(kind: str) -> Text:
    """A flag as a plate: its words on its colour."""
    return Text(f" {FLAG_WORDS.get(kind, kind.upper())} ", style=FLAG_STYLES.get(kind, "bold"))


def short_name(driver: str | None) -> str:
    """``Antonio FUOCO`` to ``A. Fuoco``; a name without parts stays as it is."""
    return short_person(driver or "")
