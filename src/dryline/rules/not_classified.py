"""Who is not classified: too few laps, no chequered flag, or a last lap that took too long."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dryline.domain.clock_text import format_ms
from dryline.domain.finding import Finding, Severity
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

    Nothing changes where the season's rules do not say who is classified. A car that may still
    take the flag at ``at_ms`` is not judged.

    Args:
        order: ``position``, ``position_in_class``, ``car_number``, ``car_class``, ``laps``,
            ``elapsed_ms``, ``status``, in order; other columns are kept.
        rule: what a car must have done.
        last_laps_ms: each car's last lap.
        finish_ms: the winner's finish.
        at_ms: as known at this instant.
        typical_laps_ms: each car's median lap.
    """
    most: dict[str, int] = {}
    for car_class, laps in order.select("car_class", "laps").iter_rows():
        key = car_class if _is(rule, "class_winner") else ""
        most[key] = max(most.get(key, 0), laps or 0)
    findings, out = [], []
    for row in order.iter_rows(named=True):
        number = row["car_number"]
        typical = typical_laps_ms.get(number) or 0.0
        may_cross = at_ms - (row["elapsed_ms"] or 0) <= UNSEEN_LAPS * typical
        why = _why(
            rule,
            laps=row["laps"] or 0,
            most=most.get(row["car_class"] if _is(rule, "class_winner") else "", 0),
            took_the_flag=(row["elapsed_ms"] or 0) >= finish_ms,
            last_lap_ms=last_laps_ms.get(number),
            may_cross=may_cross,
        )
        out.append(why is not None)
        if why is not None:
            findings.append(
                Finding(
                    kind=NOT_CLASSIFIED,
                    severity=Severity.NOTE,
                    message=f"not classified: {why}",
                    car_number=number,
                )
            )
    if not any(out):
        return order, ()
    return _placed_again(order, pl.Series(out)), tuple(findings)


def _is(rule: Classified, of: str) -> bool:
    return rule.of is not None and rule.of.value == of


def _why(
    rule: Classified,
    *,
    laps: int,
    most: int,
    took_the_flag: bool,
    last_lap_ms: int | None,
    may_cross: bool,
) -> str | None:
    share, longest = rule.min_share_of_distance, rule.longest_last_lap_s
    if not took_the_flag and may_cross:
        return None
    if share is not None and laps < share.value * most:
        return f"{laps} laps are less than {share.value * 100:.0f} % of the winner's {most}"
    must = rule.must_take_the_flag
    if must is not None and must.value and not took_the_flag:
        return "it did not take the flag"
    if longest is not None and last_lap_ms is not None and last_lap_ms > longest.value * 1000:
        return f"its last lap of {format_ms(last_lap_ms)} took longer than {longest.value:.0f} s"
    return None


def _placed_again(order: pl.DataFrame, out: pl.Series) -> pl.DataFrame:
    types = order.schema
    moved = order.with_columns(
        out=out, status=pl.when(out).then(pl.lit(NOT_CLASSIFIED)).otherwise("status")
    ).sort("out", maintain_order=True)
    return moved.drop("out").with_columns(
        position=pl.int_range(1, pl.len() + 1).cast(types["position"]),
        position_in_class=pl.int_range(1, pl.len() + 1)
        .over("car_class")
        .cast(types["position_in_class"]),
    )
