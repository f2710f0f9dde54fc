"""The tables that claims about a timed race are read from, and all those claims."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec
import polars as pl

from dryline.analysis.claims.cars import fastest_laps, last_seen, most_gained, recoveries
from dryline.analysis.claims.claim import Claim
from dryline.analysis.claims.costs import costs, seen_penalties
from dryline.analysis.claims.defence import defences
from dryline.analysis.claims.lead import leading, orders
from dryline.analysis.claims.limits import limits, unended
from dryline.analysis.claims.passes import passes
from dryline.analysis.claims.pits import neutralised, pit_balances
from dryline.analysis.claims.result import result
from dryline.analysis.claims.standings import points_paid
from dryline.analysis.claims.stewards import penalties
from dryline.analysis.claims.tables import Tables
from dryline.analysis.claims.track import wet_track
from dryline.analysis.claims.tyres import tyre_waves
from dryline.domain.decision import Decision
from dryline.domain.flag import Flag
from dryline.domain.instant import Instant
from dryline.race.lead import leaders
from dryline.race.neutralisation_overlap import overlap_ms
from dryline.race.race import Race

DECISIONS: dict[str, type[pl.DataType]] = {
    "car_number": pl.String,
    "kind": pl.String,
    "seconds": pl.Float64,
    "laps": pl.Int64,
    "position": pl.Int64,
    "reason": pl.String,
    "served": pl.Boolean,
}


def race_claims(tables: Tables) -> Iterator[Claim]:
    """Everything that is said of a timed race, from its tables alone."""
    for tell in (
        result, leading, orders, costs, defences, passes, pit_balances, neutralised, penalties,
        seen_penalties, wet_track, tyre_waves, fastest_laps, recoveries, most_gained, last_seen,
        points_paid, limits, unended,
    ):  # fmt: skip
        yield from tell(tables)


def race_tables(
    race: Race,
    official: pl.DataFrame,
    decisions: Sequence[Decision] = (),
    extra: Mapping[str, pl.DataFrame] | None = None,
) -> Tables:
    """The tables of a race; ``official`` is its classification with the decisions applied.

    ``extra``: ``wet`` (``start_ms, end_ms``) and ``tyre_changes``, where the track was estimated;
    ``costs`` and ``seen``, what the debrief found decisive and the penalties that the timing shows;
    ``official`` places to compare; ``paid``, the points that the race pays.
    """
    road = race.at(race.end).table
    return Tables(
        {
            "race": _head(race, decisions),
            "classification": _placed(race, official),
            "road": _placed(race, road),
            "decisions": decisions_table(decisions),
            "laps": race.laps,
            "leaders": _leaders(race),
            "stops": race.stops,
            "neutralisations": _periods(race.neutralisations, race.end.ms),
            **(extra or {}),
        }
    )


def decisions_table(decisions: Sequence[Decision]) -> pl.DataFrame:
    """Decisions as a table: ``DECISIONS``."""
    rows = [
        {name: value for name, value in msgspec.structs.asdict(each).items() if name in DECISIONS}
        | {"kind": each.kind.value}
        for each in decisions
    ]
    return pl.DataFrame(rows, schema=DECISIONS, orient="row")


def _head(race: Race, decisions: Sequence[Decision]) -> pl.DataFrame:
    length, finish = race.info.length, race.finish
    return pl.DataFrame(
        {
            "name": [race.info.name],
            "series": [race.info.series],
            "year": [race.info.year],
            "length_ms": [None if length is None else length.ms],
            "finish_ms": [None if finish is None else finish.ms],
            "end_ms": [race.end.ms],
            "cars": [len(race.entries)],
            "laps": [race.laps.height],
            "laps_with_flag": [race.crossings["flag"].is_not_null().sum()],
            "decisions": [len(decisions)],
            "simulated": [race.info.simulated],
        },
        schema_overrides={"series": pl.String, "year": pl.Int64, "length_ms": pl.Int64,
                          "finish_ms": pl.Int64, "laps_with_flag": pl.Int64},
    )  # fmt: skip


def _placed(race: Race, order: pl.DataFrame) -> pl.DataFrame:
    """A classification with crews, and gaps to the class's leader."""
    crews = pl.DataFrame(
        [
            (car, entry.manufacturer, entry.vehicle, " / ".join(d.name for d in entry.drivers))
            for car, entry in race.entries.items()
        ],
        schema={"car_number": pl.String, "manufacturer": pl.String, "vehicle": pl.String,
                "crew": pl.String},
        orient="row",
    )  # fmt: skip
    first_laps = pl.col("laps").first().over("car_class")
    first_ms = pl.col("elapsed_ms").first().over("car_class")
    seen = race.at(Instant(race.end.ms)).table.select("car_number", at_the_end="status")
    return (
        order.sort("position", nulls_last=True)
        .join(crews, on="car_number", how="left", maintain_order="left")
        .join(seen, on="car_number", how="left", maintain_order="left")
        .with_columns(
            class_gap_laps=first_laps - pl.col("laps"),
            class_gap_ms=pl.when(pl.col("laps") == first_laps).then(
                pl.col("elapsed_ms") - first_ms
            ),
            gap_text=pl.lit(None, pl.String),
        )
    )


def _periods(periods: pl.DataFrame, end_ms: int) -> pl.DataFrame:
    """Numbered periods; ``graver_ms`` is how much of each lay under a red flag as well."""
    ends = periods["end_ms"].fill_null(end_ms).to_numpy()
    red = overlap_ms(periods, periods["start_ms"].to_numpy(), ends, kinds=(Flag.RED.value,))
    return periods.with_row_index("number", offset=1).with_columns(
        graver_ms=pl.when(pl.col("kind") == Flag.RED.value)
        .then(0)
        .otherwise(pl.Series(red, dtype=pl.Int64))
    )


def _leaders(race: Race) -> pl.DataFrame:
    """Who completed each lap first, overall (scope null) and in each class."""
    frames = [leaders(race.laps).with_columns(car_class=pl.lit(None, pl.String))]
    frames += [
        leaders(race.laps, name).with_columns(car_class=pl.lit(name)) for name in race.classes
    ]
    led = pl.concat(frames)
    before = pl.col("car_number").shift(1).over("car_class")
    return led.with_columns(scope=pl.col("car_class").fill_null("*"), from_car=before)
