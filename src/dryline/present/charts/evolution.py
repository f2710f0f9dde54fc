"""Lap times over the race, a panel a car."""

from __future__ import annotations

import polars as pl

from dryline.domain.clock_text import format_ms
from dryline.domain.person import surname
from dryline.present.charts.bands import band_layers, neutralised_bands, wet_bands
from dryline.present.charts.grammar import (
    Heading,
    Spec,
    chart,
    lap_time_y,
    layer,
    panel,
    time_x,
)
from dryline.present.charts.theme import Theme, class_colour, class_marker
from dryline.present.charts.view import View

HEIGHT = 140
BIN_MS = 6 * 60_000
SLOWEST = 1.3
"""Laps beyond this multiple of the quickest are off the paper: stops, safety cars, trouble."""


def evolution_rows(laps: pl.DataFrame, car_number: str) -> pl.DataFrame:
    """One car's laps: ``car_number, lap, at_ms, lap_time_ms, driver, stint, is_green, kind``.

    ``kind`` is ``green``, ``neutralised``, ``in_lap`` or ``out_lap``.
    """
    kind = (
        pl.when("in_lap").then(pl.lit("in_lap"))
        .when("out_lap").then(pl.lit("out_lap"))
        .when("is_green").then(pl.lit("green"))
        .otherwise(pl.lit("neutralised"))
    )  # fmt: skip
    return (
        laps.filter((pl.col("car_number") == car_number) & (pl.col("lap") > 1))
        .sort("lap")
        .select(
            "car_number", "lap", "lap_time_ms", "driver", "stint", "is_green",
            at_ms=pl.col("elapsed_ms"), kind=kind,
        )
    )  # fmt: skip


def class_median_rows(laps: pl.DataFrame, car_class: str) -> pl.DataFrame:
    """The class's median green lap every six minutes: ``at_ms, lap_time_ms, laps, part``.

    Bins of fewer than three laps are left out; ``part`` counts the pieces between such holes.
    """
    return (
        laps.filter(pl.col("is_green") & (pl.col("car_class") == car_class))
        .group_by(bin=pl.col("elapsed_ms") // BIN_MS)
        .agg(
            at_ms=pl.col("elapsed_ms").median().round().cast(pl.Int64),
            lap_time_ms=pl.col("lap_time_ms").median().round().cast(pl.Int64),
            laps=pl.len(),
        )
        .filter(pl.col("laps") >= 3)
        .sort("bin")
        .with_columns(part=(pl.col("bin").diff().fill_null(1) > 2).cum_sum())
        .select("at_ms", "lap_time_ms", "laps", "part")
    )


def lap_evolution(
    laps: pl.DataFrame,
    neutralisations: pl.DataFrame,
    *,
    wet: pl.DataFrame | None = None,
    view: View = View(),
) -> Spec:
    """Every lap of the cars named (or of the first three) against the class's median.

    Args:
        laps: schema ``LAPS``.
        neutralisations: schema ``NEUTRALISATIONS``.
        wet: schema ``WET_PERIODS``.
        view: cars, class, window and theme.
    """
    shown = view.inside(laps, "elapsed_ms")
    end = view.until(shown)
    cars = view.chosen(shown, 3)
    x = time_x("at_ms", view.start_ms, end)
    datasets = {"neutralised": neutralised_bands(neutralisations, view.start_ms, end)}
    if wet is not None:
        datasets["wet"] = wet_bands(wet, view.start_ms, end)
    names = dict(shown.select("car_number", "car_class").unique().iter_rows())
    teams = dict(shown.select("car_number", "team").unique("car_number").iter_rows())
    panels = []
    for i, car in enumerate(cars):
        rows = evolution_rows(shown, car)
        domain = lap_time_domain(shown.filter(pl.col("car_class") == names[car]))
        datasets[f"laps_{i}"] = rows.filter(pl.col("lap_time_ms") <= domain[1])
        datasets[f"class_{i}"] = class_median_rows(shown, names[car])
        datasets[f"drivers_{i}"] = _turns(rows)
        title = f"#{car} {teams[car]}"
        panels.append(_panel(i, x, domain, view.theme, names[car], title, wet=wet is not None))
    body: Spec = {"vconcat": panels, "spacing": 20}
    return chart(_heading(shown, cars), view.theme, datasets, body)


def lap_time_domain(laps: pl.DataFrame) -> list[int]:
    """Lap times worth the paper: every green lap of a class but the slowest few."""
    green = laps.filter("is_green")["lap_time_ms"]
    if green.is_empty():
        return [0, 1]
    low = int(green.min())  # type: ignore[arg-type]
    high = min(int(green.quantile(0.995, "higher") or low), round(low * SLOWEST))
    room = max(500, (high - low) // 20)
    return [low - room, high + room]


def _turns(rows: pl.DataFrame) -> pl.DataFrame:
    """Where each driver took over: ``at_ms, label``."""
    change = (pl.col("driver") != pl.col("driver").shift(1)).fill_null(value=True)
    return rows.filter(change).select(
        "at_ms", label=pl.col("driver").map_elements(surname, return_dtype=pl.String)
    )


def _panel(
    index: int, x: Spec, domain: list[int], theme: Theme, car_class: str, title: str, *, wet: bool
) -> Spec:
    y = lap_time_y("lap_time_ms", domain, None)
    data = f"laps_{index}"
    colour = class_colour(theme, car_class)
    green = {
        "type": "point", "filled": True, "size": 15, "fillOpacity": 0.95, "clip": True,
        "color": colour, "shape": class_marker(car_class),
    }  # fmt: skip
    tint = {"range": [theme.muted, theme.loss, theme.wet],
            "domain": ["neutralised", "in_lap", "out_lap"]}  # fmt: skip
    held = layer(
        data,
        {"type": "point", "filled": False, "size": 13, "strokeWidth": 1, "clip": True,
         "fillOpacity": 0.9},
        {"x": x, "y": y, "color": {"field": "kind", "type": "nominal", "scale": tint,
                                   "legend": None}},
    )  # fmt: skip
    held["transform"] = [{"filter": {"field": "is_green", "equal": False}}]
    clear = layer(data, green, {"x": x, "y": y})
    clear["transform"] = [{"filter": {"field": "is_green", "equal": True}}]
    layers = [
        *band_layers(theme, x, wet=wet, labels=index == 0),
        layer(f"drivers_{index}", {"type": "rule", "color": theme.muted, "strokeOpacity": 0.5,
                                   "strokeWidth": 0.8}, {"x": x}),
        layer(f"class_{index}", {"type": "line", "color": theme.muted, "strokeWidth": 1.2,
                                 "clip": True},
              {"x": x, "y": y, "detail": {"field": "part", "type": "nominal"}}),
        held,
        clear,
        layer(f"drivers_{index}",
              {"type": "text", "align": "left", "baseline": "top", "dx": 3, "dy": 2,
               "fontSize": 10, "color": theme.ink},
              {"x": x, "y": {"value": 0}, "text": {"field": "label"}}),
    ]  # fmt: skip
    heading = {
        "text": f"{title} · {car_class}", "fontSize": 12, "offset": 16 if index == 0 else 6,
        "color": colour,
    }  # fmt: skip
    return panel(layers, HEIGHT, title=heading)


def _heading(laps: pl.DataFrame, cars: tuple[str, ...]) -> Heading:
    reading = (
        "Filled: green laps; hollow: in-laps (red), out-laps (blue), neutralised (grey). "
        "Grey line: the class's median. Slower laps are off the paper."
    )
    green = laps.filter(pl.col("is_green") & pl.col("car_number").is_in(cars))
    if green.is_empty():
        return Heading("How did the pace evolve? No green lap yet", reading)
    best = green.sort("lap_time_ms").row(0, named=True)
    return Heading(
        f"How did the pace evolve? Quickest: {surname(best['driver'])} in #{best['car_number']}, "
        f"{format_ms(best['lap_time_ms'])} on lap {best['lap']}",
        reading,
    )
