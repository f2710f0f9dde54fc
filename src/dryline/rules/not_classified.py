"""Who is not classified: too few laps, no chequered flag, or a last lap that took too long."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dryline.domain.clock_text import format_ms
from dryline.domain.finding import Finding, Severity
from dryline.domain.series import MS_PER_H
from dryline.rules.schema import Classified

NOT_CLASSIFIED = "not_classified"
UNSEEN_LAPS = 1.5
"""A car that has not crossed the line for so many of its laps will not take the flag any more."""


def without_the_not_classified(
    order: pl.DataFrame,
    rule: Classified,
    last_laps_ms: Mapping[str, int],
    *,
    finish_ms: int,
    at_ms: int,
    typical_laps_ms: Mapping[str, float | None],
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """The order with those who are not classified behind all who are, by their laps as before.

    Of them who took the flag stands before who did not: a car that was there at the end has not
    retired. Nothing changes where the season's rules do not say who is classified. A car that may
    still take the flag at ``at_ms`` is not judged.

    Args:
        order: ``position``, ``position_in_class``, ``car_number``, ``car_class``, ``laps``,
            ``elapsed_ms``, ``status``, in order; other columns are kept.
        rule: what a car must have done.
        last_laps_ms: each car's last lap, without its time in the pit lane.
        finish_ms: the winner's finish.
        at_ms: as known at this instant.
        typical_laps_ms: each car's median lap.
    """
    most: dict[str, int] = {}
    for car_class, laps in order.select("car_class", "laps").iter_rows():
        key = car_class if _is(rule, "class_winner") else ""
        most[key] = max(most.get(key, 0), laps or 0)
    longest_s = _longest_last_lap_s(rule, finish_ms)
    findings: list[Finding] = []
    groups: list[int] = []
    for row in order.iter_rows(named=True):
        number = row["car_number"]
        typical = typical_laps_ms.get(number) or 0.0
        may_cross = at_ms - (row["elapsed_ms"] or 0) <= UNSEEN_LAPS * typical
        took_the_flag = (row["elapsed_ms"] or 0) >= finish_ms
        why = _why(
            rule,
            laps=row["laps"] or 0,
            most=most.get(row["car_class"] if _is(rule, "class_winner") else "", 0),
            took_the_flag=took_the_flag,
            last_lap_ms=last_laps_ms.get(number),
            longest_s=longest_s,
            may_cross=may_cross,
        )
        groups.append(0 if why is None else 1 if took_the_flag else 2)
        if why is not None:
            findings.append(
                Finding(
                    kind=NOT_CLASSIFIED,
                    severity=Severity.NOTE,
                    message=f"not classified: {why}",
                    car_number=number,
                )
            )
    if not findings:
        return order, ()
    return _placed_again(order, pl.Series(groups)), tuple(findings)


def _is(rule: Classified, of: str) -> bool:
    return rule.of is not None and rule.of.value == of


def _longest_last_lap_s(rule: Classified, finish_ms: int) -> float | None:
    longest, from_h = rule.longest_last_lap_s, rule.last_lap_limited_from_h
    if longest is None or (from_h is not None and finish_ms < from_h.value * MS_PER_H):
        return None
    return longest.value


def _why(
    rule: Classified,
    *,
    laps: int,
    most: int,
    took_the_flag: bool,
    last_lap_ms: int | None,
    longest_s: float | None,
    may_cross: bool,
) -> str | None:
    share = rule.min_share_of_distance
    if not took_the_flag and may_cross:
        return None
    if share is not None and laps < share.value * most:
        return f"{laps} laps are less than {share.value * 100:.0f} % of the winner's {most}"
    must = rule.must_take_the_flag
    if must is not None and must.value and not took_the_flag:
        return "it did not take the flag"
    if longest_s is not None and last_lap_ms is not None and last_lap_ms > longest_s * 1000:
        return f"its last lap of {format_ms(last_lap_ms)} took longer than {longest_s:.0f} s"
    return None


def _placed_again(order: pl.DataFrame, groups: pl.Series) -> pl.DataFrame:
    types = order.schema
    moved = order.with_columns(
        group=groups, status=pl.when(groups > 0).then(pl.lit(NOT_CLASSIFIED)).otherwise("status")
    ).sort("group", maintain_order=True)
    return moved.drop("group").with_columns(
        position=pl.int_range(1, pl.len() + 1).cast(types["position"]),
        position_in_class=pl.int_range(1, pl.len() + 1)
        .over("car_class")
        .cast(types["position_in_class"]),
    )
