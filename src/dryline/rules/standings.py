"""Championship tables: what the races pay, added up, with ties broken by countback."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from dryline.rules.book import RuleBook
from dryline.rules.schema import TableRules
from dryline.rules.scoring import Award, RoundResult, places_unknown, race_awards


class StandingsRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a championship table: a crew, a car of a team, or a make.

    ``places`` counts the ranks held (1 for a win); ``by_round`` has the points of each race.
    ``at_least`` says that a place of an earlier race is unknown and may have been this row's.
    """

    position: int
    car_number: str | None
    names: tuple[str, ...]
    points: float
    wins: int
    places: dict[int, int]
    by_round: dict[int, float]
    at_least: bool = False


class StandingsTable(msgspec.Struct, frozen=True, kw_only=True):
    """A championship table; ``confirmed`` is false where its rule is not sourced."""

    title: str
    by: str
    car_class: str
    rows: tuple[StandingsRow, ...]
    confirmed: bool = True
    notes: tuple[str, ...] = ()

    def row_of(self, who: str) -> StandingsRow | None:
        """The row of a car number, driver, team or make."""
        for row in self.rows:
            if who == row.car_number or who in row.names:
                return row
        return None


class _Tally(msgspec.Struct):
    key: str
    name: str
    car_number: str | None
    by_round: dict[int, float]
    places: Counter[int]
    unknown_in: set[int]
    seat: int

    @property
    def points(self) -> float:
        return sum(self.by_round.values())


def championship_tables(
    book: RuleBook, results: Sequence[RoundResult]
) -> tuple[StandingsTable, ...]:
    """Every table of the season's rule book after ``results``.

    Raises:
        NotKnown: where the season's tables or scales are not known.
    """
    if not book.text.tables:
        raise book.not_known("the championship tables")
    present = {each.car_class.casefold() for result in results for each in result.finishes}
    return tuple(
        championship_table(book, table, results)
        for table in book.text.tables
        if not present or table.car_class.casefold() in present
    )


def championship_table(
    book: RuleBook, table: TableRules, results: Sequence[RoundResult]
) -> StandingsTable:
    """One table after ``results``: best first, crews of one car with equal points in one row."""
    tallies: dict[str, _Tally] = {}
    unknown_in: list[RoundResult] = []
    for result in results:
        for award in race_awards(table, result, book):
            _add(tallies, award, result.round)
        if places_unknown(table, result, book):
            unknown_in.append(result)
    depth = max((max(each.places, default=0) for each in tallies.values()), default=0)
    wins_only = book.text.points.countback is not None and (
        book.text.points.countback.value == "wins"
    )
    order = sorted(
        tallies.values(),
        key=lambda each: (_rank_key(each, depth, wins_only), _number_key(each), each.key),
    )
    rows = _rows(order, depth, wins_only, unknown_in)
    notes = [f"{each.name}: {each.note}" for each in results if each.note]
    return StandingsTable(
        title=table.title,
        by=table.by,
        car_class=table.car_class,
        rows=tuple(rows),
        confirmed=table.confirmed,
        notes=tuple(notes),
    )


def plain_points(points: float) -> int | float:
    """Points as a whole number where they are one; half points keep their half."""
    return int(points) if float(points).is_integer() else points


def _add(tallies: dict[str, _Tally], award: Award, number: int) -> None:
    tally = tallies.setdefault(
        award.key, _Tally(award.key, award.name, award.car_number, {}, Counter(), set(), award.seat)
    )
    tally.car_number = award.car_number
    tally.by_round[number] = tally.by_round.get(number, 0) + award.points
    if not award.place_known:
        tally.unknown_in.add(number)
    if award.place is not None:
        tally.places[award.place] += 1


def _number_key(tally: _Tally) -> tuple[int, str, int]:
    number = tally.car_number or ""
    return (int(number) if number.isdecimal() else 0, number, tally.seat)


def _rank_key(tally: _Tally, depth: int, wins_only: bool) -> tuple[float, ...]:
    levels = 1 if wins_only else depth
    return (-tally.points, *(-tally.places[place] for place in range(1, levels + 1)))


def _rows(
    order: Sequence[_Tally], depth: int, wins_only: bool, unknown_in: Sequence[RoundResult]
) -> list[StandingsRow]:
    rows: list[StandingsRow] = []
    last_key: tuple[float, ...] | None = None
    for crew in _crews(order):
        key = _rank_key(crew[0], depth, wins_only)
        tied = rows and key == last_key
        last_key = key
        first = crew[0]
        missing = any(result.round in first.unknown_in for result in unknown_in)
        rows.append(
            StandingsRow(
                position=rows[-1].position if tied else len(rows) + 1,
                car_number=first.car_number,
                names=tuple(each.name for each in crew),
                points=first.points,
                wins=first.places[1],
                places=dict(sorted(first.places.items())),
                by_round=dict(sorted(first.by_round.items())),
                at_least=missing,
            )
        )
    return rows


def _crews(order: Sequence[_Tally]) -> list[list[_Tally]]:
    """Drivers of one car with equal points and wins share a row, as they are published."""
    crews: dict[tuple[object, ...], list[_Tally]] = {}
    for each in order:
        shared = (each.car_number, each.points, each.places[1])
        crews.setdefault(shared if each.car_number else (each.key,), []).append(each)
    return list(crews.values())
