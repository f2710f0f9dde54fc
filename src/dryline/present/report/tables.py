"""The tables of a report: classification as an official one has it, periods, stops, points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl

from dryline.analysis.claims.claim import Claim
from dryline.domain.clock_text import format_clock, format_ms
from dryline.present.names import class_label, crew, crew_line, person, safe
from dryline.present.report.arrange import ReportTable
from dryline.present.report.prose_race import KINDS

Row = dict[str, Any]


def classification(frame: pl.DataFrame) -> ReportTable:
    """Place, car, crew, laps, gap; best lap and stops where the timing has them."""
    timed = "best_lap_ms" in frame.columns
    columns = ["Pos", "PIC", "No", "Class", "Team", "Drivers", "Laps", "Gap"]
    columns += ["Best lap", "Stops"] if timed else ["Status"]
    rows = [_classified(row, timed=timed) for row in frame.iter_rows(named=True)]
    numeric = (0, 1, 6, 7, 8, 9) if timed else (0, 1, 6, 7)
    return ReportTable("classification", "Classification", tuple(columns), tuple(rows), numeric)


def _classified(row: Row, *, timed: bool) -> tuple[str, ...]:
    cells = [
        _text(row["position"]), _text(row["position_in_class"]), _text(row["car_number"]),
        class_label(row["car_class"]), safe(row["team"] or "not published"), crew(row["crew"]),
        _text(row["laps"]), _gap(row),
    ]  # fmt: skip
    if timed:
        best = row["best_lap_ms"]
        return (*cells, "" if best is None else format_ms(best), _text(row["stops"]))
    return (*cells, safe(row["status"]))


def _gap(row: Row) -> str:
    if row["gap_laps"]:
        return f"{row['gap_laps']} lap{'s' if row['gap_laps'] > 1 else ''}"
    if row["gap_ms"]:
        return f"+{format_ms(row['gap_ms'])}"
    text = row.get("gap_text")
    return "" if text in (None, "0") or row["gap_laps"] is None else safe(text)


def neutralisations(frame: pl.DataFrame) -> ReportTable:
    """Kind, from, to, how it is known."""
    rows = [
        (
            KINDS.get(row["kind"], safe(row["kind"]))
            + ("" if row.get("sector") is None else f", sector {row['sector']}"),
            format_clock(row["start_ms"]),
            "end" if row["end_ms"] is None else format_clock(row["end_ms"]),
            safe(row["source"]),
            f"{row['confidence']:.0%}",
        )
        for row in frame.iter_rows(named=True)
    ]
    columns = ("Kind", "From", "To", "Known by", "Sure")
    return ReportTable("neutralisations", "Neutralisations", columns, tuple(rows), (1, 2, 4))


def seen(frame: pl.DataFrame) -> tuple[ReportTable, ...]:
    """Drives through the lane without a stop; no table where there is none."""
    rows = [
        (
            safe(row["car_number"]), class_label(row["car_class"]), str(row["lap"]),
            format_clock(row["at_ms"]), person(row["driver"] or ""),
            format_ms(row["lane_ms"], places=1),
            "" if row["cost_ms"] is None else format_ms(row["cost_ms"], places=1),
        )
        for row in frame.iter_rows(named=True)
    ]  # fmt: skip
    columns = ("No", "Class", "Lap", "Time", "Driver", "In the lane", "Lost")
    caption = "Through the pit lane without a stop: probably penalties"
    table = ReportTable("penalties-seen", caption, columns, tuple(rows), (2, 3, 5, 6))
    return (table,) if rows else ()


def missing(claims: Iterable[Claim]) -> tuple[ReportTable, ...]:
    """Who did not take the flag, and when each was last seen; one alone needs no table."""
    rows = [
        (
            safe(v["car_number"]), class_label(v["car_class"]), safe(v["team"] or ""),
            str(v["lap"]), format_clock(v["elapsed_ms"]), "pits" if v["in_pit"] else "track",
        )
        for v in (claim.values for claim in claims if claim.kind == "last_seen")
    ]  # fmt: skip
    columns = ("No", "Class", "Team", "Last lap", "At", "Where")
    table = ReportTable("missing", "Those who did not take the flag", columns, tuple(rows), (3, 4))
    return (table,) if len(rows) > 1 else ()


def stops(frame: pl.DataFrame, order: Sequence[str], most: int = 24) -> ReportTable:
    """Stops and time in the lane by car, in the order of the classification.

    Visits under a red flag, of over an hour, or without an in-lap are no ordinary stops. Where
    the source states no time in the lane, what the stops lost stands for it.
    """
    stated = bool(frame["pit_lane_ms"].is_not_null().any())
    took = pl.col("pit_lane_ms" if stated else "lost_ms")
    paired = pl.col("exception").is_null() | (pl.col("exception") == "from_out_lap")
    by_car = (
        frame.filter(took.is_not_null() & (pl.col("under") != "red") & paired)
        .group_by("car_number", "car_class")
        .agg(stops=pl.len(), total=took.sum(), shortest=took.min())
    )
    place = {car: at for at, car in enumerate(order)}
    found = sorted(by_car.iter_rows(named=True), key=lambda row: place.get(row["car_number"], 999))
    rows = [
        (
            safe(row["car_number"]), class_label(row["car_class"]), str(row["stops"]),
            *(format_ms(row[name], places=3 if stated else 0) for name in ("total", "shortest")),
        )
        for row in found[:most]
    ]  # fmt: skip
    columns = ("No", "Class", "Stops", "In the lane" if stated else "Lost", "Shortest")
    caption = "Ordinary stops, and time from pit entry to pit exit"
    if not stated:
        caption = "Ordinary stops, and the time lost at them, as the laps around them tell"
    return ReportTable("stops", caption, columns, tuple(rows), (2, 3, 4))


def timeline(frame: pl.DataFrame) -> ReportTable:
    """What the sources say happened, with the ids of the sources."""
    rows = [
        (
            safe(row["race_time"]), safe(row["event"]), safe(row["cars"]).replace(";", ", "),
            safe(row["detail"]), safe(row["sources"]).replace(";", ", "),
        )
        for row in frame.iter_rows(named=True)
    ]  # fmt: skip
    columns = ("Time", "Event", "Cars", "What", "Sources")
    return ReportTable("timeline", "Timeline, as published", columns, tuple(rows))


def standings(frame: pl.DataFrame) -> Iterable[ReportTable]:
    """Every championship table after the round."""
    for title in frame["championship"].unique(maintain_order=True):
        rows = [
            (_text(row["position"]), _text(row["car_number"]), _names(row), str(row["points"]))
            for row in frame.filter(pl.col("championship") == title).iter_rows(named=True)
        ]
        caption, columns = f"{safe(title)} after the round", ("Pos", "No", "Name", "Points")
        yield ReportTable(f"standings-{title}", caption, columns, tuple(rows), (0, 3))


def _names(row: Row) -> str:
    return safe(crew_line(row["names"].split(" / "))).replace(" / ", ", ")


def _text(value: object) -> str:
    return "" if value is None else safe(value)
