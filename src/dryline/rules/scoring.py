"""What one race pays: who is ranked in which table, at which place, for how many points."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import msgspec

from dryline.domain.car_class import class_key
from dryline.rules.book import RuleBook
from dryline.rules.schema import TableRules

_T = TypeVar("_T")
PLACE_NOT_FOUND = "place_not_found"
NOT_SCORING = frozenset({"disqualified", "not_classified", "did_not_start", PLACE_NOT_FOUND})


class Finish(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A car's place in its class. ``car_number`` is ``None`` where nobody published the car.

    ``registration`` is ``manufacturer`` or ``world_cup_team`` in Hypercar. A guest keeps its
    place on the road but is invisible for points. ``second_car`` marks an unknown car known to
    be no make's best.
    """

    car_class: str
    position_in_class: int | None
    car_number: str | None = None
    drivers: tuple[str, ...] = ()
    team: str | None = None
    manufacturer: str | None = None
    registration: str | None = None
    guest: bool = False
    status: str = "classified"
    second_car: bool = False

    @property
    def scores(self) -> bool:
        """Whether the car holds a place that is paid or pushes others down."""
        return (
            self.position_in_class is not None and not self.guest and self.status not in NOT_SCORING
        )


class RoundResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A race as a championship sees it. ``share`` is 1, a half, or 0 of the points."""

    round: int
    name: str
    hours: float
    finishes: tuple[Finish, ...] = ()
    pole: dict[str, str] = {}  # class -> car number
    qualifying: dict[str, tuple[str, ...]] = {}  # class -> car numbers in order
    share: float = 1.0
    qualifying_race: bool = False  # a race that pays as qualifying does
    derived: bool = False  # worked out from published points, not from a classification
    note: str = ""


class Award(msgspec.Struct, frozen=True, kw_only=True):
    """What one row of a table gets from one race; ``place`` is the rank that was paid."""

    key: str
    name: str
    car_number: str | None
    points: float
    place: int | None
    place_known: bool = True
    seat: int = 0


def race_awards(table: TableRules, result: RoundResult, book: RuleBook) -> list[Award]:
    """The points of ``result`` in ``table``: one award per driver, car or make that took part.

    Raises:
        NotKnown: where the season's scale for a race of that length is not known.
    """
    cars = [each for each in result.finishes if _same_class(each.car_class, table.car_class)]
    ranks = _ranks(table, cars)
    awards: dict[str, Award] = {}
    for car in cars:
        if car.guest or car.car_number is None or not _eligible(table, car):
            continue
        rank = ranks.get(car.car_number)
        paid = rank if _is_paid(table, car, ranks, cars) else None
        points = _race_points(paid, result, book) + _extra_points(car, result, book)
        for seat, (key, name) in enumerate(_rows_of(table, car)):
            award = Award(
                key=key,
                name=name,
                car_number=None if table.by == "manufacturers" else car.car_number,
                points=points,
                place=paid,
                seat=seat,
                place_known=car.status != PLACE_NOT_FOUND,
            )
            awards[key] = _together(table, awards.get(key), award)
    return list(awards.values())


def places_unknown(table: TableRules, result: RoundResult, book: RuleBook) -> bool:
    """Whether somebody unknown took points of this race in ``table``."""
    paid = len(book.scale(result.hours).points.value)
    cars = [each for each in result.finishes if _same_class(each.car_class, table.car_class)]
    eligible = [each for each in _order(cars) if _eligible(table, each)]
    return any(
        each.car_number is None and not each.second_car for each in eligible[:paid] if each.scores
    )


def half_points_share(book: RuleBook, run_ms: int, scheduled_ms: int, green_laps: int) -> float:
    """The share of the points that a race stopped early pays: 1, a half, or 0.

    Raises:
        NotKnown: where the season's rule is not known.
    """
    end = book.text.race_end
    limit = book.known(end.half_points_below_share, "the share of the race that pays in full")
    least = book.known(end.no_points_below_green_laps, "the green laps that points need")
    if green_laps < least:
        return 0.0
    return 0.5 if run_ms < limit * scheduled_ms else 1.0


def pays_as_qualifying(book: RuleBook, event: str) -> bool:
    """Whether a race of that event pays what qualifying does (the race at IMSA's Roar)."""
    stated = book.text.points.qualifying_races
    plain = event.casefold().replace("-", "_")
    return stated is not None and any(name in plain for name in stated.value)


def name_key(name: str) -> str:
    """A driver's or team's name as it is compared: without case, accents and punctuation."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return "".join(each for each in plain if each.isalnum())


def _same_class(one: str, other: str) -> bool:
    return class_key(one) == class_key(other)


def _order(cars: Iterable[Finish]) -> list[Finish]:
    scoring = [each for each in cars if each.scores]
    return sorted(scoring, key=lambda each: (each.position_in_class or 0, each.car_number or ""))


def _eligible(table: TableRules, car: Finish) -> bool:
    return table.registration is None or car.registration == table.registration


def _ranks(table: TableRules, cars: Sequence[Finish]) -> dict[str, int]:
    order = _order(cars)
    if table.rerank:
        order = [each for each in order if _eligible(table, each)]
    if table.one_per_make and table.closed_up:
        order = _best_of_each_make(order)
    return {
        each.car_number: rank for rank, each in enumerate(order, 1) if each.car_number is not None
    }


def _best_of_each_make(order: Iterable[Finish]) -> list[Finish]:
    best: dict[str, Finish] = {}
    for each in order:
        best.setdefault(each.manufacturer or f"car {each.car_number}", each)
    return list(best.values())


def _is_paid(table: TableRules, car: Finish, ranks: dict[str, int], cars: Sequence[Finish]) -> bool:
    if car.car_number not in ranks:
        return False
    if not table.one_per_make:
        return True
    rivals = [
        ranks[each.car_number]
        for each in cars
        if each.manufacturer == car.manufacturer
        and each.car_number in ranks
        and _eligible(table, each)
        and each.car_number is not None
    ]
    return ranks[car.car_number] == min(rivals)


def _race_points(rank: int | None, result: RoundResult, book: RuleBook) -> float:
    if rank is None:
        return 0
    if result.qualifying_race:
        scale = book.known(book.text.points.qualifying, "the points for qualifying")
        beyond = book.text.points.qualifying_beyond
    else:
        stated = book.scale(result.hours)
        scale, beyond = stated.points.value, stated.beyond
    rest = 0 if beyond is None else beyond.value
    return (scale[rank - 1] if rank <= len(scale) else rest) * result.share


def _extra_points(car: Finish, result: RoundResult, book: RuleBook) -> float:
    points = book.text.points
    extra = 0
    if points.pole is not None and car.car_number == _in_class(result.pole, car.car_class):
        extra += points.pole.value
    order = _in_class(result.qualifying, car.car_class) or ()
    if points.qualifying is not None and car.car_number in order:
        place = order.index(car.car_number)
        scale = points.qualifying.value
        rest = 0 if points.qualifying_beyond is None else points.qualifying_beyond.value
        extra += scale[place] if place < len(scale) else rest
    return extra


def _in_class(table: Mapping[str, _T], car_class: str) -> _T | None:
    return next((value for name, value in table.items() if _same_class(name, car_class)), None)


def _rows_of(table: TableRules, car: Finish) -> list[tuple[str, str]]:
    if table.by == "drivers":
        return [(name_key(driver), driver) for driver in car.drivers]
    if table.by == "teams":
        return [(car.car_number or "", car.team or f"car {car.car_number}")]
    return [] if car.manufacturer is None else [(name_key(car.manufacturer), car.manufacturer)]


def _together(table: TableRules, held: Award | None, new: Award) -> Award:
    if held is None:
        return new
    if table.by != "manufacturers":  # a driver in two cars of the class: the better one counts
        return max(held, new, key=lambda each: (each.points, -(each.place or 999)))
    places = [each for each in (held.place, new.place) if each is not None]
    return msgspec.structs.replace(
        held, points=held.points + new.points, place=min(places) if places else None
    )
