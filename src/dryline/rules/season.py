"""A championship season: its rounds, who took which place, and the tables after any of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

import msgspec
import polars as pl

from dryline.domain.entry import Entry
from dryline.domain.errors import BadOption, BadRuleBook, NotKnown
from dryline.rules.book import Override, RuleBook, rule_book
from dryline.rules.embedded import ClassificationRow, EmbeddedEvent, embedded_event
from dryline.rules.scoring import Finish, RoundResult, name_key
from dryline.rules.standings import StandingsTable, championship_tables

SEASONS = ("wec/2024",)
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


class Season(msgspec.Struct, frozen=True, kw_only=True):
    """A season ready to be scored: its rule book, cars, calendar and the results so far."""

    text: SeasonText
    book: RuleBook
    cars: dict[str, SeasonCar]
    results: tuple[RoundResult, ...]

    @property
    def last_round(self) -> int:
        """The last round with a result, 0 before the first."""
        return len(self.results)

    def round(self, number: int) -> RoundText:
        """The calendar's round of that number.

        Raises:
            BadOption: where the season has no such round.
        """
        for each in self.text.rounds:
            if each.round == number:
                return each
        raise BadOption(
            f"{self.text.title} has no round {number}",
            remedy=f"Its rounds are 1 to {len(self.text.rounds)}.",
        )


def shipped_season(season_id: str, override: Override | None = None) -> Season:
    """The season shipped as ``season_id``, for instance ``wec/2024``.

    Raises:
        NotKnown: where no such season is shipped.
    """
    if season_id not in SEASONS:
        raise NotKnown(
            f"no season {season_id!r} is shipped",
            remedy=f"Shipped: {', '.join(SEASONS)}; or give a season file of your own.",
        )
    name = f"rules/seasons/{season_id.replace('/', '-')}.toml"
    text = (resources.files("dryline.data") / name).read_text(encoding="utf-8")
    return read_season(name, text, override)


def read_season(name: str, text: str, override: Override | None = None) -> Season:
    """A season from the text of its TOML file; ``name`` is for messages.

    Raises:
        BadRuleBook: an unknown key, a car that the season does not have, or a gap in the rounds.
        NotKnown: where there is no rule book for the season.
    """
    parsed = _parsed(name, text)
    _check_rounds(parsed, name)
    cars = dict(parsed.cars)
    if parsed.cars_from is not None:
        cars = {**_cars_of(embedded_event(parsed.cars_from)), **cars}
    results = tuple(_result(each, cars, name) for each in parsed.rounds if each.has_result)
    book = rule_book(parsed.series, parsed.year, override)
    return Season(text=parsed, book=book, cars=cars, results=results)


def standings(season: Season, after: int | None = None) -> tuple[StandingsTable, ...]:
    """The championship tables after round ``after``; after the last known one by default.

    Raises:
        NotKnown: where that round has no result here.
        BadOption: where the season has no such round.
    """
    after = season.last_round if after is None else after
    named = season.round(after)
    if after > season.last_round:
        raise NotKnown(
            f"round {after} ({named.name}) has no result in this season",
            remedy=f"The last round with a result is {season.last_round}.",
        )
    return championship_tables(season.book, season.results[:after])


def if_it_ended(
    season: Season,
    classification: pl.DataFrame,
    *,
    round_number: int | None = None,
    entries: Mapping[str, Entry] | None = None,
    event: str | None = None,
    hours: float | None = None,
) -> tuple[StandingsTable, ...]:
    """The tables if ``classification`` were the result of a round, by default the next one.

    ``classification`` has ``car_number``, ``car_class``, ``position_in_class``, ``laps``,
    ``team`` and ``status``; ``entries`` are the race's. A round that the season file links to
    ``event`` is that one. ``hours`` is the race's scheduled length where it is not the round's.
    The earlier rounds count as they are, later ones are left out, and nobody has the point for
    pole unless the season file says who.

    Raises:
        NotKnown: where an earlier round has no result.
        BadOption: where the season has no such round.
    """
    own = next((each.round for each in season.text.rounds if event and each.event == event), None)
    number = round_number or own or season.last_round + 1
    text = season.round(number)
    if number > season.last_round + 1:
        raise NotKnown(f"round {season.last_round + 1} has no result yet, before round {number}")
    result = RoundResult(
        round=number,
        name=text.name,
        hours=hours or text.hours,
        finishes=finishes_of(classification, season.book, season.cars, entries),
        pole=text.pole,
        note="as if the race had ended then",
    )
    return championship_tables(season.book, (*season.results[: number - 1], result))


def finishes_of(
    classification: pl.DataFrame,
    book: RuleBook,
    cars: Mapping[str, SeasonCar] | None = None,
    entries: Mapping[str, Entry] | None = None,
) -> tuple[Finish, ...]:
    """A classification's rows as a championship sees them.

    ``entries`` gives crews and makes. With the season's ``cars`` given, any other car is a
    guest. Below the share of the winner's distance that the rule book asks for, a car is not
    classified.
    """
    entries = {} if entries is None else entries
    share = book.text.classified.min_share_of_distance
    most = classification["laps"].max() or 0
    least = 0.0 if share is None else share.value * float(most)  # type: ignore[arg-type]
    finishes = []
    for row in classification.iter_rows(named=True):
        car = None if cars is None else cars.get(row["car_number"])
        enough = row["laps"] is None or row["laps"] >= least
        disqualified = row.get("status") == "disqualified"
        status = "disqualified" if disqualified else "classified" if enough else "not_classified"
        entry = entries.get(row["car_number"])
        finishes.append(
            Finish(
                car_class=row["car_class"],
                position_in_class=row["position_in_class"],
                car_number=row["car_number"],
                drivers=_crew(car, () if entry is None else tuple(d.name for d in entry.drivers)),
                team=row.get("team") if car is None else car.team,
                manufacturer=_make(car, entry),
                registration=None if car is None else car.registration,
                guest=cars is not None and car is None,
                status=status,
            )
        )
    return tuple(finishes)


def disqualified(result: RoundResult, car_number: str) -> RoundResult:
    """``result`` after a disqualification: the car's place is gone and those behind close up.

    Raises:
        BadOption: where the car was not in that race.
    """
    if all(each.car_number != car_number for each in result.finishes):
        raise BadOption(f"car {car_number} was not in {result.name}")
    finishes = tuple(
        msgspec.structs.replace(each, status="disqualified")
        if each.car_number == car_number
        else each
        for each in result.finishes
    )
    return msgspec.structs.replace(result, finishes=finishes)


def with_result(season: Season, result: RoundResult) -> Season:
    """``season`` with that round's result put in, or put in place of the one it had."""
    earlier = tuple(each for each in season.results if each.round < result.round)
    later = tuple(each for each in season.results if each.round > result.round)
    if len(earlier) != result.round - 1:
        raise NotKnown(f"round {len(earlier) + 1} has no result yet, before round {result.round}")
    return msgspec.structs.replace(season, results=(*earlier, result, *later))


def _make(car: SeasonCar | None, entry: Entry | None) -> str | None:
    if car is not None:
        return car.manufacturer
    return None if entry is None else entry.manufacturer


def _crew(car: SeasonCar | None, seen: tuple[str, ...]) -> tuple[str, ...]:
    """Drivers seen, spelled as the season spells them; the usual crew where all are of it."""
    if car is None:
        return seen
    usual = {name_key(name): name for name in car.drivers}
    if all(name_key(name) in usual for name in seen):
        return car.drivers
    return tuple(usual.get(name_key(name), name) for name in seen)


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
        raw: dict[str, Any] = tomllib.loads(text)
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
