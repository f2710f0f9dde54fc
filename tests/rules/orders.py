"""Classifications and rounds made by hand for the tests of this folder."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from dryline.rules.scoring import Finish, RoundResult

SCHEMA = {
    "position": pl.Int32,
    "position_in_class": pl.Int32,
    "car_number": pl.String,
    "car_class": pl.String,
    "team": pl.String,
    "laps": pl.Int32,
    "elapsed_ms": pl.Int64,
    "status": pl.String,
}


def order(cars: Sequence[tuple[str, str, int, int | None]]) -> pl.DataFrame:
    """A classification from (number, class, laps, elapsed in ms), best first."""
    in_class: dict[str, int] = {}
    rows = []
    for place, (number, car_class, laps, elapsed) in enumerate(cars, 1):
        in_class[car_class] = in_class.get(car_class, 0) + 1
        status = "finished" if laps else "retired"
        team = f"Team {number}"
        rows.append((place, in_class[car_class], number, car_class, team, laps, elapsed, status))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def finish(number: str, place: int | None, **more: object) -> Finish:
    """A Hypercar of a make of its own, with a crew of two."""
    values: dict[str, object] = {
        "car_class": "HYPERCAR",
        "position_in_class": place,
        "car_number": number,
        "drivers": (f"A {number}", f"B {number}"),
        "team": f"Team {number}",
        "manufacturer": f"Maker {number}",
        "registration": "manufacturer",
    }
    return Finish(**{**values, **more})  # type: ignore[arg-type]


def race(*finishes: Finish, number: int = 1, hours: float = 6, **more: object) -> RoundResult:
    """A round of six hours with these finishes."""
    return RoundResult(
        round=number,
        name=f"Round {number}",
        hours=hours,
        finishes=finishes,
        **more,  # type: ignore[arg-type]
    )
