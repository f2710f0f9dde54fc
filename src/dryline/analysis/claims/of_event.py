"""The tables of an event that ships as facts, and every claim made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from dryline.analysis.claims.claim import Claim
from dryline.analysis.claims.limits import limits
from dryline.analysis.claims.of_race import decisions_table
from dryline.analysis.claims.result import result
from dryline.analysis.claims.standings import championship
from dryline.analysis.claims.stewards import penalties
from dryline.analysis.claims.tables import Tables
from dryline.analysis.claims.timeline import timeline
from dryline.rules.embedded import ClassificationRow, EmbeddedEvent


def event_claims(tables: Tables) -> Iterator[Claim]:
    """Everything that is said of an event from its facts alone."""
    for tell in (result, timeline, penalties, championship, limits):
        yield from tell(tables)


def event_tables(event: EmbeddedEvent, extra: Mapping[str, pl.DataFrame] | None = None) -> Tables:
    """The facts as tables. ``extra``: ``what_ifs``, where the scenario was raced again."""
    return Tables(
        {
            "race": _head(event),
            "classification": _placed(event, event.official),
            "road": _placed(event, event.on_the_road),
            "decisions": decisions_table(event.decisions),
            "grid": _grid(event),
            "drivers": _drivers(event),
            "timeline": _timeline(event),
            "standings_before": _standings(event, event.standings_before),
            "standings_after": _standings(event, event.standings_after),
            **(extra or {}),
        }
    )


def _frame(rows: Sequence[Mapping[str, Any]], schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([dict(row) for row in rows], schema=dict(schema), orient="row")


def _head(event: EmbeddedEvent) -> pl.DataFrame:
    length = event.info.length
    return _frame(
        [
            {
                "name": event.info.name,
                "series": event.info.series,
                "year": event.info.year,
                "round": event.round,
                "circuit": event.circuit,
                "length_ms": None if length is None else length.ms,
                "finish_ms": None,
                "cars": len(event.entry_facts),
                "laps": event.winner_laps,
                "laps_with_flag": 0,
                "decisions": len(event.decisions),
                "simulated": False,
                **event.neutralisation_counts,
            }
        ],
        {
            "name": pl.String, "series": pl.String, "year": pl.Int64, "round": pl.Int64,
            "circuit": pl.String, "length_ms": pl.Int64, "finish_ms": pl.Int64, "cars": pl.Int64,
            "laps": pl.Int64, "laps_with_flag": pl.Int64, "decisions": pl.Int64,
            "simulated": pl.Boolean, "fcy": pl.Int64, "safety_car": pl.Int64,
        },
    )  # fmt: skip


def _placed(event: EmbeddedEvent, rows: Sequence[ClassificationRow]) -> pl.DataFrame:
    entries = event.entries
    placed = []
    for row in rows:
        entry = entries.get(row.car_number or "")
        overall = row.position_in_class is not None and row.position == row.position_in_class
        down = None if row.laps is None else event.winner_laps - row.laps
        placed.append(
            {
                "position": row.position,
                "position_in_class": row.position_in_class,
                "car_number": row.car_number,
                "car_class": row.car_class,
                "team": row.team,
                "manufacturer": None if entry is None else entry.manufacturer,
                "vehicle": None if entry is None else entry.vehicle,
                "crew": " / ".join(row.drivers),
                "laps": row.laps,
                "gap_laps": down,
                "gap_ms": row.gap_ms if overall else None,
                "class_gap_ms": row.gap_ms,
                "gap_text": row.gap_text,
                "status": row.status,
                "sources": ";".join(row.origin.sources),
            }
        )
    frame = _frame(
        placed,
        {
            "position": pl.Int64, "position_in_class": pl.Int64, "car_number": pl.String,
            "car_class": pl.String, "team": pl.String, "manufacturer": pl.String,
            "vehicle": pl.String, "crew": pl.String, "laps": pl.Int64, "gap_laps": pl.Int64,
            "gap_ms": pl.Int64, "class_gap_ms": pl.Int64, "gap_text": pl.String,
            "status": pl.String, "sources": pl.String,
        },
    )  # fmt: skip
    first = pl.col("laps").first().over("car_class")
    return frame.with_columns(class_gap_laps=first - pl.col("laps"))


def _grid(event: EmbeddedEvent) -> pl.DataFrame:
    entries = event.entries
    return _frame(
        [
            {
                "position": row.position,
                "position_in_class": row.position_in_class,
                "car_number": row.car_number,
                "car_class": row.car_class,
                "driver": row.qualifying_driver,
                "manufacturer": entries[row.car_number].manufacturer,
                "team": entries[row.car_number].team,
                "time_ms": row.hyperpole_ms or row.qualifying_ms,
                "sources": ";".join(row.origin.sources),
            }
            for row in event.grid
        ],
        {
            "position": pl.Int64, "position_in_class": pl.Int64, "car_number": pl.String,
            "car_class": pl.String, "driver": pl.String, "manufacturer": pl.String,
            "team": pl.String, "time_ms": pl.Int64, "sources": pl.String,
        },
    )  # fmt: skip


def _drivers(event: EmbeddedEvent) -> pl.DataFrame:
    return _frame(
        [
            {
                "car_number": number,
                "driver": driver.name,
                "surname": driver.name.split()[-1],
                "car_class": entry.car_class,
                "team": entry.team,
                "vehicle": entry.vehicle,
            }
            for number, entry in event.entries.items()
            for driver in entry.drivers
        ],
        {
            "car_number": pl.String, "driver": pl.String, "surname": pl.String,
            "car_class": pl.String, "team": pl.String, "vehicle": pl.String,
        },
    )  # fmt: skip


def _timeline(event: EmbeddedEvent) -> pl.DataFrame:
    return _frame(
        [
            {
                "number": number,
                "race_time": row.race_time,
                "at_ms": row.at_ms,
                "lap": row.lap,
                "event": row.event,
                "cars": ";".join(row.cars),
                "detail": row.detail,
                "sources": ";".join(row.origin.sources),
            }
            for number, row in enumerate(event.timeline, start=1)
        ],
        {
            "number": pl.Int64, "race_time": pl.String, "at_ms": pl.Int64, "lap": pl.Int64,
            "event": pl.String, "cars": pl.String, "detail": pl.String, "sources": pl.String,
        },
    )  # fmt: skip


def _standings(event: EmbeddedEvent, rows: Sequence[Any]) -> pl.DataFrame:
    entries = event.entries

    def make(car: str | None) -> str | None:
        entry = entries.get(car or "")
        return None if entry is None else entry.manufacturer

    return _frame(
        [
            {
                "championship": row.championship,
                "position": row.position,
                "car_number": row.car_number,
                "names": " / ".join(row.names),
                "manufacturer": make(row.car_number),
                "points": row.points,
                "basis": row.basis,
                "note": row.note if row.note.endswith("winner") else "",
                "sources": ";".join(row.origin.sources),
            }
            for row in rows
        ],
        {
            "championship": pl.String, "position": pl.Int64, "car_number": pl.String,
            "names": pl.String, "manufacturer": pl.String, "points": pl.Int64,
            "basis": pl.String, "note": pl.String, "sources": pl.String,
        },
    )  # fmt: skip
