"""The cup within the races: points at fixed marks of the long ones, per class."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import polars as pl

from dryline.rules.book import RuleBook

_HOUR_MS = 3_600_000


class MarkAward(msgspec.Struct, frozen=True, kw_only=True):
    """What a car gets at one mark; ``confirmed`` is false where the rule is not sourced."""

    mark_h: float
    car_class: str
    position_in_class: int
    car_number: str
    points: int
    confirmed: bool


def endurance_marks(book: RuleBook, event: str) -> tuple[float, ...]:
    """The marks of ``event`` in hours; none where the event is not of the cup.

    Raises:
        NotKnown: where the season's book holds no such cup.
    """
    marks = book.text.endurance_cup.marks_h
    if not marks:
        raise book.not_known("the endurance cup")
    plain = event.casefold().replace("-", "_")
    return next((tuple(stated.value) for name, stated in marks.items() if name in plain), ())


def endurance_awards(
    book: RuleBook,
    event: str,
    laps: pl.DataFrame,
    final: pl.DataFrame,
    *,
    so_far_ms: int | None = None,
) -> list[MarkAward]:
    """The points of ``event`` at each of its marks, or at those before ``so_far_ms``.

    ``laps`` has ``car_number``, ``car_class``, ``lap`` and ``elapsed_ms``: the order at a mark
    is by laps, then the earlier crossing, among crossings made by then. At the last mark the
    ``final`` classification (``car_number``, ``car_class``, ``position_in_class``) counts, so that
    mark is never paid while the race goes on.

    Raises:
        NotKnown: where the season's book holds no such cup.
    """
    cup = book.text.endurance_cup
    scale = book.known(cup.points, "the endurance cup's points")
    rest = 0 if cup.beyond is None else cup.beyond.value
    confirmed = cup.points is not None and cup.points.confirmed
    marks = endurance_marks(book, event)
    awards = []
    for mark in marks:
        if so_far_ms is not None and (mark == marks[-1] or mark * _HOUR_MS > so_far_ms):
            break
        order = final if mark == marks[-1] else _order_at(laps, round(mark * _HOUR_MS))
        columns = ("car_class", "position_in_class", "car_number")
        for car_class, place, number in order.select(columns).iter_rows():
            if place is None or place < 1:
                continue
            awards.append(
                MarkAward(
                    mark_h=mark,
                    car_class=car_class,
                    position_in_class=place,
                    car_number=number,
                    points=scale[place - 1] if place <= len(scale) else rest,
                    confirmed=confirmed,
                )
            )
    return awards


def endurance_table(awards: Sequence[MarkAward], car_class: str) -> list[tuple[str, int]]:
    """Car numbers of a class with their points, best first; ties by car number."""
    totals: dict[str, int] = {}
    for each in awards:
        if each.car_class == car_class:
            totals[each.car_number] = totals.get(each.car_number, 0) + each.points
    return sorted(totals.items(), key=lambda item: (-item[1], item[0]))


def _order_at(laps: pl.DataFrame, at_ms: int) -> pl.DataFrame:
    return (
        laps.filter(pl.col("elapsed_ms") <= at_ms)
        .sort("lap", "elapsed_ms", descending=[True, False])
        .unique("car_number", keep="first", maintain_order=True)
        .with_columns(position_in_class=pl.int_range(1, pl.len() + 1).over("car_class"))
    )
