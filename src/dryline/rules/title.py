"""Title arithmetic: points still to win, who can still win, what a car needs. Exact.

A car *can* win where some outcome of the races left makes it champion. The loosest outcome lets
every rival score nothing, and pairs decide it. Where every paid place must be taken by somebody
(``all_places_taken``) the rivals share what is left, countback included: an integer programme.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import msgspec

from dryline.domain.errors import BadOption
from dryline.domain.meaning import means
from dryline.rules.schema import TableRules
from dryline.rules.season import Season
from dryline.rules.season_file import RoundText
from dryline.rules.standings import (
    StandingsRow,
    StandingsTable,
    championship_table,
    plain_points,
)
from dryline.rules.title_program import Contest, TitleRival, somebody_else_must_win


class Chance(msgspec.Struct, frozen=True, kw_only=True):
    """A row's chance of the title, in points."""

    car_number: Annotated[str | None, means("the car's number; null in a table of makes")]
    names: Annotated[tuple[str, ...], means("the crew, the team or the make")]
    points: Annotated[float, means("points so far")]
    most: Annotated[float, means("what it would have after winning everything that is left")]
    behind: Annotated[float, means("points that it must make up on the leader")]
    can_win: Annotated[bool, means("whether some outcome of the rounds left makes it champion")]
    can_win_if_all_places_are_taken: Annotated[
        bool | None, means("the same where somebody takes every paid place; null: not asked")
    ]
    seals_with: Annotated[
        int | None,
        means("the worst place in the next round that makes it champion whatever the others do"),
    ]
    is_champion: Annotated[bool, means("whether nobody can take the title from it any more")]
    needs: Annotated[str, means("the same in words")]


class TitleArithmetic(msgspec.Struct, frozen=True, kw_only=True):
    """What is left to win in a table, and for whom."""

    title: Annotated[str, means("the table's name")]
    after: Annotated[int, means("after which round")]
    rounds_left: Annotated[int, means("rounds still to come")]
    points_left: Annotated[float, means("most points that one row can still win")]
    chances: Annotated[tuple[Chance, ...], means("of the best row of each car or make")]
    notes: Annotated[tuple[str, ...], means("whose points are a lower bound")] = ()


def title_arithmetic(
    season: Season, title: str, after: int | None = None, *, all_places_taken: bool = False
) -> TitleArithmetic:
    """Who can still win the table ``title`` after a round (the last known one by default).

    Raises:
        BadOption: where the season has no table of that title.
        NotKnown: where a scale of a round that is left is not known.
    """
    after = season.last_round if after is None else after
    rule = _table(season, title)
    table = championship_table(season.book, rule, season.results[:after])
    left = [each for each in season.text.rounds if each.round > after]
    prizes = [_Prize.of(season, each) for each in left]
    rows = _best_of_each(table)
    chances = [
        _chance(row, rows, prizes, season, _taken(rule, row, rows, prizes, all_places_taken))
        for row in rows
    ]
    return TitleArithmetic(
        title=title,
        after=after,
        rounds_left=len(left),
        points_left=sum(prize.most for prize in prizes),
        chances=tuple(chances),
        notes=tuple(
            f"#{row.car_number}: {plain_points(row.points)} points are a lower bound"
            for row in rows
            if row.at_least
        ),
    )


class _Prize(msgspec.Struct, frozen=True):
    """What a round pays: by place, and for pole or the best qualifying."""

    scale: tuple[float, ...]
    extra: float

    @classmethod
    def of(cls, season: Season, text: RoundText) -> _Prize:
        points = season.book.text.points
        scale = season.book.scale(text.hours).points.value
        pole = 0 if points.pole is None else points.pole.value
        first = 0 if points.qualifying is None else points.qualifying.value[0]
        return cls(tuple(each * text.share for each in scale), pole + first)

    @property
    def most(self) -> float:
        return self.scale[0] + self.extra

    def at(self, place: int) -> float:
        return self.scale[place - 1] if place <= len(self.scale) else 0.0


def _table(season: Season, title: str) -> TableRules:
    for table in season.book.text.tables:
        if table.title == title:
            return table
    known = "; ".join(table.title for table in season.book.text.tables)
    raise BadOption(f"no championship table {title!r}", remedy=f"Known: {known}.")


def _best_of_each(table: StandingsTable) -> list[StandingsRow]:
    """The best row of each car or make: crew mates who missed a race cannot be told apart."""
    best: dict[str, StandingsRow] = {}
    for row in table.rows:
        best.setdefault(row.car_number or row.names[0], row)
    return list(best.values())


def _beats(
    points: float, places: Counter[int], other_points: float, other_places: Counter[int]
) -> bool:
    """Whether the first stands ahead of the second, or level to the last place held."""
    if points != other_points:
        return points > other_points
    for place in range(1, max([*places, *other_places], default=0) + 1):
        if places[place] != other_places[place]:
            return places[place] > other_places[place]
    return True


def _chance(
    row: StandingsRow,
    rows: Sequence[StandingsRow],
    prizes: Sequence[_Prize],
    season: Season,
    taken: bool | None,
) -> Chance:
    most = row.points + sum(prize.most for prize in prizes)
    places = Counter(row.places) + Counter({1: len(prizes)})
    rivals = [each for each in rows if each is not row]
    can = all(_beats(most, places, each.points, Counter(each.places)) for each in rivals)
    seals = _seals_with(row, rivals, prizes)
    champion = not prizes and can
    sealed = bool(prizes) and _is_safe(row.points, Counter(row.places), rivals, prizes, None)
    behind = max(rows[0].points - row.points, 0)
    return Chance(
        car_number=row.car_number,
        names=row.names,
        points=row.points,
        most=most,
        behind=behind,
        can_win=can,
        can_win_if_all_places_are_taken=taken if can else False if taken is not None else None,
        seals_with=seals,
        is_champion=champion or sealed,
        needs=_needs(row, rows, prizes, can, champion or sealed, seals),
    )


def _is_safe(
    points: float,
    places: Counter[int],
    rivals: Sequence[StandingsRow],
    prizes: Sequence[_Prize],
    place: int | None,
) -> bool:
    """Whether no rival can get past, the row taking ``place`` next and nothing after that."""
    for rival in rivals:
        first = 2 if place == 1 else 1
        gain = sum(prize.most for prize in prizes[1:])
        gain += prizes[0].at(first) + prizes[0].extra
        theirs = Counter(rival.places) + Counter({1: len(prizes) - 1}) + Counter([first])
        if _beats(rival.points + gain, theirs, points, places):
            return False
    return True


def _seals_with(
    row: StandingsRow, rivals: Sequence[StandingsRow], prizes: Sequence[_Prize]
) -> int | None:
    if not prizes:
        return None
    for place in range(len(prizes[0].scale), 0, -1):
        points = row.points + prizes[0].at(place)
        if _is_safe(points, Counter(row.places) + Counter([place]), rivals, prizes, place):
            return place
    return None


def _needs(
    row: StandingsRow,
    rows: Sequence[StandingsRow],
    prizes: Sequence[_Prize],
    can: bool,
    champion: bool,
    seals: int | None,
) -> str:
    if champion:
        return "is champion"
    if not can:
        return "can no longer win"
    left = plain_points(sum(prize.most for prize in prizes))
    leader = rows[0]
    if row is leader:
        words = f"leads; {left} points are left"
    else:
        gap = plain_points(leader.points - row.points)
        who = leader.names[0] if leader.car_number is None else f"#{leader.car_number}"
        words = f"must make up {gap} points on {who}; {left} are left"
    if seals is not None:
        words += f"; champion with place {seals} or better in the next round"
    return words


def _taken(
    rule: TableRules,
    row: StandingsRow,
    rows: Sequence[StandingsRow],
    prizes: Sequence[_Prize],
    asked: bool,
) -> bool | None:
    if not asked or rule.one_per_make:
        return None
    contest = Contest(
        scales=tuple(prize.scale for prize in prizes),
        points=row.points + sum(prize.most for prize in prizes),
        places=dict(Counter(row.places) + Counter({1: len(prizes)})),
    )
    rivals = [TitleRival(each.points, dict(each.places)) for each in rows if each is not row]
    return not somebody_else_must_win(contest, rivals)
