"""Who scores what, what a round changed, who can still win, and who must drive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated

import polars as pl

from dryline.answers.about_race import AboutRace
from dryline.answers.answer import Answer, Part, alike, means
from dryline.answers.rows import Schema
from dryline.domain.fields import CarClass, CarNumber
from dryline.rules.endurance_cup import MarkAward, endurance_table
from dryline.rules.standings import StandingsTable, plain_points
from dryline.rules.title import TitleArithmetic


class ScoredRow(Part, frozen=True, kw_only=True):
    """A row of a championship table."""

    position: Annotated[int, means("place in the table; rows that tie share it")]
    car_number: Annotated[str | None, means("the car's number; null in a table of makes")]
    names: Annotated[tuple[str, ...], means("the crew, the team or the make")]
    points: Annotated[int | float, means("points so far; with `at_least` a lower bound")]
    wins: Annotated[int, means("wins so far")]
    at_least: Annotated[
        bool,
        means("an earlier place of this row was never published: the points are a lower bound"),
    ]


class ScoredTable(Part, frozen=True, kw_only=True):
    """A championship table, best first."""

    title: Annotated[str, means("the table's name")]
    confirmed: Annotated[bool, means("whether the rule behind it is sourced for this season")]
    rows: Annotated[tuple[ScoredRow, ...], means("best first")]
    notes: Annotated[tuple[str, ...], means("what is odd about the rounds behind it")]

    @classmethod
    def of(cls, table: StandingsTable) -> ScoredTable:
        """From the rules' table; points are whole numbers where they are such."""
        rows = [alike(ScoredRow, row, points=plain_points(row.points)) for row in table.rows]
        return alike(cls, table, rows=tuple(rows))


class CupRow(Part, frozen=True, kw_only=True):
    """What a car got of the cup within a race."""

    position: Annotated[int, means("place in the cup's table of this race; ties share it")]
    car_number: CarNumber
    points: Annotated[int, means("points of all marks together")]
    by_mark: Annotated[tuple[int, ...], means("points at each mark so far; 0: not there")]


class CupTable(Part, frozen=True, kw_only=True):
    """The cup within the long races: points by the order at fixed marks, for a class."""

    car_class: CarClass
    marks_h: Annotated[tuple[float, ...], means("the marks passed so far", "hours")]
    confirmed: Annotated[bool, means("whether the rule behind it is sourced for this season")]
    rows: Annotated[tuple[CupRow, ...], means("best first")]

    @classmethod
    def all_of(cls, awards: Sequence[MarkAward]) -> tuple[CupTable, ...]:
        """A table for every class that was awarded something, in order of appearance."""
        return tuple(cls.of(awards, one) for one in dict.fromkeys(a.car_class for a in awards))

    @classmethod
    def of(cls, awards: Sequence[MarkAward], car_class: str) -> CupTable:
        """The table of one class."""
        own = [each for each in awards if each.car_class == car_class]
        marks = tuple(dict.fromkeys(each.mark_h for each in own))
        paid = {(each.car_number, each.mark_h): each.points for each in own}
        totals = endurance_table(own, car_class)
        return cls(
            car_class=car_class,
            marks_h=marks,
            confirmed=all(each.confirmed for each in own),
            rows=tuple(
                CupRow(
                    position=1 + sum(other > points for _, other in totals),
                    car_number=number,
                    points=points,
                    by_mark=tuple(paid.get((number, mark), 0) for mark in marks),
                )
                for number, points in totals
            ),
        )


Cup = Annotated[
    tuple[CupTable, ...],
    means("the endurance cup's points of this race alone; empty where it is not of the cup"),
]
Tables = Annotated[tuple[ScoredTable, ...], means("every table of the season")]


class Standings(Answer, frozen=True, kw_only=True):
    """The championship tables after a round, or as if a race of the next had ended then."""

    tables: Tables
    round: Annotated[int, means("the round of the season")]
    simulated: Annotated[bool, means("whether the race that ended is a simulated running")]
    season: Annotated[str, means("the season's title")]
    round_name: Annotated[str, means("the round's name")]
    if_it_ended: Annotated[bool, means("whether its last round is a race as if it had ended then")]
    endurance_cup: Cup = ()

    def frame(self) -> pl.DataFrame:
        """A row per row of every table."""
        return _flat(self.tables)

    def heading(self) -> str:
        """The season and after what."""
        when = "if it had ended then:" if self.if_it_ended else "after"
        told = f"{self.season}, {when} round {self.round}, {self.round_name}"
        return f"{told} (SIMULATED)" if self.simulated else told


class Points(AboutRace, frozen=True, kw_only=True):
    """What one race alone pays, in every table of its season."""

    tables: Tables
    endurance_cup: Cup = ()

    def frame(self) -> pl.DataFrame:
        """A row per row of every table."""
        return _flat(self.tables)

    def heading(self) -> str:
        """The race."""
        return self.titled("what this race pays")


def _flat(tables: Iterable[ScoredTable]) -> pl.DataFrame:
    schema: Schema = {
        "title": pl.String, "position": pl.Int32, "car_number": pl.String,
        "names": pl.List(pl.String), "points": pl.Float64, "wins": pl.Int32,
    }  # fmt: skip
    rows = [
        (each.title, row.position, row.car_number, list(row.names), float(row.points), row.wins)
        for each in tables
        for row in each.rows
    ]
    return pl.DataFrame(rows, schema=dict(schema), orient="row")


class StandingsChanges(Answer, frozen=True, kw_only=True):
    """What a round changed, in words."""

    round: Annotated[int, means("the round of the season")]
    changes: Annotated[
        dict[str, Annotated[tuple[str, ...], means("what the round changed in it, in words")]],
        means("by table"),
    ]
    round_name: Annotated[str, means("the round's name")]

    def frame(self) -> pl.DataFrame:
        """A row per line."""
        rows = [(title, line) for title, said in self.changes.items() for line in said]
        schema = {"title": pl.String, "change": pl.String}
        return pl.DataFrame(rows, schema=schema, orient="row")

    def heading(self) -> str:
        """Which round."""
        return f"What round {self.round} changed: {self.round_name}"


class TitleChances(Answer, frozen=True, kw_only=True):
    """Who can still win each table of a season, exactly."""

    titles: Annotated[tuple[TitleArithmetic, ...], means("every table of the season")]

    def frame(self) -> pl.DataFrame:
        """A row per table and contender."""
        schema: Schema = {
            "title": pl.String, "car_number": pl.String, "names": pl.List(pl.String),
            "points": pl.Float64, "most": pl.Float64, "behind": pl.Float64,
            "can_win": pl.Boolean, "can_win_if_all_places_are_taken": pl.Boolean,
            "seals_with": pl.Int64, "is_champion": pl.Boolean, "needs": pl.String,
        }  # fmt: skip
        names = [name for name in schema if name != "title"]
        rows = [
            (each.title, *(getattr(chance, name) for name in names))
            for each in self.titles
            for chance in each.chances
        ]
        return pl.DataFrame(rows, schema=dict(schema), orient="row")

    def heading(self) -> str:
        """How many can still win each table."""
        return "; ".join(
            f"{each.title}: {sum(row.can_win for row in each.chances)} can still win"
            for each in self.titles
        )
