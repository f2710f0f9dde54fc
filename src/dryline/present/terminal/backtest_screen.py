"""Backtests for people: the scores beside what they are measured against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from dryline.present.terminal.columns import Cell, Column, table
from dryline.present.terminal.screens import Row
from dryline.present.terminal.theme import GOOD, MUTED, WARNING
from dryline.present.terminal.timing_screen import stack

Answer = Mapping[str, Any]


def _head(answer: Answer) -> list[RenderableType]:
    return [Text(answer["protocol"], style=MUTED), ""]


def forecast(answer: Answer, width: int) -> RenderableType:
    """Gains over naive with their intervals, per fraction and group of races."""

    def gain(name: str) -> Column:
        def cell(row: Row) -> Cell:
            found = row["gain"][name]
            style = GOOD if found["low"] > 0 else WARNING if found["high"] < 0 else ""
            return Text(
                f"{found['mean']:+.3f} ({found['low']:+.3f} {found['high']:+.3f})", style=style
            )

        return Column({"log_loss": "Log-loss gain", "error": "Place gain"}[name], 24, cell)

    columns = [
        Column("At", 4, lambda row: f"{row['fraction']:.0%}"),
        Column("Races", 6, lambda row: row["races"], 0, "left"),
        Column("Classes", 7, lambda row: str(row["class_races"]), 1),
        Column("Log-loss", 8, lambda row: f"{row['log_loss']:.3f}"),
        gain("log_loss"),
        Column("Place", 5, lambda row: f"{row['error']:.2f}"),
        gain("error"),
        Column("80 % holds", 10, lambda row: f"{row['coverage_80']:.1%}", 1),
    ]
    return stack(
        *_head(answer),
        table(columns, answer["summary"]["fractions"], width),
        "",
        _stops_left(answer["stops_left"]["fractions"], width),
    )


def _stops_left(rows: Sequence[Row], width: int) -> RenderableType:
    columns = [
        Column("At", 4, lambda row: f"{row['fraction']:.0%}"),
        Column("Races", 6, lambda row: row["races"], 0, "left"),
        Column("Cars", 6, lambda row: f"{row['cars']:,}", 1),
        Column("Stops left, error", 17, lambda row: f"{row['error']:.2f}"),
        Column("Bias", 5, lambda row: f"{row['bias']:+.2f}"),
        Column("p10 to p90 holds", 16, lambda row: f"{row['held']:.1%}", 1),
        Column("80 % holds", 10, lambda row: f"{row['coverage_80']:.1%}"),
    ]
    return table(columns, rows, width)


def flag(answer: Answer, width: int) -> RenderableType:
    """Laps at the flag: how often the interval held and the middle was right, and the bias."""

    def bias(row: Row) -> Cell:
        return f"{row['bias_laps_per_hour']:+.2f} ({row['bias_low']:+.2f} {row['bias_high']:+.2f})"

    columns = [
        Column("To go", 6, lambda row: row["instant"], 0, "left"),
        Column("Races", 7, lambda row: row["races"], 0, "left"),
        Column("n", 3, lambda row: str(row["count"])),
        Column("Cars", 6, lambda row: f"{row['cars']:,}"),
        Column("Holds", 6, lambda row: f"{row['held']:.1%}"),
        Column("Exact", 6, lambda row: f"{row['exact']:.1%}"),
        Column("Bias, laps per hour left", 24, bias, 1),
    ]
    return stack(*_head(answer), table(columns, answer["summary"]["instants"], width))


def shares(answer: Answer, width: int) -> RenderableType:
    """Shares right, for all and by series, model beside naive."""
    rows = [{"series": "all", **answer["summary"]["all"]}, *answer["summary"]["by_series"]]

    def pair(title: str, name: str) -> Column:
        def cell(row: Row) -> Cell:
            return f"{row[name]:.1f} ({row[f'naive_{name}']:.1f})"

        return Column(title, 13, cell)

    columns = [
        Column("Series", 6, lambda row: row["series"], 0, "left"),
        Column("Stops", 6, lambda row: f"{row['stops']:,}"),
        pair("Ghost exact", "ghost_exact"),
        pair("within one", "ghost_within_one"),
        pair("ahead", "ghost_ahead"),
        pair("behind", "ghost_behind"),
        pair("Full exact", "full_exact"),
        pair("within 1", "full_within_one"),
    ]
    return stack(
        *_head(answer),
        table(columns, rows, width),
        Text("Percent right; in brackets the naive projection.", style=MUTED),
    )


def neutralisations(answer: Answer, width: int) -> RenderableType:
    """Precision and recall per series and kind."""

    def percent(value: float | None) -> str:
        return "–" if value is None else f"{value:.1%}"

    columns = [
        Column("Series", 6, lambda row: row["series"], 0, "left"),
        Column("Kind", 12, lambda row: row["kind"].replace("_", " "), 0, "left"),
        Column("Races", 5, lambda row: str(row["races"])),
        Column("Minutes", 8, lambda row: f"{row['minutes']:,.0f}"),
        Column("Precision", 9, lambda row: percent(row["precision"])),
        Column("Recall", 7, lambda row: percent(row["recall"])),
    ]
    return stack(*_head(answer), table(columns, answer["summary"]["kinds"], width))


def realism(answer: Answer, width: int) -> RenderableType:
    """Real beside simulated by kind of race and measure, medians over races."""

    def pair(row: Row) -> Cell:
        return f"{row['real_median']:.2f} / {row['simulated_median']:.2f}"

    def held(row: Row) -> Cell:
        return Text(f"{row['inside_80']:.0%}", style="" if row["inside_80"] >= 0.6 else WARNING)

    columns = [
        Column("Kind", 14, lambda row: row["kind"].replace("_", " "), 0, "left"),
        Column("Races", 5, lambda row: str(row["races"])),
        Column("Measure", 16, lambda row: row["measure"], 0, "left"),
        Column("Real / simulated", 17, pair),
        Column("80 % holds", 10, held),
    ]
    return stack(*_head(answer), table(columns, answer["summary"]["kinds"], width))


def track(answer: Answer, width: int) -> RenderableType:
    """Every figure of the summary, one a line."""
    del width
    lines = [
        Text(f"{name.replace('_', ' '):<44} {_short(value)}")
        for name, value in answer["summary"].items()
    ]
    return stack(*_head(answer), *lines)


def labels(answer: Answer, width: int) -> RenderableType:
    """By what the gauge was told, and by kind of race: tyres, alarms, faster tyre, crossovers."""
    rows = [
        {"told": told, "part": part, **figures}
        for told, parts in answer["summary"].items()
        for part, figures in parts.items()
    ]

    def share(name: str, places: int = 2) -> Callable[[dict[str, Any]], str]:
        return lambda row: "-" if row.get(name) is None else f"{row[name]:.{places}f}"

    kinds = [
        Column("Rain kind", 9, share("rain_kind_log_loss", 3)),
        Column("base", 5, share("rain_kind_base")),
    ]
    columns = [
        Column("Told", 26, lambda row: row["told"], 0, "left"),
        Column("Races", 10, lambda row: row["part"], 0, "left"),
        Column("n", 3, lambda row: str(row["races"])),
        Column("Tyre log-loss", 13, share("log_loss", 3)),
        Column("base", 5, share("base")),
        Column("AUC", 5, share("auc", 3)),
        *(kinds if any("rain_kind_base" in row for row in rows) else ()),
        Column("Alarm min/h", 11, share("alarm_min_per_hour")),
        Column("wet alarmed", 11, share("half_wet_alarmed"), 1),
        Column("Faster right", 12, share("windows_right"), 1),
        Column("Waves in 3 min", 14, lambda row: f"{row['waves_within_3_min']}/{row['waves']}", 1),
    ]
    return stack(*_head(answer), table(columns, rows, width))


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_short(each)}" for name, each in value.items())
    return str(value)
