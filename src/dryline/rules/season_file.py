"""A season file: its schema, its checks, and the results that it states."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import msgspec

from dryline.domain.entry import Entry
from dryline.domain.errors import BadRuleBook
from dryline.domain.legible import legible_tree
from dryline.rules.embedded import ClassificationRow, EmbeddedEvent, embedded_event
from dryline.rules.scoring import Finish, RoundResult

_UNKNOWN_WORKS = "?works"


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A part of a season file: unknown keys are refused."""


class SeasonCar(_Strict, frozen=True, kw_only=True):
    """A full-season entry: what it scores as, and its usual crew."""

    car_class: str
    team: str
    manufacturer: str | None = None
    registration: str | None = None
    drivers: tuple[str, ...] = ()


class RoundText(_Strict, frozen=True, kw_only=True):
    """A round as the season file states it.

    ``places`` lists each class in order; ``?`` is a place that nobody known took, ``?works``
    one that some make's second car took. ``crews`` replaces a car's usual drivers.
    """

    round: int
    name: str
    hours: float
    source: str
    confidence: float
    event: str | None = None
    derived: bool = False
    note: str = ""
    share: float = 1.0
    qualifying_race: bool = False
    pole: dict[str, str] = {}
    qualifying: dict[str, list[str]] = {}
    crews: dict[str, list[str]] = {}
    guests: list[str] = []
    places: dict[str, list[str]] = {}
    without_points: dict[str, list[str]] = {}
    disqualified: dict[str, list[str]] = {}
    place_not_found: dict[str, list[str]] = {}

    @property
    def has_result(self) -> bool:
        """Whether the file says who finished where."""
        return self.event is not None or bool(self.places)


class SeasonText(_Strict, frozen=True, kw_only=True):
    """A whole season file."""

    title: str
    series: str
    year: int
    source: str
    rounds: tuple[RoundText, ...]
    cars_from: str | None = None
    cars: dict[str, SeasonCar] = {}


def read_season_text(name: str, text: str) -> SeasonText:
    """A season file, checked; ``name`` is for messages.

    Raises:
        BadRuleBook: an unknown key, or a gap in the rounds.
    """
    parsed = _parsed(name, text)
    _check_rounds(parsed, name)
    return parsed


def season_cars(text: SeasonText) -> dict[str, SeasonCar]:
    """The season's cars by number: those of its event, with its own over them."""
    if text.cars_from is None:
        return dict(text.cars)
    return {**_cars_of(embedded_event(text.cars_from)), **text.cars}


def stated_results(text: SeasonText, name: str) -> tuple[RoundResult, ...]:
    """The results that the file states, in order of the rounds.

    Raises:
        BadRuleBook: where a car is not one of the season's.
    """
    cars = season_cars(text)
    return tuple(_result(each, cars, name) for each in text.rounds if each.has_result)


def _cars_of(event: EmbeddedEvent) -> dict[str, SeasonCar]:
    cars = {}
    for fact in event.entry_facts:
        entry: Entry = fact.entry
        cars[entry.car_number] = SeasonCar(
            car_class=entry.car_class,
            team=entry.team,
            manufacturer=entry.manufacturer,
            registration=fact.registration,
            drivers=tuple(driver.name for driver in entry.drivers),
        )
    return cars


def _parsed(name: str, text: str) -> SeasonText:
    try:
        raw: dict[str, Any] = legible_tree(tomllib.loads(text))
        return msgspec.convert(raw, SeasonText)
    except tomllib.TOMLDecodeError as error:
        raise BadRuleBook(f"is not TOML: {error}", file=name, remedy="Mend that line.") from error
    except msgspec.ValidationError as error:
        found = re.search(r"unknown field `([^`]+)`(?: - at `\$\.?([^`]*)`)?", str(error))
        if found is None:
            raise BadRuleBook(
                str(error), file=name, remedy="docs/rules.md shows a season file."
            ) from error
        where = f"{found[2]}." if found[2] else ""
        raise BadRuleBook(
            f"unknown key {where}{found[1]}",
            file=name,
            remedy="Take it out; docs/rules.md lists the keys of a season file.",
        ) from error


def _check_rounds(text: SeasonText, name: str) -> None:
    for expected, each in enumerate(text.rounds, 1):
        if each.round != expected:
            raise BadRuleBook(
                f"round {expected} is missing: round {each.round} ({each.name}) follows instead",
                file=name,
                remedy="Number the rounds 1, 2, 3 without a gap.",
            )
    with_result = [each.has_result for each in text.rounds]
    if True in with_result[with_result.index(False) :] if False in with_result else False:
        gap = text.rounds[with_result.index(False)]
        raise BadRuleBook(
            f"round {gap.round} ({gap.name}) has no result, but a later round has one",
            file=name,
            remedy="Add its result, or take the later ones out.",
        )


def _result(text: RoundText, cars: dict[str, SeasonCar], name: str) -> RoundResult:
    finishes = _of_event(text, cars) if text.event is not None else _of_places(text, cars, name)
    return RoundResult(
        round=text.round,
        name=text.name,
        hours=text.hours,
        finishes=(*finishes, *_unplaced(text, cars, name)),
        pole=text.pole,
        qualifying={key: tuple(order) for key, order in text.qualifying.items()},
        share=text.share,
        qualifying_race=text.qualifying_race,
        derived=text.derived,
        note=text.note,
    )


def _of_event(text: RoundText, cars: dict[str, SeasonCar]) -> list[Finish]:
    def make(row: ClassificationRow) -> Finish:
        car = None if row.car_number is None else cars.get(row.car_number)
        return Finish(
            car_class=row.car_class,
            position_in_class=row.position_in_class,
            car_number=row.car_number,
            drivers=row.drivers,
            team=row.team,
            manufacturer=None if car is None else car.manufacturer,
            registration=None if car is None else car.registration,
        )

    unplaced = {number for numbers in text.without_points.values() for number in numbers}
    rows = embedded_event(text.event or "").official
    return [make(row) for row in rows if row.car_number not in unplaced]


def _of_places(text: RoundText, cars: dict[str, SeasonCar], name: str) -> list[Finish]:
    finishes = []
    for car_class, order in text.places.items():
        for place, number in enumerate(order, 1):
            if number.startswith("?"):
                works = number == _UNKNOWN_WORKS
                finishes.append(
                    Finish(
                        car_class=car_class,
                        position_in_class=place,
                        registration="manufacturer" if works else None,
                        second_car=works,
                    )
                )
            else:
                finishes.append(_finish(text, cars, name, number, place, "classified"))
    return finishes


def _unplaced(text: RoundText, cars: dict[str, SeasonCar], name: str) -> list[Finish]:
    groups = {
        "classified": text.without_points,
        "disqualified": text.disqualified,
        "place_not_found": text.place_not_found,
    }
    return [
        _finish(text, cars, name, number, None, status)
        for status, group in groups.items()
        for numbers in group.values()
        for number in numbers
    ]


def _finish(
    text: RoundText,
    cars: dict[str, SeasonCar],
    name: str,
    number: str,
    place: int | None,
    status: str,
) -> Finish:
    car = cars.get(number)
    if car is None:
        raise BadRuleBook(
            f"round {text.round} ({text.name}): car {number} is not one of the season's cars",
            file=name,
            remedy=f'Add a section [cars."{number}"], or correct the number.',
        )
    return Finish(
        car_class=car.car_class,
        position_in_class=place,
        car_number=number,
        drivers=tuple(text.crews.get(number, car.drivers)),
        team=car.team,
        manufacturer=car.manufacturer,
        registration=car.registration,
        guest=number in text.guests,
        status=status,
    )
