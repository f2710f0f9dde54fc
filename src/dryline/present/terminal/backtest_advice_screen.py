"""The backtest of advice for people, part by part."""

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
MARK, SAME_SEED, FLICKERS = 0.8, 0.95, 0.3
MINUTE_MS = 60_000


def advice(answer: Answer, width: int) -> RenderableType:
    """Every part that was asked for, the misses of the wet calls one by one."""
    summary = answer["summary"]
    parts: list[RenderableType] = [Text(answer["protocol"], style=MUTED)]
    if "wet" in summary:
        parts += ["", *_wet(summary["wet"], width)]
    if "replay" in summary:
        parts += ["", *_replay(summary["replay"], width)]
    if "decisions" in summary:
        parts += ["", *_decisions(summary["decisions"], width)]
    if "yellow" in summary:
        parts += ["", *_yellow(summary["yellow"], width)]
    if "cards" in summary:
        parts += ["", *_cards(summary["cards"], width)]
    if "lane" in summary:
        parts += ["", *_lane(summary["lane"])]
    if "range" in summary:
        parts += ["", *_reached(summary["range"], width)]
    if "calls" in summary:
        parts += ["", *_steady(summary["calls"])]
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


def _replay(found: Answer, width: int) -> Iterator[RenderableType]:
    yield Text(
        f"Whole races replayed: {found['cars']:,} cars in {found['races']} races; gain over the "
        f"crews' own stops",
        style="bold",
    )
    own = found["crews_replayed"]
    yield Text(
        f"Their own stops give their own race in {_percent(own['faithful'])} of {own['cars']:,} "
        f"cars, the others are left out; a lap given or missed in "
        f"{_percent(own['yellow_lap_off'])} of {own['yellows']:,} ways through a yellow",
        style=MUTED,
    )
    columns = [
        Column("Policy", 16, _policy, 0, "left"),
        Column("Seconds", 22, lambda row: _range(row, "gain_s", "+.1f")),
        Column("Over the yellow rule", 22, lambda row: _range(row, "over_yellow_rule_s", "+.1f")),
        Column("Places", 20, lambda row: _range(row, "gain_places", "+.2f")),
        Column("Stops", 6, lambda row: f"{row['more_stops']:+.1f}"),
    ]
    yield table(columns, found["policies"], width)


def _policy(row: Row) -> str:
    return str(row["policy"]).replace("_", " ")


def _decisions(found: Answer, width: int) -> Iterator[RenderableType]:
    yield Text(
        f"Decisions under yellow: {found['decisions']:,} in {found['neutralisations']} "
        f"neutralisations; regret in seconds",
        style="bold",
    )
    columns = [
        Column("Who decides", 16, lambda row: str(row["choice"]).replace("_", " "), 0, "left"),
        Column("Boxes", 5, lambda row: _percent(row["boxes"])),
        Column("Then by the yellow rule", 23, lambda row: _range(row, "by_rule_s", ".1f")),
        Column("Then at best", 20, lambda row: _range(row, "at_best_s", ".1f")),
    ]
    yield table(columns, found["choices"], width)


def _yellow(found: Answer, width: int) -> Iterator[RenderableType]:
    yield Text(
        f"Asked under yellow: {found['asked']:,}; the flag not known in {found['flag_not_known']}, "
        f"the lane in {found['lane_not_known']}; regret in seconds",
        style="bold",
    )
    columns = [
        Column("Series", 8, lambda row: row["series"].upper(), 0, "left"),
        Column("Decisions", 9, lambda row: f"{row['decisions']:,}"),
        Column("Boxes", 5, lambda row: _percent(row["boxes"])),
        Column("As advised", 20, lambda row: _range(row, "regret_s", ".1f")),
        Column("The crews", 20, lambda row: _range(row, "crew_regret_s", ".1f")),
        Column("The rule", 20, lambda row: _range(row, "rule_regret_s", ".1f")),
    ]
    yield table(columns, found["series"], width)


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


def _reached(found: Answer, width: int) -> Iterator[RenderableType]:
    yield Text(
        f"Does the tank reach the flag: {found['races']} races; told so above 95 %, and stopped "
        f"again",
        style="bold",
    )
    columns = [
        Column("Races", 7, lambda row: row["kind"], 0, "left"),
        Column("At", 4, lambda row: _percent(row["share"])),
        Column("Cars", 5, lambda row: f"{row['cars']:,}"),
        Column("Told", 5, lambda row: f"{row['told']:,}"),
        Column("Stopped", 7, lambda row: f"{row['stopped_again']:,}"),
        Column("For fuel", 8, lambda row: f"{row['for_fuel']:,}"),
        Column("Got home", 8, lambda row: f"{row['got_home']:,}"),
        Column("Told above a half", 17, lambda row: _percent(row["likely_of_those"])),
    ]
    rows = [{"kind": kind, **row} for kind in ("sprints", "longer") for row in found[kind]]
    yield table(columns, rows, width)
    yield Text("Said, and what came of it (without a stop; without one for fuel)", style="bold")
    columns = [
        Column("Races", 7, lambda row: row["kind"], 0, "left"),
        Column("Said", 5, lambda row: _percent(row["stated"])),
        Column("Came", 5, lambda row: _percent(row["observed"])),
        Column("For fuel", 8, lambda row: _percent(row["observed_fuel"])),
        Column("Cars", 5, lambda row: f"{row['count']:,}"),
    ]
    reliable = {"sprints": "reliability", "longer": "reliability_longer"}
    rows = [{"kind": kind, **row} for kind, name in reliable.items() for row in found[name]]
    yield table(columns, rows, width)


def _steady(found: Answer) -> Iterator[RenderableType]:
    yield Text(f"Do calls hold: {found['races']} dry races", style="bold")
    if found["instants"]:
        same = found["same_for_two_seeds"]
        yield Text(
            f"Two seeds make the same kind of call at {_percent(same)} of {found['instants']:,} "
            f"instants ({_percent(found['and_lap'])} within a lap; mark {SAME_SEED:.0%})",
            style=GOOD if same >= SAME_SEED else WARNING,
        )
    if found["stints"]:
        often = found["changes_per_ten_laps"]
        yield Text(
            f"Along {found['stints']:,} quiet stints a call changes {often:.2f} times in ten laps "
            f"(mark {FLICKERS}); {_percent(found['steady_stints'])} of them see none",
            style=GOOD if often < FLICKERS else WARNING,
        )
    where = ", ".join(found["races_offered_wets"])
    yield Text(
        f"Wets offered: at {found['offered_wets']} of {found['dry_instants']:,} calls, in "
        f"{found['offered_wets_neutralised']} of {found['neutralisations']} neutralisations"
        + (f" ({where})" if where else ""),
        style=WARNING if where else GOOD,
    )


def _range(row: Answer, name: str, form: str) -> str:
    if row[name] is None:
        return "–"
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return f"{row[name]:{form}} ({low:{form}} {high:{form}})"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"
