"""The JSON contract: what every command answers to ``--json``, and the server to its clients.

Fields may be added here, never renamed: others rely on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import polars as pl

from dryline.analysis.track.reading import TrackEstimate
from dryline.analysis.track.spells import wet_spells
from dryline.domain.finding import Finding
from dryline.domain.instant import Instant
from dryline.race.race import Race
from dryline.race.snapshot import Snapshot

Json = dict[str, Any]


def classification(
    race: Race, table: pl.DataFrame, findings: Iterable[Finding] = (), at: Instant | None = None
) -> Json:
    """A classification or a running order; ``table`` as ``rules.classify`` gives it."""
    crews = {number: [d.name for d in entry.drivers] for number, entry in race.entries.items()}
    return {
        "race": race.info.name,
        "at_ms": race.end.ms if at is None else at.ms,
        "simulated": race.info.simulated,
        "rows": [
            {
                "position": row["position"],
                "position_in_class": row["position_in_class"],
                "car_number": row["car_number"],
                "car_class": row["car_class"],
                "team": row["team"],
                "drivers": crews.get(row["car_number"], []),
                "laps": row["laps"],
                "elapsed_ms": row["elapsed_ms"],
                "gap": {"laps": row["gap_laps"], "ms": row["gap_ms"]},
                "status": row["status"],
            }
            for row in table.iter_rows(named=True)
        ],
        "findings": remarks(findings),
    }


def race(race: Race, snapshot: Snapshot) -> Json:
    """A race in one object: what it is, its order at an instant, its neutralised periods."""
    info = msgspec.to_builtins(race.info)
    return {
        **named(race),
        "info": info,
        "at_ms": snapshot.at.ms,
        "flag": snapshot.flag.value,
        "cars": snapshot.table.to_dicts(),
        "neutralisations": neutralisations(race)["periods"],
        "lead_changes": race.lead_changes.to_dicts(),
        "findings": remarks(race.findings),
    }


def findings_table(findings: Iterable[Finding]) -> pl.DataFrame:
    """Findings as a table, one row each."""
    schema = {
        "kind": pl.String, "severity": pl.String, "message": pl.String, "file": pl.String,
        "line": pl.Int64, "car_number": pl.String, "lap": pl.Int64, "rows": pl.Int64,
        "remedy": pl.String,
    }  # fmt: skip
    rows = [{name: getattr(finding, name) for name in schema} for finding in findings]
    return pl.DataFrame(rows, schema=schema, orient="row")


def remarks(findings: Iterable[Finding]) -> list[Json]:
    """Findings as plain objects."""
    return [msgspec.to_builtins(finding) for finding in findings]


def neutralisations(race: Race) -> Json:
    """Neutralised periods on race time."""
    columns = ("kind", "start_ms", "end_ms", "source", "confidence", "sector")
    return {
        **named(race),
        "periods": race.neutralisations.select(columns).to_dicts(),
    }


def stops(race: Race, table: pl.DataFrame, services: Mapping[tuple[str, int], Json]) -> Json:
    """Stops; ``services`` holds what each was, by car number and in-lap, where inferred."""
    unknown = {"kind": "unknown", "confidence": 0.0}
    rows = []
    for row in table.iter_rows(named=True):
        seen = services.get((row["car_number"], row["lap"]), {})
        rows.append(
            {
                "car_number": row["car_number"],
                "car_class": row["car_class"],
                "lap": row["lap"],
                "in_ms": row["in_ms"],
                "out_ms": row["out_ms"],
                "pit_lane_ms": row["pit_lane_ms"],
                "driver_in": row["driver_in"],
                "driver_out": row["driver_out"],
                "service": seen.get("service", unknown),
                "wet_before": seen.get("wet_before"),
                "wet_after": seen.get("wet_after"),
                "under": row["under"],
                "exception": row["exception"],
            }
        )
    return {**named(race), "stops": rows}


def stints(race: Race, table: pl.DataFrame) -> Json:
    """Stints, by car and time."""
    return {**named(race), "stints": table.to_dicts()}


def laps(race: Race, table: pl.DataFrame) -> Json:
    """Laps, in order of crossing."""
    return {**named(race), "laps": table.to_dicts()}


def gaps(race: Race, car_number: str, table: pl.DataFrame) -> Json:
    """Gaps of every car to one, lap by lap; positive is behind."""
    return {**named(race), "car_number": car_number, "gaps": table.to_dicts()}


def track(race: Race, estimate: TrackEstimate) -> Json:
    """The track: samples, the tyre that is faster per class now, crossovers, tyres, words."""
    latest = estimate.classes.sort("at_ms").unique("car_class", keep="last", maintain_order=True)
    return {
        **named(race),
        "filtered": estimate.filtered,
        "words": estimate.words,
        "spells": wet_spells(estimate.samples).drop("most").to_dicts(),
        "samples": [
            {
                "at_ms": row["at_ms"],
                "wetness": [row["w1"], row["w2"], row["w3"]],
                "sd": [row["sd1"], row["sd2"], row["sd3"]],
                "p_wet": [row["p_wet1"], row["p_wet2"], row["p_wet3"]],
                "p_rain": row["p_rain"],
            }
            for row in estimate.samples.iter_rows(named=True)
        ],
        "classes": [
            {
                "car_class": row["car_class"],
                "at_ms": row["at_ms"],
                "wet_minus_slick_ms": round(row["wet_minus_slick_ms"]),
                "sd": round(row["sd_ms"]),
                "p_wet_faster": row["p_wet_faster"],
            }
            for row in latest.iter_rows(named=True)
        ],
        "crossovers": estimate.crossovers.to_dicts(),
        "tyres": estimate.tyres.to_dicts(),
    }


def named(race: Race) -> Json:
    """Which race an answer is about, and whether it was simulated."""
    return {"race": race.info.name, "simulated": race.info.simulated}


def verification(answer: msgspec.Struct) -> Json:
    """The comparison with an official result."""
    value: Json = msgspec.to_builtins(answer)
    return value


def differences_table(answer: msgspec.Struct) -> pl.DataFrame:
    """The cars whose places differ, one row each."""
    schema = {
        "car_number": pl.String, "rebuilt": pl.Int64, "official": pl.Int64, "reason": pl.String,
    }  # fmt: skip
    return pl.DataFrame(verification(answer)["differences"], schema=schema, orient="row")
