"""Where one car's time went against another's: bars by heading, and how they built up."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from dryline.domain.clock_text import format_ms
from dryline.present.charts.car_lines import coloured, end_labels, hero_lines, label_layers
from dryline.present.charts.grammar import WIDTH, Heading, Spec, chart, layer, panel, quantity
from dryline.present.charts.theme import car_colours
from dryline.present.charts.view import View

ROW_PX, HEIGHT, MOST_LINES = 30, 380, 8


def account(parts: pl.DataFrame, cars: tuple[str, str], *, view: View = View()) -> Spec:
    """Seconds lost (right) or gained (left) under each heading.

    Args:
        parts: ``heading`` and ``ms`` in the order of the page, positive: lost by the first car.
        cars: the car debriefed, and the one it is held against.
        view: theme.
    """
    theme = view.theme
    rows = parts.select(
        "heading",
        lost_s=pl.col("ms") / 1000,
        colour=pl.when(pl.col("ms") > 0).then(pl.lit(theme.loss)).otherwise(pl.lit(theme.call)),
        label=pl.col("ms").map_elements(_signed, return_dtype=pl.String),
        row=pl.int_range(pl.len()),
    )
    most = max(1.0, *(abs(value) for value in rows["lost_s"].to_list()))
    x = quantity("lost_s", [-1.22 * most, 1.22 * most], "seconds lost (+) or gained", zero=True)
    x["scale"]["zero"] = True
    y = {
        "field": "heading", "type": "nominal", "sort": rows["heading"].to_list(),
        "axis": {"title": None, "ticks": False, "labelLimit": 260, "domain": False, "grid": False},
    }  # fmt: skip
    colour = {"field": "colour", "type": "nominal", "scale": None, "legend": None}
    bars = layer("parts", {"type": "bar", "height": {"band": 0.62}},
                 {"x": x, "y": y, "color": colour})  # fmt: skip
    texts = []
    for sign, align, shift in ((">=", "left", 5), ("<", "right", -5)):
        text = layer(
            "parts",
            {"type": "text", "align": align, "baseline": "middle", "dx": shift, "fontSize": 12},
            {"x": x, "y": y, "text": {"field": "label"}, "color": {"value": theme.ink}},
        )
        text["transform"] = [{"filter": f"datum.lost_s {sign} 0"}]
        texts.append(text)
    total = int(parts["ms"].sum())
    side = "behind" if total >= 0 else "ahead of"
    heading = Heading(
        f"Where did the time go? #{cars[0]} {format_ms(abs(total))} {side} #{cars[1]}",
        "Right of the middle: lost. The bars add up to the gap.",
    )
    return chart(heading, theme, {"parts": rows},
                 panel([bars, *texts], ROW_PX * max(1, rows.height)))  # fmt: skip


def build_up(
    entries: pl.DataFrame,
    cars: tuple[str, str],
    names: Mapping[str, str],
    *,
    view: View = View(),
) -> Spec:
    """How the headings grew lap by lap: seconds lost so far.

    Args:
        entries: ``lap``, ``part`` and ``ms`` of one car less the other, summed by lap.
        cars: the car debriefed, and the one it is held against.
        names: the headings by part.
        view: theme.
    """
    rows = growth(entries)
    biggest = (
        rows.group_by("part")
        .agg(most=pl.col("lost_s").abs().max())
        .sort(["most", "part"], descending=[True, False])["part"]
        .to_list()[:MOST_LINES]
    )
    rows = rows.filter(pl.col("part").is_in(biggest)).rename({"part": "car_number"})
    colours = car_colours(view.theme, tuple(biggest))
    last = int(rows["lap"].max())  # type: ignore[arg-type]
    low = min(0.0, float(rows["lost_s"].min()))  # type: ignore[arg-type]
    high = max(0.0, float(rows["lost_s"].max()))  # type: ignore[arg-type]
    pad = 0.05 * max(1.0, high - low)
    domain = [low - pad, high + pad]
    x, y = quantity("lap", [1, max(last, 2)], "lap"), quantity("lost_s", domain, "seconds lost (+)")
    ends = (
        rows.sort("lap")
        .group_by("car_number", maintain_order=True)
        .agg(x=pl.col("lap").last(), y=pl.col("lost_s").last())
        .with_columns(
            label=pl.format(
                "{} · {}",
                pl.col("car_number").replace_strict(dict(names), default=""),
                (pl.col("y") * 1000).round().cast(pl.Int64)
                .map_elements(_signed, return_dtype=pl.String),
            )
        )
    )  # fmt: skip
    datasets = {
        "heroes": rows,
        "ends": coloured(end_labels(ends, domain, HEIGHT), colours, view.theme.ink),
        "level": pl.DataFrame({"y": [0.0]}),
    }
    layers = [
        layer("level", {"type": "rule", "color": view.theme.muted, "strokeDash": [4, 3]},
              {"y": {**y, "field": "y"}}),
        *hero_lines("heroes", x, y, colours),
        *label_layers("ends", x, y),
    ]  # fmt: skip
    heading = Heading(
        f"When was it lost? #{cars[0]} against #{cars[1]}, lap by lap",
        "Each line adds up one heading; upwards is time lost.",
    )
    return chart(heading, view.theme, datasets, panel(layers, HEIGHT, WIDTH))


def growth(entries: pl.DataFrame) -> pl.DataFrame:
    """Running sums: ``lap, part, lost_s`` at each lap on which a heading has an entry, and ends."""
    ends = entries.select(first=pl.col("lap").min() - 1, last=pl.col("lap").max())
    parts = entries.select("part").unique(maintain_order=True)
    edges = parts.join(
        pl.concat([ends.select(lap="first"), ends.select(lap="last")]), how="cross"
    ).with_columns(ms=pl.lit(0, pl.Int64))
    return (
        pl.concat([entries.select("part", "lap", "ms"), edges.cast({"lap": entries.schema["lap"]})])
        .group_by("part", "lap")
        .agg(pl.col("ms").sum())
        .sort("part", "lap")
        .with_columns(lost_s=pl.col("ms").cum_sum().over("part", order_by="lap") / 1000)
        .select("lap", "part", "lost_s")
    )


def _signed(ms: int) -> str:
    return f"{'+' if ms > 0 else ''}{format_ms(ms, places=1)}"
