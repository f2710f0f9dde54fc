"""The pieces that the charts share: the frame of a chart and its axes.

A chart is a Vega-Lite specification, a plain value. Its rows stand under ``datasets`` by name,
each only once, so that a reader or a test can ask what was drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from dryline.present.charts.theme import Theme, config

Spec = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
WIDTH = 960
"""Width of the drawing itself in px, without axes and labels."""
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
