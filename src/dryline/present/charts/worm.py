"""The probability of winning the class, over time."""

from __future__ import annotations

import polars as pl

from dryline.domain.clock_text import format_clock
from dryline.present.charts.bands import band_layers, neutralised_bands, wet_bands
from dryline.present.charts.car_lines import (
    coloured,
    end_labels,
    hero_lines,
    label_layers,
    muted_lines,
)
from dryline.present.charts.grammar import Heading, Spec, chart, layer, panel, quantity, time_x
from dryline.present.charts.view import View

HEIGHT = 340
WIN_PROBABILITY: dict[str, type[pl.DataType]] = {
    "at_ms": pl.Int64,
    "car_number": pl.String,
    "p_win_class": pl.Float64,
}
"""One row a car an instant; ``lo`` and ``hi`` may stand beside ``p_win_class``."""


def worm_cars(forecasts: pl.DataFrame, most: int = 5) -> tuple[str, ...]:
    """The cars that ever stood highest, the last favourite first."""
    top = (
        forecasts.sort("at_ms")
        .group_by("car_number", maintain_order=True)
        .agg(most=pl.col("p_win_class").max(), last=pl.col("p_win_class").last())
        .sort(["most", "car_number"], descending=[True, False])
        .head(most)
    )
    return tuple(top.sort(["last", "most"], descending=True)["car_number"].to_list())


def win_probability(
    forecasts: pl.DataFrame,
    neutralisations: pl.DataFrame,
    *,
    wet: pl.DataFrame | None = None,
    view: View = View(),
) -> Spec:
    """The worm: chance of winning the class over time, named cars (or the five best) in colour.

    Args:
        forecasts: schema ``WIN_PROBABILITY`` of one class.
        neutralisations: schema ``NEUTRALISATIONS``.
        wet: schema ``WET_PERIODS``.
        view: highlighted cars, window and theme.
    """
    wanted = [name for name in (*WIN_PROBABILITY, "lo", "hi") if name in forecasts.columns]
    rows = view.inside(forecasts.select(wanted), "at_ms").sort("car_number", "at_ms")
    end = view.until(rows, "at_ms")
    cars = view.cars or worm_cars(rows)
    heroes = rows.filter(pl.col("car_number").is_in(cars))
    colours = view.colours(cars)
    x = time_x("at_ms", view.start_ms, end)
    y = quantity("p_win_class", [0, 1], None, format=".0%", values=[0, 0.25, 0.5, 0.75, 1])
    percent = (pl.col("y") * 100).round(0).cast(pl.Int64)
    ends = (
        heroes.sort("at_ms")
        .group_by("car_number", maintain_order=True)
        .agg(x=pl.col("at_ms").last(), y=pl.col("p_win_class").last())
        .with_columns(label=pl.format("#{} · {} %", "car_number", percent))
    )
    datasets = {
        "neutralised": neutralised_bands(neutralisations, view.start_ms, end),
        "others": rows.filter(~pl.col("car_number").is_in(cars)),
        "heroes": heroes,
        "ends": coloured(end_labels(ends, [0, 1], HEIGHT), colours, view.theme.ink),
    }
    if wet is not None:
        datasets["wet"] = wet_bands(wet, view.start_ms, end)
    layers = [
        *band_layers(view.theme, x, wet=wet is not None),
        muted_lines("others", x, y, view.theme),
        *(_intervals(x, y, colours) if {"lo", "hi"} <= set(wanted) else []),
        *hero_lines("heroes", x, y, colours, strokeWidth=2.4),
        *label_layers("ends", x, y),
    ]
    return chart(_heading(heroes), view.theme, datasets, panel(layers, HEIGHT))


def _intervals(x: Spec, y: Spec, colours: dict[str, str]) -> list[Spec]:
    areas = []
    for car, colour in colours.items():
        area = layer(
            "heroes",
            {"type": "area", "fillOpacity": 0.16, "clip": True, "color": colour},
            {"x": x, "y": {**y, "field": "lo"}, "y2": {"field": "hi"}},
        )
        area["transform"] = [{"filter": {"field": "car_number", "equal": car}}]
        areas.append(area)
    return areas


def _heading(heroes: pl.DataFrame) -> Heading:
    reading = "Chance of winning the class as it was seen then; nothing later is known to it."
    if heroes.is_empty():
        return Heading("Who was going to win? No forecast yet", reading)
    now = int(heroes["at_ms"].max())  # type: ignore[arg-type]
    last = heroes.sort("at_ms").group_by("car_number", maintain_order=True).last()
    best = last.sort("p_win_class", descending=True).row(0, named=True)
    return Heading(
        f"Who was going to win? #{best['car_number']} at {best['p_win_class']:.0%} "
        f"by {format_clock(now)}",
        reading,
    )
