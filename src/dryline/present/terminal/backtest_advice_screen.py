"""The backtest of advice for people: wet calls, dry stops, cards, and the pit lane."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from dryline.present.terminal.columns import Column, table
from dryline.present.terminal.screens import Row
from dryline.present.terminal.theme import GOOD, MUTED, WARNING
from dryline.present.terminal.timing_screen import stack

Answer = Mapping[str, Any]
MARK = 0.8
MINUTE_MS = 60_000


def advice(answer: Answer, width: int) -> RenderableType:
    """Every part that was asked for, the misses of the wet calls one by one."""
    summary = answer["summary"]
    parts: list[RenderableType] = [Text(answer["protocol"], style=MUTED)]
    if "wet" in summary:
        parts += ["", *_wet(summary["wet"], width)]
    if "dry" in summary:
        parts += ["", *_dry(summary["dry"], width)]
    if "cards" in summary:
        parts += ["", *_cards(summary["cards"], width)]
    if "lane" in summary:
        parts += ["", *_lane(summary["lane"])]
    return stack(*parts)


def _wet(found: Answer, width: int) -> Iterator[RenderableType]:
    share = found["share_right"]
    style = "" if share is None else GOOD if share >= MARK else WARNING
    yield Text("Rain: change now, or three laps later", style="bold")
    yield Text(
        f"{found['right']} of {found['beyond_two_se']} right beyond two standard errors "
        f"({_range(found, 'share_right', '.0%')}; mark {MARK:.0%}); "
        f"always now {_percent(found['always_now'])}; "
        f"{found['waves_scored']} of {found['waves']} waves have matched cars",
        style=style,
    )
    columns = [
        Column("Race", 20, lambda row: row["race"], 0, "left"),
        Column("Min", 5, lambda row: f"{row['at_ms'] / MINUTE_MS:.0f}"),
        Column("Car", 4, lambda row: row["car_number"]),
        Column("To", 5, lambda row: row["change_to"], 0, "left"),
        Column("Said", 7, lambda row: f"{row['margin_s']:+.1f} s"),
        Column("Came", 7, lambda row: f"{row['realised_s']:+.1f} s"),
        Column("Why", 40, lambda row: row["why"], 0, "left"),
    ]
    if found["misses"]:
        yield table(columns, found["misses"], width)


def _dry(found: Answer, width: int) -> Iterator[RenderableType]:
    yield Text("Dry stops: regret in seconds", style="bold")
    rows = [{"name": name, **found[name]} for name in ("all", "green", "neutralised")]
    columns = [
        Column("Groups", 12, lambda row: row["name"], 0, "left"),
        Column("Scored", 6, lambda row: str(row["scored"])),
        Column("Regret", 20, lambda row: _range(row, "regret_s", ".1f")),
        Column("Chance alone", 12, lambda row: _number(row["chance_s"])),
        Column("End of range", 12, lambda row: _number(row["range_end_regret_s"])),
        Column("Gain over it", 20, lambda row: _range(row, "over_range_end_s", "+.1f")),
    ]
    yield table(columns, rows, width)


def _cards(found: Answer, width: int) -> Iterator[RenderableType]:
    yield Text(f"Cards: {found['neutralisations']} neutralisations", style="bold")
    rows = [{"series": "all", "kind": "", **found["all"]}, *found["by_kind"]]

    def named(row: Row) -> str:
        return f"{row['series']} {row['kind'].replace('_', ' ')}".strip()

    columns = [
        Column("Kind", 16, named, 0, "left"),
        Column("Cards", 5, lambda row: str(row["cards"])),
        Column("Box", 4, lambda row: _percent(row["says_box"])),
        Column("Did", 4, lambda row: _percent(row["boxed"])),
        Column("Agrees", 6, lambda row: _percent(row["agrees_with_car"])),
        Column("Sure", 6, lambda row: _percent(row["sure_agrees_with_car"])),
        Column("Paired", 6, lambda row: str(row["paired"])),
        Column("Following, s", 22, lambda row: _range(row, "following_gains_s", "+.1f")),
        Column("Always box, s", 22, lambda row: _range(row, "always_box_gains_s", "+.1f")),
    ]
    yield table(columns, rows, width)


def _lane(found: Answer) -> Iterator[RenderableType]:
    bad = found["illegal_offers"] + found["illegal_cards"]
    yield Text(
        f"Pit lane: {bad} stops offered through a closed entry, in {found['asked']:,} questions "
        f"over {found['neutralisations']} neutralisations ({found['lane_closed']:,} with the lane "
        f"closed; {found['offered_before_it_was_seen']} before the files show its kind)",
        style=WARNING if bad else GOOD,
    )


def _range(row: Answer, name: str, form: str) -> str:
    if row[name] is None:
        return "–"
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return f"{row[name]:{form}} ({low:{form}} {high:{form}})"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
