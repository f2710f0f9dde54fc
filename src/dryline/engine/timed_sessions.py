"""Practice, qualifying, warm-up and test as what they are: the best lap decides, runs are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import polars as pl

from dryline.analysis.practice.best_laps import best_laps, taken_away_laps
from dryline.analysis.practice.runs import programmes, run_laps, runs_table
from dryline.analysis.practice.session import lost_in_one_sector, pace_by_lap_of_run, segments
from dryline.answers.answer import Part
from dryline.answers.rows import rows_of
from dryline.answers.timed_session import (
    BY,
    BestLap,
    LapOfRun,
    LostTime,
    RunSlope,
    SessionRun,
    SessionSegment,
    TakenAwayLap,
    TimedCar,
    TimedClass,
    TimedDriver,
    TimedSession,
)
from dryline.domain.errors import BadOption
from dryline.engine.combined_order import combined_order
from dryline.engine.questions import Aid, AskSession
from dryline.engine.session_kinds import refuse_race
from dryline.engine.timing import only
from dryline.race.moment import Moment
from dryline.race.race import Race

P = TypeVar("P", bound=Part)
Row = Mapping[str, Any]


def answer_session(moment: Moment, question: AskSession, _: Aid) -> TimedSession:
    """What was done by then, of all cars, one or a class; gaps and places are those among all.

    Raises:
        NotKnown: where the session is a race.
        BadOption: where nobody knows what a row is to be.
        UnknownCar: where no such car was there.
    """
    race = moment.race
    refuse_race(race)
    if question.by not in BY:
        raise BadOption(f"--by {question.by!r} is not known", remedy="Use car, driver or run.")
    laps = run_laps(race.laps, race.taken_away)
    runs = runs_table(laps)
    placed = placed_cars(race, laps)

    def asked(table: pl.DataFrame) -> pl.DataFrame:
        return only(race, table, question.car_number, question.car_class)

    shown = asked(laps)
    order = pl.DataFrame({"car_number": placed["car_number"]})
    return TimedSession(
        race=race.info.name,
        simulated=race.info.simulated,
        session_kind=race.info.session_kind,
        at_ms=moment.at_ms,
        by=question.by,
        neutralised_ms=_neutralised_ms(race),
        classes=_classes(asked(placed), shown),
        cars=tuple(_car(row) for row in asked(placed).iter_rows(named=True)),
        drivers=tuple(
            _driver(row) for row in asked(_drivers(order, laps, placed)).iter_rows(named=True)
        ),
        runs=tuple(_run(row) for row in asked(_in_order(order, runs)).iter_rows(named=True)),
        segments=rows_of(SessionSegment, segments(shown)),
        taken_away=_taken_away(asked(taken_away_laps(laps, placed)), placed),
        lost=rows_of(LostTime, asked(lost_in_one_sector(laps))),
        combined=combined_order(question.parts),
    )


def placed_cars(race: Race, laps: pl.DataFrame) -> pl.DataFrame:
    """Every car in the order of the best laps, with what it did; as ``TimedCar`` has it.

    ``laps`` are those of ``run_laps``.
    """
    order = race.at(race.end).table.select(
        "position", "position_in_class", "car_number", "car_class", "team"
    )
    best = pl.col("best_ms")
    return (
        order.join(best_laps(laps, ["car_number"]), on="car_number", maintain_order="left")
        .join(programmes(laps), on="car_number", maintain_order="left")
        .with_columns(
            gap_ms=best - best.min().over("car_class"),
            margin_ms=best.shift(-1).over("car_class") - best,
            on_track_share=pl.col("on_track_ms") / race.end.ms,
        )
    )


def _drivers(order: pl.DataFrame, laps: pl.DataFrame, placed: pl.DataFrame) -> pl.DataFrame:
    """Every driver of every car, with the gap to the fastest of the class."""
    found = best_laps(laps, ["car_number", "driver"])
    classes = placed.select("car_number", "car_class", fastest="best_ms").with_columns(
        pl.col("fastest").min().over("car_class")
    )
    return _in_order(order, found.join(classes, on="car_number")).with_columns(
        gap_ms=pl.col("best_ms") - pl.col("fastest")
    )


def _in_order(order: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """Rows by car in the order of the best laps; those of one car stay as they were."""
    return order.join(table, on="car_number", maintain_order="left_right")


def _neutralised_ms(race: Race) -> int:
    periods = race.neutralisations.filter(pl.col("kind") != "slow_zone")
    spans = periods["end_ms"].fill_null(race.end.ms) - periods["start_ms"]
    return int(spans.sum())


def _classes(placed: pl.DataFrame, laps: pl.DataFrame) -> tuple[TimedClass, ...]:
    ages = pace_by_lap_of_run(laps)
    found = []
    for name in placed["car_class"].unique(maintain_order=True):
        cars = placed.filter(pl.col("car_class").eq_missing(name))
        timed = cars.filter(pl.col("best_ms").is_not_null())
        last = timed.sort("at_ms").tail(1)
        own = ages.filter(pl.col("car_class").eq_missing(name)).drop("car_class")
        found.append(
            TimedClass(
                car_class=name,
                cars=cars.height,
                timed=timed.height,
                fastest=_first(timed, "car_number"),
                last_improved=_first(last, "car_number"),
                last_improved_ms=_first(last, "at_ms"),
                by_lap_of_run=rows_of(LapOfRun, own),
            )
        )
    return tuple(found)


def _first(rows: pl.DataFrame, column: str) -> Any:
    return rows[column][0] if rows.height else None


def _car(row: Row) -> TimedCar:
    return _with(TimedCar, row, best=_best(row))


def _driver(row: Row) -> TimedDriver:
    return _with(TimedDriver, row, best=_best(row))


def _run(row: Row) -> SessionRun:
    slope = None
    if row["slope_ms"] is not None:
        low, middle, high = (round(row[f"slope_{name}ms"], 1) for name in ("lo_", "", "hi_"))
        slope = RunSlope(value_ms=middle, lo_ms=low, hi_ms=high)
    return _with(SessionRun, row, slope=slope)


def _best(row: Row) -> BestLap | None:
    if row["best_ms"] is None:
        return None
    told = {"lap": "best_lap", "driver": "best_driver", "lap_time_ms": "best_ms"}
    return BestLap(**{name: row[told.get(name, name)] for name in BestLap.__struct_fields__})


def _taken_away(rows: pl.DataFrame, placed: pl.DataFrame) -> tuple[TakenAwayLap, ...]:
    places = placed.select("car_number", "position_in_class")
    return rows_of(TakenAwayLap, rows.join(places, on="car_number", maintain_order="left"))


def _with(part: type[P], row: Row, **more: Part | None) -> P:
    """A record from the columns of its fields' names, and ``more``."""
    fields = (name for name in part.__struct_fields__ if name not in more)
    return part(**{name: row[name] for name in fields}, **more)
