"""The lines of cars, those looked at and the rest, and the labels at their ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from dryline.present.charts.grammar import WIDTH, Spec, layer
from dryline.present.charts.labels import spread
from dryline.present.charts.theme import DASHES, Theme

LABEL_PX = 13
"""Height of a direct label in px."""


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
