"""How wet each sector was, when it rained, and who changed tyres when."""

from __future__ import annotations

import polars as pl

from dryline.domain.clock_text import format_clock
from dryline.present.charts.bands import band_layers, neutralised_bands
from dryline.present.charts.grammar import Heading, Spec, chart, layer, panel, quantity, time_x
from dryline.present.charts.theme import Theme
from dryline.present.charts.view import View

HEIGHT, ROW_PX = 88, 20
SECTORS = (1, 2, 3)
WET_FROM = 0.2
"""Wetness from which a headline calls a sector wet."""
STEP = 0.005
TRACK_SAMPLES: dict[str, type[pl.DataType]] = {
    "at_ms": pl.Int64,
    **{f"w{s}": pl.Float64 for s in SECTORS},
    **{f"sd{s}": pl.Float64 for s in SECTORS},
    **{f"p_wet{s}": pl.Float64 for s in SECTORS},
    "p_rain": pl.Float64,
}
"""Wetness by sector in [0,1] with its standard deviation; probabilities of wet and of rain now.

``p_rain1`` to ``p_rain3`` may stand in the place of ``p_rain``.
"""
TYRE_CHANGES: dict[str, type[pl.DataType]] = {
    "at_ms": pl.Int64,
    "car_number": pl.String,
    "car_class": pl.String,
    "tyre": pl.String,
    "p": pl.Float64,
}
"""Changes from one kind of tyre to the other: to ``wet`` or ``slick``, and how sure."""


def sector_rows(samples: pl.DataFrame, sector: int) -> pl.DataFrame:
    """One sector's line: ``at_ms, w, low, high, p_wet``, low and high one deviation away.

    Samples that differ from the last one kept by less than half a hundredth are left out.
    """
    w, sd = pl.col(f"w{sector}"), pl.col(f"sd{sector}")
    rows = samples.sort("at_ms").select(
        "at_ms",
        w=w.round(3),
        low=(w - sd).clip(0, 1).round(3),
        high=(w + sd).clip(0, 1).round(3),
        p_wet=pl.col(f"p_wet{sector}").round(3),
    )
    return rows.filter(pl.Series(_moved(rows.select("w", "low", "high").rows()), dtype=pl.Boolean))


def _moved(values: list[tuple[float, ...]]) -> list[bool]:
    """Which rows to keep so that straight lines between them say the same: ends and every move."""
    keep = [False] * len(values)
    last = None
    for i, now in enumerate(values):
        if last is None or max(abs(a - b) for a, b in zip(now, last, strict=True)) >= STEP:
            keep[i] = True
            keep[max(0, i - 1)] = True
            last = now
    if keep:
        keep[-1] = True
    return keep


def rain_rows(samples: pl.DataFrame) -> pl.DataFrame:
    """When it may have rained: ``where, start_ms, end_ms, p``, runs of one twentieth each.

    ``where`` is ``rain``, or ``rain S1`` to ``rain S3`` where sectors are told apart.
    """
    columns = {f"rain S{s}": f"p_rain{s}" for s in SECTORS if f"p_rain{s}" in samples.columns}
    parts = [
        samples.sort("at_ms")
        .select("at_ms", p=(pl.col(column) * 20).round(0) / 20)
        .with_columns(run=pl.col("p").rle_id(), next_ms=pl.col("at_ms").shift(-1))
        .group_by("run", maintain_order=True)
        .agg(
            start_ms=pl.col("at_ms").first(),
            end_ms=pl.col("next_ms").last().fill_null(pl.col("at_ms").last()),
            p=pl.col("p").first(),
        )
        .filter(pl.col("p") > 0)
        .select("start_ms", "end_ms", "p", where=pl.lit(where))
        for where, column in (columns or {"rain": "p_rain"}).items()
    ]
    return pl.concat(parts).select("where", "start_ms", "end_ms", "p")


def wetness(
    samples: pl.DataFrame,
    tyre_changes: pl.DataFrame,
    neutralisations: pl.DataFrame,
    *,
    view: View = View(),
) -> Spec:
    """Three sectors over time, rain hanging from the top, and the tyre changes under them.

    Args:
        samples: schema ``TRACK_SAMPLES``.
        tyre_changes: schema ``TYRE_CHANGES``.
        neutralisations: schema ``NEUTRALISATIONS``.
        view: class, window and theme.
    """
    shown = view.inside(samples, "at_ms")
    end = view.until(shown, "at_ms")
    changes = view.inside(view.of_class(tyre_changes), "at_ms").sort("at_ms")
    datasets = {
        "neutralised": neutralised_bands(neutralisations, view.start_ms, end),
        "changes": changes,
        "rain": rain_rows(shown),
        **{f"sector_{s}": sector_rows(shown, s) for s in SECTORS},
    }
    theme = view.theme
    x = time_x("at_ms", view.start_ms, end, shown=False)
    places = datasets["rain"]["where"].unique(maintain_order=True).to_list()
    panels = [_rain(places or ["rain"], x, theme), *(_sector(s, x, theme) for s in SECTORS)]
    classes = changes["car_class"].unique().sort().to_list()
    panels.append(_changes(classes, time_x("at_ms", view.start_ms, end), theme))
    body: Spec = {"vconcat": panels, "spacing": 12}
    return chart(_heading(shown, changes), theme, datasets, body)


def _rain(places: list[str], x: Spec, theme: Theme) -> Spec:
    y = _rows("where", places, theme)
    strip = layer(
        "rain",
        {"type": "rect", "color": theme.wet, "clip": True},
        {"x": {**x, "field": "start_ms"}, "x2": {"field": "end_ms"}, "y": y,
         "fillOpacity": {"field": "p", "type": "quantitative", "legend": None,
                         "scale": {"domain": [0, 1], "range": [0, 0.9]}}},
    )  # fmt: skip
    return panel([*band_layers(theme, x), strip], 14 * len(places))


def _rows(field: str, names: list[str], theme: Theme) -> Spec:
    return {
        "field": field, "type": "nominal", "sort": None,
        "scale": {"type": "band", "domain": names or [""], "paddingInner": 0.1},
        "axis": {"title": None, "ticks": False, "domain": False, "labelColor": theme.ink},
    }  # fmt: skip


def _sector(sector: int, x: Spec, theme: Theme) -> Spec:
    data = f"sector_{sector}"
    y = quantity("w", [0, 1], f"S{sector}", values=[0, 0.5, 1], titleAngle=0, titlePadding=12,
                 titleColor=theme.ink, titleFontSize=13, titleFontWeight=600)  # fmt: skip
    return panel(
        [
            *band_layers(theme, x, labels=False),
            layer(data, {"type": "area", "color": theme.wet, "fillOpacity": 0.3, "clip": True},
                  {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}}),
            layer(data, {"type": "line", "color": theme.wet, "strokeWidth": 2, "clip": True},
                  {"x": x, "y": y}),
        ],
        HEIGHT,
    )  # fmt: skip


def _changes(classes: list[str], x: Spec, theme: Theme) -> Spec:
    y = _rows("car_class", classes, theme)
    colour = {"domain": ["wet", "slick"], "range": [theme.wet, theme.slick]}
    shape = {"domain": ["wet", "slick"], "range": ["triangle-up", "triangle-down"]}
    mark = {"type": "point", "filled": True, "size": 46, "clip": True}
    marks = layer(
        "changes",
        mark,
        {
            "x": x,
            "y": {**y, "bandPosition": 0.5},
            "color": {"field": "tyre", "type": "nominal", "scale": colour, "legend": None},
            "shape": {"field": "tyre", "type": "nominal", "scale": shape, "legend": None},
            "fillOpacity": {"field": "p", "type": "quantitative", "legend": None,
                        "scale": {"domain": [0, 1], "range": [0.15, 0.9]}},
        },
    )  # fmt: skip
    title = {
        "text": "Tyre changes:  ▲ to wets   ▼ to slicks", "fontSize": 11, "offset": 4,
        "color": theme.muted, "fontWeight": "normal",
    }  # fmt: skip
    return panel([marks], ROW_PX * max(1, len(classes)), title=title)


def _heading(samples: pl.DataFrame, changes: pl.DataFrame) -> Heading:
    reading = (
        "Wetness by sector, 0 dry to 1 soaked, with its standard deviation; on top, the stronger "
        "the likelier, rain."
    )
    if samples.is_empty():
        return Heading("Where was it wet? Nothing is known yet", reading)
    first = [
        (int(wet["at_ms"].min()), s)  # type: ignore[arg-type]
        for s in SECTORS
        if (wet := samples.filter(pl.col(f"w{s}") >= WET_FROM)).height
    ]
    if not first:
        return Heading("Where was it wet? Nowhere", reading)
    at, sector = min(first)
    waves = ", ".join(
        f"{changes.filter(pl.col('tyre') == tyre).height} changes to {tyre}s"
        for tyre in ("wet", "slick")
    )
    return Heading(
        f"Where was it wet? First in sector {sector}, from {format_clock(at)}; {waves}", reading
    )
