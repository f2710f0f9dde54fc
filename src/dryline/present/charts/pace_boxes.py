"""How fast everybody is on a clear lap: by class, by car, by driver."""

from __future__ import annotations

from typing import Literal

import polars as pl

from dryline.domain.clock_text import format_ms
from dryline.domain.person import surname
from dryline.present.charts.car_lines import COLOUR
from dryline.present.charts.grammar import LAP_TIME, Heading, Spec, chart, lap_ticks, layer, panel
from dryline.present.charts.theme import Theme, class_colour
from dryline.present.charts.view import View, classes_in_order

By = Literal["class", "car", "driver"]
KEYS: dict[By, tuple[str, ...]] = {
    "class": ("car_class",),
    "car": ("car_class", "car_number", "team"),
    "driver": ("car_class", "car_number", "driver"),
}
PACE_ESTIMATES: dict[str, type[pl.DataType]] = {
    "car_number": pl.String,
    "pace_ms": pl.Int64,
    "lo_ms": pl.Int64,
    "hi_ms": pl.Int64,
}
"""Estimates with intervals that may be laid over the boxes; by driver also ``driver``."""
CLEAN = 1.07
"""Green laps within 107 % of the class's quick ones (its first tenth) count: wet laps do not."""
ROW_PX = {"class": 34, "car": 17, "driver": 14}
FEWEST = 5


def pace_rows(laps: pl.DataFrame, by: By = "car") -> pl.DataFrame:
    """Clean laps in quantiles, fastest median first within each class.

    Clean: green, and within ``CLEAN`` of the class's quick laps.
    Columns: those of ``KEYS``, ``key`` (one a row), ``label``, ``laps``, ``q05 q25 q50 q75 q95``
    (ms, the lower value) and ``best_fifth_ms``, the average of the best 20 %. Fewer than five laps
    make no row.
    """
    keys = KEYS[by]
    time = pl.col("lap_time_ms")
    rows = (
        laps.filter(pl.col("is_green"))
        .filter(time <= CLEAN * time.quantile(0.1).over("car_class"))
        .group_by(keys, maintain_order=True)
        .agg(
            laps=pl.len(),
            **{f"q{q:02d}": time.quantile(q / 100, "lower") for q in (5, 25, 50, 75, 95)},
            best_fifth_ms=time.sort()
            .head((pl.len() * 0.2).ceil().cast(pl.Int64))
            .mean()
            .round()
            .cast(pl.Int64),
        )
        .filter(pl.col("laps") >= FEWEST)
        .with_columns(pl.col("^q\\d\\d$").cast(pl.Int64))
        .sort("car_class", "q50", maintain_order=True)
    )
    label = {"class": "car_class", "car": "team", "driver": "driver"}[by]
    return rows.with_columns(
        key=pl.concat_str(keys, separator="\n"),
        label=pl.col("driver").map_elements(surname, return_dtype=pl.String)
        if by == "driver"
        else pl.col(label),
    )


def pace(
    laps: pl.DataFrame,
    *,
    by: By = "car",
    view: View = View(),
    estimates: pl.DataFrame | None = None,
) -> Spec:
    """Boxes of green laps, one small multiple a class; the model's estimate over them if given.

    Args:
        laps: schema ``LAPS``.
        by: what a box stands for.
        view: class, highlighted cars and theme.
        estimates: schema ``PACE_ESTIMATES``: a dot with its interval under each box.
    """
    rows = pace_rows(view.of_class(laps), by)
    order = [name for name in classes_in_order(laps) if name in set(rows["car_class"])]
    groups = [rows["car_class"].unique().to_list()] if by == "class" else [[c] for c in order]
    width = {1: 640, 3: 230}.get(len(groups), 340)
    datasets: dict[str, pl.DataFrame] = {}
    panels = []
    for i, names in enumerate(groups):
        mine = rows.filter(pl.col("car_class").is_in(names))
        name = f"pace_{i}"
        datasets[name] = _coloured(mine, view)
        if estimates is not None and by != "class":
            keys = [key for key in ("car_number", "driver") if key in KEYS[by]]
            kept = mine.select(*keys, "key").join(estimates, on=keys, how="inner")
            datasets[f"estimates_{i}"] = kept.select("key", *keys, "pace_ms", "lo_ms", "hi_ms")
        panels.append(
            _panel(mine, name, f"estimates_{i}" if f"estimates_{i}" in datasets else None,
                   ROW_PX[by], width, view.theme, names[0] if by != "class" else "")
        )  # fmt: skip
    body: Spec = panels[0] if len(panels) == 1 else {
        "concat": panels, "columns": 3 if len(panels) <= 3 else 2, "spacing": 28,
    }  # fmt: skip
    return chart(_heading(rows, by, order, estimates is not None), view.theme, datasets, body)


def _coloured(rows: pl.DataFrame, view: View) -> pl.DataFrame:
    hero = pl.col("car_number").is_in(view.cars) if "car_number" in rows.columns else pl.lit(True)
    classes = {name: class_colour(view.theme, name) for name in rows["car_class"].unique()}
    own = pl.col("car_class").replace_strict(classes, default="", return_dtype=pl.String)
    lit = hero | pl.lit(not view.cars)
    return rows.with_columns(
        highlighted=lit, colour=pl.when(lit).then(own).otherwise(pl.lit(view.theme.others))
    )


def _heading(rows: pl.DataFrame, by: By, order: list[str], estimated: bool) -> Heading:
    reading = (
        "Green laps within 107 % of the class's quick ones. Box: middle half; whisker: 5 to 95 %; "
        "tick: median; diamond: average of the best 20 %"
        + ("; line below: the model's 80 % interval." if estimated else ".")
    )
    if rows.is_empty():
        return Heading("Who was fast? No car has five green laps yet", reading)
    if by == "class":
        said = [f"{r['car_class']} {format_ms(r['q50'], places=1)}" for r in rows.to_dicts()]
        return Heading(f"How fast is each class? Median {', '.join(said)}", reading)
    said = []
    for name in order:
        best = rows.filter(pl.col("car_class") == name).sort("best_fifth_ms").row(0, named=True)
        who = f"#{best['car_number']}" if by == "car" else surname(best["driver"])
        said.append(f"{name} {who} {format_ms(best['best_fifth_ms'], places=1)}")
    return Heading(f"Who was fast? {'; '.join(said)}", reading)


def _panel(
    rows: pl.DataFrame, data: str, estimates: str | None, row_px: int, width: int, theme: Theme,
    title: str,
) -> Spec:  # fmt: skip
    domain = _domain(rows)
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": domain, "nice": False, "zero": False},
        "axis": {
            "title": None,
            "labelExpr": LAP_TIME,
            "values": lap_ticks(domain, max(3, width // 52)),
        },
    }
    y: Spec = {
        "field": "key", "type": "nominal", "sort": None, "axis": None,
        "scale": {"type": "band", "domain": rows["key"].to_list(), "paddingInner": 0.25},
    }  # fmt: skip
    tint = COLOUR
    text: Spec = {
        "condition": {"test": {"field": "highlighted", "equal": True}, "value": theme.ink},
        "value": theme.muted,
    }
    at = {"field": "q05", **x}
    layers = [
        *_names(data, y, text, row_px, by_class=not title),
        layer(data, {"type": "rule", "clip": True}, {"x": at, "x2": {"field": "q95"},
              "y": {**y, "bandPosition": 0.5}, "color": tint}),
        layer(data, {"type": "bar", "clip": True, "fillOpacity": 0.75, "height": {"band": 0.75}},
              {"x": {**at, "field": "q25"}, "x2": {"field": "q75"}, "y": y, "color": tint}),
        layer(data, {"type": "tick", "clip": True, "color": theme.ground, "thickness": 2.5,
                     "height": {"band": 0.75}},
              {"x": {**at, "field": "q50"}, "y": {**y, "bandPosition": 0.5}}),
        layer(data, {"type": "point", "shape": "diamond", "filled": True, "size": 34,
                     "clip": True, "stroke": theme.ground, "strokeWidth": 0.7},
              {"x": {**at, "field": "best_fifth_ms"}, "y": {**y, "bandPosition": 0.5},
               "color": text}),
    ]  # fmt: skip
    if estimates is not None:
        layers += _estimate_layers(estimates, at, y, theme)
    height = row_px * max(1, rows.height)
    more = (
        {"title": {"text": title, "fontSize": 13, "offset": 6, "color": class_colour(theme, title)}}
        if title
        else {}
    )
    return panel(layers, height, width, **more)


def _names(data: str, y: Spec, colour: Spec, row_px: int, *, by_class: bool) -> list[Spec]:
    mark = {"type": "text", "align": "right", "baseline": "middle", "fontSize": min(11, row_px - 3)}
    at = {"y": {**y, "bandPosition": 0.5}, "color": colour}
    number = {**at, "x": {"value": -8}, "text": {"field": "car_number"}}
    label = {**at, "x": {"value": -8 if by_class else -36}, "text": {"field": "label"}}
    named = layer(data, {**mark, "limit": 150}, label)
    return [named] if by_class else [layer(data, {**mark, "fontWeight": 700}, number), named]


def _estimate_layers(data: str, at: Spec, y: Spec, theme: Theme) -> list[Spec]:
    low = {**y, "bandPosition": 1.0}
    return [
        layer(data, {"type": "rule", "clip": True, "color": theme.ink, "strokeWidth": 2},
              {"x": {**at, "field": "lo_ms"}, "x2": {"field": "hi_ms"}, "y": low}),
        layer(data, {"type": "point", "filled": True, "size": 20, "clip": True,
                     "color": theme.ink}, {"x": {**at, "field": "pace_ms"}, "y": low}),
    ]  # fmt: skip


def _domain(rows: pl.DataFrame) -> list[int]:
    """From the quickest lap to beyond most boxes; a few very long tails run off the edge."""
    if rows.is_empty():
        return [0, 1]
    low = int(rows.select(pl.min_horizontal("q05", "best_fifth_ms").min()).item())
    boxes = int(rows["q75"].quantile(0.9, "higher") or low)
    whiskers = int(rows["q95"].quantile(0.5, "higher") or low)
    slowest = int(rows.select(pl.col("q50").max()).item())
    high = min(max(boxes, whiskers, slowest), low + round(low * 0.2))
    return [low - max(1, (high - low) // 25), high + max(1, (high - low) // 10)]
