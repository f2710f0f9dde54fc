"""The tables with their columns: names and types from the code, meanings from one file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from dryline_docs import meanings
from dryline_docs.text import FromCode, code, slug, table


@dataclass(frozen=True)
class Told:
    """A table that a user meets: its name, what one row is, where to get it, its columns."""

    name: str
    row: str
    where: str
    columns: Callable[[], Mapping[str, Any]]


def _schema(home: str) -> Callable[[], Mapping[str, Any]]:
    module, name = home.split(":")

    def columns() -> Mapping[str, Any]:
        schema: Mapping[str, Any] = getattr(import_module(f"dryline.{module}"), name)
        return schema

    columns.home = home  # type: ignore[attr-defined]
    return columns


def _of_race(take: Callable[[Any], Any]) -> Callable[[], Mapping[str, Any]]:
    def columns() -> Mapping[str, Any]:
        import dryline

        schema: Mapping[str, Any] = take(dryline.open_race("imola-2024").cut("1:30:00")).schema
        return schema

    return columns


def _pace(by: str) -> Callable[[Any], Any]:
    def take(race: Any) -> Any:
        from dryline.engine.measured import pace_of, pace_table

        return pace_table(race, pace_of(race), by)

    return take


def _session(by: str) -> Callable[[], Mapping[str, Any]]:
    def columns() -> Mapping[str, Any]:
        from dryline.answers.rows import flat_schema
        from dryline.answers.timed_session import BY

        return flat_schema(BY[by])

    return columns


TABLES = (
    Told("crossings", "one crossing of the line, as the feed states it",
         "`race.crossings`, `crossings` in `dryline library sql`",
         _schema("domain.tables:CROSSINGS")),
    Told("laps", "one lap: a crossing with what follows from it",
         "`dryline laps`, `race.laps`", _schema("domain.tables:LAPS")),
    Told("stints", "the laps of a car between two stops",
         "`dryline stints`, `race.stints`", _schema("domain.tables:STINTS")),
    Told("session by car", "one car of a practice or qualifying, with its best lap",
         "`dryline session --csv`", _session("car")),
    Told("session by driver", "one driver in one car", "`dryline session --by driver --csv`",
         _session("driver")),
    Told("session by run", "the laps of a car between two visits to the garage",
         "`dryline session --by run --csv`", _session("run")),
    Told("stops", "one visit to the pit lane",
         "`dryline stops`, `race.stops`", _schema("domain.tables:STOPS")),
    Told("services", "what one stop was, as inferred, in the order of the stops",
         "`dryline.engine.measured.services(race)`; `dryline stops` shows kind and confidence",
         _schema("analysis.stops.services:SERVICES")),
    Told("ranges", "one car that is in the race, and how far it still goes",
         "`dryline range --csv`", _schema("answers.ranges:RANGES")),
    Told("neutralisations", "one neutralised period",
         "`dryline neutralisations`, `race.neutralisations`",
         _schema("domain.tables:NEUTRALISATIONS")),
    Told("snapshot", "one car at an instant, in running order",
         "`dryline show --csv`, `race.at(t).table`", _schema("race.snapshot:SNAPSHOT")),
    Told("gaps", "one lap of one car against the reference car",
         "`dryline gaps --csv`, `race.gaps(car)`", _schema("race.gaps:GAPS")),
    Told("lead changes", "one change of the lead at the line",
         "`race.lead_changes`", _of_race(lambda race: race.lead_changes)),
    Told("leaders", "who first completed a lap",
         "`race.leaders(car_class)`", _of_race(lambda race: race.leaders())),
    Told("pace by driver", "one driver in one car",
         "`dryline pace --csv`", _of_race(_pace("driver"))),
    Told("pace by stint", "one stint", "`dryline pace --by stint --csv`", _of_race(_pace("stint"))),
    Told("track samples", "half a minute of the track",
         "`dryline track --csv`, `samples` of `filter_track` and `smooth_track`",
         _schema("analysis.track.reading:SAMPLES")),
    Told("track tyres", "what is believed of a car's tyres from an instant on",
         "`tyres` of `filter_track` and `smooth_track`", _schema("analysis.track.reading:TYRES")),
    Told("track classes", "a class at an instant: which tyre is faster",
         "`classes` of `filter_track` and `smooth_track`",
         _schema("analysis.track.crossover:CLASSES")),
    Told("track crossovers", "one change of the faster tyre in a class",
         "`crossovers` of `filter_track` and `smooth_track`",
         _schema("analysis.track.crossover:CROSSOVERS")),
    Told("weather", "one sample of the weather file", "`race.weather`",
         _schema("domain.tables:WEATHER")),
    Told("results", "one car of an official result",
         "`results` in `dryline library sql`", _schema("domain.tables:RESULTS")),
    Told("findings", "one remark on the data",
         "`dryline show --findings --csv`, `findings` in `dryline library sql`",
         _schema("domain.tables:FINDINGS")),
    Told("sessions", "one race in the library",
         "`dryline library list --csv`, `sessions` in `dryline library sql`",
         _schema("store.records:LISTING")),
)  # fmt: skip
NOT_FOR_USERS = {
    "feeds.alkamel.parse_weather:SAMPLES": "the weather file's own columns before its clock is set",
    "answers.classification:DECIDED": "two columns more of `classification` with decisions",
    "analysis.claims": "what the report's claims ask in SQL",
    "analysis.debrief": "what the debrief's claims ask in SQL",
    "present.charts.tyres:TYRES": "the same as track tyres",
    "present.charts.realism:REALISM": "rows of `dryline backtest realism`",
    "analysis.pace.estimate:_ESTIMATE": "a part of the pace tables",
}
"""Schemas in the source (or the beginnings of their names) that are no table of a user's."""


def chart_tables() -> dict[str, Mapping[str, Any]]:
    """The tables that a chart may be given."""
    from dryline.present.charts.given import SCHEMAS

    return dict(SCHEMAS)


class Tables(FromCode):
    """Every table, or with `charts` those that a chart may be given."""

    optional_arguments = 1

    def markdown(self) -> str:
        """A section and a table of columns for each."""
        if self.arguments:
            given = chart_tables().items()
            return "\n\n".join(_section(name, columns, level="###") for name, columns in given)
        return "\n\n".join(
            _section(each.name, each.columns(), f"One row: {each.row}. From {each.where}.")
            for each in TABLES
        )


def _section(name: str, columns: Mapping[str, Any], text: str = "", level: str = "##") -> str:
    rows = [
        (code(column), type_name(kind), meanings.of_column(name, column))
        for column, kind in columns.items()
    ]
    body = table(("column", "type", "meaning"), rows, "columns")
    kind = "table" if text else "given"
    return f"{{#{slug(kind, name)}}}\n{level} {name}\n\n{text}\n\n{body}"


def type_name(kind: Any) -> str:
    """A polars type in a word."""
    name = str(kind() if isinstance(kind, type) else kind)
    words = {"String": "text", "Boolean": "yes/no", "Float64": "number", "List(String)": "texts"}
    if name.startswith(("Int", "UInt")):
        return "whole"
    return words.get(name, "list" if name.startswith("List") else name)
