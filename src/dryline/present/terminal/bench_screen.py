"""The bench for people: a forecaster beside naive and the control, and by kind of race."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from dryline.present.terminal.columns import Cell, Column, table
from dryline.present.terminal.screens import Row
from dryline.present.terminal.theme import GOOD, MUTED, WARNING
from dryline.present.terminal.timing_screen import stack

Answer = Mapping[str, Any]
WHOLE = ("protocol", "outside")
HASH_CHARACTERS = 12
WELL_HELD = (0.76, 0.84)


def bench(answer: Answer, width: int) -> RenderableType:
    """Under which protocol, then the scores of each forecaster, then the gains by kind of race."""
    rows = answer["summary"]["fractions"]
    parts: list[RenderableType] = [Text(line, style=style) for line, style in _head(answer)]
    beside = [each for row in rows if row["races"] in WHOLE for each in _beside(row)]
    parts += ["", table(_score_columns(), beside, width)]
    kinds = [row for row in rows if row["races"] not in WHOLE]
    if kinds:
        parts += ["", Text("By kind of race", style="bold"), table(_kind_columns(), kinds, width)]
    return stack(*parts)


def _head(answer: Answer) -> Iterator[tuple[str, str]]:
    yield str(answer["forecaster"]), "bold"
    yield (
        f"Protocol {answer['version']}, manifest {answer['manifest_sha256'][:HASH_CHARACTERS]}, "
        f"control {answer['control_sha256'][:HASH_CHARACTERS]}: {answer['races']} of its "
        f"{answer['races_in_protocol']} races",
        "" if answer["races"] == answer["races_in_protocol"] else WARNING,
    )
    yield answer["protocol"], MUTED
    outside: Sequence[str] = answer["outside_protocol"]
    if outside:
        yield f"Outside the protocol, scored apart: {', '.join(outside)}", WARNING


def _beside(row: Row) -> Iterator[Row]:
    """The forecaster, naive and the control as rows of their own."""
    same = {name: row[name] for name in ("fraction", "races", "class_races")}
    for who, found in (("yours", "forecast"), ("naive", "naive"), ("control", "control")):
        if row[found] is not None:
            yield {**same, "who": who, **row[found]}


def _score_columns() -> list[Column]:
    return [
        Column("At", 4, lambda row: f"{row['fraction']:.0%}"),
        Column("Races", 8, lambda row: row["races"], 0, "left"),
        Column("Classes", 7, lambda row: str(row["class_races"]), 1),
        Column("Who", 7, lambda row: row["who"], 0, "left"),
        Column("Log-loss", 8, lambda row: f"{row['log_loss']:.3f}"),
        Column("gain", 22, _gain("log_loss")),
        Column("Brier", 5, lambda row: f"{row['brier']:.3f}"),
        Column("Hit", 4, lambda row: f"{row['hit']:.0%}"),
        Column("Place", 5, lambda row: f"{row['error']:.2f}"),
        Column("gain in places", 22, _gain("error"), 2),
        Column("80 % holds", 10, _held),
    ]


def _kind_columns() -> list[Column]:
    return [
        Column("At", 4, lambda row: f"{row['fraction']:.0%}"),
        Column("Races", 8, lambda row: row["races"], 0, "left"),
        Column("Classes", 7, lambda row: str(row["class_races"]), 1),
        Column("Log-loss gain", 22, lambda row: _gain("log_loss")(row["forecast"])),
        Column("over the control", 22, lambda row: _over_control(row["forecast"])),
        Column("gain in places", 22, lambda row: _gain("error")(row["forecast"]), 1),
        Column("80 % holds", 10, lambda row: _held(row["forecast"])),
    ]


def _gain(name: str) -> Callable[[Row], Cell]:
    return lambda row: _interval(row["gain"][name]) if "gain" in row else ""


def _over_control(forecast: Row) -> Cell:
    gains = forecast["gain_over_control"]
    return "" if gains is None else _interval(gains["log_loss"])


def _interval(found: Mapping[str, float]) -> Text:
    style = GOOD if found["low"] > 0 else WARNING if found["high"] < 0 else ""
    return Text(f"{found['mean']:+.3f} ({found['low']:+.3f} {found['high']:+.3f})", style=style)


def _held(row: Row) -> Cell:
    share = row["coverage_80"]["mean"]
    return Text(f"{share:.1%}", style="" if WELL_HELD[0] <= share <= WELL_HELD[1] else WARNING)
