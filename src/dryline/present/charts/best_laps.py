"""How the best laps came down over a session."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from dryline.analysis.practice.runs import run_laps
from dryline.domain.clock_text import format_ms
from dryline.domain.person import surname
from dryline.present.charts.bands import band_layers, neutralised_bands
from dryline.present.charts.car_lines import (
    coloured,
    end_labels,
    hero_lines,
    label_layers,
    muted_lines,
)
from dryline.present.charts.grammar import (
    Heading,
    Spec,
    chart,
    lap_time_y,
    layer,
    panel,
    time_x,
)
from dryline.present.charts.view import View
from dryline.present.names import class_label

HEIGHT = 400
HEROES = 5
SLOWEST = 1.03
"""Best laps beyond this multiple of the class's fastest are off the paper."""


def best_lap_rows(laps: pl.DataFrame, taken_away: Iterable[tuple[str, int]] = ()) -> pl.DataFrame:
    """Laps that were the best of their car so far: ``car_number, car_class, driver, lap, at_ms``,
    ``lap_time_ms``; in the order of their crossings.
    """
    time = pl.col("lap_time_ms")
    before = time.cum_min().shift(1).over("car_number")
    return (
        run_laps(laps, taken_away)
        .filter("counts")
        .filter((time < before) | before.is_null())
        .select("car_number", "car_class", "driver", "lap", "lap_time_ms", at_ms="elapsed_ms")
    )


def best_lap_progress(
    laps: pl.DataFrame,
    neutralisations: pl.DataFrame,
    *,
    taken_away: Iterable[tuple[str, int]] = (),
    view: View = View(),
) -> Spec:
    """The best lap so far of every car of a class, as steps; laps that do not count are left out.

    Args:
        laps: schema ``LAPS``.
        neutralisations: schema ``NEUTRALISATIONS``.
        taken_away: cars and laps whose times did not count.
        view: class (that of the first car named, or of the fastest), cars, window and theme.
    """
    found = best_lap_rows(laps, taken_away)
    fastest = found.sort("lap_time_ms", "at_ms").unique("car_number", maintain_order=True)
    name = _class_of(laps, fastest, view)
    order = fastest.filter(pl.col("car_class") == name)
    cars = view.cars or tuple(order["car_number"].head(HEROES))
    steps = found.filter(pl.col("car_class") == name)
    start, end = _window(laps.filter(pl.col("car_class") == name), view)
    lasting = order.with_columns(at_ms=pl.lit(end, pl.Int64))
    rows = view.inside(pl.concat([steps, lasting]).sort("at_ms", maintain_order=True), "at_ms")
    domain = _domain(order)
    x, y = time_x("at_ms", start, end), lap_time_y("lap_time_ms", domain, "best lap so far")
    colours = view.colours(cars)
    heroes = rows.filter(pl.col("car_number").is_in(cars))
    ends = (
        heroes.group_by("car_number", maintain_order=True)
        .agg(x=pl.col("at_ms").last(), y=pl.col("lap_time_ms").last().clip(*domain))
        .with_columns(label=pl.format("#{}", "car_number"))
    )
    datasets = {
        "neutralised": neutralised_bands(neutralisations, start, end),
        "others": rows.filter(~pl.col("car_number").is_in(cars)),
        "heroes": heroes,
        "set": coloured(
            view.inside(steps.filter(pl.col("car_number").is_in(cars)), "at_ms"),
            colours,
            view.theme.ink,
        ),
        "ends": coloured(end_labels(ends, domain, HEIGHT), colours, view.theme.ink),
    }
    steps_mark = {"interpolate": "step-after"}
    layers = [
        *band_layers(view.theme, x),
        muted_lines("others", x, y, view.theme, **steps_mark),
        *hero_lines("heroes", x, y, colours, **steps_mark),
        layer(
            "set",
            {"type": "point", "filled": True, "size": 34, "clip": True},
            {"x": x, "y": y, "color": {"field": "colour", "type": "nominal", "scale": None}},
        ),
        *label_layers("ends", x, y),
    ]
    return chart(_heading(order, name), view.theme, datasets, panel(layers, HEIGHT))


def _class_of(laps: pl.DataFrame, fastest: pl.DataFrame, view: View) -> str:
    if view.car_class is not None:
        return view.car_class
    if not view.cars:
        return str((fastest if fastest.height else laps)["car_class"][0])
    return str(laps.filter(pl.col("car_number") == view.cars[0])["car_class"][0])


def _window(laps: pl.DataFrame, view: View) -> tuple[int, int]:
    """The window looked at; as long as the class was out, where none was asked for."""
    flying = laps.filter((pl.col("lap") > 1) & ~pl.col("out_lap"))
    begun = flying["start_ms"].min()
    start = view.start_ms or (0 if begun is None else int(begun) // 60_000 * 60_000)  # type: ignore[arg-type]
    return start, max(view.until(laps), start + 1)


def _domain(order: pl.DataFrame) -> list[int]:
    if order.is_empty():
        return [0, 1]
    low, high = int(order["lap_time_ms"][0]), int(order["lap_time_ms"][-1])
    high = max(min(high, round(low * SLOWEST)), round(low * 1.01))
    room = max(100, (high - low) // 20)
    return [low - room, high + room]


def _heading(order: pl.DataFrame, name: str) -> Heading:
    reading = "A step down is a better lap of that car; slow first laps are off the paper."
    if order.is_empty():
        return Heading(f"Who was fastest in {class_label(name)}? Nobody set a time", reading)
    first = order.row(0, named=True)
    who = f"#{first['car_number']}"
    if first["driver"]:
        who += f" {surname(first['driver'])}"
    text = f"Who was fastest in {class_label(name)}? {who}, {format_ms(first['lap_time_ms'])}"
    if order.height > 1:
        text += f", by {format_ms(order['lap_time_ms'][1] - first['lap_time_ms'])} s"
    return Heading(text, reading)
