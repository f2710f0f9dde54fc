"""Screens of tables: laps, stints, stops, neutralisations, gaps, findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from dryline.analysis.track.tyres import UNKNOWN, tyre_name
from dryline.answers.gaps import GapOnLap, Gaps
from dryline.answers.laps import Lap, Laps
from dryline.answers.neutralisations import Neutralisations, Period
from dryline.answers.stints import Stints
from dryline.answers.stops import Stop, Stops
from dryline.domain.clock_text import format_ms
from dryline.domain.finding import Finding
from dryline.present.terminal import words
from dryline.present.terminal.columns import Cell, Column, table
from dryline.present.terminal.theme import (
    ERROR,
    IN_LAP,
    MUTED,
    NEUTRALISED_LAP,
    OUT_LAP,
    WARNING,
)
from dryline.race.stops import LAP_TIMES

Row = dict[str, Any]
LIKELY = 0.5
"""A kind of rain tyre is named from this probability on."""
"""A row of an answer that has no record yet."""


def _lap_style(row: Lap) -> str:
    if row.in_lap:
        return IN_LAP
    if row.out_lap:
        return OUT_LAP
    return "" if row.under == "green" else NEUTRALISED_LAP


def laps_screen(answer: Laps, width: int) -> RenderableType:
    """Laps: in-laps red, out-laps blue, neutralised laps yellow, each with its word.

    Outside races no lap has a place, and none is shown.
    """
    placed = [
        Column("Pos", 3, lambda row: str(row.position or "")),
        Column("PIC", 3, words.place_in_class, 2),
    ]

    def kind(row: Lap) -> Cell:
        marks = [
            *(["in"] if row.in_lap else []),
            *(["out"] if row.out_lap else []),
            *([] if row.under == "green" else [row.under.replace("_", " ")]),
        ]
        return Text(" ".join(marks), style=_lap_style(row))

    columns = [
        Column("No", 4, words.number_of),
        Column("Class", 10, words.class_of, 4, "left"),
        Column("Lap", 4, lambda row: str(row.lap)),
        Column("At", 8, lambda row: Text(words.clock(row.elapsed_ms), style=MUTED), 1),
        *(placed if any(row.position is not None for row in answer.laps) else []),
        Column("Driver", 18, lambda row: words.short_name(row.driver), 2, "left"),
        Column("S1", 8, lambda row: words.lap_time(row.s1_ms, MUTED), 3, group="sectors"),
        Column("S2", 8, lambda row: words.lap_time(row.s2_ms, MUTED), 3, group="sectors"),
        Column("S3", 8, lambda row: words.lap_time(row.s3_ms, MUTED), 3, group="sectors"),
        Column("Lap time", 11, lambda row: words.lap_time(row.lap_time_ms, _lap_style(row))),
        Column("Pit lane", 11, lambda row: words.lap_time(row.pit_lane_ms, OUT_LAP), 2),
        Column("", 14, kind, 1, "left"),
    ]
    return table(columns, answer.laps, width)


def stints_screen(answer: Stints, width: int) -> RenderableType:
    """Stints by car: who, when, how many laps, at what pace."""
    columns = [
        Column("No", 4, words.number_of),
        Column("Class", 10, words.class_of, 3, "left"),
        Column(answer.stint_word, 5, lambda row: str(row.stint)),
        Column("Driver", 22, lambda row: words.short_name(row.driver), 0, "left"),
        Column("From", 8, lambda row: words.clock(row.start_ms), 1),
        Column("To", 8, lambda row: words.clock(row.end_ms), 1),
        Column("Laps", 4, lambda row: str(row.laps)),
        Column("Green", 5, lambda row: Text(str(row.green_laps), style=MUTED), 2),
        Column("Pace", 9, lambda row: words.lap_time(row.pace_ms)),
        Column("Best", 9, lambda row: words.lap_time(row.best_ms, MUTED), 1),
    ]
    return table(columns, answer.stints, width)


def stops_screen(answer: Stops, width: int) -> RenderableType:
    """Stops in order of time: lane time, driver change, under which flag, and what it was.

    The tyres (W wets, S slicks, ? not known; the first letter of each kind where a series has more,
    R a rain tyre and not known which) stand there only where some may have been wets. Where no lane
    time is stated, the time lost stands in its place.
    """

    def change(row: Stop) -> Cell:
        if row.driver_change:
            return f"{words.short_name(row.driver_in)} > {words.short_name(row.driver_out)}"
        return Text(words.short_name(row.driver_in or row.driver_out), style=MUTED)

    def service(row: Stop) -> Cell:
        if row.service.kind == "unknown":
            return Text("?", style=MUTED)
        return f"{row.service.kind.replace('_', ' ')} {row.service.confidence:.0%}"

    def remark(row: Stop) -> Cell:
        under = row.under or "green"
        marks = [] if under == "green" else [under.replace("_", " ")]
        marks += [row.exception.replace("_", " ")] if row.exception else []
        marks += ["suspected"] if row.known_by == LAP_TIMES else []
        return Text(", ".join(marks), style=WARNING)

    tyres = Column("Tyres", 5, _tyres, 0, "left")
    took = Column("Pit lane", 11, lambda row: words.lap_time(row.pit_lane_ms))
    if any(row.lost_ms is not None for row in answer.stops):
        took = Column("Lost, s", 11, _lost)
    columns = [
        Column("At", 8, lambda row: words.clock(row.in_ms)),
        Column("No", 4, words.number_of),
        Column("Class", 10, words.class_of, 4, "left"),
        Column("In-lap", 6, lambda row: str(row.lap)),
        took,
        *([tyres] if any(map(_perhaps_on_wets, answer.stops)) else []),
        Column("Drivers", 28, change, 1, "left"),
        Column("Service", 18, service, 2, "left"),
        Column("", 16, remark, 1, "left"),
    ]
    return table(columns, answer.stops, width)


def _perhaps_on_wets(row: Stop) -> bool:
    return max(row.wet_before or 0.0, row.wet_after or 0.0) > UNKNOWN[0]


def _lost(row: Stop) -> Cell:
    """What a stop lost and its standard deviation, in whole seconds."""
    if row.lost_ms is None or row.lost_sd_ms is None:
        return ""
    return f"{row.lost_ms / 1000:.0f} ± {row.lost_sd_ms / 1000:.0f}"


def _tyres(row: Stop) -> Cell:
    """What it came in on and went out on; one letter where that is the same."""
    came, went = _tyre(row.wet_before, row.kinds_before), _tyre(row.wet_after, row.kinds_after)
    if row.wet_after is None or came == went:
        return Text(came, style=MUTED)
    return f"{came} > {went}"


def _tyre(p_wet: float | None, kinds: Mapping[str, float] | None) -> str:
    """The letter of a kind; R is a rain tyre, not known which."""
    if kinds is not None and p_wet is not None and p_wet > UNKNOWN[1]:
        name = max(kinds, key=kinds.__getitem__)
        return name[0].upper() if kinds[name] > LIKELY else "R"
    return "?" if p_wet is None else {"wet": "W", "slick": "S"}.get(tyre_name(p_wet), "?")


def neutralisations_screen(answer: Neutralisations, width: int) -> RenderableType:
    """Neutralised periods: what, when, how long, and who says so."""

    def length(row: Period) -> Cell:
        if row.end_ms is None:
            return Text("still on", style=WARNING)
        return format_ms(row.end_ms - row.start_ms, places=0)

    columns = [
        Column("Kind", 22, lambda row: words.flag(row.kind), 0, "left"),
        Column("From", 8, lambda row: words.clock(row.start_ms)),
        Column("To", 8, lambda row: words.clock(row.end_ms)),
        Column("Length", 9, length),
        Column("Sector", 6, lambda row: str(row.sector or ""), 1),
        Column("Source", 9, lambda row: row.source, 0, "left"),
        Column("Sure", 5, lambda row: f"{row.confidence:.0%}"),
    ]
    return table(columns, answer.periods, width)


def gaps_screen(answer: Gaps, width: int) -> RenderableType:
    """The latest gap of every car to the reference; positive is behind."""

    def gap(row: GapOnLap) -> Cell:
        sign = "+" if row.gap_ms >= 0 else ""
        return f"{sign}{format_ms(row.gap_ms)}"

    def laps(row: GapOnLap) -> Cell:
        return Text("" if row.laps == 0 else f"{row.laps:+d}", style=MUTED)

    columns = [
        Column("No", 4, words.number_of),
        Column("Class", 10, words.class_of, 1, "left"),
        Column("Lap", 4, lambda row: str(row.lap)),
        Column("At", 8, lambda row: Text(words.clock(row.at_ms), style=MUTED), 1),
        Column("Gap", 12, gap),
        Column("Laps", 5, laps),
    ]
    return table(columns, answer.latest, width)


def findings_screen(findings: Iterable[Finding], width: int) -> RenderableType:
    """Every remark on the data: how grave, what, where, how many rows."""
    styles = {"note": MUTED, "warning": WARNING, "error": ERROR}

    def where(finding: Finding) -> Cell:
        places = [
            None if finding.line is None else f"line {finding.line}",
            None if finding.car_number is None else f"car {finding.car_number}",
            None if finding.lap is None else f"lap {finding.lap}",
        ]
        return Text(", ".join(place for place in places if place), style=MUTED)

    columns = [
        Column("", 8, lambda f: Text(f.severity, style=styles[f.severity]), 0, "left"),
        Column("Kind", 24, lambda f: f.kind, 1, "left"),
        Column("Rows", 5, lambda f: str(f.rows)),
        Column("Where", 26, where, 2, "left"),
        Column("What", max(30, width - 70), lambda f: f.message, 0, "left"),
    ]
    remarks = list(findings)
    if not remarks:
        return Text("Nothing odd in the data.", style=MUTED)
    return table(columns, remarks, width)
