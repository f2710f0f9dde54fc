"""The contract's objects for an event that ships as facts, without timing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import polars as pl

from dryline.rules.embedded import ClassificationRow, EmbeddedEvent

Json = dict[str, Any]


def classification(event: EmbeddedEvent, rows: Iterable[ClassificationRow]) -> Json:
    """A classification from facts; a place whose car nobody published has no car number."""
    return {
        "race": event.info.name,
        "at_ms": event.info.length.ms if event.info.length else None,
        "simulated": False,
        "rows": [_row(event.winner_laps, row) for row in rows],
        "findings": [],
    }


def _row(winner_laps: int, row: ClassificationRow) -> Json:
    down = None if row.laps is None else winner_laps - row.laps
    return {
        "position": row.position,
        "position_in_class": row.position_in_class,
        "car_number": row.car_number,
        "car_class": row.car_class,
        "team": row.team,
        "drivers": list(row.drivers),
        "laps": row.laps,
        "elapsed_ms": None,
        "gap": {"laps": down, "ms": row.gap_ms},
        "gap_text": row.gap_text,
        "status": row.status,
        "note": row.note,
        "sources": list(row.origin.sources),
        "confidence": row.origin.confidence,
    }


def event(facts: EmbeddedEvent) -> Json:
    """Everything shipped about the event."""
    return {
        "race": facts.info.name,
        "simulated": False,
        "event": msgspec.to_builtins(facts),
    }


def classification_table(rows: Iterable[ClassificationRow]) -> pl.DataFrame:
    """A classification from facts as a table."""
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "position": pl.Int32, "position_in_class": pl.Int32, "car_number": pl.String,
        "car_class": pl.String, "team": pl.String, "drivers": pl.List(pl.String),
        "laps": pl.Int32, "gap_ms": pl.Int64, "gap_text": pl.String, "status": pl.String,
        "note": pl.String,
    }  # fmt: skip
    records = [
        {name: list(row.drivers) if name == "drivers" else getattr(row, name) for name in schema}
        for row in rows
    ]
    return pl.DataFrame(records, schema=schema, orient="row")
