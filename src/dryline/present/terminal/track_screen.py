"""The track for people: first what a lap costs by class and tyre, then the wetness itself."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
from rich.console import RenderableType
from rich.text import Text

from dryline.analysis.track.reading import TrackEstimate
from dryline.analysis.track.spells import wet_spells
from dryline.present.terminal import words
from dryline.present.terminal.columns import Cell, Column, table
from dryline.present.terminal.screens import Row
from dryline.present.terminal.theme import MUTED
from dryline.present.terminal.timing_screen import stack

MOST = 20
"""So many of the latest rows a long table shows."""
WET = "#4da3ff"
SLICK = "#e8b04a"


def screen(
    estimate: TrackEstimate, classes: Mapping[str, str], width: int, *, everything: bool = False
) -> RenderableType:
    """What to know now: in words, wet spells, tyres by class, sectors, crossovers, who is on wets.

    Long tables are cut to their last rows unless ``everything`` is asked for, and say so.
    """
    most = None if everything else MOST
    kind = "as it could be known" if estimate.filtered else "in the light of the whole race"
    return stack(
        Text(f"{estimate.words[:1].upper()}{estimate.words[1:]}.", style="bold"),
        Text(f"({kind})", style=MUTED),
        "",
        *_spells(estimate.samples, width),
        "",
        _faster(estimate.classes, width),
        "",
        *_sectors(estimate.samples, width, most),
        *_crossovers(estimate.crossovers, width, most),
        *_tyres(estimate.tyres, classes),
    )


def _spells(samples: pl.DataFrame, width: int) -> list[RenderableType]:
    spells = wet_spells(samples).to_dicts()
    if not spells:
        return [Text("No sector was likely wet at any time.")]
    end_ms = samples["at_ms"][-1]
    wet_ms = sum((row["to_ms"] or end_ms) - row["from_ms"] for row in spells)
    count = "One wet spell" if len(spells) == 1 else f"{len(spells)} wet spells"
    columns = [
        Column("Wet from", 8, lambda row: words.clock(row["from_ms"])),
        Column("To", 8, lambda row: words.clock(row["to_ms"]) if row["to_ms"] else "still"),
        Column("For", 8, lambda row: words.clock((row["to_ms"] or end_ms) - row["from_ms"]), 1),
        Column("Sectors", 7, _sectors_of, 0, "left"),
        Column("Most", 4, lambda row: f"{row['most']:.2f}", 1),
    ]
    return [
        Text(f"{count}, {words.clock(wet_ms)} of {words.clock(end_ms)}."),
        table(columns, spells, width),
    ]


def _sectors_of(row: Row) -> Cell:
    return "all" if len(row["sectors"]) == 3 else ", ".join(map(str, row["sectors"]))


def _faster(frame: pl.DataFrame, width: int) -> RenderableType:
    latest = frame.sort("at_ms").unique("car_class", keep="last", maintain_order=True)

    def who(row: Row) -> Cell:
        p = row["p_wet_faster"]
        if 0.3 < p < 0.7:
            return Text("cannot tell", style=MUTED)
        return Text("wets", style=WET) if p >= 0.7 else Text("slicks", style=SLICK)

    def by(row: Row) -> Cell:
        return f"{abs(row['wet_minus_slick_ms']) / 1000:.1f} ± {row['sd_ms'] / 1000:.1f} s a lap"

    columns = [
        Column("Class", 14, lambda row: words.car_class(row["car_class"]), 0, "left"),
        Column("Faster", 11, who, 0, "left"),
        Column("By", 20, by, 0, "left"),
        Column("Sure", 5, lambda row: f"{max(row['p_wet_faster'], 1 - row['p_wet_faster']):.0%}"),
    ]
    return table(columns, latest.to_dicts(), width)


def _sectors(samples: pl.DataFrame, width: int, most: int | None) -> list[RenderableType]:
    """The last sample and, before it, one every ten minutes in which any sector was wet."""
    wet = pl.max_horizontal("p_wet1", "p_wet2", "p_wet3") > 0.2
    slotted = samples.filter(wet).with_columns(slot=(pl.col("at_ms") / 600_000).floor())
    every = slotted.unique("slot", keep="first", maintain_order=True).drop("slot")
    told = pl.concat([every, samples.tail(1)]).unique("at_ms", maintain_order=True)

    def sector(k: int) -> Column:
        def cell(row: Row) -> Cell:
            style = WET if row[f"p_wet{k}"] > 0.5 else MUTED
            return Text(f"{row[f'w{k}']:.2f} ({row[f'p_wet{k}']:.0%})", style=style)

        return Column(f"S{k} wetness (wet)", 16, cell)

    columns = [
        Column("At", 8, lambda row: words.clock(row["at_ms"])),
        *(sector(k) for k in (1, 2, 3)),
        Column("Rain", 5, lambda row: f"{row['p_rain']:.0%}"),
    ]
    return _last(told.to_dicts(), columns, width, most, "at_ms")


def _last(
    rows: list[Row], columns: list[Column], width: int, most: int | None, at: str
) -> list[RenderableType]:
    """The last rows of a table, and what is left out before them."""
    left = rows[: 0 if most is None else -most]
    parts: list[RenderableType] = [table(columns, rows[len(left) :], width)]
    if left:
        span = f"{words.clock(left[0][at])} to {words.clock(left[-1][at])}"
        parts.append(Text(f"{len(left)} earlier, {span}, left out; --all shows them", style=MUTED))
    return parts


def _crossovers(frame: pl.DataFrame, width: int, most: int | None) -> list[RenderableType]:
    if frame.is_empty():
        return []
    columns = [
        Column("Crossover", 14, lambda row: words.car_class(row["car_class"]), 0, "left"),
        Column("At", 8, lambda row: words.clock(row["at_ms"])),
        Column("To", 7, lambda row: row["direction"].removeprefix("to_"), 0, "left"),
        Column("Sure", 5, lambda row: f"{row['confidence']:.0%}"),
    ]
    return ["", *_last(frame.to_dicts(), columns, width, most, "at_ms")]


def _tyres(frame: pl.DataFrame, classes: Mapping[str, str]) -> list[RenderableType]:
    latest = frame.sort("from_ms").unique("car_number", keep="last", maintain_order=True)
    wets = latest.filter(pl.col("p_wet_tyre") > 0.5)
    if wets.is_empty():
        return []
    line = Text("On wets: ", style="bold")
    for row in wets.sort("p_wet_tyre", descending=True).iter_rows(named=True):
        number = row["car_number"]
        line.append_text(words.car_number(number, classes.get(number, "")))
        line.append(" seen  " if row["seen"] else f" {row['p_wet_tyre']:.0%}  ", style=MUTED)
    return ["", line]
