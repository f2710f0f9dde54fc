"""The pieces that the charts share: the frame of a chart, its axes, lines and labels.

A chart is a Vega-Lite specification, a plain value. Its rows stand under ``datasets`` by name,
each only once, so that a reader or a test can ask what was drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from dryline.present.charts.labels import spread
from dryline.present.charts.theme import DASHES, Theme, config

Spec = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
WIDTH = 960
"""Width of the drawing itself in px, without axes and labels."""
LABEL_PX = 13
"""Height of a direct label in px."""
HOUR_MS = 3_600_000
LAP_TIME = "floor(datum.value / 60000) + ':' + format((datum.value % 60000) / 1000, '04.1f')"
CLOCK = "floor(datum.value / 3600000) + ':' + format(floor(datum.value / 60000) % 60, '02d')"


@dataclass(frozen=True, slots=True)
class Heading:
    """A title that answers a question, and one line on how to read the chart."""

    title: str
    reading: str = ""


def chart(heading: Heading, theme: Theme, datasets: Mapping[str, pl.DataFrame], body: Spec) -> Spec:
    """A whole chart: heading, rows and drawing under one theme."""
    if "title" in body:  # of its only panel, whose place the heading takes
        body = {"vconcat": [body]}
    return {
        "$schema": SCHEMA,
        "description": f"{heading.title}. {heading.reading}".strip(),
        "title": {"text": heading.title, "subtitle": heading.reading},
        "padding": {"left": 12, "right": 16, "top": 12, "bottom": 10},
        "config": config(theme),
        "datasets": {name: frame.to_dicts() for name, frame in datasets.items()},
        **body,
    }


def layer(data: str, mark: Spec, encoding: Spec) -> Spec:
    """One layer over a named dataset."""
    return {"data": {"name": data}, "mark": mark, "encoding": encoding}


def panel(layers: Sequence[Spec], height: int, width: int = WIDTH, **more: Any) -> Spec:
    """Layers over each other on one set of axes."""
    return {"width": width, "height": height, "layer": list(layers), **more}


def quantity(field: str, domain: Sequence[float], title: str | None = None, **axis: Any) -> Spec:
    """A numeric channel with the domain said outright."""
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"domain": list(domain), "nice": False, "zero": False},
        "axis": {"title": title, **axis},
    }


def time_x(field: str, start_ms: int, end_ms: int, *, shown: bool = True) -> Spec:
    """Race time along the bottom, in whole hours or minutes."""
    step = time_step_ms(end_ms - start_ms)
    ticks = list(range(-(-start_ms // step) * step, end_ms + 1, step))
    whole = step % HOUR_MS == 0
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"domain": [start_ms, end_ms], "nice": False, "zero": False},
        "axis": {
            "title": None,
            "values": ticks,
            "labelExpr": "datum.value / 3600000 + ' h'" if whole else CLOCK,
            "labels": shown,
            "ticks": shown,
            "gridOpacity": 0.7,
        },
    }


def time_step_ms(span_ms: int) -> int:
    """A step between ticks that gives seven to fourteen of them."""
    for minutes in (1, 2, 5, 10, 15, 30, 60, 120):
        if span_ms <= 14 * minutes * 60_000:
            return minutes * 60_000
    return 4 * HOUR_MS


def lap_time_y(field: str, domain: Sequence[float], title: str | None = "lap time") -> Spec:
    """Lap times, slow ones on top, as ``3:29.9``."""
    return quantity(field, domain, title, labelExpr=LAP_TIME, values=lap_ticks(domain, 6))


def lap_ticks(domain: Sequence[float], most: int) -> list[int]:
    """Round lap times inside the domain, at most that many."""
    low, high = domain
    for step in (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000):
        if (high - low) / step <= most:
            break
    return list(range(-(-round(low) // step) * step, round(high) + 1, step))


def hero_lines(data: str, x: Spec, y: Spec, colours: Mapping[str, str], **mark: Any) -> list[Spec]:
    """The cars that are looked at: thick, coloured and, from the fifth on, dashed."""
    layers = []
    for (car, colour), dash in zip(colours.items(), DASHES, strict=False):
        line = layer(
            data,
            {"type": "line", "strokeWidth": 2, "strokeJoin": "round", "clip": True,
             "color": colour, "strokeDash": dash, **mark},
            _line(x, y),
        )  # fmt: skip
        line["transform"] = [{"filter": {"field": "car_number", "equal": car}}]
        layers.append(line)
    return layers


def muted_lines(data: str, x: Spec, y: Spec, theme: Theme, **mark: Any) -> Spec:
    """Everybody else: thin and grey."""
    return layer(
        data,
        {"type": "line", "strokeWidth": 0.8, "color": theme.others, "strokeOpacity": 0.75,
         "clip": True, **mark},
        _line(x, y),
    )  # fmt: skip


def _line(x: Spec, y: Spec) -> Spec:
    return {
        "x": x,
        "y": y,
        "detail": {"field": "car_number", "type": "nominal"},
        "order": {"field": x["field"], "type": "quantitative"},
    }


def halo(text: Spec, theme: Theme) -> list[Spec]:
    """A text layer on a rim of the ground's colour, so that lines under it do not strike it out."""
    rim = {**text["mark"], "stroke": theme.ground, "strokeWidth": 3, "strokeJoin": "round"}
    return [{**text, "mark": rim}, text]


def end_labels(
    ends: pl.DataFrame, domain: Sequence[float], height: int, gap_px: float = LABEL_PX
) -> pl.DataFrame:
    """Where the labels at the right edge stand so that none covers another.

    ``ends`` holds ``y`` in data units; ``label_y`` is added, in the same units. ``domain`` is that
    of the axis from bottom to top.
    """
    bottom, top = domain
    per_px = (top - bottom) / height
    at_px = [(value - bottom) / per_px for value in ends["y"].to_list()]
    return ends.with_columns(
        label_y=pl.Series([bottom + px * per_px for px in spread(at_px, gap_px, (0.0, height))],
                          dtype=pl.Float64)
    )  # fmt: skip


def coloured(frame: pl.DataFrame, colours: Mapping[str, str], default: str) -> pl.DataFrame:
    """``frame`` with the ``colour`` of each row's car."""
    colour = pl.col("car_number").replace_strict(
        dict(colours), default=default, return_dtype=pl.String
    )
    return frame.with_columns(colour=colour)


COLOUR: Spec = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
"""A channel that takes the colour written in the row."""


def label_layers(data: str, x: Spec, y: Spec, width: int = WIDTH) -> list[Spec]:
    """Direct labels right of the drawing, each with a thread to the end of its line.

    The dataset holds ``car_number``, ``label``, ``x``, ``y``, ``label_y`` and ``colour``.
    """
    right = {"value": width + 10}
    thread = layer(
        data,
        {"type": "rule", "strokeWidth": 0.8, "strokeOpacity": 0.6, "strokeDash": [1, 2]},
        {"x": {**x, "field": "x"}, "x2": right, "y": {**y, "field": "y"},
         "y2": {"field": "label_y"}, "color": COLOUR},
    )  # fmt: skip
    text = layer(
        data,
        {"type": "text", "align": "left", "baseline": "middle", "dx": 3, "fontSize": 11,
         "fontWeight": 600},
        {"x": right, "y": {**y, "field": "label_y"}, "color": COLOUR,
         "text": {"field": "label", "type": "nominal"}},
    )  # fmt: skip
    return [thread, text]
