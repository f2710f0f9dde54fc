"""One car in the race, and those who drive it."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Rating(StrEnum):
    """A driver's categorisation by the FIA."""

    PLATINUM = "platinum"
    GOLD = "gold"
    SILVER = "silver"
    BRONZE = "bronze"


class Driver(msgspec.Struct, frozen=True):
    """A driver as an entry list names them; ``rating`` and ``country`` where they are known."""

    name: str
    rating: Rating | None = None
    country: str | None = None


class Entry(msgspec.Struct, frozen=True):
    """One car in the race. ``car_number`` is text: ``007`` is not ``7``."""

    car_number: str
    car_class: str
    team: str
    manufacturer: str | None = None
    vehicle: str | None = None
    group: str | None = None
    drivers: tuple[Driver, ...] = ()
