"""A debrief's stops and neutralisations: what each cost, and what hindsight says of it."""

from __future__ import annotations

from typing import Any

import polars as pl

from dryline.analysis.debrief.laps import Circumstances, Span
from dryline.race.race import Race

FEWEST = 2
"""Cars on either side of a comparison in hindsight."""
STOPS: dict[str, type[pl.DataType]] = {
    "car_number": pl.String,
    "number": pl.Int32,
    "lap": pl.Int32,
    "in_ms": pl.Int64,
    "under": pl.String,
    "pit_lane_ms": pl.Int64,
    "stood_ms": pl.Int64,  # the lane less the race's transit time
    "loss_ms": pl.Int64,  # against not stopping; null where it cannot be told
    "service": pl.String,
    "confidence": pl.Float64,
    "driver_in": pl.String,
    "driver_out": pl.String,
    "exception": pl.String,
    "class_loss_ms": pl.Int64,  # the class's median stop under green
    "next_kind": pl.String,  # the next neutralisation that it could have waited for
    "next_start_ms": pl.Int64,
    "next_loss_ms": pl.Int64,  # what stopping under that one cost the class
    "next_cars": pl.Int32,
}
Row = dict[str, Any]


def stops_table(
    race: Race,
    both: pl.DataFrame,
    cars: tuple[str, str],
    services: pl.DataFrame,
    setting: Circumstances,
    last_lap: int,
) -> pl.DataFrame:
    """Both cars' stops on the laps in common, with hindsight: schema ``STOPS``.

    ``services`` stands in the order of the race's stops; ``both`` are the two cars' laps as
    ``debrief_pace.verdicts`` gives them. What a stop cost is left out in the wet and near a
    neutralisation, where no dry green lap can be its measure.
    """
    known = race.stops.with_columns(
        services.select(service="kind", confidence="confidence", loss_ms="pit_loss_ms")
    )
    rows: list[Row] = []
    for car in cars:
        car_class = race.entries[car].car_class
        usual = green_loss(known.filter(pl.col("car_class") == car_class))
        odd = _odd_laps(both.filter(pl.col("car_number") == car), setting)
        mine = known.filter((pl.col("car_number") == car) & (pl.col("lap") < last_lap)).sort("lap")
        for number, row in enumerate(mine.iter_rows(named=True), start=1):
            lane = row["pit_lane_ms"]
            fair = row["under"] == "green" and not odd & {row["lap"], row["lap"] + 1}
            later = _could_have_waited(race, car, row) if fair else None
            cheap = (None, 0) if later is None else neutral_loss(race, car_class, later)
            rows.append(
                {name: row.get(name) for name in STOPS}
                | {
                    "number": number,
                    "stood_ms": None if lane is None else max(lane - setting.transit_ms, 0),
                    "loss_ms": row["loss_ms"] if fair else None,
                    "class_loss_ms": usual,
                    "next_kind": None if later is None else later.kind,
                    "next_start_ms": None if later is None else later.start_ms,
                    "next_loss_ms": cheap[0],
                    "next_cars": cheap[1],
                }
            )
    return pl.DataFrame(rows, schema=STOPS)


def _odd_laps(mine: pl.DataFrame, setting: Circumstances) -> set[int]:
    """Laps of a car that were neutralised or wet, or stand beside one that was."""
    wet = pl.lit(value=False)
    for span in setting.wet:
        end = pl.lit(span.end_ms, pl.Int64).fill_null(pl.col("elapsed_ms"))
        wet = wet | ((pl.col("elapsed_ms") > span.start_ms) & (pl.col("start_ms") < end))
    odd = mine.filter((pl.col("refused") == "wet").fill_null(value=False) | wet)["lap"].to_list()
    held = mine.filter(pl.col("neutralised_ms") > 0)["lap"].to_list()
    return {lap + step for lap in odd for step in (-1, 0, 1)} | set(held)


def green_loss(known: pl.DataFrame) -> int | None:
    """The median loss of a class's ordinary stops under green; null where there is none."""
    ordinary = known.filter(
        pl.col("exception").is_null()
        & (pl.col("under") == "green")
        & ~pl.col("service").is_in(["repair", "drive_through"])
    )
    found = ordinary["loss_ms"].drop_nulls().median()
    return None if found is None else round(found)  # type: ignore[arg-type]


def _could_have_waited(race: Race, car: str, stop: Row) -> Span | None:
    """The next whole-course neutralisation that began within the car's own longest stint."""
    mine = race.laps.filter(pl.col("car_number") == car)
    longest = max(mine.filter(pl.col("under") == "green")["stint_lap"].to_list(), default=0)
    at = mine.filter(pl.col("lap") == stop["lap"])["stint_lap"].to_list()
    if not at:
        return None
    reach = stop["lap"] + longest - at[0]
    latest = mine.filter(pl.col("lap") <= reach)["elapsed_ms"].max()
    later = race.neutralisations.filter(
        (pl.col("start_ms") > stop["in_ms"])
        & (pl.col("start_ms") <= latest)
        & ~pl.col("kind").is_in(["slow_zone", "red"])
    ).sort("start_ms")
    if later.is_empty():
        return None
    row = later.row(0, named=True)
    return Span(0, row["kind"], row["start_ms"], row["end_ms"])


def neutral_loss(race: Race, car_class: str, period: Span) -> tuple[int | None, int]:
    """What stopping once under a period cost the class, and how many cars say so.

    The median of those who stopped once in it less the median of those who did not, each by the
    time from the last crossing before it to the end of the second lap after it, over the car's own
    median green lap for each lap. Null where fewer than two cars stand on either side.
    """
    laps = race.laps.filter(pl.col("car_class") == car_class)
    end = _green_again(race, period, 3 * _lap_ms(laps))
    usual = laps.filter("is_green").group_by("car_number").agg(u=pl.col("lap_time_ms").median())
    after = (pl.col("start_ms") >= end).cum_sum().over("car_number", order_by="lap")
    around = (
        laps.with_columns(after=after)
        .filter((pl.col("elapsed_ms") > period.start_ms) & (pl.col("after") <= 2))
        .join(usual, on="car_number")
        .group_by("car_number")
        .agg(
            beyond=(pl.col("lap_time_ms") - pl.col("u")).sum(),
            whole=pl.col("after").max() == 2,
            stops=pl.col("out_lap").sum(),
        )
        .filter("whole")
    )
    entered = race.stops.filter(pl.col("in_ms").is_between(period.start_ms, end, closed="left"))
    inside = pl.col("car_number").is_in(entered["car_number"].to_list())
    stopped = around.filter(inside & (pl.col("stops") == 1))["beyond"]
    stayed = around.filter(pl.col("stops") == 0)["beyond"]
    if min(stopped.len(), stayed.len()) < FEWEST:
        return None, stopped.len()
    return round(stopped.median() - stayed.median()), stopped.len()  # type: ignore[operator,arg-type]


def _green_again(race: Race, period: Span, pause_ms: int) -> int:
    """When the course was free for longer than ``pause_ms``: periods on each other's heels count
    as one.
    """
    end = race.end.ms if period.end_ms is None else period.end_ms
    later = race.neutralisations.filter(
        (pl.col("kind") != "slow_zone") & (pl.col("start_ms") >= period.start_ms)
    ).sort("start_ms")
    for start, until in later.select("start_ms", "end_ms").iter_rows():
        if start <= end + pause_ms:
            end = max(end, race.end.ms if until is None else until)
    return end


def periods_table(
    race: Race,
    both: pl.DataFrame,
    cars: tuple[str, str],
    parts: pl.DataFrame,
    setting: Circumstances,
) -> pl.DataFrame:
    """Every neutralisation that touched either car: who stopped, and what it moved between them."""
    moved = {row["key"]: row for row in parts.filter(pl.col("part") == "neutralised").to_dicts()}
    sources = race.neutralisations.select("source", "confidence").to_dicts()
    rows = []
    for span in setting.periods:
        if span.number not in moved:
            continue
        row, known = moved[span.number], sources[span.number - 1]
        rows.append(
            {
                "number": span.number, "kind": span.kind, "start_ms": span.start_ms,
                "end_ms": span.end_ms, **known, "own_ms": row["own_ms"],
                "other_ms": row["other_ms"], "ms": row["ms"],
                "stopped": _stopped(race, cars[0], span),
                "other_stopped": _stopped(race, cars[1], span),
                "gap_before_ms": _gap_at(both, cars, span.start_ms),
                "gap_after_ms": None if span.end_ms is None
                else _gap_at(both, cars, span.end_ms + _lap_ms(both)),
            }
        )  # fmt: skip
    return pl.DataFrame(
        rows,
        schema={
            "number": pl.Int32, "kind": pl.String, "start_ms": pl.Int64, "end_ms": pl.Int64,
            "source": pl.String, "confidence": pl.Float64, "own_ms": pl.Int64,
            "other_ms": pl.Int64, "ms": pl.Int64, "stopped": pl.Int32, "other_stopped": pl.Int32,
            "gap_before_ms": pl.Int64, "gap_after_ms": pl.Int64,
        },
    )  # fmt: skip


def _stopped(race: Race, car: str, span: Span) -> int:
    end = race.end.ms + 1 if span.end_ms is None else span.end_ms
    inside = pl.col("in_ms").is_between(span.start_ms, end, closed="left")
    return race.stops.filter((pl.col("car_number") == car) & inside).height


def _lap_ms(both: pl.DataFrame) -> int:
    found = both["lap_time_ms"].drop_nulls().median()
    return 0 if found is None else round(found)  # type: ignore[arg-type]


def _gap_at(both: pl.DataFrame, cars: tuple[str, str], at_ms: int) -> int | None:
    """The gap on the last lap that both had completed by then."""
    done = both.filter(pl.col("elapsed_ms") <= at_ms)
    own, other = (
        done.filter(pl.col("car_number") == car).select("lap", "elapsed_ms") for car in cars
    )
    shared = own.join(other, on="lap").sort("lap")
    if shared.is_empty():
        return None
    return int(shared["elapsed_ms"][-1] - shared["elapsed_ms_right"][-1])
