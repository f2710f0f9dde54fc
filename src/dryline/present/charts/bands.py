"""Periods drawn behind a chart: neutralisations in yellow, a wet track in blue."""

from __future__ import annotations

import polars as pl

from dryline.present.charts.grammar import WIDTH, Spec, layer
from dryline.present.charts.theme import Theme

SHORT = {
    "fcy": "FCY", "vsc": "VSC", "safety_car": "SC", "code_60": "C60", "red": "RED",
    "slow_zone": "SZ", "yellow": "Y",
}  # fmt: skip
WET_PERIODS: dict[str, type[pl.DataType]] = {"start_ms": pl.Int64, "end_ms": pl.Int64}
"""When the track was wet; ``end_ms`` is null while it lasts."""
_LETTER_PX = 7.0


def neutralised_bands(
    periods: pl.DataFrame,
    start_ms: int,
    end_ms: int,
    width: int = WIDTH,
    *,
    slow_zones: bool = False,
) -> pl.DataFrame:
    """Periods inside a window: ``kind, start_ms, end_ms, label``; a label only where it fits.

    Slow zones, which hold back only a part of the lap, are left out unless asked for.
    """
    inside = _inside(periods, start_ms, end_ms).filter(
        pl.lit(slow_zones) | (pl.col("kind") != "slow_zone")
    )
    return labelled(inside.select("kind", "start_ms", "end_ms"), width / max(1, end_ms - start_ms))


def labelled(bands: pl.DataFrame, px_per_unit: float) -> pl.DataFrame:
    """Bands with a ``label`` where it fits; an earlier one keeps it."""
    names, free = [], float("-inf")
    for row in bands.sort("start_ms").iter_rows(named=True):
        name = SHORT.get(row["kind"], row["kind"].upper())
        start, end = row["start_ms"] * px_per_unit, row["end_ms"] * px_per_unit
        fits = end - start >= len(name) * _LETTER_PX and start >= free
        free = start + len(name) * _LETTER_PX + _LETTER_PX if fits else free
        names.append(name if fits else "")
    return bands.sort("start_ms").with_columns(label=pl.Series(names, dtype=pl.String))


def wet_bands(periods: pl.DataFrame, start_ms: int, end_ms: int) -> pl.DataFrame:
    """Wet periods inside a window: ``start_ms, end_ms``."""
    return _inside(periods, start_ms, end_ms).select("start_ms", "end_ms")


def band_layers(theme: Theme, x: Spec, *, wet: bool = False, labels: bool = True) -> list[Spec]:
    """Layers under everything else, over the datasets ``neutralised`` and ``wet``."""
    layers = [_band("wet", x, theme.wet, theme.band_opacity)] if wet else []
    layers.append(_band("neutralised", x, theme.neutralised, theme.band_opacity))
    if labels:
        layers.append(_names(theme, x))
    return layers


def _band(data: str, x: Spec, colour: str, opacity: float) -> Spec:
    ends = {"x": {**x, "field": "start_ms"}, "x2": {"field": "end_ms"}}
    return layer(data, {"type": "rect", "color": colour, "fillOpacity": opacity}, ends)


def _names(theme: Theme, x: Spec) -> Spec:
    mark = {
        "type": "text", "align": "left", "baseline": "bottom", "dx": 1, "fontSize": 10,
        "fontWeight": 600, "color": theme.neutralised_text,
    }  # fmt: skip
    return layer(
        "neutralised",
        mark,
        {
            "x": {**x, "field": "start_ms"},
            "y": {"value": -2},
            "text": {"field": "label", "type": "nominal"},
        },
    )


def _inside(periods: pl.DataFrame, start_ms: int, end_ms: int) -> pl.DataFrame:
    return (
        periods.with_columns(pl.col("end_ms").fill_null(end_ms).clip(start_ms, end_ms))
        .with_columns(pl.col("start_ms").clip(start_ms, end_ms))
        .filter(pl.col("end_ms") > pl.col("start_ms"))
    )
