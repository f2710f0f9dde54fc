"""Simulated races beside real ones: one small panel a measure, one row a race."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dryline.present.charts.car_lines import COLOUR
from dryline.present.charts.grammar import Heading, Spec, chart, layer, panel, quantity
from dryline.present.charts.theme import DARK, Theme

REALISM: dict[str, type[pl.DataType]] = {
    "race": pl.String,
    "kind": pl.String,
    "measure": pl.String,
    "real": pl.Float64,
    "low": pl.Float64,  # 10 % of the simulated races lie below
    "middle": pl.Float64,
    "high": pl.Float64,  # 10 % lie above
}
COLUMNS = 3
WIDTH = 290
ROW_PX = 9
INSIDE = 0.8
"""What share of real figures a true 10 to 90 % holds."""


def real_and_simulated(rows: pl.DataFrame, titles: Mapping[str, str], theme: Theme = DARK) -> Spec:
    """What real races were against the 10 to 90 % of simulated ones.

    Args:
        rows: schema ``REALISM``; rows without a real figure are left out.
        titles: the measures to draw, in order, with what to call them.
        theme: colours.
    """
    known = (
        rows.drop_nulls("real")
        .sort("kind", "race")
        .with_columns(inside=pl.col("real").is_between("low", "high"))
    )
    tint = pl.when("inside").then(pl.lit(theme.ink)).otherwise(pl.lit(theme.loss))
    coloured = known.with_columns(colour=tint)
    races = coloured.select("kind", "race").unique(maintain_order=True)
    datasets, panels = {}, []
    for name, title in titles.items():
        mine = coloured.filter(pl.col("measure") == name)
        if mine.height:
            datasets[name] = mine.drop("measure")
            panels.append(_panel(name, title, mine, races["race"].to_list(), theme))
    body: Spec = {"concat": panels, "columns": COLUMNS, "spacing": 26}
    return chart(_heading(known), theme, datasets, body)


def _heading(known: pl.DataFrame) -> Heading:
    reading = (
        "One row a race. Bar: 10 to 90 % of its simulated runnings; tick: their middle; "
        "dot: the race itself, a red cross where it lies outside. "
        f"Of a faithful simulator's bars {INSIDE:.0%} hold the dot."
    )
    if known.is_empty():
        return Heading("Do simulated races look like real ones? No race to compare", reading)
    held = known["inside"].sum() / known.height
    return Heading(
        f"Do simulated races look like real ones? {held:.0%} of the figures of "
        f"{known['race'].n_unique()} races lie within",
        reading,
    )


def _panel(name: str, title: str, mine: pl.DataFrame, races: list[str], theme: Theme) -> Spec:
    x = quantity("real", _domain(mine), None, tickCount=5)
    y: Spec = {
        "field": "race", "type": "nominal", "sort": None, "axis": None,
        "scale": {"type": "band", "domain": races, "paddingInner": 0.3},
    }  # fmt: skip
    middle = {**y, "bandPosition": 0.5}
    layers = [
        layer(name, {"type": "bar", "clip": True, "color": theme.others, "fillOpacity": 0.55},
              {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y}),
        layer(name, {"type": "tick", "clip": True, "color": theme.muted, "thickness": 1.6,
                     "height": {"band": 0.9}}, {"x": {**x, "field": "middle"}, "y": middle}),
        _dots(name, x, middle, "circle", inside=True),
        _dots(name, x, middle, "cross", inside=False),
    ]  # fmt: skip
    height = max(40, ROW_PX * len(races))
    return panel(layers, height, WIDTH, title={"text": title, "fontSize": 12, "offset": 6})


def _dots(name: str, x: Spec, y: Spec, shape: str, *, inside: bool) -> Spec:
    mark = {"type": "point", "filled": True, "size": 30, "shape": shape, "clip": True}
    drawn = layer(name, mark, {"x": x, "y": y, "color": COLOUR})
    return {**drawn, "transform": [{"filter": {"field": "inside", "equal": inside}}]}


def _domain(mine: pl.DataFrame) -> list[float]:
    """From nothing to the largest dot and nearly the largest bar."""
    top = max(mine["real"].max(), mine["high"].quantile(0.95) or 0.0)  # type: ignore[type-var]
    low = min(mine["real"].min(), mine["low"].min())  # type: ignore[type-var]
    start = 0.0 if float(low) < 0.5 * float(top) else 0.97 * float(low)  # type: ignore[arg-type]
    return [start, max(start + 1.0e-6, 1.05 * float(top))]  # type: ignore[arg-type]
